/* The inotify instance of a loop: one for all that it watches, made for the first and closed with
 * the last.
 *
 * The kernel has one watch per inode; all who watch the same file or directory subscribe to it. */
#ifndef RONDO_UNIX_INOTIFY_H_
#define RONDO_UNIX_INOTIFY_H_

#include "core.h"
#include "hash.h"

#include <sys/inotify.h>

struct uv__inotify_watch;
struct uv__fs_forest;

/* Somebody who is told the events of one inode. */
struct uv__inotify_sub {
  struct uv__queue link;
  struct uv__inotify_watch* watch; /* NULL: not subscribed */
  /* May end any subscription, also its own. `event` is good during the call. */
  void (*on_event)(struct uv__inotify_sub* sub, const struct inotify_event* event);
};

struct uv__inotify {
  uv_loop_t* loop;
  unsigned int holds;  /* of those who need it */
  unsigned int epochs; /* how many descriptors it has had */
  uv_pid_t pid;        /* of the process whose descriptor it is */
  struct uv__hash watches;

  /* Events are counted in bytes, since the instance was made. */
  uint64_t bytes_read;
  uint64_t position; /* where the event that is being told begins */

  struct uv__queue handles;     /* uv_fs_event_t.watchers of the started ones */
  struct uv__fs_forest* forest; /* what watches trees; NULL until there is one */

  /* Set by those above, or NULL. */
  void (*on_overflow)(struct uv__inotify* inotify); /* the kernel has dropped events */
  void (*on_pending)(struct uv__inotify* inotify);  /* after a uv__inotify_feed() */
  void (*on_fork)(struct uv__inotify* inotify);     /* all subscriptions are dead */
  void (*on_free)(struct uv__inotify* inotify);
};

/* The loop's instance, made if it has none, with a hold for the caller: 0 or an error. */
int uv__inotify_hold(uv_loop_t* loop, struct uv__inotify** inotify);

/* Gives a hold back. The last one frees the instance, with all subscriptions. */
void uv__inotify_release(struct uv__inotify* inotify);

/* Watches what is at `path` and tells `sub`, which is not subscribed: 0 or an error. `flags` are
 * those of inotify_add_watch(2) that say how to look the path up. */
int uv__inotify_subscribe(struct uv__inotify* inotify, struct uv__inotify_sub* sub,
                          const char* path, uint32_t flags);

/* Ends the subscription, if there is one: nothing is told any more. */
void uv__inotify_unsubscribe(struct uv__inotify* inotify, struct uv__inotify_sub* sub);

/* Whether what is at `path` is what `sub` is subscribed to. */
bool uv__inotify_is_at(struct uv__inotify* inotify, const struct uv__inotify_sub* sub,
                       const char* path, uint32_t flags);

/* The position behind all events that the kernel has for us now. */
uint64_t uv__inotify_end(const struct uv__inotify* inotify);

/* Has on_pending run in the next pending phase. */
void uv__inotify_feed(struct uv__inotify* inotify);

/* In the child of a fork: gives the instance a descriptor of its own, once, or frees it if it was
 * held for what only the parent does. All subscriptions are then dead, and have to be made again.
 * 0 or an error. */
int uv__inotify_fork(struct uv__inotify* inotify);

#endif /* RONDO_UNIX_INOTIFY_H_ */
