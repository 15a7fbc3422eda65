/* Files: reading directories. */
#include "support/allocator.h"
#include "support/descriptors.h"
#include "support/fs_dir.h"

#include <stdio.h>

/* -- A directory with one entry of each kind --------------------------------------------------- */

struct entry {
  const char* name;
  uv_dirent_type_t type;
};

/* Sorted by the bytes of the names, and as file systems of Windows do it. */
#if defined(_WIN32)
static const struct entry kinds[] = {
    {".hidden", UV_DIRENT_FILE}, {"A", UV_DIRENT_FILE},        {"dir", UV_DIRENT_DIR},
    {"z", UV_DIRENT_FILE},       {"\xc3\xa4", UV_DIRENT_FILE},
};

/* Wine looks through the directory for each file that is made or removed. */
enum { MANY = 100, SOME = 30 };

static void make_special_kinds(void) {
}
#else
#include <sys/socket.h>
#include <sys/un.h>

static const struct entry kinds[] = {
    {".hidden", UV_DIRENT_FILE}, {"A", UV_DIRENT_FILE},        {"dir", UV_DIRENT_DIR},
    {"fifo", UV_DIRENT_FIFO},    {"link", UV_DIRENT_LINK},     {"socket", UV_DIRENT_SOCKET},
    {"z", UV_DIRENT_FILE},       {"\xc3\xa4", UV_DIRENT_FILE},
};

enum { MANY = 500, SOME = 100 };

static void make_special_kinds(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "kinds/socket"};
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);

  assert_int_equal(bind(fd, (struct sockaddr*) &address, sizeof(address)), 0);
  close(fd);
  assert_int_equal(mkfifo("kinds/fifo", 0600), 0);
  assert_int_equal(symlink("A", "kinds/link"), 0);
}
#endif

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static void make_kinds(void) {
  assert_int_equal(mkdir("kinds", 0755), 0);
  make_file("kinds/z", "");
  make_file("kinds/\xc3\xa4", "");
  make_file("kinds/A", "");
  make_file("kinds/.hidden", "");
  assert_int_equal(mkdir("kinds/dir", 0755), 0);
  make_special_kinds();
}

static void remove_kinds(void) {
  char path[64];

  for (int i = 0; i < KIND_COUNT; i++) {
    snprintf(path, sizeof(path), "kinds/%s", kinds[i].name);
    if (kinds[i].type == UV_DIRENT_DIR)
      rmdir(path);
    else
      unlink(path);
  }
  assert_int_equal(rmdir("kinds"), 0);
}

static void make_numbered(const char* directory, int count) {
  char path[300];

  assert_int_equal(mkdir(directory, 0755), 0);
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof(path), "%s/%0200d", directory, i);
    make_file(path, "");
  }
}

static void remove_numbered(const char* directory, int count) {
  char path[300];

  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof(path), "%s/%0200d", directory, i);
    assert_int_equal(unlink(path), 0);
  }
  assert_int_equal(rmdir(directory), 0);
}

/* -- Scandir ----------------------------------------------------------------------------------- */

static void a_scan_is_sorted_and_tells_types(void** state) {
  (void) state;
  uv_dirent_t entry;

  make_kinds();
  assert_int_equal(FS(scandir, "kinds", 0), KIND_COUNT);
  assert_int_equal(fs_req.fs_type, UV_FS_SCANDIR);
  assert_string_equal(fs_req.path, "kinds");
  assert_non_null(fs_req.ptr);
  for (int i = 0; i < KIND_COUNT; i++) {
    assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), 0);
    assert_string_equal(entry.name, kinds[i].name);
    assert_type(entry.type, kinds[i].type);
  }
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_EOF);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_EOF);
  remove_kinds();
}

static void a_scan_may_be_left_early(void** state) {
  (void) state;
  uv_dirent_t entry;

  make_kinds();
  assert_int_equal(FS(scandir, "kinds", 0), KIND_COUNT);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), 0);
  uv_fs_req_cleanup(&fs_req);
  assert_null(fs_req.ptr);
  assert_int_equal(fs_req.result, KIND_COUNT);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_EOF);
  assert_int_equal(FS(scandir, "kinds", 0), KIND_COUNT); /* not looked at at all */
  remove_kinds();
}

static void an_empty_directory_has_no_entries(void** state) {
  (void) state;
  uv_dirent_t entry;

  assert_int_equal(FS(scandir, ".", 0), 0);
  assert_null(fs_req.ptr);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_EOF);
}

static void many_long_names_are_scanned(void** state) {
  (void) state;
  uv_dirent_t entry;
  char name[300];

  make_numbered("many", MANY);
  assert_int_equal(FS(scandir, "many", 0), MANY);
  for (int i = 0; i < MANY; i++) {
    snprintf(name, sizeof(name), "%0200d", i);
    assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), 0);
    assert_string_equal(entry.name, name);
  }
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_EOF);
  remove_numbered("many", MANY);
}

/* What has gone is not there, whatever the scan says. */
static void a_directory_that_changes_after_the_scan_does_no_harm(void** state) {
  (void) state;
  uv_dirent_t entry;

  make_kinds();
  assert_int_equal(FS(scandir, "kinds", 0), KIND_COUNT);
  remove_kinds();
  for (int i = 0; i < KIND_COUNT; i++)
    assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), 0);
  assert_string_equal(entry.name, "\xc3\xa4");
  assert_int_equal(FS(scandir, "kinds", 0), UV_ENOENT);
}

static void a_failed_scan_gives_its_error_again(void** state) {
  (void) state;
  uv_dirent_t entry;

  make_file("file", "");
  assert_int_equal(FS(scandir, "none", 0), UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_ENOENT);
  assert_int_equal(FS(scandir, "", 0), UV_ENOENT);
  assert_int_equal(FS(scandir, "file", 0), UV_ENOTDIR);
  assert_int_equal(uv_fs_scandir_next(&fs_req, &entry), UV_ENOTDIR);
  unlink("file");
}

/* -- Opendir, readdir, closedir ---------------------------------------------------------------- */

/* With arrays of every size. */
static void a_directory_is_read_piece_by_piece(void** state) {
  (void) state;
  uv_dirent_t entries[KIND_COUNT + 1];

  make_kinds();
  for (size_t size = 1; size <= KIND_COUNT + 1; size++) {
    uv_dir_t* dir = open_dir("kinds");
    bool seen[KIND_COUNT] = {false};
    size_t total = 0;
    ssize_t n;

    dir->dirents = entries;
    dir->nentries = size;
    while ((n = FS(readdir, dir)) > 0) {
      assert_true((size_t) n <= size);
      assert_ptr_equal(fs_req.ptr, dir);
      for (ssize_t i = 0; i < n; i++)
        for (int k = 0; k < KIND_COUNT; k++)
          if (strcmp(entries[i].name, kinds[k].name) == 0) {
            assert_false(seen[k]);
            seen[k] = true;
            assert_type(entries[i].type, kinds[k].type);
            total++;
          }
      uv_fs_req_cleanup(&fs_req);
      assert_null(entries[0].name);
      assert_null(fs_req.ptr);
    }
    assert_int_equal(n, 0);
    assert_int_equal(total, KIND_COUNT);
    assert_int_equal(FS(readdir, dir), 0);
    close_dir(dir);
  }
  remove_kinds();
}

static void room_for_no_entries_gives_none(void** state) {
  (void) state;
  uv_dirent_t entry;
  uv_dir_t* dir;

  make_file("file", "");
  dir = open_dir(".");
  dir->dirents = &entry;
  dir->nentries = 0;
  assert_int_equal(FS(readdir, dir), 0);
  dir->nentries = 1;
  assert_int_equal(FS(readdir, dir), 1);
  assert_string_equal(entry.name, "file");
  close_dir(dir);
  unlink("file");
}

static void a_directory_without_array_is_not_read(void** state) {
  (void) state;
  uv_dirent_t entry;
  uv_dir_t nothing;
  uv_dir_t* dir = open_dir(".");

  dir->dirents = NULL;
  dir->nentries = 1;
  assert_int_equal(FS(readdir, dir), UV_EINVAL);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(readdir, NULL), UV_EINVAL);
  close_dir(dir);

  memset(&nothing, 0, sizeof(nothing));
  nothing.dirents = &entry;
  nothing.nentries = 1;
  assert_int_equal(FS(readdir, &nothing), UV_EINVAL);
  assert_int_equal(FS(closedir, NULL), UV_EINVAL);
  assert_null(fs_req.ptr);
}

static void what_is_no_directory_is_not_opened(void** state) {
  (void) state;
  make_file("file", "");
  assert_int_equal(FS(opendir, "none"), UV_ENOENT);
  assert_null(fs_req.ptr);
  assert_int_equal(FS(opendir, "file"), UV_ENOTDIR);
  assert_null(fs_req.ptr);
  unlink("file");
}

/* -- Errors of reading ------------------------------------------------------------------------- */

/* Each allocation fails in turn; what was read up to then is not lost. */
static void without_memory_no_entry_is_lost(void** state) {
  (void) state;
  uv_dirent_t entries[KIND_COUNT];
  uv_dir_t* dir;
  int failures = 0;

  make_kinds();
  dir = open_dir("kinds");
  dir->dirents = entries;
  dir->nentries = KIND_COUNT;
  uv_fs_req_cleanup(&fs_req);
  for (;;) {
    test_allocator_install(failures + 1, false);
    ssize_t n = FS(readdir, dir);
    if (n == KIND_COUNT)
      uv_fs_req_cleanup(&fs_req);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
    if (n != UV_ENOMEM) {
      assert_int_equal(n, KIND_COUNT);
      break;
    }
    failures++;
    assert_null(entries[0].name);
  }
  assert_int_equal(failures, KIND_COUNT);
  close_dir(dir);
  remove_kinds();
}

static void a_scan_without_memory_fails_and_keeps_none(void** state) {
  (void) state;
  int failures = 0;
  ssize_t n;

  make_numbered("many", SOME);
  do {
    test_allocator_install(failures + 1, false);
    n = FS(scandir, "many", 0);
    uv_fs_req_cleanup(&fs_req);
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
    failures += n == UV_ENOMEM;
  } while (n == UV_ENOMEM);
  assert_int_equal(n, SOME);
  assert_true(failures > 3);
  remove_numbered("many", SOME);
}

static void a_directory_without_memory_is_not_opened(void** state) {
  (void) state;
  int before = count_descriptors();

  test_allocator_install(1, false);
  int r = (int) FS(opendir, ".");
  test_allocator_remove();
  assert_int_equal(r, UV_ENOMEM);
  assert_null(fs_req.ptr);
  assert_int_equal(count_descriptors(), before);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      both_tests(a_scan_is_sorted_and_tells_types),
      both_tests(a_scan_may_be_left_early),
      both_tests(an_empty_directory_has_no_entries),
      both_tests(many_long_names_are_scanned),
      both_tests(a_directory_that_changes_after_the_scan_does_no_harm),
      both_tests(a_failed_scan_gives_its_error_again),
      both_tests(a_directory_is_read_piece_by_piece),
      both_tests(room_for_no_entries_gives_none),
      both_tests(what_is_no_directory_is_not_opened),
      both_tests(a_directory_without_array_is_not_read),
      newer_sync_test(without_memory_no_entry_is_lost),
      newer_sync_test(a_scan_without_memory_fails_and_keeps_none),
      newer_sync_test(a_directory_without_memory_is_not_opened),
  };
  return cmocka_run_group_tests_name("fs_dir", tests, NULL, NULL);
}
