/* Poll handles: readiness of a socket that belongs to somebody else.
 *
 * A started handle has one request under way, for the events in submitted_events_1, which are 0 if
 * there is none. Its end is one event of many: the callback comes, and the next request follows,
 * which ends at once if the socket is still ready. A request that no longer asks for enough, or
 * that nobody waits for, is cancelled and what it has seen is masked; the next one sees it again.
 */
#include "afd.h"
#include "iocp.h"
#include "poison.h"
#include "poll_select.h"
#include "socket.h"

enum { NOTHING_MASKED = 0, ALL_MASKED = 0xff };

static const unsigned int known_events = UV_READABLE | UV_WRITABLE | UV_DISCONNECT | UV_PRIORITIZED;

static bool is_selected(const uv_poll_t* poll) {
  return (poll->flags & UV__POLL_SELECTED) != 0;
}

static bool is_submitted(const uv_poll_t* poll) {
  return poll->submitted_events_1 != 0;
}

/* -- Events ------------------------------------------------------------------------------------ */

/* Besides uv_poll_event. */
enum { SOCKET_CLOSED = 0x100 };

/* What makes each event so. A reset makes everything return at once. */
enum {
  READABLE_WHEN = UV__AFD_RECEIVE | UV__AFD_DISCONNECT | UV__AFD_ACCEPT | UV__AFD_ABORT,
  WRITABLE_WHEN = UV__AFD_SEND | UV__AFD_CONNECT_FAIL | UV__AFD_ABORT,
  DISCONNECT_WHEN = UV__AFD_DISCONNECT | UV__AFD_ABORT,
  PRIORITIZED_WHEN = UV__AFD_RECEIVE_EXPEDITED
};

static ULONG to_driver(unsigned int events) {
  ULONG bits = 0;

  if (events & UV_READABLE)
    bits |= READABLE_WHEN;
  if (events & UV_WRITABLE)
    bits |= WRITABLE_WHEN;
  if (events & UV_DISCONNECT)
    bits |= DISCONNECT_WHEN;
  if (events & UV_PRIORITIZED)
    bits |= PRIORITIZED_WHEN;
  return bits;
}

static unsigned int from_driver(ULONG bits) {
  unsigned int events = 0;

  if (bits & READABLE_WHEN)
    events |= UV_READABLE;
  if (bits & WRITABLE_WHEN)
    events |= UV_WRITABLE;
  if (bits & DISCONNECT_WHEN)
    events |= UV_DISCONNECT;
  if (bits & PRIORITIZED_WHEN)
    events |= UV_PRIORITIZED;
  if (bits & UV__AFD_LOCAL_CLOSE)
    events |= SOCKET_CLOSED;
  return events;
}

/* -- Requests ---------------------------------------------------------------------------------- */

static int submit(uv_poll_t* poll) {
  int err;

  uv__req_poison_check(&poll->poll_req_1);
  poll->submitted_events_1 = poll->events;
  poll->mask_events_1 = NOTHING_MASKED;
  if (is_selected(poll))
    err = uv__select_submit(poll);
  else
    err = uv__afd_poll(poll->loop, &poll->afd_poll_info_1, to_driver(poll->events),
                       &poll->poll_req_1);
  if (err != 0) {
    poll->submitted_events_1 = 0;
    uv__req_poison(&poll->poll_req_1);
  }
  return err;
}

static void cancel(uv_poll_t* poll) {
  if (!is_submitted(poll) || poll->mask_events_1 == ALL_MASKED)
    return;
  poll->mask_events_1 = ALL_MASKED;
  if (is_selected(poll))
    uv__select_cancel(poll);
  else
    uv__afd_cancel(poll->loop, &poll->poll_req_1);
}

/* Sees to it that all wanted events are asked for, now or when the cancelled request is back. */
static int ask(uv_poll_t* poll) {
  if (!is_submitted(poll))
    return submit(poll);
  if ((poll->events & ~poll->submitted_events_1) != 0)
    cancel(poll);
  return 0;
}

static void stop(uv_poll_t* poll) {
  poll->events = 0;
  cancel(poll);
  uv__handle_stop(uv__handle(poll));
}

static void fail(uv_poll_t* poll, int err) {
  stop(poll);
  if (poll->poll_cb != NULL)
    poll->poll_cb(poll, err, 0);
}

/* What a request that succeeded has seen. */
static unsigned int events_of(const uv_poll_t* poll) {
  if (is_selected(poll))
    return uv__select_events(poll);
  return from_driver(uv__afd_events(&poll->afd_poll_info_1));
}

static void report(uv_poll_t* poll, unsigned int events) {
  /* The owner need not say so before it closes its socket. */
  if (events & SOCKET_CLOSED) {
    stop(poll);
    return;
  }
  events &= poll->events;
  if (events != 0 && poll->poll_cb != NULL)
    poll->poll_cb(poll, 0, (int) events);
}

static void poll_complete(uv_handle_t* handle, uv_req_t* req) {
  uv_poll_t* poll = (uv_poll_t*) handle;
  bool is_masked = poll->mask_events_1 == ALL_MASKED;
  int err = uv_translate_sys_error((int) uv__req_socket_error(req));
  unsigned int events = err == 0 ? events_of(poll) : 0;

  uv__req_poison(req);
  poll->submitted_events_1 = 0;
  poll->mask_events_1 = NOTHING_MASKED;
  if (uv__is_closing(handle)) {
    if (is_selected(poll))
      uv__select_close(poll);
    uv__handle_closed(handle);
    return;
  }
  if (!is_masked && poll->events != 0) {
    if (err != 0)
      fail(poll, err);
    else
      report(poll, events);
  }

  if (poll->events == 0 || uv__is_closing(handle))
    return;
  err = ask(poll);
  if (err != 0)
    fail(poll, err);
}

/* -- The handle -------------------------------------------------------------------------------- */

static enum uv__close_result poll_close(uv_handle_t* handle) {
  uv_poll_t* poll = (uv_poll_t*) handle;

  stop(poll);
  if (is_submitted(poll))
    return UV__CLOSE_PENDING;
  if (is_selected(poll))
    uv__select_close(poll);
  return UV__CLOSE_DONE;
}

static void poll_finish(uv_handle_t* handle) {
  uv__req_poison_check(&((uv_poll_t*) handle)->poll_req_1);
}

static const struct uv__handle_ops poll_ops = {
    .close = poll_close,
    .finish = poll_finish,
    .complete = poll_complete,
};

int uv_poll_init_socket(uv_loop_t* loop, uv_poll_t* poll, uv_os_sock_t socket) {
  int err = uv__socket_set_nonblocking(socket, true);

  if (err != 0)
    return err;
  uv__handle_init(loop, uv__handle(poll), UV_POLL, &poll_ops);
  poll->socket = socket;
  poll->peer_socket = INVALID_SOCKET;
  poll->poll_cb = NULL;
  poll->events = 0;
  poll->submitted_events_1 = 0;
  poll->mask_events_1 = NOTHING_MASKED;
  poll->poll_req_1.type = UV_POLL_REQ;
  poll->poll_req_1.data = poll;
  uv__req_poison(&poll->poll_req_1);
  err = uv__afd_open(loop, socket, &poll->afd_poll_info_1);
  if (err == UV_ENOTSUP) {
    poll->flags |= UV__POLL_SELECTED;
    err = uv__select_open(poll);
  }
  if (err != 0)
    uv__handle_unlink(uv__handle(poll));
  return err;
}

int uv_poll_init(uv_loop_t* loop, uv_poll_t* poll, int fd) {
  uv_os_fd_t file = uv_get_osfhandle(fd);

  if (file == INVALID_HANDLE_VALUE)
    return UV_EBADF;
  return uv_poll_init_socket(loop, poll, (SOCKET) file);
}

int uv_poll_start(uv_poll_t* poll, int events, uv_poll_cb cb) {
  unsigned char before = poll->events;
  int err;

  if (((unsigned int) events & ~known_events) != 0 || uv__is_closing(uv__handle(poll)))
    return UV_EINVAL;
  if (events == 0)
    return uv_poll_stop(poll);

  poll->events = (unsigned char) events;
  err = ask(poll);
  if (err != 0) {
    poll->events = before;
    return err;
  }
  poll->poll_cb = cb;
  uv__handle_start(uv__handle(poll));
  return 0;
}

int uv_poll_stop(uv_poll_t* poll) {
  if (uv__is_closing(uv__handle(poll)))
    return UV_EINVAL;
  stop(poll);
  return 0;
}
