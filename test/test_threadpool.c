/* The thread pool: its size and life, its kinds of work, and what happens when it cannot be made.
 * Threads fail to start when a test says so (uv_thread_create_ex() is wrapped by the linker). */
#include "support/allocator.h"
#include "support/pool_gate.h"
#include "support/pool_item.h"
#include "uv.h"

#if !defined(_WIN32)
#include <pthread.h>
#endif

enum { STACK_SIZE = 8 << 20 };

/* -- Support ----------------------------------------------------------------------------------- */

static int threads_allowed = -1; /* how many more may be made; -1: any number */

int __real_uv_thread_create_ex(uv_thread_t* tid, const uv_thread_options_t* params,
                               uv_thread_cb entry, void* arg);
int __wrap_uv_thread_create_ex(uv_thread_t* tid, const uv_thread_options_t* params,
                               uv_thread_cb entry, void* arg);

int __wrap_uv_thread_create_ex(uv_thread_t* tid, const uv_thread_options_t* params,
                               uv_thread_cb entry, void* arg) {
  if (threads_allowed == 0)
    return UV_EAGAIN;
  if (threads_allowed > 0)
    threads_allowed--;
  return __real_uv_thread_create_ex(tid, params, entry, arg);
}

static void say_nothing(uv_work_t* req) {
  (void) req;
}

/* -- Size -------------------------------------------------------------------------------------- */

static void the_pool_has_four_threads_from_its_first_use_on(void** state) {
  struct loop_fixture* f = *state;

  assert_true(workers_become(0));
  run_one(&f->loop);
  assert_true(workers_become(THREADS));
  run_one(&f->loop);
  assert_true(workers_become(THREADS));
}

static void the_environment_says_how_many_threads(void** state) {
  struct loop_fixture* f = *state;
  const struct {
    const char* value;
    int threads;
  } cases[] = {
      {"1", 1},
      {"7", 7},
      {"0", 1},
      {"", 1},
      {"none", 1},
      {"3x", 3},
      {" 2", 2},
      {"000000000000009", 9},
      {"0000000000000009", 4},
  };

  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    uv_os_setenv("UV_THREADPOOL_SIZE", cases[i].value);
    run_one(&f->loop);
    assert_true(workers_become(cases[i].threads));
    uv_library_shutdown();
  }
}

#if defined(_WIN32)

/* The system adds the pages that guard a stack. */
static size_t stack_size(void) {
  ULONG_PTR low;
  ULONG_PTR high;

  GetCurrentThreadStackLimits(&low, &high);
  return high - low;
}

#else

static size_t stack_size(void) {
  pthread_attr_t attr;
  size_t size = 0;

  if (pthread_getattr_np(pthread_self(), &attr) == 0) {
    pthread_attr_getstacksize(&attr, &size);
    pthread_attr_destroy(&attr);
  }
  return size;
}

#endif

static void note_stack(struct uv__work* work) {
  struct item* item = uv__container(work, struct item, work);
  size_t size = stack_size();

  item->name = size >= STACK_SIZE && size < 2 * STACK_SIZE ? 'y' : 'n';
}

static void threads_have_stacks_of_eight_megabytes(void** state) {
  struct loop_fixture* f = *state;
  struct item item;

  submit(&f->loop, &item, UV__WORK_CPU, note_stack, '?');
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(item.name, 'y');
}

/* -- Order and kinds --------------------------------------------------------------------------- */

static void work_begins_in_the_order_of_submission(void** state) {
  struct loop_fixture* f = *state;
  struct item items[6];

  uv_os_setenv("UV_THREADPOOL_SIZE", "1");
  submit(&f->loop, &items[0], UV__WORK_CPU, item_hold, 'a');
  for (int i = 1; i < 6; i++)
    submit(&f->loop, &items[i], i % 2 ? UV__WORK_FILE : UV__WORK_CPU, item_run, (char) ('a' + i));
  uv_sem_post(&held);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_string_equal(ran, "abcdef");
  assert_string_equal(f->log, "abcdef");
}

static void slow_work_leaves_half_of_the_threads_to_files(void** state) {
  struct loop_fixture* f = *state;
  struct item slow[8];
  struct item files[8];

  for (int i = 0; i < 8; i++)
    submit(&f->loop, &slow[i], UV__WORK_SLOW, item_hold, 's');
  for (int i = 0; i < 8; i++)
    submit(&f->loop, &files[i], UV__WORK_FILE, item_run, 'f');
  while (strlen(f->log) < 8)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "ffffffff");

  /* Two of the slow ones ran, and as they end the others get their turn, two at a time. */
  for (int ended = 0; ended <= 8; ended++) {
    while (strlen(f->log) < (size_t) (8 + ended))
      uv_run(&f->loop, UV_RUN_ONCE);
    assert_true(__atomic_load_n(&ran_count, __ATOMIC_RELAXED) <= 8 + ended + 2);
    uv_sem_post(&held);
  }
  uv_run(&f->loop, UV_RUN_DEFAULT);
  for (int i = 0; i < 8; i++)
    assert_int_equal(slow[i].status, 0);
}

static void all_threads_serve_files_while_no_slow_work_waits(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;

  pool_gate_close(&gate, &f->loop, THREADS);
  pool_gate_open(&gate);
}

static void a_single_thread_serves_slow_work_and_the_rest_in_turn(void** state) {
  struct loop_fixture* f = *state;
  struct item items[7];

  uv_os_setenv("UV_THREADPOOL_SIZE", "1");
  submit(&f->loop, &items[0], UV__WORK_CPU, item_hold, 'a');
  submit(&f->loop, &items[1], UV__WORK_SLOW, item_run, 'S');
  submit(&f->loop, &items[2], UV__WORK_SLOW, item_run, 'T');
  submit(&f->loop, &items[3], UV__WORK_SLOW, item_run, 'U');
  submit(&f->loop, &items[4], UV__WORK_CPU, item_run, 'b');
  submit(&f->loop, &items[5], UV__WORK_CPU, item_run, 'c');
  uv_sem_post(&held);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_string_equal(ran, "aSbcTU");
}

static void slow_work_can_be_cancelled_in_any_order(void** state) {
  struct loop_fixture* f = *state;
  struct item slow[6];
  struct item last;

  uv_os_setenv("UV_THREADPOOL_SIZE", "1");
  for (int i = 0; i < 6; i++)
    submit(&f->loop, &slow[i], UV__WORK_SLOW, item_hold, (char) ('a' + i));
  while (__atomic_load_n(&ran_count, __ATOMIC_ACQUIRE) == 0)
    continue;
  assert_int_equal(uv__work_cancel(&slow[3].work), 0);
  assert_int_equal(uv__work_cancel(&slow[1].work), 0);
  assert_int_equal(uv__work_cancel(&slow[5].work), 0);
  assert_int_equal(uv__work_cancel(&slow[0].work), UV_EBUSY);
  turn(f);
  assert_string_equal(f->log, "dbf");
  assert_int_equal(slow[3].status, UV_ECANCELED);
  assert_int_equal(uv__work_cancel(&slow[2].work), 0);
  assert_int_equal(uv__work_cancel(&slow[4].work), 0);
  submit(&f->loop, &last, UV__WORK_CPU, item_run, 'z');
  uv_sem_post(&held);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_string_equal(ran, "az");

  submit(&f->loop, &last, UV__WORK_SLOW, item_run, 'y');
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_string_equal(ran, "azy");
}

/* -- Batches ----------------------------------------------------------------------------------- */

static void submit_again(struct uv__work* work, int status) {
  struct item* item = uv__container(work, struct item, work);

  item_done(work, status);
  submit(item->loop, item, UV__WORK_CPU, item_run, 'n');
  while (__atomic_load_n(&ran_count, __ATOMIC_RELAXED) < 2)
    continue;
}

static void what_a_callback_submits_waits_for_a_later_turn(void** state) {
  struct loop_fixture* f = *state;
  struct item item = {.loop = &f->loop, .name = 'a'};

  f->loop.active_reqs.count++;
  assert_int_equal(uv__work_submit(&f->loop, &item.work, UV__WORK_CPU, item_run, submit_again), 0);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "a");
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "an");
}

static void work_that_ended_meanwhile_comes_in_one_turn_and_counts_as_one_event_each(void** state) {
  struct loop_fixture* f = *state;
  struct item items[7];
  uv_metrics_t metrics;

  assert_int_equal(uv_loop_configure(&f->loop, UV_METRICS_IDLE_TIME), 0);
  uv_os_setenv("UV_THREADPOOL_SIZE", "1");
  for (int i = 0; i < 7; i++)
    submit(&f->loop, &items[i], UV__WORK_CPU, item_run, 'a');
  uv_library_shutdown(); /* does all of it */
  assert_int_equal(ran_count, 7);
  uv_run(&f->loop, UV_RUN_ONCE);
  assert_string_equal(f->log, "aaaaaaa");
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.events, 7);
  assert_int_equal(metrics.events_waiting, 7);
  assert_int_equal(metrics.loop_count, 1);

  run_one(&f->loop);
  assert_int_equal(uv_metrics_info(&f->loop, &metrics), 0);
  assert_int_equal(metrics.events, 8);
}

static int left_to_submit;

static void submit_next(uv_work_t* req, int status) {
  assert_int_equal(status, 0);
  if (left_to_submit-- > 0)
    assert_int_equal(uv_queue_work(req->loop, req, say_nothing, submit_next), 0);
  else
    uv_close(req->data, NULL);
}

static void do_not_wait(uv_idle_t* idle) {
  (void) idle;
}

/* Each is submitted while the only thread, which did the one before, parks: the loop does not wait,
 * so it hears of an end at once. */
static void no_submission_is_lost_on_a_thread_that_parks(void** state) {
  struct loop_fixture* f = *state;
  static uv_idle_t idle;
  uv_work_t req = {.data = &idle};

  uv_os_setenv("UV_THREADPOOL_SIZE", "1");
  uv_idle_init(&f->loop, &idle);
  uv_idle_start(&idle, do_not_wait);
  left_to_submit = 50000;
  assert_int_equal(uv_queue_work(&f->loop, &req, say_nothing, submit_next), 0);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(left_to_submit, -1);
}

/* -- Failure ----------------------------------------------------------------------------------- */

static void without_any_thread_the_submission_fails_and_the_next_one_works(void** state) {
  struct loop_fixture* f = *state;
  uv_work_t req;

  threads_allowed = 0;
  assert_int_equal(uv_queue_work(&f->loop, &req, pool_gate_wait, NULL), UV_EAGAIN);
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(uv_cancel((uv_req_t*) &req), UV_EBUSY);
  threads_allowed = -1;
  run_one(&f->loop);
}

static void no_random(uv_random_t* req, int status, void* buf, size_t len) {
  (void) req, (void) status, (void) buf, (void) len;
  fail();
}

static void no_addresses(uv_getaddrinfo_t* req, int status, struct addrinfo* list) {
  (void) req, (void) status, (void) list;
  fail();
}

static void no_names(uv_getnameinfo_t* req, int status, const char* host, const char* service) {
  (void) req, (void) status, (void) host, (void) service;
  fail();
}

static void without_any_thread_nothing_that_needs_one_begins(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  uv_getaddrinfo_t addresses;
  uv_getnameinfo_t names;
  uv_random_t random;
  char byte;

  assert_int_equal(uv_ip4_addr("127.0.0.1", 1, &address), 0);
  threads_allowed = 0;
  assert_int_equal(uv_random(&f->loop, &random, &byte, 1, 0, no_random), UV_EAGAIN);
  assert_int_equal(uv_getaddrinfo(&f->loop, &addresses, no_addresses, "127.0.0.1", NULL, NULL),
                   UV_EAGAIN);
  assert_int_equal(uv_getnameinfo(&f->loop, &names, no_names, (struct sockaddr*) &address, 0),
                   UV_EAGAIN);
  threads_allowed = -1;
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

static void without_memory_nothing_that_needs_a_thread_begins(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in address;
  uv_getnameinfo_t names;
  uv_random_t random;
  char byte;

  assert_int_equal(uv_ip4_addr("127.0.0.1", 1, &address), 0);
  test_allocator_install(1, true);
  int random_err = uv_random(&f->loop, &random, &byte, 1, 0, no_random);
  int names_err = uv_getnameinfo(&f->loop, &names, no_names, (struct sockaddr*) &address, 0);
  test_allocator_remove();
  assert_int_equal(random_err, UV_ENOMEM);
  assert_int_equal(names_err, UV_ENOMEM);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
}

static void fewer_threads_than_wanted_do_all_the_work(void** state) {
  struct loop_fixture* f = *state;

  for (int allowed = 1; allowed < THREADS; allowed++) {
    struct item slow;
    struct pool_gate gate;

    threads_allowed = allowed;
    submit(&f->loop, &slow, UV__WORK_SLOW, item_run, 's');
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(slow.status, 0);
    assert_true(workers_become(allowed));
    pool_gate_close(&gate, &f->loop, allowed);
    pool_gate_open(&gate);
    uv_library_shutdown();
  }
  threads_allowed = -1;
}

#if defined(_WIN32)
enum { WAKE_NEEDS = 0 }; /* a packet for the loop's port */
#else
enum { WAKE_NEEDS = 1 }; /* room among the watched descriptors */
#endif

/* Also succeeds where the size that the environment asks for, or another thread, has no memory. */
static void without_memory_the_submission_fails_and_nothing_is_lost(void** state) {
  uv_work_t req;
  uv_loop_t loop;
  int failures = 0;
  bool refused = true;

  (void) state;
  for (long nth = 1; refused; nth++) {
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    long fail_at = test_allocator.calls + nth;
    test_allocator.fail_at = fail_at;
    int err = uv_queue_work(&loop, &req, say_nothing, NULL);
    refused = test_allocator.calls >= fail_at;
    test_allocator.fail_at = 0;
    assert_true(err == 0 || (err == UV_ENOMEM && refused));
    assert_int_equal(uv_loop_alive(&loop), err == 0);
    failures += err != 0;
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    uv_library_shutdown();
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
  }
  assert_true(failures >= 1 + WAKE_NEEDS); /* what the list of threads needs, at least */
}

/* -- The end ----------------------------------------------------------------------------------- */

static void shutting_down_does_what_is_queued_and_a_later_use_starts_anew(void** state) {
  struct loop_fixture* f = *state;
  struct item items[12];

  for (int i = 0; i < 12; i++)
    submit(&f->loop, &items[i], i % 3 == 0 ? UV__WORK_SLOW : UV__WORK_CPU, item_run, 'a');
  uv_library_shutdown();
  assert_true(workers_become(0));
  assert_int_equal(ran_count, 12);
  uv_library_shutdown();
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(strlen(f->log), 12);
  run_one(&f->loop);
  assert_true(workers_become(THREADS));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      pool_test(the_pool_has_four_threads_from_its_first_use_on),
      pool_test(the_environment_says_how_many_threads),
      pool_test(threads_have_stacks_of_eight_megabytes),
      pool_test(work_begins_in_the_order_of_submission),
      pool_test(slow_work_leaves_half_of_the_threads_to_files),
      pool_test(all_threads_serve_files_while_no_slow_work_waits),
      pool_test(a_single_thread_serves_slow_work_and_the_rest_in_turn),
      pool_test(slow_work_can_be_cancelled_in_any_order),
      pool_test(what_a_callback_submits_waits_for_a_later_turn),
      pool_test(work_that_ended_meanwhile_comes_in_one_turn_and_counts_as_one_event_each),
      pool_test(no_submission_is_lost_on_a_thread_that_parks),
      pool_test(without_any_thread_the_submission_fails_and_the_next_one_works),
      pool_test(without_any_thread_nothing_that_needs_one_begins),
      pool_test(without_memory_nothing_that_needs_a_thread_begins),
      pool_test(fewer_threads_than_wanted_do_all_the_work),
      pool_test(without_memory_the_submission_fails_and_nothing_is_lost),
      pool_test(shutting_down_does_what_is_queued_and_a_later_use_starts_anew),
  };
  return cmocka_run_group_tests_name("threadpool", tests, NULL, NULL);
}
