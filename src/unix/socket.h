/* Options of sockets that more than one file sets. */
#ifndef RONDO_UNIX_SOCKET_H_
#define RONDO_UNIX_SOCKET_H_

/* Each: 0 or an error. */

int uv__socket_set(int fd, int level, int option, int value);

/* What uv_tcp_nodelay() and uv_tcp_keepalive() were told before the handle had a socket. */
int uv__tcp_apply_options(int fd, unsigned int handle_flags);

int uv__tcp_set_nodelay(int fd, int enable);

/* Seconds before the first probe, seconds between probes, and how many; UV_EINVAL if one is 0, with
 * probing switched on all the same. */
int uv__tcp_set_keepalive(int fd, int enable, unsigned int idle, unsigned int interval,
                          unsigned int count);

/* -- By system: linux_socket.c, darwin_socket.c ------------------------------------------------ */

/* The three numbers of uv__tcp_set_keepalive(), which are more than 0. */
int uv__tcp_set_probes(int fd, unsigned int idle, unsigned int interval, unsigned int count);

/* The socket shares its address with others that do the same: UV_UDP_REUSEADDR. */
int uv__socket_share_address(int fd);

/* Others may bind the same port, and the system spreads what arrives over all of them; UV_ENOTSUP
 * where it does not. */
int uv__socket_balance_port(int fd);

/* What the system has to be told of a socket that a handle gets; nothing of what is none. */
int uv__socket_adopt(int fd);

#endif /* RONDO_UNIX_SOCKET_H_ */
