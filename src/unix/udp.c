/* UDP: the life of a handle, and which file the events of its descriptor go to. */
#include "../udp.h"

#include "fd.h"
#include "udp_batch.h"
#include "udp_recv.h"
#include "udp_send.h"
#include "udp_socket.h"

enum { DOMAIN_BITS = 0xff };

/* Errors and hang-ups come unasked, and a receive or a send tells what they are about. */
static void udp_io(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  uv_udp_t* udp = uv__container(watcher, uv_udp_t, io_watcher);

  (void) loop;
  if ((events & (POLLIN | POLLERR | POLLHUP)) && uv__io_active(watcher, POLLIN))
    uv__udp_receive(udp, (events & POLLERR) != 0);
  if ((events & (POLLOUT | POLLERR | POLLHUP)) && !uv__is_closing(uv__handle(udp)))
    uv__udp_flush(udp);
}

static enum uv__close_result udp_close(uv_handle_t* handle) {
  uv_udp_t* udp = (uv_udp_t*) handle;

  uv__udp_recv_stop(udp);
  uv__udp_stop_sends(udp);
  uv__io_close(udp->loop, &udp->io_watcher);
  uv__handle_stop(handle);
  if (udp->io_watcher.fd != -1)
    uv__close(udp->io_watcher.fd);
  udp->io_watcher.fd = -1;
  return UV__CLOSE_DONE;
}

static void udp_finish(uv_handle_t* handle) {
  uv__udp_end_sends((uv_udp_t*) handle);
}

static const struct uv__handle_ops udp_ops = {
    .close = udp_close,
    .finish = udp_finish,
};

int uv_udp_init_ex(uv_loop_t* loop, uv_udp_t* udp, unsigned int flags) {
  int family = (int) (flags & DOMAIN_BITS);
  int err;

  if ((flags & ~(unsigned int) (DOMAIN_BITS | UV_UDP_RECVMMSG)) != 0)
    return UV_EINVAL;
  if (family != AF_INET && family != AF_INET6 && family != AF_UNSPEC)
    return UV_EINVAL;

  uv__handle_init(loop, uv__handle(udp), UV_UDP, &udp_ops);
  if ((flags & UV_UDP_RECVMMSG) && uv__udp_receives_batches())
    udp->flags |= UV_HANDLE_UDP_RECVMMSG;
  udp->send_queue_size = 0;
  udp->send_queue_count = 0;
  udp->alloc_cb = NULL;
  udp->recv_cb = NULL;
  uv__queue_init(&udp->write_queue);
  uv__queue_init(&udp->write_completed_queue);
  uv__io_init(&udp->io_watcher, udp_io, -1);
  if (family == AF_UNSPEC)
    return 0;

  err = uv__udp_make_socket(udp, family);
  if (err != 0)
    uv__handle_unlink(uv__handle(udp));
  return err;
}

int uv_udp_init(uv_loop_t* loop, uv_udp_t* udp) {
  return uv_udp_init_ex(loop, udp, AF_UNSPEC);
}

int uv_udp_using_recvmmsg(const uv_udp_t* udp) {
  return (udp->flags & UV_HANDLE_UDP_RECVMMSG) != 0;
}
