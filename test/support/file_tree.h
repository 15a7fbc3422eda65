/* A made-up file system tree, for functions that are told where the root is. */
#ifndef RONDO_TEST_FILE_TREE_H_
#define RONDO_TEST_FILE_TREE_H_

#include "support/temp_dir.h"

#include <ftw.h>
#include <sys/stat.h>

static inline int file_tree_setup(void** state) {
  (void) state;
  temp_dir_make();
  return 0;
}

static inline int remove_entry(const char* path, const struct stat* info, int type,
                               struct FTW* place) {
  (void) info;
  (void) type;
  (void) place;
  return remove(path);
}

static inline int file_tree_teardown(void** state) {
  (void) state;
  assert_int_equal(nftw(temp_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
  return 0;
}

/* Makes a file of the tree, with the directories above it. */
static inline void put_file(const char* name, const char* text) {
  char path[512];
  FILE* file;

  snprintf(path, sizeof(path), "%s%s", temp_dir, name);
  for (char* at = path + strlen(temp_dir) + 1; (at = strchr(at, '/')) != NULL; at++) {
    *at = '\0';
    mkdir(path, 0755);
    *at = '/';
  }
  file = fopen(path, "w");
  assert_non_null(file);
  assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
  assert_int_equal(fclose(file), 0);
}

#define file_tree_test(function) \
  cmocka_unit_test_setup_teardown(function, file_tree_setup, file_tree_teardown)

#endif /* RONDO_TEST_FILE_TREE_H_ */
