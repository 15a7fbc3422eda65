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

#endif /* RONDO_UNIX_SOCKET_H_ */
