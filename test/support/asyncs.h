/* Async handles of a test, each with a letter that its callback writes down. */
#ifndef RONDO_TEST_ASYNCS_H_
#define RONDO_TEST_ASYNCS_H_

#include "support/loop_fixture.h"

#define as_handle(h) ((uv_handle_t*) (h))

/* Data that threads hand over by nothing but the library are plain; what is only counted is read
 * and written by these, which order nothing. */
#define peek(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define bump(ptr) __atomic_add_fetch(ptr, 1, __ATOMIC_RELAXED)

/* Handles of one test at a time. `data` is the letter that its callback logs. */
static uv_async_t asyncs[4];

static inline void log_data(uv_async_t* async) {
  test_log(async->loop, *(const char*) async->data);
}

static inline void init_logging(struct loop_fixture* f, int count) {
  static const char letters[] = "abcd";

  for (int i = 0; i < count; i++) {
    asyncs[i].data = (void*) &letters[i];
    assert_int_equal(uv_async_init(&f->loop, &asyncs[i], log_data), 0);
  }
}

static inline void send_to(const char* letters) {
  for (; *letters != '\0'; letters++)
    assert_int_equal(uv_async_send(&asyncs[*letters - 'a']), 0);
}

static inline void clear_log(struct loop_fixture* f) {
  memset(f->log, 0, sizeof(f->log));
}

static inline void start_thread(uv_thread_t* thread, uv_thread_cb entry, void* arg) {
  assert_int_equal(uv_thread_create(thread, entry, arg), 0);
}

static inline void join_thread(uv_thread_t* thread) {
  assert_int_equal(uv_thread_join(thread), 0);
}

#endif /* RONDO_TEST_ASYNCS_H_ */
