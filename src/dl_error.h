/* What went wrong last with a shared library. It is kept as text, because the system forgets it at
 * the next call. */
#ifndef RONDO_DL_ERROR_H_
#define RONDO_DL_ERROR_H_

#include "uv.h"

/* Keeps a message, which is the library's from then on; NULL if there was no memory for it. Answers
 * -1. */
int uv__dl_set_error(uv_lib_t* lib, char* message);

void uv__dl_clear_error(uv_lib_t* lib);

#endif /* RONDO_DL_ERROR_H_ */
