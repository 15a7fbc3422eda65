/* Sleep and signals. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <signal.h>
#include <sys/time.h>

enum { NS_PER_MS = 1000000 };

static volatile sig_atomic_t signals;

static void count_signal(int signum) {
  (void) signum;
  signals = signals + 1;
}

static void sleep_goes_on_after_signals(void** state) {
  const struct itimerval every_2_ms = {{0, 2000}, {0, 2000}};
  const struct itimerval never = {{0, 0}, {0, 0}};
  const struct sigaction count = {.sa_handler = count_signal};
  const struct sigaction ignore = {.sa_handler = SIG_IGN};
  (void) state;

  signals = 0;
  assert_int_equal(sigaction(SIGALRM, &count, NULL), 0);
  assert_int_equal(setitimer(ITIMER_REAL, &every_2_ms, NULL), 0);
  uint64_t start = uv_hrtime();
  uv_sleep(30);
  uint64_t slept_ns = uv_hrtime() - start;
  assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
  assert_int_equal(sigaction(SIGALRM, &ignore, NULL), 0); /* valgrind may have one left */

  assert_true(signals > 0);
  assert_true(slept_ns >= 30 * (uint64_t) NS_PER_MS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sleep_goes_on_after_signals),
  };
  return cmocka_run_group_tests_name("clock_unix", tests, NULL, NULL);
}
