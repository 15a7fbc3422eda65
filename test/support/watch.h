/* What watchers of files were told, and waiting for it.
 *
 * Tests run within a directory of their own, `temp_dir`, on a loop of their own. A second directory
 * outside of what they watch holds the mark: events of one loop come in their order, so when the
 * mark's event has come, all that happened before has been told. */
#ifndef RONDO_TEST_WATCH_H_
#define RONDO_TEST_WATCH_H_

#include "support/files.h"
#include "support/loop_fixture.h"
#include "support/peer.h"
#include "support/temp_dir.h"

#include <stdbool.h>

#if !defined(_WIN32)
#include <ftw.h>
#endif

enum { WATCH_LIMIT_MS = 20000, WATCH_NAME_MAX = 512 };

struct told {
  uv_fs_event_t* handle;
  char name[WATCH_NAME_MAX]; /* "(null)" for none */
  int events;
  int status;
};

static struct told* told;
static size_t told_count;
static size_t told_room;
static uv_fs_event_t mark_watch;
static char mark_dir[sizeof(temp_dir)];
static bool mark_came;

/* -- What was told ----------------------------------------------------------------------------- */

static inline void note(uv_fs_event_t* handle, const char* name, int events, int status) {
  if (told_count == told_room) {
    told_room = told_room == 0 ? 64 : told_room * 2;
    told = realloc(told, told_room * sizeof(*told));
    assert_non_null(told);
  }
  told[told_count].handle = handle;
  snprintf(told[told_count].name, WATCH_NAME_MAX, "%s", name != NULL ? name : "(null)");
  told[told_count].events = events;
  told[told_count].status = status;
  told_count++;
}

static inline void forget_told(void) {
  told_count = 0;
}

/* How often a handle was told of a name, with at least these events. NULL: any handle, any name. */
static inline int count_told(const uv_fs_event_t* handle, const char* name, int events) {
  int count = 0;

  for (size_t i = 0; i < told_count; i++)
    count += (handle == NULL || told[i].handle == handle) &&
             (name == NULL || strcmp(told[i].name, name) == 0) &&
             (told[i].events & events) == events;
  return count;
}

static inline void assert_told(size_t index, const uv_fs_event_t* handle, const char* name,
                               int events) {
  assert_true(index < told_count);
  assert_ptr_equal(told[index].handle, handle);
  assert_string_equal(told[index].name, name);
  assert_int_equal(told[index].events, events);
  assert_int_equal(told[index].status, 0);
}

/* -- Doing things ------------------------------------------------------------------------------ */

static inline void new_file(const char* name) {
  int fd = open(temp_path(name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

  assert_true(fd >= 0);
  close(fd);
}

static inline void write_file(const char* name) {
  int fd = open(temp_path(name), O_WRONLY | O_APPEND | O_CLOEXEC);

  assert_true(fd >= 0);
  assert_int_equal(write(fd, "x", 1), 1);
  close(fd);
}

static inline void remove_file(const char* name) {
  assert_int_equal(unlink(temp_path(name)), 0);
}

static inline void make_dir(const char* name) {
  assert_int_equal(mkdir(temp_path(name), 0755), 0);
}

/* Whether what has just failed is worth another try: Windows neither moves nor removes a directory
 * while somebody has a file in it open, as a handle that polls has now and then. */
#if defined(_WIN32)
static inline bool may_be_in_use(uint64_t since) {
  uv_sleep(1);
  return uv_hrtime() - since < (uint64_t) WATCH_LIMIT_MS * 1000000;
}
#else
static inline bool may_be_in_use(uint64_t since) {
  (void) since;
  return false;
}
#endif

static inline void remove_dir(const char* name) {
  uint64_t since = uv_hrtime();
  int r;

  do
    r = rmdir(temp_path(name));
  while (r != 0 && may_be_in_use(since));
  assert_int_equal(r, 0);
}

static inline void move(const char* from, const char* to) {
  uint64_t since = uv_hrtime();
  int r;

  do
    r = rename(temp_path(from), temp_path(to));
  while (r != 0 && may_be_in_use(since));
  assert_int_equal(r, 0);
}

/* Empties the test's directory. */
#if defined(_WIN32)
static inline void remove_all(void) {
  empty_directory(temp_dir);
}
#else
static inline int remove_entry(const char* path, const struct stat* status, int type,
                               struct FTW* place) {
  (void) status;
  (void) type;
  return place->level == 0 ? 0 : remove(path);
}

static inline void remove_all(void) {
  assert_int_equal(nftw(temp_dir, remove_entry, 32, FTW_DEPTH | FTW_PHYS), 0);
}
#endif

/* -- Waiting ----------------------------------------------------------------------------------- */

static inline void on_limit(uv_timer_t* timer) {
  *(bool*) timer->data = true;
}

static inline void free_handle(uv_handle_t* handle) {
  free(handle);
}

static inline void count_closed(uv_handle_t* handle) {
  ++*(int*) handle->data;
}

/* Runs the loop until `condition` holds: whether it came to that before the time was over. */
static inline bool run_until(uv_loop_t* loop, bool (*condition)(const void*), const void* arg) {
  uv_timer_t timer;
  bool is_over = false;
  int closed = 0;

  assert_int_equal(uv_timer_init(loop, &timer), 0);
  timer.data = &is_over;
  assert_int_equal(uv_timer_start(&timer, on_limit, WATCH_LIMIT_MS, 0), 0);
  while (!is_over && !condition(arg))
    uv_run(loop, UV_RUN_ONCE);
  timer.data = &closed;
  uv_close((uv_handle_t*) &timer, count_closed);
  while (closed == 0)
    uv_run(loop, UV_RUN_NOWAIT);
  return !is_over;
}

static inline bool is_told_of(const void* name) {
  return count_told(NULL, name, 0) > 0;
}

static inline void wait_told(uv_loop_t* loop, const char* name) {
  if (!run_until(loop, is_told_of, name))
    fail_msg("never told of %s", name);
}

static inline bool is_mark_there(const void* arg) {
  (void) arg;
  return mark_came;
}

static inline void on_mark(uv_fs_event_t* handle, const char* name, int events, int status) {
  (void) handle;
  (void) events;
  (void) status;
  /* Where events were lost, the mark's may be among them. */
  if (name == NULL || strcmp(name, "mark") == 0)
    mark_came = true;
}

/* Runs the loop until all that has happened so far has been told. */
static inline void tell_all(uv_loop_t* loop) {
  char path[sizeof(mark_dir) + 8];
  int fd;

  snprintf(path, sizeof(path), "%s/mark", mark_dir);
  mark_came = false;
  fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  assert_true(fd >= 0);
  close(fd);
  assert_true(run_until(loop, is_mark_there, NULL));
  assert_int_equal(unlink(path), 0);
  mark_came = false;
  assert_true(run_until(loop, is_mark_there, NULL));
}

/* How many events the kernel keeps before it drops them; 0: unknown. */
static inline long max_queued_events(void) {
  FILE* file = fopen("/proc/sys/fs/inotify/max_queued_events", "r");
  long value = 0;

  if (file == NULL)
    return 0;
  if (fscanf(file, "%ld", &value) != 1)
    value = 0;
  fclose(file);
  return value;
}

/* -- Fixture ----------------------------------------------------------------------------------- */

static inline void start_mark(uv_loop_t* loop) {
  assert_int_equal(uv_fs_event_init(loop, &mark_watch), 0);
  assert_int_equal(uv_fs_event_start(&mark_watch, on_mark, mark_dir, 0), 0);
  uv_unref((uv_handle_t*) &mark_watch);
}

#if defined(_WIN32)
static inline void make_watch_dirs(void) {
  temp_dir_make();
  strcpy(mark_dir, temp_dir);
  temp_dir_make();
}
#else
/* In memory where that can be had: tests make thousands of directories. */
static inline void make_watch_dirs(void) {
  strcpy(temp_dir, "/dev/shm/rondo-test-XXXXXX");
  if (mkdtemp(temp_dir) == NULL)
    temp_dir_make();
  strcpy(mark_dir, "/tmp/rondo-mark-XXXXXX");
  assert_non_null(mkdtemp(mark_dir));
}
#endif

static inline int watch_setup(void** state) {
  struct loop_fixture* f;

  forget_told();
  make_watch_dirs();
  loop_setup(state);
  f = *state;
  start_mark(&f->loop);
  return 0;
}

static inline int watch_teardown(void** state) {
  int err = loop_teardown(state);

  remove_all(); /* of a test that was skipped */
  temp_dir_remove();
  assert_int_equal(rmdir(mark_dir), 0);
  free(told);
  told = NULL;
  told_count = 0;
  told_room = 0;
  return err;
}

#define watch_test(function) cmocka_unit_test_setup_teardown(function, watch_setup, watch_teardown)

#define newer_watch_test(function) newer_test_with(function, watch_setup, watch_teardown)

static inline void watch(uv_loop_t* loop, uv_fs_event_t* handle, const char* path,
                         unsigned int flags) {
  memset(handle, 0xA5, sizeof(*handle));
  assert_int_equal(uv_fs_event_init(loop, handle), 0);
  assert_int_equal(uv_fs_event_start(handle, note, path, flags), 0);
}

#endif /* RONDO_TEST_WATCH_H_ */
