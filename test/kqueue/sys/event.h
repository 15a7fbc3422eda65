/* kqueue(2) for Linux, so that tests can run the library's backend for it: see ../kqueue.c for what
 * it has. Names and numbers are FreeBSD's. */
#ifndef RONDO_TEST_KQUEUE_SYS_EVENT_H_
#define RONDO_TEST_KQUEUE_SYS_EVENT_H_

#include <stdint.h>
#include <time.h>

/* Filters. */
#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_VNODE (-4)
#define EVFILT_PROC (-5)
#define EVFILT_USER (-11)
#define EVFILT_EXCEPT (-15) /* macOS and OpenBSD have it */

/* Actions and flags. */
#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

/* In `fflags`, of EVFILT_EXCEPT: out-of-band data. */
#define NOTE_OOB 0x00000002

/* Of EVFILT_VNODE: what happened to a file. */
#define NOTE_DELETE 0x0001
#define NOTE_WRITE 0x0002
#define NOTE_EXTEND 0x0004
#define NOTE_ATTRIB 0x0008
#define NOTE_LINK 0x0010
#define NOTE_RENAME 0x0020
#define NOTE_REVOKE 0x0040

/* Of EVFILT_PROC, whose `ident` is a process: it ended. */
#define NOTE_EXIT 0x80000000u

/* Of EVFILT_USER: makes the event happen. */
#define NOTE_TRIGGER 0x01000000

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned int fflags;
  int64_t data;
  void* udata;
};

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_) \
  (*(event) = (struct kevent){.ident = (uintptr_t) (ident_), \
                              .filter = (short) (filter_), \
                              .flags = (unsigned short) (flags_), \
                              .fflags = (unsigned int) (fflags_), \
                              .data = (data_), \
                              .udata = (udata_)})

/* A queue: a descriptor that is readable while there are events; or -1 with an errno. */
int kqueue(void);

/* Makes the changes, then waits for events, for as long as `timeout` says (NULL: without limit).
 * Returns the number of events; -1 with an errno. A change that cannot be made is an event with
 * EV_ERROR and the errno in `data`, or the result, where there is no room for events. */
int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const struct timespec* timeout);

#endif /* RONDO_TEST_KQUEUE_SYS_EVENT_H_ */
