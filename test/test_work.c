/* Work on the thread pool, as uv_queue_work() gives it to users. */
#include "support/loop_fixture.h"
#include "support/pool_gate.h"
#include "uv.h"

enum { POOL = 4, MANY = 16 };

static uv_thread_t loop_thread;
static uv_thread_t work_thread;
static int worked;
static int finished;
static int cancelled;

static int setup(void** state) {
  loop_thread = uv_thread_self();
  worked = 0;
  finished = 0;
  cancelled = 0;
  return loop_setup(state);
}

static void count_work(uv_work_t* req) {
  (void) req;
  __atomic_add_fetch(&worked, 1, __ATOMIC_RELAXED);
}

static void count_end(uv_work_t* req, int status) {
  (void) req;
  if (status == UV_ECANCELED)
    cancelled++;
  else
    assert_int_equal(status, 0);
  finished++;
}

static void note_thread(uv_work_t* req) {
  assert_ptr_equal(req->data, &worked);
  work_thread = uv_thread_self();
}

static void end_in_the_loops_thread(uv_work_t* req, int status) {
  uv_thread_t self = uv_thread_self();

  assert_true(uv_thread_equal(&self, &loop_thread));
  assert_false(uv_thread_equal(&self, &work_thread));
  assert_int_equal(req->type, UV_WORK);
  assert_int_equal(req->loop->active_reqs.count, 0);
  count_end(req, status);
}

static void work_runs_in_another_thread_and_its_end_in_the_loops(void** state) {
  struct loop_fixture* f = *state;
  uv_work_t req;

  req.data = &worked;
  assert_int_equal(uv_queue_work(&f->loop, &req, note_thread, end_in_the_loops_thread), 0);
  assert_int_equal(finished, 0);
  assert_ptr_equal(req.loop, &f->loop);
  assert_true(uv_loop_alive(&f->loop));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(finished, 1);
  assert_ptr_equal(req.data, &worked);
}

static void work_without_a_function_is_refused_and_leaves_the_loop_alone(void** state) {
  struct loop_fixture* f = *state;
  uv_work_t req;

  assert_int_equal(uv_queue_work(&f->loop, &req, NULL, count_end), UV_EINVAL);
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(finished, 0);
}

static void work_whose_end_nobody_wants_keeps_the_loop_alive_all_the_same(void** state) {
  struct loop_fixture* f = *state;
  uv_work_t req;

  assert_int_equal(uv_queue_work(&f->loop, &req, count_work, NULL), 0);
  assert_true(uv_loop_alive(&f->loop));
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(worked, 1);
}

static void a_loop_with_work_out_cannot_be_closed(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;

  pool_gate_close(&gate, &f->loop, 1);
  assert_int_equal(uv_loop_close(&f->loop), UV_EBUSY);
  pool_gate_open(&gate);
}

static void free_request(uv_work_t* req, int status) {
  count_end(req, status);
  free(req);
}

static void a_request_may_be_freed_in_its_callback(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < MANY; i++)
    assert_int_equal(uv_queue_work(&f->loop, malloc(sizeof(uv_work_t)), count_work, free_request),
                     0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(worked, MANY);
  assert_int_equal(finished, MANY);
}

static void queue_again(uv_work_t* req, int status) {
  count_end(req, status);
  if (finished < 1000)
    assert_int_equal(uv_queue_work(req->loop, req, count_work, queue_again), 0);
}

static void a_request_may_be_queued_again_in_its_callback(void** state) {
  struct loop_fixture* f = *state;
  uv_work_t reqs[MANY];

  for (int i = 0; i < MANY; i++)
    assert_int_equal(uv_queue_work(&f->loop, &reqs[i], count_work, queue_again), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(finished, worked);
  assert_int_equal(finished, 1000 + MANY - 1);
}

/* -- Cancelling -------------------------------------------------------------------------------- */

static void all_that_waits_can_be_cancelled_and_does_not_run(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_work_t reqs[MANY];

  pool_gate_close(&gate, &f->loop, POOL);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(uv_queue_work(&f->loop, &reqs[i], count_work, count_end), 0);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(uv_cancel((uv_req_t*) &reqs[i]), 0);
  assert_int_equal(finished, 0);
  pool_gate_open(&gate);
  assert_int_equal(finished, MANY);
  assert_int_equal(cancelled, MANY);
  assert_int_equal(worked, 0);
}

/* The threads are still held when the callbacks come. */
static void the_end_of_cancelled_work_does_not_wait_for_a_thread(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_work_t reqs[3];
  const int order[] = {1, 2, 0};

  pool_gate_close(&gate, &f->loop, POOL);
  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_queue_work(&f->loop, &reqs[i], count_work, count_end), 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(uv_cancel((uv_req_t*) &reqs[order[i]]), 0);
  assert_true(uv_loop_alive(&f->loop));
  turn(f);
  assert_int_equal(cancelled, 3);
  pool_gate_open(&gate);
}

static void work_cancelled_twice_ends_once(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_work_t req;

  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(uv_queue_work(&f->loop, &req, count_work, count_end), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  pool_gate_open(&gate);
  assert_int_equal(finished, 1);
  assert_int_equal(cancelled, 1);
}

static void running_work_cannot_be_cancelled(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;

  pool_gate_close(&gate, &f->loop, 1);
  assert_int_equal(uv_cancel((uv_req_t*) &gate.reqs[0]), UV_EBUSY);
  pool_gate_open(&gate);
}

static void say_so(uv_work_t* req) {
  uv_sem_post(req->data);
}

static void finished_work_cannot_be_cancelled_before_its_callback(void** state) {
  struct loop_fixture* f = *state;
  uv_work_t req;
  uv_sem_t runs;

  assert_int_equal(uv_sem_init(&runs, 0), 0);
  req.data = &runs;
  assert_int_equal(uv_queue_work(&f->loop, &req, say_so, count_end), 0);
  uv_sem_wait(&runs);
  assert_int_equal(uv_cancel((uv_req_t*) &req), UV_EBUSY);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(finished, 1);
  assert_int_equal(cancelled, 0);
  uv_sem_destroy(&runs);
}

#ifndef TEST_WITH_LIBUV /* which answers 0 and loses count of its requests */
static void cancel_in_the_end(uv_work_t* req, int status) {
  assert_int_equal(uv_cancel((uv_req_t*) req), UV_EBUSY);
  count_end(req, status);
}

static void work_that_has_ended_cannot_be_cancelled(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_work_t done;
  uv_work_t taken_back;

  assert_int_equal(uv_queue_work(&f->loop, &done, count_work, cancel_in_the_end), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(uv_queue_work(&f->loop, &taken_back, count_work, cancel_in_the_end), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &taken_back), 0);
  pool_gate_open(&gate);
  assert_int_equal(finished, 2);
  assert_int_equal(uv_cancel((uv_req_t*) &done), UV_EBUSY);
  assert_int_equal(uv_cancel((uv_req_t*) &taken_back), UV_EBUSY);
  assert_false(uv_loop_alive(&f->loop));
}
#endif

static void cancelled_work_can_be_queued_again(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_work_t req;

  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(uv_queue_work(&f->loop, &req, count_work, count_end), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  pool_gate_open(&gate);
  assert_int_equal(uv_queue_work(&f->loop, &req, count_work, count_end), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(finished, 2);
  assert_int_equal(worked, 1);
}

/* -- Loops and batches ------------------------------------------------------------------------- */

struct loop_run {
  uv_loop_t loop;
  uv_work_t reqs[MANY];
  int left;
  int ended;
};

static void end_in_loop_run(uv_work_t* req, int status) {
  struct loop_run* run = req->data;

  assert_int_equal(status, 0);
  assert_ptr_equal(req->loop, &run->loop);
  run->ended++;
  if (run->left == 0)
    return;
  run->left--;
  assert_int_equal(uv_queue_work(&run->loop, req, count_work, end_in_loop_run), 0);
}

static void run_loop(void* arg) {
  struct loop_run* run = arg;

  assert_int_equal(uv_loop_init(&run->loop), 0);
  for (int i = 0; i < MANY; i++) {
    run->reqs[i].data = run;
    assert_int_equal(uv_queue_work(&run->loop, &run->reqs[i], count_work, end_in_loop_run), 0);
  }
  assert_int_equal(uv_run(&run->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&run->loop), 0);
}

static void loops_in_their_own_threads_share_the_pool(void** state) {
  enum { LOOPS = 3, EACH = 2000 };
  struct loop_run runs[LOOPS];
  uv_thread_t threads[LOOPS];

  (void) state;
  for (int i = 0; i < LOOPS; i++) {
    runs[i].left = EACH - MANY;
    runs[i].ended = 0;
    assert_int_equal(uv_thread_create(&threads[i], run_loop, &runs[i]), 0);
  }
  for (int i = 0; i < LOOPS; i++) {
    uv_thread_join(&threads[i]);
    assert_int_equal(runs[i].ended, EACH);
  }
  assert_int_equal(worked, LOOPS * EACH);
}

struct letter {
  uv_work_t req;
  uv_sem_t may_end;
  uv_sem_t runs;
  char name;
};

static void wait_to_end(uv_work_t* req) {
  struct letter* letter = req->data;

  uv_sem_post(&letter->runs);
  uv_sem_wait(&letter->may_end);
}

static void log_letter(uv_work_t* req, int status) {
  struct letter* letter = req->data;

  assert_int_equal(status, 0);
  test_log(req->loop, letter->name);
}

static void callbacks_come_in_the_order_in_which_work_ends(void** state) {
  struct loop_fixture* f = *state;
  struct letter letters[POOL];
  const int order[POOL] = {2, 0, 3, 1};

  for (int i = 0; i < POOL; i++) {
    letters[i].req.data = &letters[i];
    letters[i].name = (char) ('a' + i);
    assert_int_equal(uv_sem_init(&letters[i].may_end, 0), 0);
    assert_int_equal(uv_sem_init(&letters[i].runs, 0), 0);
    assert_int_equal(uv_queue_work(&f->loop, &letters[i].req, wait_to_end, log_letter), 0);
  }
  for (int i = 0; i < POOL; i++)
    uv_sem_wait(&letters[i].runs);
  for (int i = 0; i < POOL; i++) {
    uv_sem_post(&letters[order[i]].may_end);
    uv_run(&f->loop, UV_RUN_ONCE);
    assert_int_equal(strlen(f->log), i + 1);
  }
  assert_string_equal(f->log, "cadb");
  for (int i = 0; i < POOL; i++) {
    uv_sem_destroy(&letters[i].may_end);
    uv_sem_destroy(&letters[i].runs);
  }
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, loop_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(work_runs_in_another_thread_and_its_end_in_the_loops),
      test(work_without_a_function_is_refused_and_leaves_the_loop_alone),
      test(work_whose_end_nobody_wants_keeps_the_loop_alive_all_the_same),
      test(a_loop_with_work_out_cannot_be_closed),
      test(a_request_may_be_freed_in_its_callback),
      test(a_request_may_be_queued_again_in_its_callback),
      test(all_that_waits_can_be_cancelled_and_does_not_run),
      test(the_end_of_cancelled_work_does_not_wait_for_a_thread),
      test(work_cancelled_twice_ends_once),
      test(running_work_cannot_be_cancelled),
      test(finished_work_cannot_be_cancelled_before_its_callback),
#ifndef TEST_WITH_LIBUV
      test(work_that_has_ended_cannot_be_cancelled),
#endif
      test(cancelled_work_can_be_queued_again),
      test(loops_in_their_own_threads_share_the_pool),
      test(callbacks_come_in_the_order_in_which_work_ends),
  };
  return cmocka_run_group_tests_name("work", tests, NULL, NULL);
}
