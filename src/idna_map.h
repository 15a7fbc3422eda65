/* The mapping and normalisation of UTS #46. */
#ifndef RONDO_IDNA_MAP_H_
#define RONDO_IDNA_MAP_H_

#include <stddef.h>
#include <stdint.h>

/* Canonical decomposition makes up to four code points of one, so with room for this many no name
 * is refused that is short enough in the end. */
enum { UV__IDNA_POINTS = 4 * 255 };

/* The code points of a name in UTF-8 after the mapping and in normal form C. 0, or UV_EINVAL: not
 * UTF-8, or far too long. */
int uv__idna_map(const char* name, uint32_t points[UV__IDNA_POINTS], size_t* count);

#endif /* RONDO_IDNA_MAP_H_ */
