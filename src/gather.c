/* Write gathering: the public switches, and the lists of what waits. */
#include "gather.h"

#include "core.h"
#include "process_hooks.h"
#include "rondo.h"

#include <stdlib.h>

/* Of the process, made once. */
static uv_once_t hooks_once = UV_ONCE_INIT;
static int hooks_error;
static uv_key_t running; /* of each thread: the innermost loop that it runs and that gathers */
static uv_once_t environment_once = UV_ONCE_INIT;
static bool environment_asks;

/* -- Lists ------------------------------------------------------------------------------------- */

/* Streams are linked by room in the first write that waits. */
static struct uv__queue* link_of(uv_write_t* req) {
  return (struct uv__queue*) (void*) req->reserved;
}

void uv__gather_link(uv_loop_t* loop) {
  struct uv__gather* gather = &uv__state(loop)->gather;

  if (gather->is_linked)
    return;
  gather->is_linked = true;
  gather->outer = uv_key_get(&running);
  uv_key_set(&running, gather);
}

void uv__gather_unlink(uv_loop_t* loop) {
  struct uv__gather* gather = &uv__state(loop)->gather;
  struct uv__gather* at;

  if (!gather->is_linked)
    return;
  at = uv_key_get(&running);
  gather->is_linked = false;
  if (at == gather)
    uv_key_set(&running, gather->outer);
  /* Not the innermost: a callback of that one has left uv_run() by longjmp(3) or an exception. */
  while (at != NULL && at->outer != gather)
    at = at->outer;
  if (at != NULL)
    at->outer = gather->outer;
}

void uv__gather_add(uv_stream_t* stream, uv_write_t* req, void (*send)(uv_stream_t* stream)) {
  struct uv__gather* gather = &uv__state(stream->loop)->gather;

  gather->send = send;
  stream->flags |= UV__STREAM_GATHERED;
  uv__queue_push(&gather->streams, link_of(req));
}

void uv__gather_drop(uv_stream_t* stream, uv_write_t* req) {
  if (stream->flags & UV__STREAM_GATHERED)
    uv__queue_remove(link_of(req));
  stream->flags &= ~(unsigned) UV__STREAM_GATHERED;
}

static void send_streams(struct uv__gather* gather) {
  while (!uv__queue_empty(&gather->streams)) {
    uv_write_t* req = uv__container(gather->streams.next, uv_write_t, reserved);
    gather->send(req->handle);
  }
}

void uv__gather_send(uv_loop_t* loop) {
  send_streams(&uv__state(loop)->gather);
}

static void send_thread(void) {
  for (struct uv__gather* gather = uv_key_get(&running); gather != NULL; gather = gather->outer)
    send_streams(gather);
}

/* -- Switches ---------------------------------------------------------------------------------- */

/* A child of fork(2) must not send once more what waits in its parent. */
static void set_hooks(void) {
  hooks_error = uv_key_create(&running);
  if (hooks_error == 0)
    hooks_error = uv__at_fork(send_thread, NULL, NULL);
  if (hooks_error == 0)
    hooks_error = uv__at_exit(send_thread);
}

static int use(uv_loop_t* loop) {
  struct uv__gather* gather = &uv__state(loop)->gather;

  uv_once(&hooks_once, set_hooks);
  if (hooks_error != 0)
    return hooks_error;
  gather->is_used = true;
  if (gather->run_depth > 0)
    uv__gather_link(loop);
  return 0;
}

static void read_environment(void) {
  const char* text = getenv("RONDO_GATHER_WRITES");

  environment_asks = text != NULL && atoi(text) != 0;
}

void uv__gather_init(uv_loop_t* loop) {
  struct uv__gather* gather = &uv__state(loop)->gather;

  uv__queue_init(&gather->streams);
  uv_once(&environment_once, read_environment);
  if (environment_asks)
    rondo_loop_gather_writes(loop, 1);
}

int rondo_loop_gather_writes(uv_loop_t* loop, int enable) {
  int err = enable ? use(loop) : 0;

  if (err == 0)
    uv__state(loop)->gather.stream_flags = enable ? UV__STREAM_GATHERS : 0;
  return err;
}

int rondo_stream_gather_writes(uv_stream_t* stream, int enable) {
  int err = uv__is_closing(uv__handle(stream)) ? UV_EINVAL : 0;

  if (err == 0 && enable)
    err = use(stream->loop);
  if (err != 0)
    return err;
  if (!enable && (stream->flags & UV__STREAM_GATHERED))
    uv__state(stream->loop)->gather.send(stream);
  stream->flags &= ~(unsigned) UV__STREAM_GATHERS;
  if (enable)
    stream->flags |= UV__STREAM_GATHERS;
  return 0;
}
