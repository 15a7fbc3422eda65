/* What the process needs before its first loop, and functions that only newer systems have. */
#ifndef RONDO_WIN_STARTUP_H_
#define RONDO_WIN_STARTUP_H_

#include "uv.h"

/* Sets up Winsock, how errors are shown, and what the C library does with bad descriptors; once for
 * the process, whoever comes first. 0 or a UV_E code. Any thread. */
int uv__startup(void);

/* A function of one of the system's libraries, such as L"kernel32.dll", which is loaded for good if
 * it is not yet; NULL where there is none of that name. Any thread. The caller casts it to what it
 * is. */
typedef void (*uv__function)(void);

uv__function uv__system_function(const WCHAR* module, const char* name);

#endif /* RONDO_WIN_STARTUP_H_ */
