/* Errors of Windows, by where they come from. uv_translate_sys_error() is the general table. */
#ifndef RONDO_WIN_ERROR_SYS_H_
#define RONDO_WIN_ERROR_SYS_H_

#include "nt.h"

/* A Win32 code of a write to a file or pipe as a UV_E code: nobody who reads is UV_EPIPE, where a
 * read would be at its end. */
int uv__translate_write_error(DWORD code);

/* How an operation on a file or pipe ended, as a Win32 code; 0 for success. */
DWORD uv__status_to_win32(NTSTATUS status);

/* How an operation on a socket ended, as a Winsock code; 0 for success. */
DWORD uv__status_to_winsock(NTSTATUS status);

/* A Win32 or Winsock code, 0 for success, as a status that both functions above turn back. */
NTSTATUS uv__status_of_error(DWORD error);

/* The UV_E code of an NTSTATUS that a function of ntdll returned; 0 for success. */
int uv__translate_status(NTSTATUS status);

#endif /* RONDO_WIN_ERROR_SYS_H_ */
