/* Signal handles: a callback in the loop's thread for a signal that the process got.
 *
 * The process has two lists of started handles for each signal number: those that stay and those
 * that stop after one time. The lists change with all signals blocked and under a lock that the
 * signal handler takes as well, so the handler finds them whole and waits for another thread only.
 *
 * The handler counts in each handle of the lists, and posts the handle to its loop if the count was
 * 0. The loop, when it empties its mailbox, only notes the handle; it calls back in the pending
 * phase behind the poll, when all that came together with the signal has been handled. */
#include "signal.h"

#include "../atomic.h"
#include "../loop_state.h"
#include "../process_hooks.h"
#include "io.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

enum { STAYING, ONE_SHOT, KINDS };

/* In uv_signal_t.flags. */
enum {
  IN_LAST_CALL = 0x01000000, /* of a one-shot handle that has not been stopped in it */
  IS_ONE_SHOT = 0x02000000,
};

static struct uv__queue watchers[NSIG][KINDS];

/* -- The lock ---------------------------------------------------------------------------------- */

enum { SPINS = 256, REST_NS = 50000 };

static unsigned int locked;

/* Who changes the lists holds this as well. A fork waits for it and not for the lock of the
 * handlers, which may interrupt a thread that somebody else's fork handler waits for. */
static pthread_mutex_t changes = PTHREAD_MUTEX_INITIALIZER;

static struct {
  uv_once_t once;
  int err;
  sigset_t mask; /* of the thread that forks */
} setup = {.once = UV_ONCE_INIT};

static void block_signals(sigset_t* saved) {
  sigset_t all;

  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, saved);
}

/* Its owner may need the processor on which we spin, and may have a lower priority: sleep. Every
 * call here may be made by a signal handler. */
static void lock(void) {
  const struct timespec rest = {.tv_nsec = REST_NS};

  for (int spins = 0; uv__exchange_acquire(&locked, 1) != 0; spins++) {
    if (spins < SPINS)
      uv__cpu_relax();
    else
      nanosleep(&rest, NULL);
  }
}

static void unlock(void) {
  uv__store_release(&locked, 0);
}

static void begin_change(sigset_t* saved) {
  block_signals(saved);
  pthread_mutex_lock(&changes);
  lock();
}

static void end_change(const sigset_t* saved) {
  unlock();
  pthread_mutex_unlock(&changes);
  pthread_sigmask(SIG_SETMASK, saved, NULL);
}

/* -- Forks ------------------------------------------------------------------------------------- */

static void before_fork(void) {
  sigset_t saved;

  block_signals(&saved);
  pthread_mutex_lock(&changes);
  setup.mask = saved;
}

static void after_fork(void) {
  sigset_t saved = setup.mask;

  pthread_mutex_unlock(&changes);
  pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

/* The lock may have been held by a handler in a thread that the child does not have. */
static void after_fork_in_child(void) {
  unlock();
  after_fork();
}

static void set_up(void) {
  for (int signum = 0; signum < NSIG; signum++)
    for (int kind = 0; kind < KINDS; kind++)
      uv__queue_init(&watchers[signum][kind]);
  setup.err = uv__at_fork(before_fork, after_fork, after_fork_in_child);
}

/* -- In the signal handler --------------------------------------------------------------------- */

static uv_signal_t* signal_of(struct uv__queue* link) {
  return uv__container(link, uv_signal_t, links.queue);
}

static void on_signal(int signum) {
  int saved_errno = errno;

  lock();
  for (int kind = 0; kind < KINDS; kind++) {
    struct uv__queue* list = &watchers[signum][kind];
    for (struct uv__queue* link = list->next; link != list; link = link->next) {
      uv_signal_t* handle = signal_of(link);
      if (uv__fetch_add(&handle->caught_signals, 1) == 0)
        uv__mailbox_post(handle->loop, &handle->links.mail);
    }
  }
  unlock();
  errno = saved_errno;
}

/* -- With the lock held ------------------------------------------------------------------------ */

/* What the process does about a signal: 0 or an error. */
static int set_disposition(int signum, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_flags = flags};

  action.sa_handler = handler;
  sigfillset(&action.sa_mask);
  return sigaction(signum, &action, NULL) == 0 ? 0 : UV__ERR(errno);
}

/* Makes it what the present watchers of the signal want. Where all of them stop after one time, the
 * second signal is nobody's. */
static int update_disposition(int signum) {
  if (!uv__queue_empty(&watchers[signum][STAYING]))
    return set_disposition(signum, on_signal, SA_RESTART);
  if (!uv__queue_empty(&watchers[signum][ONE_SHOT]))
    return set_disposition(signum, on_signal, SA_RESTART | (int) SA_RESETHAND);
  return set_disposition(signum, SIG_DFL, 0);
}

static int link_handle(uv_signal_t* handle, int signum, int kind) {
  struct uv__queue* lists = watchers[signum];
  bool is_set = !uv__queue_empty(&lists[STAYING]);
  int err;

  uv__queue_push(&lists[kind], &handle->links.queue);
  if (is_set)
    return 0;
  err = update_disposition(signum);
  if (err != 0)
    uv__queue_remove(&handle->links.queue);
  return err;
}

/* A handler that has reset itself stays so when another one-shot handle stops. */
static void unlink_handle(uv_signal_t* handle) {
  struct uv__queue* lists = watchers[handle->signum];
  bool is_one_shot = (handle->flags & IS_ONE_SHOT) != 0;

  uv__queue_remove(&handle->links.queue);
  if (!uv__queue_empty(&lists[STAYING]))
    return;
  if (is_one_shot && !uv__queue_empty(&lists[ONE_SHOT]))
    return;
  update_disposition(handle->signum);
}

/* -- In the loop ------------------------------------------------------------------------------- */

static void note(struct uv__mail* mail) {
  uv_signal_t* handle = uv__container(mail, uv_signal_t, links.mail);
  struct uv__mail_list* list = &uv__state(handle->loop)->caught_signals;

  uv__mail_list_push(list, mail);
  uv__io_feed(handle->loop, &handle->loop->signal_io_watcher);
}

/* Forgets what was caught and not told. Nobody counts in the handle meanwhile. */
static void forget(uv_signal_t* handle) {
  handle->dispatched_signals = 0;
  if (uv__fetch_and(&handle->caught_signals, 0u) == 0)
    return;
  if (!uv__mail_list_remove(&uv__state(handle->loop)->caught_signals, &handle->links.mail))
    uv__mailbox_remove(handle->loop, &handle->links.mail);
}

static void stop(uv_signal_t* handle) {
  sigset_t saved;

  if (handle->signum == 0)
    return;
  begin_change(&saved);
  unlink_handle(handle);
  end_change(&saved);

  forget(handle);
  handle->signum = 0;
  handle->flags &= ~(unsigned) (IS_ONE_SHOT | IN_LAST_CALL);
  uv__handle_stop(uv__handle(handle));
}

/* `dispatched_signals` is how many callbacks are left; stopping the handle in one ends them. */
static void tell(uv_signal_t* handle) {
  handle->dispatched_signals = uv__fetch_and(&handle->caught_signals, 0u);
  if (handle->flags & IS_ONE_SHOT) {
    handle->flags |= IN_LAST_CALL;
    handle->dispatched_signals = 1;
  }
  while (handle->dispatched_signals > 0) {
    handle->dispatched_signals--;
    if (handle->signal_cb != NULL)
      handle->signal_cb(handle, handle->signum);
  }
  if (handle->flags & IN_LAST_CALL)
    stop(handle);
}

static void tell_all(uv_loop_t* loop, uv__io_t* watcher, unsigned int events) {
  struct uv__mail_list* list = &uv__state(loop)->caught_signals;
  struct uv__mail* mail;

  (void) watcher;
  (void) events;
  while ((mail = uv__mail_list_pop(list)) != NULL)
    tell(uv__container(mail, uv_signal_t, links.mail));
}

/* -- Handles ----------------------------------------------------------------------------------- */

static enum uv__close_result signal_close(uv_handle_t* handle) {
  stop((uv_signal_t*) handle);
  return UV__CLOSE_DONE;
}

/* The child was not meant by what the parent caught. */
static int signal_fork(uv_handle_t* handle) {
  sigset_t saved;

  begin_change(&saved);
  forget((uv_signal_t*) handle);
  end_change(&saved);
  return 0;
}

static const struct uv__handle_ops signal_ops = {
    .close = signal_close,
    .fork = signal_fork,
};

static void init_loop(uv_loop_t* loop) {
  if (loop->signal_io_watcher.cb != NULL)
    return;
  uv__io_init(&loop->signal_io_watcher, tell_all, -1);
  uv__mail_list_init(&uv__state(loop)->caught_signals);
}

int uv_signal_init(uv_loop_t* loop, uv_signal_t* handle) {
  uv_once(&setup.once, set_up);
  if (setup.err != 0)
    return setup.err;

  init_loop(loop);
  uv__handle_init(loop, uv__handle(handle), UV_SIGNAL, &signal_ops);
  handle->signal_cb = NULL;
  handle->signum = 0;
  uv__queue_init(&handle->links.queue);
  handle->links.mail.next = NULL;
  handle->links.mail.run = note;
  handle->caught_signals = 0;
  handle->dispatched_signals = 0;
  return 0;
}

static int start(uv_signal_t* handle, uv_signal_cb cb, int signum, int kind) {
  sigset_t saved;
  int err;

  if (signum <= 0 || signum >= NSIG || uv__is_closing(uv__handle(handle)))
    return UV_EINVAL;
  if (signum == handle->signum) {
    handle->signal_cb = cb;
    return 0;
  }
  stop(handle);

  begin_change(&saved);
  err = link_handle(handle, signum, kind);
  end_change(&saved);
  if (err != 0)
    return err;

  handle->signal_cb = cb;
  handle->signum = signum;
  if (kind == ONE_SHOT)
    handle->flags |= IS_ONE_SHOT;
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

/* -- SIGCHLD ----------------------------------------------------------------------------------- */

static bool lets_children_vanish(const struct sigaction* action) {
  bool is_ignored = !(action->sa_flags & SA_SIGINFO) && action->sa_handler == SIG_IGN;

  return is_ignored || (action->sa_flags & SA_NOCLDWAIT);
}

void uv__signal_keep_children(void) {
  struct sigaction action;
  sigset_t saved;

  if (sigaction(SIGCHLD, NULL, &action) == -1 || !lets_children_vanish(&action))
    return;
  /* Again, since a handle of another thread may have been started. */
  begin_change(&saved);
  sigaction(SIGCHLD, NULL, &action);
  if (lets_children_vanish(&action)) {
    action.sa_flags &= ~SA_NOCLDWAIT;
    if (!(action.sa_flags & SA_SIGINFO) && action.sa_handler == SIG_IGN)
      action.sa_handler = SIG_DFL;
    sigaction(SIGCHLD, &action, NULL);
  }
  end_change(&saved);
}
