/* Noticing that a console has got another size. */
#ifndef RONDO_WIN_CONSOLE_SIZE_H_
#define RONDO_WIN_CONSOLE_SIZE_H_

#include "uv.h"

/* Watches the size of the console's screen from now on, as far as the system tells. */
void uv__console_watch_size(HANDLE screen);

/* Looks whether it has changed, and signals SIGWINCH if so. Any thread. */
void uv__console_check_size(void);

#endif /* RONDO_WIN_CONSOLE_SIZE_H_ */
