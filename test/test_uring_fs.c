/* File requests that all ride on a ring (UV_USE_IO_URING=1): more than it has places for, and after
 * the process gave its privileges away. */
#include "support/loop_fixture.h"
#include "support/temp_dir.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MANY = 3000, NOBODY = 65534, NO_RING = 4 };

static uv_fs_t reqs[MANY];
static char bytes[MANY];
static int done;

/* Whether this process has a ring. */
static bool has_ring(void) {
  DIR* dir = opendir("/proc/self/fd");
  struct dirent* entry;
  bool found = false;

  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL) {
    char target[64] = "";

    if (readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1) > 0)
      found = found || strcmp(target, "anon_inode:[io_uring]") == 0;
  }
  closedir(dir);
  return found;
}

static char* path_of(const char* name) {
  static char path[128];

  snprintf(path, sizeof(path), "%s/%s", temp_dir, name);
  return path;
}

static void on_read(uv_fs_t* req) {
  assert_int_equal(req->result, 1);
  done++;
}

/* A queue of completions has twice the places of the ring; the rest overflows in the kernel. */
static void more_completions_than_there_are_places_for_arrive(void** state) {
  struct loop_fixture* f = *state;
  uv_buf_t buf;
  int fd;

  temp_dir_make();
  fd = open(path_of("digits"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  for (int i = 0; i < MANY; i++)
    assert_int_equal(write(fd, &"0123456789"[i % 10], 1), 1);

  for (int i = 0; i < MANY; i++) {
    buf = uv_buf_init(&bytes[i], 1);
    assert_int_equal(uv_fs_read(&f->loop, &reqs[i], fd, &buf, 1, i, on_read), 0);
  }
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(done, MANY);
  for (int i = 0; i < MANY; i++) {
    assert_int_equal(bytes[i], '0' + i % 10);
    uv_fs_req_cleanup(&reqs[i]);
  }
  close(fd);
  unlink(path_of("digits"));
  temp_dir_remove();
  if (!has_ring()) {
    print_message("the requests rode on no ring: this system gives none\n");
    skip();
  }
}

static void on_done(uv_fs_t* req) {
  (void) req;
}

static ssize_t opened(uv_loop_t* loop, const char* path) {
  uv_fs_t req;
  ssize_t result;

  if (uv_fs_open(loop, &req, path, O_RDONLY, 0, on_done) != 0)
    return UV_EIO;
  uv_run(loop, UV_RUN_DEFAULT);
  result = req.result;
  uv_fs_req_cleanup(&req);
  return result;
}

/* In a child: an open with and then without privileges, on one loop. The exit status tells. */
static int open_as_nobody(uv_loop_t* loop, const char* path) {
  ssize_t fd;

  if (uv_loop_fork(loop) != 0)
    return 2;
  fd = opened(loop, path);
  if (fd < 0)
    return 3;
  if (!has_ring())
    return NO_RING;
  if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
    return 5;
  return opened(loop, path) == UV_EACCES ? 0 : 6;
}

static void a_ring_has_no_more_privileges_than_its_process(void** state) {
  struct loop_fixture* f = *state;
  int status;
  pid_t pid;
  int fd;

  if (geteuid() != 0) {
    print_message("only root has privileges to give away\n");
    skip();
  }
  temp_dir_make();
  chmod(temp_dir, 0755);
  fd = open(path_of("secret"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  assert_true(fd >= 0);
  close(fd);

  pid = fork();
  if (pid == 0)
    _exit(open_as_nobody(&f->loop, path_of("secret")));
  assert_int_equal(waitpid(pid, &status, 0), pid);
  unlink(path_of("secret"));
  temp_dir_remove();
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == NO_RING) {
    print_message("this system gives no ring\n");
    skip();
  }
  assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(more_completions_than_there_are_places_for_arrive),
      loop_test(a_ring_has_no_more_privileges_than_its_process),
  };

  setenv("UV_USE_IO_URING", "1", 1); /* read once, before the first request */
  return cmocka_run_group_tests(tests, NULL, NULL);
}
