/* Random bytes where the kernel refuses getrandom(2). */
#include "support/cmocka_all.h"
#include "support/random_bytes.h"
#include "uv.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* From now on getrandom(2) fails in this process. */
static bool forbid_getrandom(unsigned int error) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};

  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* The answer of a child in which getrandom(2) fails with `error`; 1 if the bytes are not random. */
static int random_without_getrandom(unsigned int error) {
  unsigned char bytes[BYTES] = {0};
  int status = 0;
  pid_t pid = fork();

  assert_true(pid != -1);
  if (pid == 0) {
    int err;

    if (!forbid_getrandom(error))
      _exit(2);
    err = uv_random(NULL, NULL, bytes, BYTES, 0, NULL);
    if (err != 0)
      _exit(-err);
    _exit(looks_random(bytes) ? 0 : 1);
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  return WEXITSTATUS(status);
}

static void a_kernel_without_the_call_is_asked_through_the_device(void** state) {
  (void) state;
  assert_int_equal(random_without_getrandom(ENOSYS), 0);
}

#ifndef TEST_WITH_LIBUV /* which asks one source after another, and the last one has no answer */
static void another_failure_of_the_source_is_reported(void** state) {
  (void) state;
  assert_int_equal(-random_without_getrandom(EIO), UV_EIO);
}

static void a_sandbox_that_forbids_the_call_is_asked_through_the_device(void** state) {
  (void) state;
  assert_int_equal(random_without_getrandom(EPERM), 0);
}
#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_kernel_without_the_call_is_asked_through_the_device),
#ifndef TEST_WITH_LIBUV
      cmocka_unit_test(another_failure_of_the_source_is_reported),
      cmocka_unit_test(a_sandbox_that_forbids_the_call_is_asked_through_the_device),
#endif
  };
  return cmocka_run_group_tests_name("random_unix", tests, NULL, NULL);
}
