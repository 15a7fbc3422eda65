/* EVFILT_PROC in the imitation of kqueue(2), by pidfds: NOTE_EXIT alone. */
#include "kqueue.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if !defined(SYS_pidfd_open)
#define SYS_pidfd_open 434
#endif

/* For macOS, a child that waits to be reaped is no process any more. */
static bool has_ended(pid_t pid) {
  siginfo_t info;

  memset(&info, 0, sizeof(info));
  return waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static int start(struct queue* queue, struct note* note) {
  pid_t pid = (pid_t) note->ident;

  if (has_ended(pid))
    return ESRCH;
  note->source_fd = (int) syscall(SYS_pidfd_open, pid, 0);
  return note->source_fd == -1 ? errno : kqueue_watch_source(queue, note->source_fd);
}

int kqueue_process_apply(struct queue* queue, const struct kevent* change) {
  struct note* note = kqueue_note_find(queue, EVFILT_PROC, change->ident);
  int error;

  if (note == NULL && !(change->flags & EV_ADD))
    return ENOENT;
  if (change->flags & EV_DELETE) {
    kqueue_note_remove(queue, note);
    return 0;
  }
  if (note == NULL) {
    note = kqueue_note_add(queue, change);
    if (note == NULL)
      return ENOMEM;
    error = start(queue, note);
    if (error != 0) {
      kqueue_note_remove(queue, note);
      return error;
    }
  }
  note->flags = change->flags;
  note->udata = change->udata;
  note->asked = change->fflags;
  return 0;
}
