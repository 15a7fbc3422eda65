/* The parts of the imitation of kqueue(2): see kqueue.c. Everything here is called with its lock
 * held, but for kqueue_user_trigger(). */
#ifndef RONDO_TEST_KQUEUE_KQUEUE_H_
#define RONDO_TEST_KQUEUE_KQUEUE_H_

#include <stdbool.h>
#include <stddef.h>
#include <sys/event.h>
#include <sys/types.h>

/* -- Readiness of descriptors (kqueue_ready.c) ------------------------------------------------- */

enum { READY_FILTERS = 3 };

struct ready_note {
  bool is_added;
  unsigned short flags;
  void* udata;
};

/* A descriptor that an epoll instance watches. */
struct ready {
  struct ready_note notes[READY_FILTERS];
  bool is_always;
};

struct ready_table {
  struct ready* items; /* by descriptor */
  size_t count;
  int always_count; /* of those that epoll refuses */
};

/* -- All others -------------------------------------------------------------------------------- */

/* A file, a process, or something that is triggered. */
struct note {
  struct note* next;
  short filter;
  uintptr_t ident;
  unsigned short flags;
  unsigned int asked; /* `fflags` of the change */
  void* udata;

  unsigned int told;       /* what happened and has not been fetched; 0: nothing */
  unsigned long long turn; /* since when: what happened first is fetched first */

  int source_fd; /* eventfd or pidfd, whose being readable makes it happen; or -1 */

  /* Of a file: */
  int watch;        /* of the queue's inotify instance */
  int parent_watch; /* that of the directory which a directory is in; or -1 */
  off_t size;
  nlink_t links;
};

struct queue {
  int fd; /* the epoll instance, by which the queue is known */
  struct ready_table ready;
  struct note* notes;
  int inotify_fd; /* -1: not yet */
  unsigned long long turn;
};

/* In the data of epoll's events: `fd` is not a descriptor that is watched but one of ours. */
#define SOURCE_BIT 0x100000000ull

/* -- kqueue_ready.c ---------------------------------------------------------------------------- */

bool kqueue_ready_has(short filter);
int kqueue_ready_apply(struct queue* queue, const struct kevent* change); /* 0 or an errno */
void kqueue_ready_close(struct queue* queue, int fd); /* takes all filters off */

/* What epoll tells of a descriptor, as up to READY_FILTERS events. Returns how many. */
int kqueue_ready_tell(struct queue* queue, int fd, unsigned int bits, struct kevent* events,
                      int most);
int kqueue_ready_tell_always(struct queue* queue, struct kevent* events, int most);

/* -- kqueue_note.c ----------------------------------------------------------------------------- */

struct note* kqueue_note_find(const struct queue* queue, short filter, uintptr_t ident);

/* A new note for a change, the last of its queue; NULL without memory. */
struct note* kqueue_note_add(struct queue* queue, const struct kevent* change);

/* Takes it out of its queue and frees it; `source_fd` is closed. */
void kqueue_note_remove(struct queue* queue, struct note* note);

/* Notes what happened, if it was asked for. */
void kqueue_note_tell(struct queue* queue, struct note* note, unsigned int what);

/* The note that happened first of those that have not been fetched; NULL: none. */
struct note* kqueue_note_first(const struct queue* queue);

/* Has a descriptor of ours wake who waits for the queue: 0 or an errno. */
int kqueue_watch_source(const struct queue* queue, int fd);

/* As close(2), without looking what was watched. */
int kqueue_close_really(int fd);

/* -- kqueue_user.c, kqueue_process.c, kqueue_file.c -------------------------------------------- */

int kqueue_user_apply(struct queue* queue, const struct kevent* change);
void kqueue_user_remove(struct queue* queue, struct note* note);
/* 0 or an errno; takes no lock, and may be called by signal handlers. */
int kqueue_user_trigger(int queue_fd, uintptr_t ident);
void kqueue_user_fetched(const struct note* note);

int kqueue_process_apply(struct queue* queue, const struct kevent* change);

int kqueue_file_apply(struct queue* queue, const struct kevent* change);
void kqueue_file_remove(struct queue* queue, struct note* note);
/* Reads what inotify tells, into the notes. */
void kqueue_file_read(struct queue* queue);

#endif /* RONDO_TEST_KQUEUE_KQUEUE_H_ */
