/* TCP handles that travel between processes through an IPC pipe. */
#ifndef RONDO_WIN_TCP_SHARE_H_
#define RONDO_WIN_TCP_SHARE_H_

#include "uv.h"

#include <stdbool.h>

/* A socket on its way: what the receiving process makes one of its own from. */
struct uv__passed_socket {
  WSAPROTOCOL_INFOW info;
  uint32_t delayed_error; /* of the bind: a Winsock code or 0 */
  bool is_connection;
};

/* Prepares a handle's socket for a process; a bound server listens first, and the handle counts as
 * shared from then on. 0 or a UV_E code: UV_ENOTSUP for one that is neither bound nor connected. */
int uv__tcp_export(uv_tcp_t* tcp, DWORD pid, struct uv__passed_socket* passed);

/* Makes a handle without a socket that socket. 0 or a UV_E code. */
int uv__tcp_import(uv_tcp_t* tcp, const struct uv__passed_socket* passed);

/* Closes a socket that nobody accepted. */
void uv__tcp_discard(const struct uv__passed_socket* passed);

#endif /* RONDO_WIN_TCP_SHARE_H_ */
