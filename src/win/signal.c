/* Signal handles: a callback in the loop's thread for what a console tells its processes.
 *
 * The process has two lists of started handles for each signal number: those that stay and those
 * that stop after one time. Whoever has a signal to tell counts in each handle of the lists, and
 * posts the handle's request to its loop if it is not on its way already; both under a lock.
 *
 * A handle that is stopped forgets what was counted, and may have its request still on the way. */
#include "signal.h"

#include "../core.h"
#include "iocp.h"

enum { STAYING, ONE_SHOT, KINDS };

/* In uv_signal_t.flags. */
enum {
  IN_LAST_CALL = 0x01000000, /* of a one-shot handle that has not been stopped in it */
  IS_ONE_SHOT = 0x02000000,
};

/* In uv_signal_t.pending_signum: whether the request is on its way. */
enum { HERE, ON_ITS_WAY };

static SRWLOCK lock = SRWLOCK_INIT;
static struct uv__queue watchers[NSIG][KINDS];

static struct {
  uv_once_t once;
  int err;
} setup = {.once = UV_ONCE_INIT};

/* -- What the system tells --------------------------------------------------------------------- */

static uv_signal_t* signal_of(struct uv__queue* link) {
  return uv__container(link, uv_signal_t, links.queue);
}

/* With the lock held. */
static void tell_handle(uv_signal_t* handle) {
  handle->links.caught++;
  if (handle->pending_signum == ON_ITS_WAY)
    return;
  handle->pending_signum = ON_ITS_WAY;
  uv__iocp_post(handle->loop, &handle->signal_req);
}

bool uv__signal_dispatch(int signum) {
  bool is_watched = false;

  AcquireSRWLockExclusive(&lock);
  for (int kind = 0; kind < KINDS; kind++) {
    struct uv__queue* list = &watchers[signum][kind];
    for (struct uv__queue* link = list->next; link != NULL && link != list; link = link->next) {
      tell_handle(signal_of(link));
      is_watched = true;
    }
  }
  ReleaseSRWLockExclusive(&lock);
  return is_watched;
}

/* In a thread of the system. What nobody watches has its default action. */
static BOOL WINAPI on_console_event(DWORD event) {
  switch (event) {
    case CTRL_C_EVENT:
      return uv__signal_dispatch(SIGINT);
    case CTRL_BREAK_EVENT:
      return uv__signal_dispatch(SIGBREAK);
    case CTRL_CLOSE_EVENT:
      if (!uv__signal_dispatch(SIGHUP))
        return FALSE;
      /* The process ends when this returns; it has some seconds if it does not. */
      Sleep(INFINITE);
      return TRUE;
    default:
      return FALSE;
  }
}

static void set_up(void) {
  AcquireSRWLockExclusive(&lock);
  for (int signum = 0; signum < NSIG; signum++)
    for (int kind = 0; kind < KINDS; kind++)
      uv__queue_init(&watchers[signum][kind]);
  ReleaseSRWLockExclusive(&lock);
  if (!SetConsoleCtrlHandler(on_console_event, TRUE))
    setup.err = uv_translate_sys_error((int) GetLastError());
}

/* -- In the loop ------------------------------------------------------------------------------- */

static void stop(uv_signal_t* handle) {
  if (handle->signum == 0)
    return;
  AcquireSRWLockExclusive(&lock);
  uv__queue_remove(&handle->links.queue);
  handle->links.caught = 0;
  ReleaseSRWLockExclusive(&lock);

  handle->links.left = 0;
  handle->signum = 0;
  handle->flags &= ~(unsigned) (IS_ONE_SHOT | IN_LAST_CALL);
  uv__handle_stop(uv__handle(handle));
}

/* `left` is how many callbacks are due; stopping the handle in one ends them. */
static void call_back(uv_signal_t* handle) {
  if (handle->flags & IS_ONE_SHOT) {
    if (handle->links.left == 0)
      return;
    handle->flags |= IN_LAST_CALL;
    handle->links.left = 1;
  }
  while (handle->links.left > 0) {
    handle->links.left--;
    if (handle->signal_cb != NULL)
      handle->signal_cb(handle, handle->signum);
  }
  if (handle->flags & IN_LAST_CALL)
    stop(handle);
}

static void signal_complete(uv_handle_t* base, uv_req_t* req) {
  uv_signal_t* handle = (uv_signal_t*) base;

  (void) req;
  AcquireSRWLockExclusive(&lock);
  handle->pending_signum = HERE;
  handle->links.left = (int) handle->links.caught;
  handle->links.caught = 0;
  ReleaseSRWLockExclusive(&lock);

  if (uv__is_closing(base))
    uv__handle_closed(base);
  else
    call_back(handle);
}

/* -- Handles ----------------------------------------------------------------------------------- */

static enum uv__close_result signal_close(uv_handle_t* base) {
  uv_signal_t* handle = (uv_signal_t*) base;

  stop(handle);
  return handle->pending_signum == ON_ITS_WAY ? UV__CLOSE_PENDING : UV__CLOSE_DONE;
}

static const struct uv__handle_ops signal_ops = {
    .close = signal_close,
    .complete = signal_complete,
};

int uv_signal_init(uv_loop_t* loop, uv_signal_t* handle) {
  uv_once(&setup.once, set_up);
  if (setup.err != 0)
    return setup.err;

  uv__handle_init(loop, uv__handle(handle), UV_SIGNAL, &signal_ops);
  handle->signal_cb = NULL;
  handle->signum = 0;
  uv__queue_init(&handle->links.queue);
  handle->links.caught = 0;
  handle->links.left = 0;
  handle->pending_signum = HERE;
  handle->signal_req.type = UV_SIGNAL_REQ;
  handle->signal_req.data = handle;
  uv__req_prepare(&handle->signal_req);
  return 0;
}

static int start(uv_signal_t* handle, uv_signal_cb cb, int signum, int kind) {
  if (signum <= 0 || signum >= NSIG || uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;
  if (signum == handle->signum) {
    handle->signal_cb = cb;
    return 0;
  }
  stop(handle);

  handle->signal_cb = cb;
  handle->signum = signum;
  if (kind == ONE_SHOT)
    handle->flags |= IS_ONE_SHOT;
  AcquireSRWLockExclusive(&lock);
  uv__queue_push(&watchers[signum][kind], &handle->links.queue);
  ReleaseSRWLockExclusive(&lock);
  uv__handle_start(uv__handle(handle));
  return 0;
}

int uv_signal_start(uv_signal_t* handle, uv_signal_cb signal_cb, int signum) {
  return start(handle, signal_cb, signum, STAYING);
}

int uv_signal_start_oneshot(uv_signal_t* handle, uv_signal_cb signal_cb, int signum) {
  return start(handle, signal_cb, signum, ONE_SHOT);
}

int uv_signal_stop(uv_signal_t* handle) {
  if (uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;
  stop(handle);
  return 0;
}
