/* rondo.h alone, twice, as C and (see rondo_cxx.cc) as C++. */
#include <rondo.h>

/* The second time it must be empty. */
#include <rondo.h>

int gather(uv_loop_t* loop, uv_stream_t* stream);

int gather(uv_loop_t* loop, uv_stream_t* stream) {
  int (*loop_gathers)(uv_loop_t*, int) = rondo_loop_gather_writes;
  int (*stream_gathers)(uv_stream_t*, int) = rondo_stream_gather_writes;

  return loop_gathers(loop, 1) + stream_gathers(stream, 0);
}
