/* Write gathering (rondo.h): which streams gather, and those of which something waits to be sent.
 *
 * Writes are gathered only while their loop runs, and whatever waits is sent before uv_run() ends.
 * So what waits belongs to the thread that gathered it, whose end or fork can send it. */
#ifndef RONDO_GATHER_H_
#define RONDO_GATHER_H_

#include "loop_state.h"

/* In uv_stream_t.flags. */
enum {
  UV__STREAM_GATHERS = 0x20000000,
  UV__STREAM_GATHERED = 0x40000000 /* something waits */
};

void uv__gather_init(uv_loop_t* loop);

/* Keeps a running loop in its thread's list, until it ends. */
void uv__gather_link(uv_loop_t* loop);
void uv__gather_unlink(uv_loop_t* loop);

/* Whether a write to the stream is to wait. */
static inline bool uv__gathers(const uv_stream_t* stream) {
  return (stream->flags & (UV__STREAM_GATHERS | UV_HANDLE_BLOCKING_WRITES)) == UV__STREAM_GATHERS &&
         uv__state(stream->loop)->gather.run_depth > 0;
}

/* Has `send` called with the stream, whose write `req` is the first to wait. Until
 * uv__gather_drop() it stays the first. */
void uv__gather_add(uv_stream_t* stream, uv_write_t* req, void (*send)(uv_stream_t* stream));

/* Ends that, if it was so. `req` is the same. */
void uv__gather_drop(uv_stream_t* stream, uv_write_t* req);

/* Sends what waits. */
void uv__gather_send(uv_loop_t* loop);

/* Around the turns of uv_run(). */
static inline void uv__gather_begin(uv_loop_t* loop) {
  if (uv__state(loop)->gather.run_depth++ == 0 && uv__state(loop)->gather.is_used)
    uv__gather_link(loop);
}

static inline void uv__gather_end(uv_loop_t* loop) {
  if (uv__state(loop)->gather.is_used)
    uv__gather_send(loop);
  if (--uv__state(loop)->gather.run_depth == 0 && uv__state(loop)->gather.is_used)
    uv__gather_unlink(loop);
}

#endif /* RONDO_GATHER_H_ */
