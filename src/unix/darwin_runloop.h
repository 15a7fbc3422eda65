/* A thread that runs a run loop of CoreFoundation, which is what FSEvents calls back from. */
#ifndef RONDO_UNIX_DARWIN_RUNLOOP_H_
#define RONDO_UNIX_DARWIN_RUNLOOP_H_

#include "darwin_framework.h"
#include "uv.h"

struct uv__runloop {
  uv_thread_t thread;
  uv_sem_t done;
  uv__cf_ref loop;
  uv__cf_ref mode; /* the one that it runs in */
  uv__cf_ref source;
  void (*command)(void* data);
  void* data;
};

/* Starts the thread: 0; UV_ENOSYS if there is no CoreFoundation, UV_ENOENT if it lacks a function;
 * or another error. */
int uv__runloop_start(struct uv__runloop* runloop);

/* Ends it. */
void uv__runloop_stop(struct uv__runloop* runloop);

/* Has the thread call command(data), and waits until it has. */
void uv__runloop_call(struct uv__runloop* runloop, void (*command)(void* data), void* data);

#endif /* RONDO_UNIX_DARWIN_RUNLOOP_H_ */
