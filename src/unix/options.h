/* What the environment asks of the library as a whole. */
#ifndef RONDO_UNIX_OPTIONS_H_
#define RONDO_UNIX_OPTIONS_H_

#include <stdbool.h>

/* UV_USE_IO_URING: whether rings may be made (not if it is 0), and whether file requests use one
 * wherever it has the operation (if it is another number). Read once. */
bool uv__option_rings(void);
bool uv__option_ring_files(void);

#endif /* RONDO_UNIX_OPTIONS_H_ */
