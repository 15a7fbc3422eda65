/* The backend on a completion port: finished requests, in order, from wherever, and what is done
 * where the kernel has no memory for a packet. Requests here belong to a handle of the test's own.
 */
#include "backend.h"
#include "loop_state.h"
#include "support/loop_fixture.h"
#include "support/watchdog.h"
#include "win/iocp.h"

enum { REQUESTS = 1000, THREADS = 4, NS_PER_MS = 1000000 };

static uv_handle_t owner;
static uv_req_t requests[REQUESTS];
static int order[REQUESTS];
static int done;

static enum uv__close_result owner_close(uv_handle_t* handle) {
  uv__handle_stop(handle);
  return UV__CLOSE_DONE;
}

static void owner_complete(uv_handle_t* handle, uv_req_t* req) {
  assert_ptr_equal(handle, &owner);
  assert_true(done < REQUESTS);
  order[done++] = (int) (req - requests);
}

static const struct uv__handle_ops owner_ops = {
    .close = owner_close,
    .complete = owner_complete,
};

static int setup(void** state) {
  struct loop_fixture* f;

  if (loop_setup(state) != 0)
    return 1;
  f = *state;
  uv__handle_init(&f->loop, &owner, UV_STREAM, &owner_ops);
  uv__handle_start(&owner);
  memset(requests, 0xa5, sizeof(requests));
  for (int i = 0; i < REQUESTS; i++) {
    requests[i].type = UV_READ;
    requests[i].data = &owner;
    uv__req_prepare(&requests[i]);
  }
  done = 0;
  return 0;
}

static void assert_order(int count) {
  assert_int_equal(done, count);
  for (int i = 0; i < count; i++)
    assert_int_equal(order[i], i);
}

static void post_packet(uv_loop_t* loop, uv_req_t* req) {
  assert_true(PostQueuedCompletionStatus(loop->iocp, 0, 0, &req->u.io.overlapped));
}

/* -- Order ------------------------------------------------------------------------------------- */

static void packets_come_in_order_and_all_in_one_turn(void** state) {
  struct loop_fixture* f = *state;
  uv_metrics_t metrics;

  for (int i = 0; i < REQUESTS; i++)
    post_packet(&f->loop, &requests[i]);
  turn(f);
  assert_order(REQUESTS);
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.events, REQUESTS);
}

static void what_was_done_at_once_comes_in_the_next_turn_and_not_before(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 3; i++)
    uv__iocp_queue(&f->loop, &requests[i]);
  assert_int_equal(done, 0);
  assert_int_equal(uv_backend_timeout(&f->loop), 0);
  assert_true(uv_loop_alive(&f->loop));
  turn(f);
  assert_order(3);
  assert_int_equal(uv_backend_timeout(&f->loop), -1);
}

static void done_at_once_comes_before_packets_of_later(void** state) {
  struct loop_fixture* f = *state;

  uv__iocp_queue(&f->loop, &requests[0]);
  post_packet(&f->loop, &requests[1]);
  uv__iocp_post(&f->loop, &requests[2]);
  turn(f);
  assert_order(3);
}

struct poster {
  uv_loop_t* loop;
  int first;
};

static void post_share(void* arg) {
  struct poster* poster = arg;

  for (int i = poster->first; i < REQUESTS; i += THREADS)
    uv__iocp_post(poster->loop, &requests[i]);
}

static void requests_posted_by_many_threads_all_come_in_each_ones_order(void** state) {
  struct loop_fixture* f = *state;
  struct poster posters[THREADS];
  uv_thread_t threads[THREADS];
  int last[THREADS] = {-1, -1, -1, -1};

  for (int i = 0; i < THREADS; i++) {
    posters[i] = (struct poster){&f->loop, i};
    assert_int_equal(uv_thread_create(&threads[i], post_share, &posters[i]), 0);
  }
  while (done < REQUESTS)
    uv_run(&f->loop, UV_RUN_ONCE);
  for (int i = 0; i < THREADS; i++)
    assert_int_equal(uv_thread_join(&threads[i]), 0);
  for (int i = 0; i < REQUESTS; i++) {
    assert_true(order[i] > last[order[i] % THREADS]);
    last[order[i] % THREADS] = order[i];
  }
}

/* -- Waiting ----------------------------------------------------------------------------------- */

static void a_wait_without_events_lasts_its_time(void** state) {
  struct loop_fixture* f = *state;

  for (int timeout_ms = 0; timeout_ms < 8; timeout_ms++) {
    uint64_t start = uv_hrtime();
    assert_int_equal(uv__backend_poll(&f->loop, timeout_ms), 0);
    assert_true(uv_hrtime() - start >= (uint64_t) timeout_ms * NS_PER_MS);
  }
}

/* -- Without memory for packets ---------------------------------------------------------------- */

/* A port that is none refuses packets. */
static HANDLE take_port(uv_loop_t* loop) {
  HANDLE port = loop->iocp;

  loop->iocp = NULL;
  return port;
}

static void posts_of_the_loops_own_thread_are_found_before_it_waits(void** state) {
  struct loop_fixture* f = *state;
  HANDLE port = take_port(&f->loop);

  for (int i = 0; i < 3; i++)
    uv__iocp_post(&f->loop, &requests[i]);
  f->loop.iocp = port;
  assert_int_equal(done, 0);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_order(3);
}

static uv_sem_t posting;

static void post_one(void* arg) {
  uv_sem_post(&posting);
  uv__iocp_post(arg, &requests[0]);
}

static void posts_of_other_threads_are_tried_until_they_succeed(void** state) {
  struct loop_fixture* f = *state;
  HANDLE port = take_port(&f->loop);
  uv_thread_t thread;

  assert_int_equal(uv_sem_init(&posting, 0), 0);
  assert_int_equal(uv_thread_create(&thread, post_one, &f->loop), 0);
  uv_sem_wait(&posting);
  while (!__atomic_load_n(&uv__state(&f->loop)->wake_failed, __ATOMIC_ACQUIRE))
    uv_sleep(1);
  f->loop.iocp = port;
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_order(1);
  assert_int_equal(uv_thread_join(&thread), 0);
  uv_sem_destroy(&posting);
}

static void count_send(uv_async_t* async) {
  test_log(async->loop, 'a');
}

static void a_send_whose_wake_failed_is_seen(void** state) {
  struct loop_fixture* f = *state;
  static uv_async_t async;
  HANDLE port;

  assert_int_equal(uv_async_init(&f->loop, &async, count_send), 0);
  port = take_port(&f->loop);
  assert_int_equal(uv_async_send(&async), 0);
  f->loop.iocp = port;
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "a");
}

/* -- How an operation ended -------------------------------------------------------------------- */

static void a_request_tells_how_it_ended(void** state) {
  (void) state;
  uv_req_t* req = &requests[0];

  uv__req_finish(req, 0, 77);
  assert_true(uv__req_succeeded(req));
  assert_int_equal(uv__req_bytes(req), 77);
  assert_int_equal(uv__req_file_error(req), 0);
  assert_int_equal(uv__req_socket_error(req), 0);

  uv__req_finish(req, ERROR_BROKEN_PIPE, 0);
  assert_false(uv__req_succeeded(req));
  assert_int_equal(uv__req_bytes(req), 0);
  assert_int_equal(uv__req_file_error(req), ERROR_BROKEN_PIPE);

  uv__req_finish(req, WSAECONNRESET, 0);
  assert_false(uv__req_succeeded(req));
  assert_int_equal(uv__req_socket_error(req), WSAECONNRESET);

  /* As the kernel says that an operation was cancelled. */
  uv__req_prepare(req);
  req->u.io.overlapped.Internal = 0xC0000120;
  assert_int_equal(uv__req_file_error(req), ERROR_OPERATION_ABORTED);
  assert_int_equal(uv__req_socket_error(req), WSAEINTR);
}

static void a_file_that_cannot_be_attached_is_an_error(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(uv__iocp_attach(&f->loop, INVALID_HANDLE_VALUE), UV_EINVAL);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, loop_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(packets_come_in_order_and_all_in_one_turn),
      test(what_was_done_at_once_comes_in_the_next_turn_and_not_before),
      test(done_at_once_comes_before_packets_of_later),
      test(requests_posted_by_many_threads_all_come_in_each_ones_order),
      test(a_wait_without_events_lasts_its_time),
      test(posts_of_the_loops_own_thread_are_found_before_it_waits),
      test(posts_of_other_threads_are_tried_until_they_succeed),
      test(a_send_whose_wake_failed_is_seen),
      test(a_request_tells_how_it_ended),
      test(a_file_that_cannot_be_attached_is_an_error),
  };

  watchdog(50);
  return cmocka_run_group_tests_name("win_iocp", tests, NULL, NULL);
}
