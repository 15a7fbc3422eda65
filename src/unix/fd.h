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

/* Bytes, or an error. Sending to a socket never raises SIGPIPE. `*is_socket` says which system call
 * fits, and is cleared where the descriptor turns out to be no socket. */
ssize_t uv__read(int fd, void* base, size_t len);
ssize_t uv__writev(int fd, struct iovec* iov, int count, bool* is_socket);

/* As uv__writev, with a descriptor that the first byte carries to the other process. */
ssize_t uv__send_fd(int socket_fd, struct iovec* iov, int count, int fd);

/* Waits until one of `events` is there. */
void uv__wait_for(int fd, short events);

#endif /* RONDO_UNIX_FD_H_ */
