/* Descriptors: system calls that are the same for all nouns, with EINTR handled. */
#ifndef RONDO_UNIX_FD_H_
#define RONDO_UNIX_FD_H_

#include "uv.h"

#include <stdbool.h>
#include <sys/uio.h>

/* A write of more bytes than this is cut by the kernel, a read as well. */
#define UV__IO_MAX_BYTES 0x7ffff000u

/* Closes; the descriptor is gone even where the system call was interrupted. Keeps errno. */
void uv__close(int fd);

/* The same descriptor by a number that is not a standard stream's, which it may have got where
 * those are closed; or an error, and the descriptor is closed. Streams never close the standard
 * ones, and children get others in their places. An error is passed through. */
int uv__lift(int fd);

/* 0 or an error. */
int uv__set_nonblocking(int fd, bool on);
int uv__set_cloexec(int fd, bool on);

/* A socket that is nonblocking and close-on-exec, or an error. */
int uv__socket(int domain, int type, int protocol);

/* The next waiting connection, nonblocking and close-on-exec, or an error. */
int uv__accept(int listen_fd);

/* Opens a descriptor that is close-on-exec, or an error. */
int uv__open(const char* path, int flags);

/* Bytes, or an error. Sending, to a socket, never raises SIGPIPE. */
ssize_t uv__read(int fd, void* base, size_t len);
ssize_t uv__writev(int fd, const struct iovec* iov, int count);
ssize_t uv__sendv(int fd, const struct iovec* iov, int count);

/* As uv__sendv, with a descriptor that the first byte carries to the other process. */
ssize_t uv__send_fd(int socket_fd, const struct iovec* iov, int count, int fd);

/* Buffers as the system has them: the same thing. */
static inline const struct iovec* uv__iovec(const uv_buf_t bufs[]) {
  return (const struct iovec*) (const void*) bufs;
}

/* Waits until one of `events` is there. */
void uv__wait_for(int fd, short events);

#endif /* RONDO_UNIX_FD_H_ */
