/* Locks where POSIX has something of its own: waits that signals interrupt, and misuse that the
 * system notices. */
#include "support/c_library.h"
#include "support/cmocka_all.h"
#include "support/watchdog.h"
#include "uv.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static uv_key_t key;

static int load(const int* value) {
  return __atomic_load_n(value, __ATOMIC_RELAXED);
}

static void store(int* value, int to) {
  __atomic_store_n(value, to, __ATOMIC_RELAXED);
}

/* Expects that `misuse` aborts the process, with `name` in what it says. */
static void assert_aborts(void (*misuse)(void), const char* name) {
  char said[256] = "";
  int fds[2];
  int status;
  size_t len = 0;
  ssize_t n;

  assert_int_equal(pipe(fds), 0);
  pid_t pid = fork();
  assert_true(pid >= 0);
  if (pid == 0) {
    dup2(fds[1], STDERR_FILENO);
    signal(SIGABRT, SIG_DFL);
    misuse();
    _exit(0);
  }
  close(fds[1]);
  while (len < sizeof(said) - 1 && (n = read(fds[0], said + len, sizeof(said) - 1 - len)) > 0)
    len += (size_t) n;
  close(fds[0]);
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGABRT);
  assert_non_null(strstr(said, name));
}

/* -- Semaphores -------------------------------------------------------------------------------- */

static int signals_seen;

static void see_signal(int signum) {
  (void) signum;
  __atomic_add_fetch(&signals_seen, 1, __ATOMIC_RELAXED);
}

struct waiter {
  uv_sem_t ready;
  uv_sem_t sem;
  int woken;
};

static void wait_for_sem(void* arg) {
  struct waiter* waiter = arg;

  uv_sem_post(&waiter->ready);
  uv_sem_wait(&waiter->sem);
  store(&waiter->woken, 1);
}

static void signals_do_not_end_a_wait(void** state) {
  (void) state;
  struct sigaction action = {.sa_handler = see_signal};
  struct sigaction before;
  struct waiter waiter = {.woken = 0};
  uv_thread_t thread;

  assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
  signals_seen = 0;
  assert_int_equal(uv_sem_init(&waiter.ready, 0), 0);
  assert_int_equal(uv_sem_init(&waiter.sem, 0), 0);
  assert_int_equal(uv_thread_create(&thread, wait_for_sem, &waiter), 0);
  uv_sem_wait(&waiter.ready);
  for (int i = 1; i <= 20; i++) {
    assert_int_equal(pthread_kill(thread, SIGUSR1), 0);
    while (load(&signals_seen) < i)
      uv_sleep(1);
  }
  assert_int_equal(load(&waiter.woken), 0);
  uv_sem_post(&waiter.sem);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_int_equal(waiter.woken, 1);
  uv_sem_destroy(&waiter.ready);
  uv_sem_destroy(&waiter.sem);
  assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
}

/* -- Misuse ------------------------------------------------------------------------------------ */

static void delete_key_twice(void) {
  assert_int_equal(uv_key_create(&key), 0);
  uv_key_delete(&key);
  uv_key_delete(&key);
}

static void set_deleted_key(void) {
  assert_int_equal(uv_key_create(&key), 0);
  uv_key_delete(&key);
  uv_key_set(&key, &key);
}

static void overflow_semaphore(void) {
  uv_sem_t sem;

  assert_int_equal(uv_sem_init(&sem, 0x7fffffffu), 0);
  uv_sem_post(&sem);
}

static void write_lock_twice(void) {
  uv_rwlock_t lock;

  assert_int_equal(uv_rwlock_init(&lock), 0);
  uv_rwlock_wrlock(&lock);
  uv_rwlock_wrlock(&lock);
}

static void an_overflow_ends_the_process_and_says_where(void** state) {
  (void) state;
  assert_aborts(overflow_semaphore, "uv_sem_post");
}

static void misuse_ends_the_process_and_says_where(void** state) {
  (void) state;
  skip_on_musl("it does not notice");
  assert_aborts(delete_key_twice, "uv_key_delete");
  assert_aborts(set_deleted_key, "uv_key_set");
  assert_aborts(write_lock_twice, "uv_rwlock_wrlock");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(signals_do_not_end_a_wait),
      cmocka_unit_test(an_overflow_ends_the_process_and_says_where),
      cmocka_unit_test(misuse_ends_the_process_and_says_where),
  };

  watchdog(50); /* nothing here takes long: a test that hangs ends */
  return cmocka_run_group_tests_name("lock_unix", tests, NULL, NULL);
}
