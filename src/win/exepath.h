/* The path of the running program. */
#ifndef RONDO_WIN_EXEPATH_H_
#define RONDO_WIN_EXEPATH_H_

#include "uv.h"

/* All of it, for uv__free(): 0 or a UV_E code. */
int uv__exepath(WCHAR** path, size_t* len);

#endif /* RONDO_WIN_EXEPATH_H_ */
