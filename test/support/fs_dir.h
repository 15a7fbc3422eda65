/* Reading directories in tests. */
#ifndef RONDO_TEST_FS_DIR_H_
#define RONDO_TEST_FS_DIR_H_

#include "support/fs.h"

/* Unless the file system does not tell types. */
static inline void assert_type(uv_dirent_type_t type, uv_dirent_type_t expected) {
  if (type != UV_DIRENT_UNKNOWN)
    assert_int_equal(type, expected);
}

static inline uv_dir_t* open_dir(const char* path) {
  uv_dir_t* dir;

  assert_int_equal(FS(opendir, path), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_OPENDIR);
  assert_string_equal(fs_req.path, path);
  dir = fs_req.ptr;
  assert_non_null(dir);
  uv_fs_req_cleanup(&fs_req);
  assert_null(fs_req.ptr);
  return dir;
}

static inline void close_dir(uv_dir_t* dir) {
  assert_int_equal(FS(closedir, dir), 0);
  assert_int_equal(fs_req.fs_type, UV_FS_CLOSEDIR);
  assert_null(fs_req.ptr);
}

#endif /* RONDO_TEST_FS_DIR_H_ */
