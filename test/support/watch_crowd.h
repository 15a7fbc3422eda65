/* Several watches of two files, "one" and "two" by turns, and a callback that closes them all. */
#ifndef RONDO_TEST_WATCH_CROWD_H_
#define RONDO_TEST_WATCH_CROWD_H_

#include "support/watch.h"

/* Which of them are left; a closed one is freed in its close callback. */
static uv_fs_event_t* crowd[8];

static inline void note_and_close_all(uv_fs_event_t* handle, const char* name, int events,
                                      int status) {
  note(handle, name, events, status);
  for (int i = 0; i < 8; i++)
    if (crowd[i] != NULL && !uv_is_closing((uv_handle_t*) crowd[i]))
      uv_close((uv_handle_t*) crowd[i], free_handle);
  /* The name is good until the call ends. */
  note(handle, name, events, status);
}

static inline void start_crowd(uv_loop_t* loop, uv_fs_event_cb cb) {
  for (int i = 0; i < 8; i++) {
    crowd[i] = malloc(sizeof(*crowd[i]));
    assert_non_null(crowd[i]);
    assert_int_equal(uv_fs_event_init(loop, crowd[i]), 0);
    assert_int_equal(uv_fs_event_start(crowd[i], cb, temp_path(i % 2 ? "one" : "two"), 0), 0);
  }
}

#endif /* RONDO_TEST_WATCH_CROWD_H_ */
