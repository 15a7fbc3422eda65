/* UDP: sending.
 *
 * A datagram is sent at once if none is outstanding. Those that follow before its callback has run
 * wait in write_queue for the loop's pending phase, which sends many with one system call; where
 * the socket takes no more, they wait until it is writable. A socket may be writable and take
 * nothing all the same, because it is the receiver or the device that has no room: then it is tried
 * again after a while. Requests that are done move to write_completed_queue, from which the loop
 * calls them back in order. So a queue that is not empty means that the watcher is fed, waits for
 * POLLOUT, is paused, or has its callback running. */
#include "udp_send.h"

#include "../loop_state.h"
#include "../udp.h"
#include "io.h"
#include "message.h"
#include "udp_batch.h"
#include "udp_socket.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/uio.h>

enum {
  BATCH = UV__UDP_MOST_SENT,
  MOST_CALLS = 32, /* system calls per event, so that one handle does not keep the others waiting */
  PAUSE_MS = 10
};

/* In uv_udp_t.flags. */
enum { PAUSED = 0x10000000 };

_Static_assert(sizeof(uv_buf_t) == sizeof(struct iovec) &&
                   offsetof(uv_buf_t, base) == offsetof(struct iovec, iov_base) &&
                   offsetof(uv_buf_t, len) == offsetof(struct iovec, iov_len),
               "uv_buf_t is a struct iovec");

static uv_udp_send_t* request_of(struct uv__queue* link) {
  return uv__container(link, uv_udp_send_t, queue);
}

static bool would_block(int result) {
  return result == UV_EAGAIN || result == UV_ENOBUFS;
}

/* -- Requests ---------------------------------------------------------------------------------- */

static void request_done(uv_udp_t* udp, int status) {
  uv_udp_send_t* req = request_of(uv__queue_pop(&udp->write_queue));

  req->status = status;
  uv__queue_push(&udp->write_completed_queue, &req->queue);
}

static void call_back(uv_udp_t* udp, uv_udp_send_t* req) {
  for (unsigned int i = 0; i < req->nbufs; i++)
    udp->send_queue_size -= req->bufs[i].len;
  udp->send_queue_count--;
  if (req->bufs != req->bufsml)
    uv__free(req->bufs);
  req->bufs = NULL;
  uv__req_stop(udp->loop);
  if (req->send_cb != NULL)
    req->send_cb(req, (int) req->status);
}

/* What a callback sends is queued, so this ends. Closing the handle leaves the rest to
 * uv__udp_end_sends(). */
static void run_callbacks(uv_udp_t* udp) {
  udp->flags |= UV_HANDLE_UDP_PROCESSING;
  while (!uv__queue_empty(&udp->write_completed_queue) && !uv__is_closing(uv__handle(udp)))
    call_back(udp, request_of(uv__queue_pop(&udp->write_completed_queue)));
  udp->flags &= ~(unsigned int) UV_HANDLE_UDP_PROCESSING;
}

/* -- Pauses ------------------------------------------------------------------------------------ */

/* What paused handles are linked by: room in their first request, which stays the first. */
static struct uv__queue* link_of(uv_udp_t* udp) {
  return (struct uv__queue*) (void*) request_of(udp->write_queue.next)->reserved;
}

static void resume_all(uv_timer_t* timer) {
  struct uv__queue* link;

  while ((link = uv__queue_pop(&uv__state(timer->loop)->paused_sends)) != NULL) {
    uv_udp_t* udp = uv__container(link, uv_udp_send_t, reserved)->handle;
    udp->flags &= ~(unsigned int) PAUSED;
    uv__io_start(udp->loop, &udp->io_watcher, POLLOUT);
  }
}

static void pause_sends(uv_udp_t* udp) {
  struct uv__loop_state* state = uv__state(udp->loop);
  uv_timer_t* timer = &state->resend_timer;

  if (timer->loop == NULL) {
    uv__queue_init(&state->paused_sends);
    uv_timer_init(udp->loop, timer);
    uv_unref(uv__handle(timer));
    timer->flags |= UV_HANDLE_INTERNAL;
  }
  uv__io_stop(udp->loop, &udp->io_watcher, POLLOUT);
  uv__queue_push(&state->paused_sends, link_of(udp));
  udp->flags |= PAUSED;
  if (!uv__is_active(uv__handle(timer)))
    uv_timer_start(timer, resume_all, PAUSE_MS, 0);
}

static void end_pause(uv_udp_t* udp) {
  if (udp->flags & PAUSED)
    uv__queue_remove(link_of(udp));
  udp->flags &= ~(unsigned int) PAUSED;
}

static bool waits(const uv_udp_t* udp) {
  return (udp->flags & PAUSED) || uv__io_active(&udp->io_watcher, POLLOUT);
}

/* -- A datagram -------------------------------------------------------------------------------- */

static socklen_t length_of(const struct sockaddr* address) {
  return address != NULL ? (socklen_t) uv__udp_address_len(address) : 0;
}

static void describe(struct msghdr* message, const uv_buf_t bufs[], unsigned int nbufs,
                     const struct sockaddr* address) {
  memset(message, 0, sizeof(*message));
  message->msg_name = (void*) address;
  message->msg_namelen = length_of(address);
  message->msg_iov = (struct iovec*) bufs;
  message->msg_iovlen = (uv__iov_count_t) nbufs;
}

static ssize_t send_pieces(int fd, const uv_buf_t bufs[], unsigned int nbufs,
                           const struct sockaddr* address) {
  struct msghdr message;

  describe(&message, bufs, nbufs, address);
  return sendmsg(fd, &message, UV__SEND_FLAGS);
}

/* Sends a datagram by itself: its length, or an error. One buffer is less work for the kernel when
 * it comes without a struct msghdr. */
static ssize_t send_alone(const uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                          const struct sockaddr* address) {
  int fd = udp->io_watcher.fd;
  ssize_t n;

  do
    n = nbufs == 1
            ? sendto(fd, bufs[0].base, bufs[0].len, UV__SEND_FLAGS, address, length_of(address))
            : send_pieces(fd, bufs, nbufs, address);
  while (n == -1 && errno == EINTR);
  return n != -1 ? n : UV__ERR(errno);
}

/* -- Batches ----------------------------------------------------------------------------------- */

/* What segments the socket takes (udp_batch.h) is kept in four of the handle's flags: 0 if nobody
 * has asked, 1 for none, and else a power of two, at most the limit. */
enum { SEGMENTS_SHIFT = 16, SEGMENTS_MASK = 0xf, NO_SEGMENTS = 1, LEAST_BITS = 4 };

static int segment_limit(const uv_udp_t* udp) {
  unsigned int code = udp->flags >> SEGMENTS_SHIFT & SEGMENTS_MASK;

  if (code == 0)
    return UV__UDP_NOT_ASKED;
  return code == NO_SEGMENTS ? 0 : 1 << (code + LEAST_BITS);
}

static void note_segment_limit(uv_udp_t* udp, int limit) {
  unsigned int code = NO_SEGMENTS;

  while (limit >= 1 << (code + 1 + LEAST_BITS))
    code++;
  udp->flags &= ~((unsigned int) SEGMENTS_MASK << SEGMENTS_SHIFT);
  udp->flags |= code << SEGMENTS_SHIFT;
}

/* The number of datagrams sent, or an error. */
static int send_batch(uv_udp_t* udp, struct mmsghdr* batch, unsigned int count) {
  int before = segment_limit(udp);
  int limit = before;
  int n = uv__udp_send_batch(udp->io_watcher.fd, batch, count, &limit);

  if (limit != before)
    note_segment_limit(udp, limit);
  return n;
}

static const struct sockaddr* address_of(const uv_udp_send_t* req) {
  return req->u.addr.sa_family != AF_UNSPEC ? &req->u.addr : NULL;
}

static int send_several(uv_udp_t* udp) {
  struct mmsghdr batch[BATCH];
  unsigned int count = 0;

  for (struct uv__queue* link = udp->write_queue.next; link != &udp->write_queue && count < BATCH;
       link = link->next) {
    const uv_udp_send_t* req = request_of(link);
    describe(&batch[count++].msg_hdr, req->bufs, req->nbufs, address_of(req));
  }
  return send_batch(udp, batch, count);
}

/* Sends what is at the front of the queue: the number of datagrams, or an error. */
static int send_first(uv_udp_t* udp) {
  const uv_udp_send_t* req = request_of(udp->write_queue.next);
  ssize_t n;

  if (req->queue.next != &udp->write_queue)
    return send_several(udp);
  n = send_alone(udp, req->bufs, req->nbufs, address_of(req));
  return n < 0 ? (int) n : 1;
}

/* Sends until the queue is empty or the socket takes no more. A datagram that fails takes no other
 * with it. */
static void send_queued(uv_udp_t* udp) {
  bool said_writable = uv__io_active(&udp->io_watcher, POLLOUT);

  for (int calls = 0; calls < MOST_CALLS && !uv__queue_empty(&udp->write_queue); calls++) {
    int n = send_first(udp);
    if (would_block(n)) {
      if (said_writable && calls == 0)
        pause_sends(udp);
      else
        uv__io_start(udp->loop, &udp->io_watcher, POLLOUT);
      return;
    }
    if (n < 0)
      request_done(udp, n);
    for (; n > 0; n--)
      request_done(udp, 0);
  }
}

/* -- The loop's side --------------------------------------------------------------------------- */

void uv__udp_flush(uv_udp_t* udp) {
  end_pause(udp);
  send_queued(udp);
  run_callbacks(udp);
  if (uv__is_closing(uv__handle(udp)))
    return;
  if (!uv__queue_empty(&udp->write_queue)) {
    if (!waits(udp))
      uv__io_feed(udp->loop, &udp->io_watcher);
    return;
  }
  uv__io_stop(udp->loop, &udp->io_watcher, POLLOUT);
  if (!uv__io_active(&udp->io_watcher, POLLIN))
    uv__handle_stop(uv__handle(udp));
}

void uv__udp_stop_sends(uv_udp_t* udp) {
  end_pause(udp);
}

void uv__udp_end_sends(uv_udp_t* udp) {
  struct uv__queue* link;

  while (!uv__queue_empty(&udp->write_queue))
    request_done(udp, UV_ECANCELED);
  while ((link = uv__queue_pop(&udp->write_completed_queue)) != NULL)
    call_back(udp, request_of(link));
}

/* -- The user's side --------------------------------------------------------------------------- */

int uv__udp_send(uv_udp_send_t* req, uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                 size_t len, const struct sockaddr* address, uv_udp_send_cb cb) {
  bool must_wait = udp->send_queue_count != 0 || (udp->flags & UV_HANDLE_UDP_PROCESSING);
  int err;

  req->bufs = req->bufsml;
  if (nbufs > sizeof(req->bufsml) / sizeof(req->bufsml[0]))
    req->bufs = uv__malloc(nbufs * sizeof(bufs[0]));
  if (req->bufs == NULL)
    return UV_ENOMEM;
  err = uv__udp_bind_any(udp, address != NULL ? address->sa_family : AF_UNSPEC, 0);
  if (err != 0) {
    if (req->bufs != req->bufsml)
      uv__free(req->bufs);
    return err;
  }

  memcpy(req->bufs, bufs, nbufs * sizeof(bufs[0]));
  req->nbufs = nbufs;
  req->u.addr.sa_family = AF_UNSPEC;
  if (address != NULL)
    memcpy(&req->u, address, (size_t) uv__udp_address_len(address));
  req->status = 0;
  req->send_cb = cb;
  req->handle = udp;
  uv__req_start(udp->loop, uv__req(req), UV_UDP_SEND);
  uv__queue_push(&udp->write_queue, &req->queue);
  udp->send_queue_size += len;
  udp->send_queue_count++;
  uv__handle_start(uv__handle(udp));

  if (!must_wait)
    send_queued(udp);
  if (!waits(udp))
    uv__io_feed(udp->loop, &udp->io_watcher);
  return 0;
}

int uv__udp_try_send(uv_udp_t* udp, const uv_buf_t bufs[], unsigned int nbufs,
                     const struct sockaddr* address) {
  int err = uv__udp_bind_any(udp, address != NULL ? address->sa_family : AF_UNSPEC, 0);
  int n;

  if (err != 0)
    return err;
  n = (int) send_alone(udp, bufs, nbufs, address);
  return would_block(n) ? UV_EAGAIN : n;
}

int uv__udp_try_send2(uv_udp_t* udp, unsigned int count, uv_buf_t* const bufs[],
                      const unsigned int nbufs[], struct sockaddr* const addresses[]) {
  struct mmsghdr batch[BATCH];
  unsigned int sent = 0;
  unsigned int part;
  int n;

  if (udp->io_watcher.fd == -1)
    return UV_EINVAL;
  if (count > INT_MAX)
    count = INT_MAX;
  /* A short batch says that the next datagram cannot go. */
  do {
    for (part = 0; part < BATCH && sent + part < count; part++)
      describe(&batch[part].msg_hdr, bufs[sent + part], nbufs[sent + part], addresses[sent + part]);
    n = send_batch(udp, batch, part);
    if (n > 0)
      sent += (unsigned int) n;
  } while (n == (int) part && sent < count);

  if (sent > 0)
    return (int) sent;
  return would_block(n) ? UV_EAGAIN : n;
}
