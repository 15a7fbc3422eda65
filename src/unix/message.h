/* What C libraries declare differently of the messages of sendmsg(2) and recvmsg(2). */
#ifndef RONDO_UNIX_MESSAGE_H_
#define RONDO_UNIX_MESSAGE_H_

#include <stddef.h>
#include <sys/socket.h>

/* How many buffers a message has: an int, as POSIX says, or a size_t. */
typedef __typeof__(((struct msghdr*) 0)->msg_iovlen) uv__iov_count_t;

/* CMSG_NXTHDR(), which in musl changes signs on its way. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wsign-conversion"

static inline struct cmsghdr* uv__next_control(struct msghdr* message, struct cmsghdr* control) {
  return CMSG_NXTHDR(message, control);
}

#pragma GCC diagnostic pop

/* Sending to a socket raises no SIGPIPE: the call says so, or on macOS, whose older kernels do not
 * know the flag, the socket itself does (uv__socket_adopt()). */
#if defined(__APPLE__)
#define UV__SEND_FLAGS 0
#else
#define UV__SEND_FLAGS MSG_NOSIGNAL
#endif

#endif /* RONDO_UNIX_MESSAGE_H_ */
