/* Files: requests on links and pipes that change between calls and during them. */
#include "support/descriptors.h"
#include "support/fs.h"

#include <poll.h>
#include <stdlib.h>

static void ignore(uv_fs_t* req) {
  (void) req;
}

static void run_loop(void) {
  assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
}

/* -- Cancelling -------------------------------------------------------------------------------- */

static void what_runs_or_has_run_cannot_be_cancelled(void** state) {
  (void) state;
  char byte;
  uv_buf_t buf = uv_buf_init(&byte, 1);
  uv_fs_t first;
  uv_fs_t req;
  int ends[2];
  int r;

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(uv_fs_read(&fs_loop, &first, ends[0], &buf, 1, -1, ignore), 0);
  /* When the second one has read, the first one has begun at the latest. */
  assert_int_equal(write(ends[1], "x", 1), 1);
  run_loop();
  assert_int_equal(first.result, 1);
#if UV_VERSION_HEX >= 0x013400
  assert_int_equal(uv_cancel((uv_req_t*) &first), UV_EBUSY);
#endif
  uv_fs_req_cleanup(&first);

  assert_int_equal(uv_fs_read(&fs_loop, &req, ends[0], &buf, 1, -1, ignore), 0);
  assert_int_equal(write(ends[1], "x", 1), 1);
  do { /* until it has been read */
    struct pollfd p = {.fd = ends[0], .events = POLLIN};
    r = poll(&p, 1, 0);
  } while (r > 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), UV_EBUSY);
  run_loop();
  assert_int_equal(req.result, 1);
  uv_fs_req_cleanup(&req);
#if UV_VERSION_HEX >= 0x013400
  assert_int_equal(uv_fs_stat(NULL, &req, ".", NULL), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), UV_EBUSY);
#endif
  close(ends[0]);
  close(ends[1]);
}

/* -- Change between calls ---------------------------------------------------------------------- */

/* Each call looks anew: nothing of a path is kept. */
static void a_path_that_changes_between_two_calls_is_another_file(void** state) {
  (void) state;
  make_file("a", "first");
  make_file("b", "the second");
  assert_int_equal(symlink("a", "link"), 0);
  assert_int_equal(FS(stat, "link"), 0);
  assert_int_equal(fs_req.statbuf.st_size, 5);
  assert_int_equal(FS(readlink, "link"), 0);
  assert_string_equal(fs_req.ptr, "a");

  unlink("link");
  assert_int_equal(symlink("b", "link"), 0);
  assert_int_equal(FS(stat, "link"), 0);
  assert_int_equal(fs_req.statbuf.st_size, 10);
  assert_int_equal(FS(readlink, "link"), 0);
  assert_string_equal(fs_req.ptr, "b");

  unlink("link");
  assert_int_equal(mkdir("link", 0755), 0);
  assert_int_equal(FS(readlink, "link"), UV_EINVAL);
  assert_int_equal(FS(unlink, "link"), UV_EISDIR);
  assert_int_equal(FS(rmdir, "link"), 0);
  assert_int_equal(FS(lstat, "link"), UV_ENOENT);
  unlink("a");
  unlink("b");
}

/* A thread swaps a file and a longer link all the time. */
static int swaps_end;

static void swap_main(void* arg) {
  (void) arg;
  while (!__atomic_load_n(&swaps_end, __ATOMIC_RELAXED)) {
    rename("short", "link");
    symlink("s", "short");
    rename("long", "link");
    symlink(
        "a target that is very much longer than that of the other link, and then some more"
        " so that the first buffer is too small for it, whatever was the size of the other one"
        " when somebody asked how long the text of this link is going to be, which is what"
        " programs do that ask twice",
        "long");
  }
}

static void a_link_that_changes_while_it_is_read_is_read_whole(void** state) {
  (void) state;
  uint64_t end = uv_hrtime() + UINT64_C(20) * 1000 * 1000 * 1000;
  uv_thread_t thread;
  int seen[2] = {0, 0};

  swaps_end = 0;
  assert_int_equal(symlink("s", "link"), 0);
  assert_int_equal(uv_thread_create(&thread, swap_main, NULL), 0);
  for (int i = 0; i < 2000 || ((seen[0] == 0 || seen[1] == 0) && uv_hrtime() < end); i++) {
    const char* text;

    assert_int_equal(FS(readlink, "link"), 0);
    text = fs_req.ptr;
    assert_true(strcmp(text, "s") == 0 || strcmp(text + strlen(text) - 5, "twice") == 0);
    seen[strlen(text) > 1]++;
  }
  __atomic_store_n(&swaps_end, 1, __ATOMIC_RELAXED);
  assert_int_equal(uv_thread_join(&thread), 0);
  unlink("link");
  unlink("short");
  unlink("long");
  assert_true(seen[0] > 0 && seen[1] > 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      async_test(what_runs_or_has_run_cannot_be_cancelled),
      both_tests(a_path_that_changes_between_two_calls_is_another_file),
      sync_test(a_link_that_changes_while_it_is_read_is_read_whole),
  };
  return cmocka_run_group_tests_name("fs_request_unix", tests, NULL, NULL);
}
