#ifndef BSD_SYS_EVENT_H_
#define BSD_SYS_EVENT_H_

#include <sys/types.h>
#include <time.h>

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_VNODE (-4)
#define EVFILT_PROC (-5)
#define EVFILT_SIGNAL (-6)
#define EVFILT_TIMER (-7)
#define EVFILT_USER (-11)

#define NOTE_TRIGGER 0x01000000

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_ENABLE 0x0004
#define EV_DISABLE 0x0008
#define EV_ONESHOT 0x0010
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_DELETE 0x0001
#define NOTE_WRITE 0x0002
#define NOTE_EXTEND 0x0004
#define NOTE_ATTRIB 0x0008
#define NOTE_LINK 0x0010
#define NOTE_RENAME 0x0020
#define NOTE_REVOKE 0x0040
#define NOTE_EXIT 0x80000000u

struct kevent {
  uintptr_t ident;
  short filter;
  u_short flags;
  u_int fflags;
  int64_t data;
  void* udata;
};

#define EV_SET(event, ident_, filter_, flags_, fflags_, data_, udata_) \
  do { \
    struct kevent* bsd_event = (event); \
    bsd_event->ident = (ident_); \
    bsd_event->filter = (filter_); \
    bsd_event->flags = (flags_); \
    bsd_event->fflags = (fflags_); \
    bsd_event->data = (data_); \
    bsd_event->udata = (udata_); \
  } while (0)

int kqueue(void);
int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const struct timespec* timeout);

#endif /* BSD_SYS_EVENT_H_ */
