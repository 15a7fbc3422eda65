/* File calls in both of their forms, with the same test.
 *
 * FS(open, "name", UV_FS_O_RDONLY, 0) is uv_fs_open() with `fs_req`, and gives its result: at once,
 * or through a thread of the pool and a turn of the loop, as the fixture says. Before a call the
 * request is cleaned up and filled with rubbish. Tests run within a directory of their own, which
 * they leave empty. */
#ifndef RONDO_TEST_FS_H_
#define RONDO_TEST_FS_H_

#include "uv.h"

#include "support/cmocka_all.h"
#include "support/files.h"
#include "support/peer.h"
#include "support/temp_dir.h"

#include <stdbool.h>
#include <string.h>

static uv_fs_t fs_req;
static uv_loop_t fs_loop;
static bool fs_is_async;
static int fs_callbacks; /* since the last call began */

/* -- Calls ------------------------------------------------------------------------------------- */

static inline void fs_count_callback(uv_fs_t* req) {
  assert_ptr_equal(req, &fs_req);
  fs_callbacks++;
}

static inline uv_loop_t* fs_begin(void) {
  uv_fs_req_cleanup(&fs_req);
  memset(&fs_req, 0xA5, sizeof(fs_req));
  fs_callbacks = 0;
  return fs_is_async ? &fs_loop : NULL;
}

static inline ssize_t fs_end(int r) {
  if (fs_is_async && r == 0) {
    assert_int_equal(fs_callbacks, 0);
    assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(fs_callbacks, 1);
    return fs_req.result;
  }
  /* Nothing is left to come. */
  if (fs_is_async)
    assert_int_equal(uv_run(&fs_loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(fs_callbacks, 0);
  return r;
}

#define FS(function, ...) \
  fs_end(uv_fs_##function(fs_begin(), &fs_req, __VA_ARGS__, fs_is_async ? fs_count_callback : NULL))

/* What the library makes on first use for all files is there: threads, and a ring where it uses
 * one for everything. */
static inline void fs_warm_up(void) {
  FS(stat, ".");
  FS(access, ".", F_OK);
  uv_fs_req_cleanup(&fs_req);
}

/* -- Fixture ----------------------------------------------------------------------------------- */

static inline int fs_setup(bool is_async) {
  fs_is_async = is_async;
  memset(&fs_req, 0, sizeof(fs_req));
  assert_int_equal(uv_loop_init(&fs_loop), 0);
  temp_dir_make();
  assert_int_equal(chmod(temp_dir, 0755), 0);
  assert_int_equal(chdir(temp_dir), 0);
  return 0;
}

static inline int fs_setup_sync(void** state) {
  (void) state;
  return fs_setup(false);
}

static inline int fs_setup_async(void** state) {
  (void) state;
  return fs_setup(true);
}

static inline int fs_teardown(void** state) {
  (void) state;
  uv_fs_req_cleanup(&fs_req);
  assert_int_equal(uv_loop_close(&fs_loop), 0);
  assert_int_equal(chdir("/"), 0);
  temp_dir_remove();
  return 0;
}

#define sync_test(function) \
  { #function, function, fs_setup_sync, fs_teardown, NULL }
#define async_test(function) \
  { #function " (async)", function, fs_setup_async, fs_teardown, NULL }
#define both_tests(function) sync_test(function), async_test(function)

/* For what an older peer does not pass. */
#define newer_sync_test(function) newer_test_with(function, fs_setup_sync, fs_teardown)
#define newer_async_test(function) \
  { \
#function " (async)", IS_OLDER_PEER ? skipped_on_older_peer : (function), fs_setup_async, \
        fs_teardown, NULL \
  }
#define newer_both_tests(function) newer_sync_test(function), newer_async_test(function)

/* -- Files ------------------------------------------------------------------------------------- */

/* A name that is too long for any file system, and a path that is too long for the kernel. */
static inline const char* long_name(void) {
  static char name[257];

  memset(name, 'n', sizeof(name) - 1);
  return name;
}

static inline const char* long_path(void) {
  static char path[8193];

  for (size_t i = 0; i < sizeof(path) - 1; i += 2)
    memcpy(path + i, "./", 2);
  return path;
}

#endif /* RONDO_TEST_FS_H_ */
