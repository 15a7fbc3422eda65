/* Mail: what other threads and signal handlers tell a loop.
 *
 * A lock-free list that anybody posts to and the loop's thread empties. Posting to an empty mailbox
 * wakes the loop once; the loop then runs everything that was posted. From the wake until it has
 * found the mailbox empty it is awake: it looks there before it waits, and nobody wakes it. Async
 * handles and finished work ride on it. */
#ifndef RONDO_MAILBOX_H_
#define RONDO_MAILBOX_H_

#include "uv.h"

#include <stdbool.h>

enum { UV__CACHE_LINE = 64 };

/* Mail that only the loop's thread sees: first posted first. */
struct uv__mail_list {
  struct uv__mail* first;
  struct uv__mail** end; /* where the next one's address goes */
};

void uv__mail_list_init(struct uv__mail_list* list);
void uv__mail_list_push(struct uv__mail_list* list, struct uv__mail* mail);

/* The first one, taken off; NULL if there is none. */
struct uv__mail* uv__mail_list_pop(struct uv__mail_list* list);

/* Whether the mail was on the list and was taken off. */
bool uv__mail_list_remove(struct uv__mail_list* list, const struct uv__mail* mail);

/* Other threads write `head`, so it has a cache line to itself. */
struct uv__mailbox {
  char before[UV__CACHE_LINE];
  struct uv__mail* head; /* last posted first; NULL: empty, a post wakes the loop; atomic */
  char behind[UV__CACHE_LINE];
  struct uv__mail_list waiting; /* taken from head, for the next drain */
  struct uv__mail_list taken;   /* being run */
  struct uv__mail no_mail;      /* the last in head: who posts does not wake the loop */
  bool is_awake;                /* the wake was taken */
};

/* An empty mailbox. In the child of a fork it forgets what was posted to the parent. */
void uv__mailbox_init(struct uv__mailbox* mailbox);

/* Has the loop's thread call mail->run(mail) once, in the order of posting. The mail may be posted
 * again from when that call begins. Any thread, also in signal handlers; keeps errno. */
void uv__mailbox_post(uv_loop_t* loop, struct uv__mail* mail);

/* Runs what has been posted so far, and leaves the mailbox awake. Called by the loop's thread after
 * it took the wake from the backend, or while the mailbox is awake. */
void uv__mailbox_drain(uv_loop_t* loop);

/* Has mail run once, behind all that the present drain runs; called by mail that it runs. */
void uv__mailbox_run_last(uv_loop_t* loop, struct uv__mail* mail);

/* Whether there is mail that comes without a wake: to be drained before the loop waits. If not, the
 * mailbox is not awake any more. */
bool uv__mailbox_has_mail(uv_loop_t* loop);

/* The loop stops looking: mail that it has not run wakes it again. */
void uv__mailbox_leave(uv_loop_t* loop);

/* Takes a mail back that has been posted and not run, by the loop's thread. */
void uv__mailbox_remove(uv_loop_t* loop, struct uv__mail* mail);

#endif /* RONDO_MAILBOX_H_ */
