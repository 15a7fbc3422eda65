/* Sockets of Windows: making them, and the functions that only their provider knows. */
#ifndef RONDO_WIN_SOCKET_H_
#define RONDO_WIN_SOCKET_H_

#include "uv.h"

#include <stdbool.h>

/* Makes a socket for overlapped operations that no child process inherits: 0 or a UV_E code. */
int uv__socket_open(int family, int type, SOCKET* socket);

/* Makes one from what another process duplicated for us. */
int uv__socket_import(const WSAPROTOCOL_INFOW* info, SOCKET* socket);

/* The last error of Winsock in this thread as a UV_E code. */
int uv__socket_error(void);

/* Each: 0 or a UV_E code. */
int uv__socket_set(SOCKET socket, int level, int option, int value);
int uv__socket_set_nonblocking(SOCKET socket, bool nonblocking);

/* What its provider says of a socket: 0, or UV_ENOTSOCK and the like. */
int uv__socket_info(SOCKET socket, WSAPROTOCOL_INFOW* info);

/* Has operations that are done at once send no packet, if the kernel itself is behind the socket;
 * where a layer is in between, packets always come. Returns whether they stay away. */
bool uv__socket_skip_port(SOCKET socket, const WSAPROTOCOL_INFOW* info);

/* A function that Winsock gives out for a socket only, into `*function`: 0 or a UV_E code. */
int uv__socket_function(SOCKET socket, GUID id, void* function, size_t size);

/* Cancels all operations of a socket that are under way. */
void uv__socket_cancel(SOCKET socket);

#endif /* RONDO_WIN_SOCKET_H_ */
