/* Files: what holds for all requests, whatever they do. */
#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/fs.h"
#include "support/fs_operations.h"
#include "support/pool_gate.h"

#include <stdlib.h>

static int calls;

/* What operation_end() gets where nothing was begun. */
static uv_fs_t nothing = {.fs_type = UV_FS_CUSTOM};

static void count_call(uv_fs_t* req) {
  (void) req;
  calls++;
}

static void run_loop(void) {
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
}

/* -- Arguments --------------------------------------------------------------------------------- */

static void all_operations_are_in_the_table(void** state) {
  (void) state;
  bool seen[UV_FS_LUTIME + 1] = {false};

  for (int i = 0; i < OPERATIONS; i++)
    seen[operations[i].type] = true;
  for (int type = UV_FS_OPEN; type <= UV_FS_LUTIME; type++)
    assert_true(seen[type]);
}

static void no_request_is_the_first_error(void** state) {
  (void) state;
  for (int i = 0; i < OPERATIONS; i++) {
    assert_int_equal(operations[i].start(NULL, NULL, NULL, NULL, NULL), UV_EINVAL);
    assert_int_equal(operations[i].start(&fs_loop, NULL, "x", "y", count_call), UV_EINVAL);
  }
  assert_int_equal(uv_loop_alive(&fs_loop), 0);
}

static void assert_refused(const struct operation* op, uv_loop_t* loop, const char* path,
                           const char* new_path, uv_fs_cb cb) {
  uv_fs_t req;

  memset(&req, 0xA5, sizeof(req));
  assert_int_equal(op->start(loop, &req, path, new_path, cb), UV_EINVAL);
  assert_int_equal(req.result, UV_EINVAL);
  assert_int_equal(req.type, UV_FS);
  assert_int_equal(req.fs_type, op->type);
  assert_ptr_equal(req.loop, loop);
  assert_null(req.ptr);
  assert_null(req.path);
  uv_fs_req_cleanup(&req);
}

static void paths_must_be_there(void** state) {
  (void) state;
  for (int i = 0; i < OPERATIONS; i++) {
    const struct operation* op = &operations[i];

    if (op->path == NULL)
      continue;
    assert_refused(op, NULL, NULL, op->new_path, NULL);
    assert_refused(op, &fs_loop, NULL, op->new_path, count_call);
    if (op->new_path != NULL) {
      assert_refused(op, NULL, op->path, NULL, NULL);
      assert_refused(op, &fs_loop, op->path, NULL, count_call);
    }
  }
  assert_int_equal(uv_loop_alive(&fs_loop), 0);
}

static void a_callback_needs_a_loop(void** state) {
  (void) state;
  operation_begin();

  for (int i = 0; i < OPERATIONS; i++)
    assert_refused(&operations[i], NULL, operations[i].path, operations[i].new_path, count_call);
  operation_end(&nothing, true, true);
}

/* -- Members ----------------------------------------------------------------------------------- */

static void assert_members(const uv_fs_t* req, const struct operation* op, uv_loop_t* loop) {
  assert_int_equal(uv_fs_get_type(req), op->type);
  assert_int_equal(req->type, UV_FS);
  assert_ptr_equal(req->loop, loop);
  assert_ptr_equal(req->data, &calls);
  if (op->path == NULL)
    assert_null(uv_fs_get_path(req));
  else if (op->type != UV_FS_MKDTEMP && op->type != UV_FS_MKSTEMP)
    assert_string_equal(uv_fs_get_path(req), op->path);
}

/* Only a stat fills it. */
static void assert_statbuf_untouched(const uv_fs_t* req) {
  const unsigned char* bytes = (const unsigned char*) &req->statbuf;

  if (req->fs_type == UV_FS_STAT || req->fs_type == UV_FS_LSTAT || req->fs_type == UV_FS_FSTAT)
    return;
  for (size_t i = 0; i < sizeof(req->statbuf); i++)
    assert_int_equal(bytes[i], 0xA5);
}

static void members_are_set_and_cleaned_up(void** state) {
  (void) state;
  for (int i = 0; i < OPERATIONS; i++) {
    const struct operation* op = &operations[i];
    bool keeps_fd = op->type != UV_FS_CLOSE;
    bool keeps_dir = op->type != UV_FS_CLOSEDIR;
    uv_dir_t* opened;
    uv_fs_t req;
    ssize_t result;

    operation_begin();
    if (!is_possible(op)) {
      operation_end(&nothing, true, true);
      continue;
    }
    memset(&req, 0xA5, sizeof(req));
    req.data = &calls;
    int r = start_operation(op, &fs_loop, &req, fs_is_async ? count_call : NULL);
    if (fs_is_async) {
      assert_members(&req, op, &fs_loop);
      assert_int_equal(r, 0);
      assert_int_equal(uv_loop_alive(&fs_loop), 1);
      assert_int_equal(uv_loop_close(&fs_loop), UV_EBUSY);
      run_loop();
    } else {
      assert_int_equal(r, req.result);
    }
    if (req.result < 0)
      print_message("%s: %s\n", op->name, uv_strerror((int) req.result));
    assert_true(req.result >= 0);
    assert_members(&req, op, &fs_loop);
    assert_statbuf_untouched(&req);

    result = req.result;
    opened = op->type == UV_FS_OPENDIR ? req.ptr : NULL;
    uv_fs_req_cleanup(&req);
    uv_fs_req_cleanup(&req);
    assert_null(req.ptr);
    assert_null(req.path);
    assert_int_equal(req.result, result);
    assert_int_equal(req.fs_type, op->type);
    assert_ptr_equal(req.data, &calls);
    assert_ptr_equal(uv_fs_get_statbuf(&req), &req.statbuf);
    req.ptr = opened;
    operation_end(&req, keeps_fd, keeps_dir);
  }
}

static void results_are_the_same_in_both_forms(void** state) {
  (void) state;
  for (int i = 0; i < OPERATIONS; i++) {
    const struct operation* op = &operations[i];
    ssize_t results[2];

    for (int is_async = 0; is_async < 2; is_async++) {
      uv_fs_t req;

      operation_begin();
      start_operation(op, &fs_loop, &req, is_async ? count_call : NULL);
      run_loop();
      results[is_async] = req.result;
      if (op->type == UV_FS_OPEN || op->type == UV_FS_MKSTEMP)
        results[is_async] = req.result >= 0; /* any number */
      operation_end(&req, op->type != UV_FS_CLOSE, op->type != UV_FS_CLOSEDIR);
    }
    assert_int_equal(results[0], results[1]);
  }
}

static void what_was_never_used_can_be_cleaned_up(void** state) {
  (void) state;
  uv_fs_t req;

  uv_fs_req_cleanup(NULL);
  memset(&req, 0, sizeof(req));
  uv_fs_req_cleanup(&req);
  assert_null(req.ptr);
}

static void reads_and_writes_leave_nothing_to_free(void** state) {
  (void) state;
  uv_fs_t req;

  fs_warm_up();
  operation_begin();
  test_allocator_install(0, false);
  for (int is_async = 0; is_async < 2; is_async++) {
    start_read(&fs_loop, &req, NULL, NULL, is_async ? count_call : NULL);
    run_loop();
    start_write(&fs_loop, &req, NULL, NULL, is_async ? count_call : NULL);
    run_loop();
    assert_int_equal(test_allocator.live, 0);
  }
  test_allocator_remove();
  operation_end(&req, true, true);
}

/* -- The caller's memory ----------------------------------------------------------------------- */

static void arguments_may_be_gone_after_an_asynchronous_call(void** state) {
  (void) state;
  char path[] = "file";
  char new_path[] = "new";
  char text[] = "abcdefghijklmnop";
  uv_buf_t bufs[16];
  uv_fs_t req;

  make_file("file", "");
  int fd = open("file", O_RDWR);
  for (int i = 0; i < 16; i++)
    bufs[i] = uv_buf_init(&text[i], 1);
  assert_int_equal(uv_fs_write(&fs_loop, &req, fd, bufs, 16, 0, count_call), 0);
  memset(bufs, 0xA5, sizeof(bufs));
  run_loop();
  assert_int_equal(req.result, 16);
  uv_fs_req_cleanup(&req);
  assert_file_holds("file", text);

  for (int i = 0; i < 16; i++)
    bufs[i] = uv_buf_init(&text[15 - i], 1);
  assert_int_equal(uv_fs_read(&fs_loop, &req, fd, bufs, 16, 0, count_call), 0);
  memset(bufs, 0xA5, sizeof(bufs));
  run_loop();
  assert_int_equal(req.result, 16);
  uv_fs_req_cleanup(&req);
  assert_string_equal(text, "ponmlkjihgfedcba");
  close(fd);

  assert_int_equal(uv_fs_rename(&fs_loop, &req, path, new_path, count_call), 0);
  memset(path, 'x', sizeof(path) - 1);
  memset(new_path, 'x', sizeof(new_path) - 1);
  run_loop();
  assert_int_equal(req.result, 0);
  assert_string_equal(req.path, "file");
  uv_fs_req_cleanup(&req);
  assert_int_equal(unlink("new"), 0);
}

static void a_synchronous_call_keeps_the_callers_path(void** state) {
  (void) state;
  char path[] = "none";
  uv_fs_t req;

  assert_int_equal(uv_fs_stat(NULL, &req, path, NULL), UV_ENOENT);
  assert_ptr_equal(req.path, path);
  uv_fs_req_cleanup(&req);
  assert_string_equal(path, "none");
}

static void free_request(uv_fs_t* req) {
  assert_int_equal(req->result, 0);
  uv_fs_req_cleanup(req);
  free(req);
  calls++;
}

static void a_request_may_be_freed_in_its_callback(void** state) {
  (void) state;
  enum { COUNT = 300 };

  calls = 0;
  for (int i = 0; i < COUNT; i++) {
    uv_fs_t* req = malloc(sizeof(*req));

    assert_non_null(req);
    assert_int_equal(uv_fs_stat(&fs_loop, req, ".", free_request), 0);
  }
  assert_int_equal(calls, 0);
  run_loop();
  assert_int_equal(calls, COUNT);
}

static void use_again(uv_fs_t* req) {
  uv_fs_req_cleanup(req);
  if (++calls < 20)
    assert_int_equal(uv_fs_lstat(&fs_loop, req, ".", use_again), 0);
}

static void a_request_may_be_used_again_in_its_callback(void** state) {
  (void) state;
  uv_fs_t req;

  calls = 0;
  assert_int_equal(uv_fs_stat(&fs_loop, &req, ".", use_again), 0);
  run_loop();
  assert_int_equal(calls, 20);
  assert_int_equal(req.fs_type, UV_FS_LSTAT);
}

/* -- Cancelling -------------------------------------------------------------------------------- */

enum { THREADS = 4 };

static void check_cancelled(uv_fs_t* req) {
  bool keeps_ptr = req->fs_type == UV_FS_READDIR || req->fs_type == UV_FS_CLOSEDIR;

  assert_int_equal(req->result, UV_ECANCELED);
  assert_ptr_equal(req->ptr, keeps_ptr ? subject.dir : NULL);
  calls++;
}

static void every_operation_can_be_cancelled_before_it_starts(void** state) {
  (void) state;
  struct pool_gate gate;

  for (int i = 0; i < OPERATIONS; i++) {
    const struct operation* op = &operations[i];
    uv_fs_t req;

    operation_begin();
    pool_gate_close(&gate, &fs_loop, THREADS);
    calls = 0;
    assert_int_equal(start_operation(op, &fs_loop, &req, check_cancelled), 0);
    assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
    assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
    assert_int_equal(calls, 0);
    pool_gate_open(&gate);
    assert_int_equal(calls, 1);
    assert_file_holds("file", "text of the file");
    assert_file_holds("other", "");
    assert_false(exists("new"));
    assert_true(exists("dir"));
    assert_true(is_open(subject.fd));
    operation_end(&req, true, op->type != UV_FS_CLOSEDIR);
  }
}

/* libuv frees the directory and leaves its descriptor open. */
static void cleaning_up_a_cancelled_closedir_closes_it(void** state) {
  (void) state;
  struct pool_gate gate;
  uv_fs_t req;

  operation_begin();
  int before = count_descriptors();
  pool_gate_close(&gate, &fs_loop, THREADS);
  assert_int_equal(uv_fs_closedir(&fs_loop, &req, subject.dir, check_cancelled), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  pool_gate_open(&gate);
  assert_true(count_descriptors() >= before);
  before = count_descriptors();
  uv_fs_req_cleanup(&req);
  assert_int_equal(count_descriptors(), before - 1);
  operation_end(&req, true, false);
}

static void a_cancelled_scan_gives_that_error(void** state) {
  (void) state;
  struct pool_gate gate;
  uv_dirent_t entry;
  uv_fs_t req;

  pool_gate_close(&gate, &fs_loop, THREADS);
  assert_int_equal(uv_fs_scandir(&fs_loop, &req, ".", 0, count_call), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  pool_gate_open(&gate);
  assert_int_equal(uv_fs_scandir_next(&req, &entry), UV_ECANCELED);
  uv_fs_req_cleanup(&req);
}

/* -- Out of memory ----------------------------------------------------------------------------- */

/* The `fail_at`th allocation fails: UV_ENOMEM from the call or as the result, or no harm done.
 * Answers whether there were so many. */
static bool fail_allocation(const struct operation* op, long fail_at) {
  int before = count_descriptors();
  bool was_reached;
  uv_fs_t req;
  ssize_t result;
  int r;

  operation_begin();
  if (!is_possible(op)) {
    operation_end(&nothing, true, true);
    return false;
  }
  memset(&req, 0xA5, sizeof(req));
  calls = 0;
  test_allocator_install(fail_at, false);
  r = start_operation(op, &fs_loop, &req, fs_is_async ? count_call : NULL);
  if (!fs_is_async || r != 0)
    assert_int_equal(req.result, r);
  if (fs_is_async)
    assert_int_equal(uv_loop_alive(&fs_loop), r == 0);
  run_loop();
  assert_int_equal(calls, fs_is_async && r == 0 ? 1 : 0);
  result = req.result;
  was_reached = test_allocator.calls >= fail_at;
  if (result < 0) {
    assert_int_equal(result, UV_ENOMEM);
    assert_true(was_reached);
    assert_true(req.ptr == NULL || op->type == UV_FS_READDIR);
    uv_fs_req_cleanup(&req);
    assert_int_equal(test_allocator.live, 0);
  }
  if (result >= 0 && op->type != UV_FS_OPENDIR && op->type != UV_FS_CLOSEDIR) {
    int fd = (int) result;
    bool makes_fd = op->type == UV_FS_OPEN || op->type == UV_FS_MKSTEMP;

    uv_fs_req_cleanup(&req);
    assert_int_equal(test_allocator.live, 0);
    req.result = makes_fd ? fd : result;
  }
  test_allocator_remove();
  operation_end(&req, op->type != UV_FS_CLOSE || result < 0,
                op->type != UV_FS_CLOSEDIR || result < 0);
  assert_int_equal(count_descriptors(), before);
  return was_reached;
}

static void every_operation_survives_want_of_memory(void** state) {
  (void) state;
  int failed = 0;

  fs_warm_up();
  for (int i = 0; i < OPERATIONS; i++)
    for (long fail_at = 1; fail_allocation(&operations[i], fail_at); fail_at++)
      failed++;
  assert_true(failed >= (fs_is_async ? OPERATIONS : 5));
}

/* -- Many, and in several threads -------------------------------------------------------------- */

static void many_at_once_all_complete(void** state) {
  (void) state;
  enum { COUNT = 300 };
  uv_fs_t* reqs = calloc(COUNT, sizeof(*reqs));

  assert_non_null(reqs);
  calls = 0;
  for (int i = 0; i < COUNT; i++)
    assert_int_equal(uv_fs_stat(&fs_loop, &reqs[i], i % 2 ? "." : "none", count_call), 0);
  run_loop();
  assert_int_equal(calls, COUNT);
  for (int i = 0; i < COUNT; i++) {
    assert_int_equal(reqs[i].result, i % 2 ? 0 : UV_ENOENT);
    uv_fs_req_cleanup(&reqs[i]);
  }
  free(reqs);
}

static char order[8];

static void note_order(uv_fs_t* req) {
  strcat(order, req->data);
}

static void callbacks_come_in_the_order_of_completion(void** state) {
  (void) state;
  char byte;
  uv_buf_t buf = uv_buf_init(&byte, 1);
  uv_fs_t slow = {.data = "s"};
  uv_fs_t fast = {.data = "f"};
  int ends[2];

  order[0] = '\0';
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(uv_fs_read(&fs_loop, &slow, ends[0], &buf, 1, -1, note_order), 0);
  assert_int_equal(uv_fs_stat(&fs_loop, &fast, ".", note_order), 0);
  while (order[0] == '\0')
    uv_run(&fs_loop, UV_RUN_ONCE);
  assert_int_equal(write(ends[1], "x", 1), 1);
  run_loop();
  assert_string_equal(order, "fs");
  uv_fs_req_cleanup(&slow);
  uv_fs_req_cleanup(&fast);
  close(ends[0]);
  close(ends[1]);
}

/* One of several threads, with a file of its own. Answers are compared by the main thread. */
struct worker {
  uv_thread_t thread;
  char path[32];
  int rounds;
  uv_loop_t loop;
  uv_fs_t req;
  char bytes[6][8];
  uv_buf_t bufs[6];
  int fd;
  int failed;
};

static void worker_opened(uv_fs_t* req);

static void worker_closed(uv_fs_t* req) {
  struct worker* worker = req->data;

  worker->failed += req->result != 0;
  uv_fs_req_cleanup(req);
  if (--worker->rounds > 0)
    worker->failed += uv_fs_open(&worker->loop, req, worker->path, UV_FS_O_RDWR | UV_FS_O_CREAT,
                                 0600, worker_opened) != 0;
}

static void worker_read(uv_fs_t* req) {
  struct worker* worker = req->data;

  worker->failed += req->result != 6 * 8 || worker->bytes[5][7] != 'b';
  uv_fs_req_cleanup(req);
  worker->failed += uv_fs_close(&worker->loop, req, worker->fd, worker_closed) != 0;
}

static void worker_wrote(uv_fs_t* req) {
  struct worker* worker = req->data;

  worker->failed += req->result != 6 * 8;
  uv_fs_req_cleanup(req);
  memset(worker->bytes, 0, sizeof(worker->bytes));
  worker->failed +=
      uv_fs_read(&worker->loop, req, worker->fd, worker->bufs, 6, 0, worker_read) != 0;
}

static void worker_opened(uv_fs_t* req) {
  struct worker* worker = req->data;

  worker->fd = (int) req->result;
  worker->failed += worker->fd < 0;
  uv_fs_req_cleanup(req);
  memset(worker->bytes, 'b', sizeof(worker->bytes));
  worker->failed +=
      uv_fs_write(&worker->loop, req, worker->fd, worker->bufs, 6, 0, worker_wrote) != 0;
}

static void worker_main(void* arg) {
  struct worker* worker = arg;

  worker->rounds = 50;
  worker->req.data = worker;
  for (int i = 0; i < 6; i++)
    worker->bufs[i] = uv_buf_init(worker->bytes[i], 8);
  worker->failed += uv_loop_init(&worker->loop) != 0;
  worker->failed += uv_fs_open(&worker->loop, &worker->req, worker->path,
                               UV_FS_O_RDWR | UV_FS_O_CREAT, 0600, worker_opened) != 0;
  worker->failed += uv_run(&worker->loop, UV_RUN_DEFAULT) != 0;
  worker->failed += uv_loop_close(&worker->loop) != 0;
}

/* Without any loop. */
static void sync_worker_main(void* arg) {
  struct worker* worker = arg;
  uv_buf_t buf = uv_buf_init(worker->bytes[0], 8);
  uv_fs_t req;

  for (int i = 0; i < 50; i++) {
    int fd = uv_fs_open(NULL, &req, worker->path, UV_FS_O_RDWR | UV_FS_O_CREAT, 0600, NULL);

    uv_fs_req_cleanup(&req);
    worker->failed += uv_fs_write(NULL, &req, fd, &buf, 1, -1, NULL) != 8;
    uv_fs_req_cleanup(&req);
    worker->failed += uv_fs_fstat(NULL, &req, fd, NULL) != 0 || req.statbuf.st_size != 8;
    uv_fs_req_cleanup(&req);
    worker->failed += uv_fs_scandir(NULL, &req, ".", 0, NULL) < 1;
    uv_fs_req_cleanup(&req);
    worker->failed += uv_fs_close(NULL, &req, fd, NULL) != 0;
    uv_fs_req_cleanup(&req);
    worker->failed += uv_fs_unlink(NULL, &req, worker->path, NULL) != 0;
    uv_fs_req_cleanup(&req);
  }
}

static void run_workers(void (*main)(void*)) {
  static struct worker workers[3];

  memset(workers, 0, sizeof(workers));
  for (int i = 0; i < 3; i++) {
    snprintf(workers[i].path, sizeof(workers[i].path), "file-%d", i);
    assert_int_equal(uv_thread_create(&workers[i].thread, main, &workers[i]), 0);
  }
  for (int i = 0; i < 3; i++) {
    assert_int_equal(uv_thread_join(&workers[i].thread), 0);
    unlink(workers[i].path);
    assert_int_equal(workers[i].failed, 0);
  }
}

static void several_loops_in_several_threads_do_not_mix(void** state) {
  (void) state;
  run_workers(worker_main);
}

static void synchronous_calls_run_in_any_thread(void** state) {
  (void) state;
  run_workers(sync_worker_main);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      sync_test(all_operations_are_in_the_table),
      async_test(no_request_is_the_first_error),
      newer_async_test(paths_must_be_there),
      newer_async_test(a_callback_needs_a_loop),
      async_test(members_are_set_and_cleaned_up),
      async_test(results_are_the_same_in_both_forms),
      sync_test(what_was_never_used_can_be_cleaned_up),
      async_test(reads_and_writes_leave_nothing_to_free),
      async_test(arguments_may_be_gone_after_an_asynchronous_call),
      sync_test(a_synchronous_call_keeps_the_callers_path),
      async_test(a_request_may_be_freed_in_its_callback),
      async_test(a_request_may_be_used_again_in_its_callback),
      async_test(every_operation_can_be_cancelled_before_it_starts),
      newer_async_test(cleaning_up_a_cancelled_closedir_closes_it),
      async_test(a_cancelled_scan_gives_that_error),
      newer_sync_test(every_operation_survives_want_of_memory),
      newer_async_test(every_operation_survives_want_of_memory),
      async_test(many_at_once_all_complete),
      async_test(callbacks_come_in_the_order_of_completion),
      sync_test(several_loops_in_several_threads_do_not_mix),
      sync_test(synchronous_calls_run_in_any_thread),
  };
  return cmocka_run_group_tests_name("fs_request", tests, NULL, NULL);
}
