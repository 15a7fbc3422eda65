/* Many datagrams with one system call, and what the network told about those sent before. */
#ifndef RONDO_UNIX_UDP_BATCH_H_
#define RONDO_UNIX_UDP_BATCH_H_

#include "uv.h"

#include <stdbool.h>
#include <sys/socket.h>

/* Systems that take only one datagram with a call do not declare it. */
#if defined(__APPLE__) || defined(__DragonFly__)
struct mmsghdr {
  struct msghdr msg_hdr;
  unsigned int msg_len;
};
#endif

enum {
  UV__UDP_MOST_SENT = 64, /* datagrams of a batch */
  UV__UDP_NOT_ASKED = -1
};

/* Sends the first datagrams of the batch, in order: how many, at least 1, or the first one's error.
 * Never raises SIGPIPE.
 *
 * `*segment_limit` is kept for each socket, and is UV__UDP_NOT_ASKED first. Then it says of how
 * many bytes and more datagrams were refused as segments of one message, 0 for any. */
int uv__udp_send_batch(int fd, struct mmsghdr* batch, unsigned int count, int* segment_limit);

/* Receives what is there, up to `count` datagrams: how many, at least 1, or an error. */
int uv__udp_recv_batch(int fd, struct mmsghdr* batch, unsigned int count);

enum { UV__UDP_JOINED_CONTROL = CMSG_SPACE(sizeof(int)) };

/* Whether the datagrams of a sender may come joined: 0 or an error, UV_ENOTSUP where they cannot.
 * Messages need room for UV__UDP_JOINED_CONTROL bytes of control data then. */
int uv__udp_join(int fd, bool enable);

/* The length of the datagrams that are joined in a message; 0 if it is a single one. */
size_t uv__udp_joined_len(struct msghdr* message);

/* Whether receiving many at once is worth the memory. */
bool uv__udp_receives_batches(void);

/* Has a socket of the family queue errors of the network: 0 or an error. Nothing where there is no
 * such queue. */
int uv__udp_queue_errors(int fd, int family);

/* Whether the socket queues errors of the network (IP_RECVERR, IPV6_RECVERR). */
bool uv__udp_queues_errors(int fd);

/* Takes the oldest error off that queue, with the datagram that it is about and the address of who
 * reported it, AF_UNSPEC if that was this machine. Answers 0 and puts the error into `*error`, or
 * UV_EAGAIN if the queue is empty, or what failed. */
int uv__udp_recv_error(int fd, const uv_buf_t* buf, struct sockaddr_storage* reporter, int* error);

#endif /* RONDO_UNIX_UDP_BATCH_H_ */
