/* Signals as only Windows has them: the numbers, and the events of a console. The latter are sent
 * to this program itself, started again in a process group of its own. */
#include "support/loop_fixture.h"
#include "win/signal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 20000, TOLD = 100 };

static uv_signal_t watcher;

static void log_signal(uv_signal_t* handle, int signum) {
  test_log(handle->loop, (char) ('A' + signum));
}

/* -- Numbers ----------------------------------------------------------------------------------- */

static void all_numbers_below_nsig_can_be_watched(void** state) {
  struct loop_fixture* f = *state;

  assert_int_equal(NSIG, 29);
  assert_int_equal(uv_signal_init(&f->loop, &watcher), 0);
  for (int signum = 1; signum < NSIG; signum++) {
    assert_int_equal(uv_signal_start(&watcher, log_signal, signum), 0);
    assert_int_equal(watcher.signum, signum);
    assert_true(uv__signal_dispatch(signum));
    turn(f);
    assert_int_equal(f->log[signum - 1], 'A' + signum);
  }
}

static void what_nobody_watches_is_not_taken(void** state) {
  struct loop_fixture* f = *state;

  assert_false(uv__signal_dispatch(SIGINT));
  assert_int_equal(uv_signal_init(&f->loop, &watcher), 0);
  assert_false(uv__signal_dispatch(SIGINT));
  assert_int_equal(uv_signal_start(&watcher, log_signal, SIGWINCH), 0);
  assert_false(uv__signal_dispatch(SIGINT));
  assert_true(uv__signal_dispatch(SIGWINCH));
  uv_signal_stop(&watcher);
  assert_false(uv__signal_dispatch(SIGWINCH));
}

/* The close callback comes when nothing is under way any more. */
static void handle_may_be_closed_with_a_signal_under_way(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 3; i++) {
    assert_int_equal(uv_signal_init(&f->loop, &watcher), 0);
    assert_int_equal(uv_signal_start(&watcher, log_signal, SIGINT), 0);
    assert_true(uv__signal_dispatch(SIGINT));
    uv_close((uv_handle_t*) &watcher, NULL);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
    assert_string_equal(f->log, "");
  }
}

/* -- The console ------------------------------------------------------------------------------- */

static void end_with_signal(uv_signal_t* handle, int signum) {
  (void) handle;
  exit(TOLD + signum);
}

/* What the program does that is started again. */
enum { WATCHES_BOTH, WATCHES_ANOTHER, STOPPED_WATCHING };

/* This program again: waits for the events of its console. */
static int wait_for_event(int what) {
  static uv_signal_t others[2];
  uv_loop_t loop;

  SetConsoleCtrlHandler(NULL, FALSE); /* a new group ignores Ctrl-C */
  if (uv_loop_init(&loop) != 0 || uv_signal_init(&loop, &others[0]) != 0 ||
      uv_signal_init(&loop, &others[1]) != 0 || uv_signal_init(&loop, &watcher) != 0)
    return 1;
  uv_signal_start(&watcher, end_with_signal, SIGWINCH);
  if (what != WATCHES_ANOTHER) {
    uv_signal_start(&others[0], end_with_signal, SIGINT);
    uv_signal_start(&others[1], end_with_signal, SIGBREAK);
  }
  if (what == STOPPED_WATCHING) {
    uv_signal_stop(&others[0]);
    uv_signal_stop(&others[1]);
  }
  printf("ready\n");
  fflush(stdout);
  uv_run(&loop, UV_RUN_DEFAULT);
  return 2;
}

/* Starts that with its output to be read from `ready`. */
static PROCESS_INFORMATION start_group(int what, HANDLE* ready) {
  SECURITY_ATTRIBUTES inheritable = {.nLength = sizeof(inheritable), .bInheritHandle = TRUE};
  STARTUPINFOW info = {.cb = sizeof(info), .dwFlags = STARTF_USESTDHANDLES};
  PROCESS_INFORMATION child;
  WCHAR program[MAX_PATH];
  WCHAR line[32];

  assert_true(CreatePipe(ready, &info.hStdOutput, &inheritable, 0));
  SetHandleInformation(*ready, HANDLE_FLAG_INHERIT, 0);
  assert_true(GetModuleFileNameW(NULL, program, MAX_PATH) > 0);
  _snwprintf(line, 32, L"test wait %d", what);
  assert_true(CreateProcessW(program, line, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP, NULL, NULL,
                             &info, &child));
  CloseHandle(info.hStdOutput);
  CloseHandle(child.hThread);
  return child;
}

/* Sends a group the event that the system sends to a single group, and answers which signal that
 * is: Ctrl-Break on Windows, Ctrl-C on Wine, which has no other. */
static int send_event(DWORD group) {
  if (GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, group))
    return SIGBREAK;
  assert_true(GenerateConsoleCtrlEvent(CTRL_C_EVENT, group));
  return SIGINT;
}

/* How the program ends when its console tells it something, which as a signal is `*sent`. */
static DWORD end_after_event(int what, int* sent) {
  HANDLE ready;
  PROCESS_INFORMATION child = start_group(what, &ready);
  char text[16];
  DWORD len;
  DWORD code = 0;

  assert_true(ReadFile(ready, text, sizeof(text), &len, NULL));
  CloseHandle(ready);
  *sent = send_event(child.dwProcessId);
  if (WaitForSingleObject(child.hProcess, PATIENCE_MS) != WAIT_OBJECT_0)
    TerminateProcess(child.hProcess, 1);
  assert_true(GetExitCodeProcess(child.hProcess, &code));
  CloseHandle(child.hProcess);
  return code;
}

static void need_console(void) {
  if (GetConsoleCP() != 0)
    return;
  print_message("there is no console\n");
  skip();
}

static void event_of_the_console_is_a_signal(void** state) {
  DWORD code;
  int sent;

  (void) state;
  need_console();
  code = end_after_event(WATCHES_BOTH, &sent);
  assert_int_equal(code, TOLD + sent);
}

/* The system does it, whose exit code is 0 on Wine. */
static void event_that_nobody_watches_ends_the_process(void** state) {
  const int cases[] = {WATCHES_ANOTHER, STOPPED_WATCHING};

  (void) state;
  need_console();
  for (size_t i = 0; i < 2; i++) {
    int sent;
    DWORD code = end_after_event(cases[i], &sent);
    assert_true(code == STATUS_CONTROL_C_EXIT || code == 0);
  }
}

int main(int argc, char** argv) {
  const struct CMUnitTest tests[] = {
      loop_test(all_numbers_below_nsig_can_be_watched),
      loop_test(what_nobody_watches_is_not_taken),
      loop_test(handle_may_be_closed_with_a_signal_under_way),
      cmocka_unit_test(event_of_the_console_is_a_signal),
      cmocka_unit_test(event_that_nobody_watches_ends_the_process),
  };

  if (argc > 2 && strcmp(argv[1], "wait") == 0)
    return wait_for_event(atoi(argv[2]));
  return cmocka_run_group_tests_name("signals of Windows", tests, NULL, NULL);
}
