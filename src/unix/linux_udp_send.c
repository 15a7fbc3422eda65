/* UDP on Linux: sending many datagrams with one system call.
 *
 * Neighbours of equal length to one peer, of which the last may be shorter, travel through the
 * kernel as one message that it cuts into segments (udp(7), UDP_SEGMENT). Where that is refused, a
 * datagram is a message. Whoever does not know UDP_SEGMENT ignores it and sends one huge datagram,
 * so a socket is asked first. */
#include "../core.h"
#include "message.h"
#include "udp_batch.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum {
  MOST_SEGMENTS = 64, /* of a message, in all kernels */
  MOST_BYTES = 65000, /* with headers and options below what IP can tell */
  MOST_IOVECS = 256,
  ANY_LENGTH = 65536 /* of a segment */
};

/* A batch in which neighbours have become one message. */
struct packed {
  struct mmsghdr messages[UV__UDP_MOST_SENT];
  unsigned int datagrams[UV__UDP_MOST_SENT]; /* of each message */
  struct iovec iov[MOST_IOVECS];
  _Alignas(struct cmsghdr) char controls[UV__UDP_MOST_SENT / 2][CMSG_SPACE(sizeof(uint16_t))];
  unsigned int count;
  unsigned int iov_count;
  unsigned int control_count;
};

/* -- System calls ------------------------------------------------------------------------------ */

static int send_many(int fd, struct mmsghdr* messages, unsigned int count) {
  int r;

  do
    r = sendmmsg(fd, messages, count, MSG_NOSIGNAL);
  while (r == -1 && errno == EINTR);
  return r != -1 ? r : UV__ERR(errno);
}

static bool knows_segments(int fd) {
  int value;
  socklen_t len = sizeof(value);

  return getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &value, &len) == 0;
}

/* -- Packing ----------------------------------------------------------------------------------- */

static size_t length_of(const struct mmsghdr* datagram) {
  size_t total = 0;

  for (uv__iov_count_t i = 0; i < datagram->msg_hdr.msg_iovlen; i++)
    total += datagram->msg_hdr.msg_iov[i].iov_len;
  return total;
}

static bool same_peer(const struct msghdr* a, const struct msghdr* b) {
  return a->msg_namelen == b->msg_namelen &&
         (a->msg_name == b->msg_name || memcmp(a->msg_name, b->msg_name, a->msg_namelen) == 0);
}

/* How many of the first datagrams can be one message with segments of `len` bytes. */
static unsigned int count_equal(const struct packed* packed, const struct mmsghdr* batch,
                                unsigned int count, size_t len, size_t limit) {
  size_t iovecs = packed->iov_count;
  size_t total = 0;
  unsigned int n;

  if (len == 0 || len >= limit)
    return 1;
  for (n = 0; n < count && n < MOST_SEGMENTS; n++) {
    size_t next = n == 0 ? len : length_of(&batch[n]);
    iovecs += (size_t) batch[n].msg_hdr.msg_iovlen;
    total += next;
    if (next == 0 || next > len || total > MOST_BYTES || iovecs > MOST_IOVECS ||
        !same_peer(&batch[0].msg_hdr, &batch[n].msg_hdr))
      break;
    if (next < len)
      return n + 1;
  }
  return n == 0 ? 1 : n;
}

static void add_segments(struct packed* packed, const struct mmsghdr* batch, unsigned int count,
                         size_t len) {
  struct msghdr* message = &packed->messages[packed->count].msg_hdr;
  uint16_t segment = (uint16_t) len;
  struct cmsghdr* control;

  *message = batch[0].msg_hdr;
  message->msg_iov = &packed->iov[packed->iov_count];
  message->msg_iovlen = 0;
  for (unsigned int i = 0; i < count; i++) {
    const struct msghdr* datagram = &batch[i].msg_hdr;
    memcpy(message->msg_iov + message->msg_iovlen, datagram->msg_iov,
           (size_t) datagram->msg_iovlen * sizeof(*datagram->msg_iov));
    message->msg_iovlen += datagram->msg_iovlen;
  }
  packed->iov_count += (unsigned int) message->msg_iovlen;

  memset(packed->controls[packed->control_count], 0, sizeof(packed->controls[0]));
  message->msg_control = packed->controls[packed->control_count++];
  message->msg_controllen = sizeof(packed->controls[0]);
  control = CMSG_FIRSTHDR(message);
  control->cmsg_level = IPPROTO_UDP;
  control->cmsg_type = UDP_SEGMENT;
  control->cmsg_len = CMSG_LEN(sizeof(segment));
  memcpy(CMSG_DATA(control), &segment, sizeof(segment));
}

static void pack(struct packed* packed, const struct mmsghdr* batch, unsigned int count,
                 size_t limit) {
  packed->count = packed->iov_count = packed->control_count = 0;
  for (unsigned int at = 0; at < count; at += packed->datagrams[packed->count++]) {
    size_t len = length_of(&batch[at]);
    unsigned int n = count_equal(packed, &batch[at], count - at, len, limit);
    packed->datagrams[packed->count] = n;
    if (n > 1)
      add_segments(packed, &batch[at], n, len);
    else
      packed->messages[packed->count].msg_hdr = batch[at].msg_hdr;
  }
}

/* -- Sending ----------------------------------------------------------------------------------- */

/* Whether an error may be about the segments: they are longer than the path takes (EINVAL or
 * EMSGSIZE, by kernel), checksums are not left to the device (EIO or EINVAL), all of them together
 * are too much for the buffers. */
static bool may_be_refusal(int error) {
  return error == UV_EINVAL || error == UV_EMSGSIZE || error == UV_EIO || error == UV_ENOBUFS;
}

/* What a datagram fails for, it fails for alone. */
static int send_refused(int fd, struct mmsghdr* batch, unsigned int count, int error,
                        int* segment_limit) {
  int n = send_many(fd, batch, count);

  if (n > 0 && error == UV_EIO)
    *segment_limit = 0;
  else if (n > 0 && error != UV_ENOBUFS)
    *segment_limit = (int) length_of(batch);
  return n;
}

static int send_packed(int fd, struct packed* packed, struct mmsghdr* batch, unsigned int count,
                       int* segment_limit) {
  int n = send_many(fd, packed->messages, packed->count);
  unsigned int sent = 0;

  if (n < 0 && packed->datagrams[0] > 1 && may_be_refusal(n))
    return send_refused(fd, batch, count, n, segment_limit);
  if (n < 0)
    return n;
  for (int i = 0; i < n; i++)
    sent += packed->datagrams[i];
  if (sent == count || packed->datagrams[n] == 1)
    return (int) sent;
  /* Why the segments were left over is not told. */
  n = send_many(fd, batch + sent, count - sent);
  return n > 0 ? (int) sent + n : (int) sent;
}

int uv__udp_send_batch(int fd, struct mmsghdr* batch, unsigned int count, int* segment_limit) {
  struct packed packed;

  if (count > 1 && *segment_limit == UV__UDP_NOT_ASKED)
    *segment_limit = knows_segments(fd) ? ANY_LENGTH : 0;
  if (count == 1 || *segment_limit == 0)
    return send_many(fd, batch, count);

  pack(&packed, batch, count, (size_t) *segment_limit);
  if (packed.count == count)
    return send_many(fd, batch, count);
  return send_packed(fd, &packed, batch, count, segment_limit);
}
