/* Completions: what the backend of Windows and the nouns on it agree on.
 *
 * An overlapped operation is a request: its OVERLAPPED is uv_req_t.u.io.overlapped, which says when
 * it is over how it ended. A finished request joins the loop's list, first finished first, whether
 * a packet of the completion port told so or the call that began it was done at once; the loop
 * hands each to `complete` of the operations of the handle that it belongs to (core.h). So no
 * callback runs inside the call that began an operation.
 *
 * The handle that a connect, write, shutdown or send belongs to is in the request's `handle`; the
 * other requests are the library's own, and have it in `data`.
 *
 * A request's memory is the kernel's until it has been completed: a handle that is closed with
 * requests under way cancels them, answers UV__CLOSE_PENDING, and is closed when the last of them
 * has come back. */
#ifndef RONDO_WIN_IOCP_H_
#define RONDO_WIN_IOCP_H_

#include "../core.h"

/* Has a file's or socket's finished operations arrive at the loop: 0 or a UV_E code. */
int uv__iocp_attach(uv_loop_t* loop, HANDLE file);

/* Hands a finished request to its handle in this turn or the next. The loop's thread. */
void uv__iocp_queue(uv_loop_t* loop, uv_req_t* req);

/* The same from any thread. Does not fail. */
void uv__iocp_post(uv_loop_t* loop, uv_req_t* req);

/* -- How an operation ended -------------------------------------------------------------------- */

/* Makes a request ready for an operation: its OVERLAPPED is zero. */
void uv__req_prepare(uv_req_t* req);

/* Notes the end of an operation without the kernel: `error` is a Win32 or Winsock code, 0 for
 * success. */
void uv__req_finish(uv_req_t* req, DWORD error, DWORD bytes);

bool uv__req_succeeded(const uv_req_t* req);

/* The Win32 code of an operation on a file or pipe, or the Winsock code of one on a socket; 0 for
 * success. Both are for uv_translate_sys_error(). */
DWORD uv__req_file_error(const uv_req_t* req);
DWORD uv__req_socket_error(const uv_req_t* req);

/* How many bytes were read or written. */
DWORD uv__req_bytes(const uv_req_t* req);

#endif /* RONDO_WIN_IOCP_H_ */
