/* Processes as only Windows has them: what the child's C library is told of its descriptors,
 * windows, exit codes, the job, dumps. */
#include "support/inherited_file.h"
#include "support/spawn.h"
#include "win/crt_block.h"

#include <signal.h>
#include <stdio.h>
#include <wchar.h>

static uv_pipe_t pipes[3];

/* -- Descriptors ------------------------------------------------------------------------------- */

static void block_of_descriptors_has_the_layout_of_the_c_library(void** state) {
  unsigned char bytes[64];
  HANDLE one = (HANDLE) (uintptr_t) 0x1234;

  (void) state;
  assert_int_equal(uv__crt_block_size(3), 4 + 3 + 3 * sizeof(HANDLE));
  uv__crt_block_init(bytes, 3);
  uv__crt_block_set(bytes, 1, UV__CRT_OPEN | UV__CRT_PIPE, one);
  assert_memory_equal(bytes, "\3\0\0\0\0\x09\0", 7);
  assert_memory_equal(bytes + 7 + sizeof(HANDLE), (const void*) &one, sizeof(one));
  assert_int_equal(uv__crt_block_count(bytes, uv__crt_block_size(3)), 3);
  assert_true(uv__crt_block_handle(bytes, 1) == one);
  assert_true(uv__crt_block_handle(bytes, 2) == INVALID_HANDLE_VALUE);
}

static void block_that_makes_no_sense_has_no_descriptors(void** state) {
  unsigned char bytes[64] = {0};
  const int counts[] = {-1, 257, 8, 0x7fffffff};

  (void) state;
  assert_int_equal(uv__crt_block_count(NULL, 0), 0);
  assert_int_equal(uv__crt_block_count(bytes, 3), 0);
  for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
    memcpy(bytes, &counts[i], sizeof(counts[i]));
    assert_int_equal(uv__crt_block_count(bytes, sizeof(bytes)), 0);
  }
}

static void ignored_ones_are_the_null_device(void** state) {
  struct loop_fixture* f = *state;

  prepare("descriptors", "6");
  options.stdio_count = 6;
  assert_string_equal(output_of_child(f), "0:null,r 1:pipe,w 2:null,w ");
}

static void childs_ends_wait_unless_asked_not_to(void** state) {
  struct loop_fixture* f = *state;

  prepare("descriptors", "6");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  give_pipe(f, 3, &pipes[1], UV_READABLE_PIPE | UV_WRITABLE_PIPE | UV_NONBLOCK_PIPE);
  assert_string_equal(output_of_child(f), "0:pipe,r 1:pipe,w 2:null,w 3:pipe,rw,overlapped ");
}

static void child_is_told_the_kind_of_each_descriptor(void** state) {
  struct loop_fixture* f = *state;
  int file = make_file("");

  prepare("block");
  give_fd(0, file);
  give_pipe(f, 4, &pipes[0], UV_READABLE_PIPE);
  assert_string_equal(output_of_child(f), "1 9 41 0 9 ");
  close(file);
}

static void child_opens_descriptors_beyond_the_standard_ones(void** state) {
  struct loop_fixture* f = *state;
  int file = make_file("");

  prepare("put", "7", "to seven");
  give_fd(7, file);
  expect_exit(f, 0, 0);
  assert_string_equal(text_of(file), "to seven");
  close(file);
}

static void connected_pipe_may_be_inherited(void** state) {
  struct loop_fixture* f = *state;
  int fds[2];

  assert_int_equal(uv_pipe(fds, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE), 0);
  assert_int_equal(uv_pipe_init(&f->loop, &pipes[0], 0), 0);
  assert_int_equal(uv_pipe_open(&pipes[0], fds[0]), 0);
  prepare("descriptors", "4");
  stdio[3].flags = UV_INHERIT_STREAM;
  stdio[3].data.stream = (uv_stream_t*) &pipes[0];
  options.stdio_count = 4;
  assert_non_null(strstr(output_of_child(f), " 3:pipe,r,overlapped "));
  close(fds[1]);
}

static void too_many_and_too_few_descriptors_are_refused(void** state) {
  static uv_stdio_container_t many[256];
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.stdio = many;
  options.stdio_count = 256;
  expect_failure(f, UV_ENOTSUP);
  prepare("exit", "0");
  options.stdio_count = -1;
  expect_failure(f, UV_ENOTSUP);
  prepare("exit", "3");
  options.stdio = many;
  options.stdio_count = 255;
  expect_exit(f, 3, 0);
}

static void stream_that_is_open_is_refused_and_others_are_taken_back(void** state) {
  struct loop_fixture* f = *state;
  uv_os_fd_t handle;

  prepare("exit", "0");
  give_pipe(f, 0, &pipes[0], UV_READABLE_PIPE);
  stdio[1] = stdio[0];
  options.stdio_count = 2;
  expect_failure(f, UV_EBUSY);
  assert_int_equal(uv_fileno((uv_handle_t*) &pipes[0], &handle), UV_EBADF);
  assert_false(uv_is_writable((uv_stream_t*) &pipes[0]));

  /* It is as fresh as before. */
  options.stdio_count = 1;
  expect_exit(f, 0, 0);
  assert_true(uv_is_writable((uv_stream_t*) &pipes[0]));
}

static void standard_descriptor_that_is_missing_is_none_of_the_childs(void** state) {
  struct loop_fixture* f = *state;
  int saved = dup(0);

  close(0);
  prepare("descriptors", "3");
  give_fd(0, 0);
  const char* text = output_of_child(f);
  if (saved != -1)
    dup2(saved, 0);
  assert_string_equal(text, "1:pipe,w 2:null,w ");
}

/* -- Windows and consoles ---------------------------------------------------------------------- */

static const char* window_of(struct loop_fixture* f, unsigned int flags) {
  prepare("window");
  options.flags = flags;
  return output_of_child(f);
}

static void windows_may_be_hidden(void** state) {
  struct loop_fixture* f = *state;
  char shown[16];

  snprintf(shown, sizeof(shown), "%d ", SW_SHOWDEFAULT);
  assert_memory_equal(window_of(f, 0), shown, strlen(shown));
  assert_memory_equal(window_of(f, UV_PROCESS_WINDOWS_HIDE_CONSOLE), shown, strlen(shown));
  assert_memory_equal(window_of(f, UV_PROCESS_WINDOWS_HIDE_GUI), "0 ", 2);
  assert_memory_equal(window_of(f, UV_PROCESS_WINDOWS_HIDE), "0 ", 2);
}

static void detached_child_has_no_console(void** state) {
  struct loop_fixture* f = *state;

  assert_non_null(strstr(window_of(f, UV_PROCESS_DETACHED), " no"));
}

/* -- The end ----------------------------------------------------------------------------------- */

static void exit_codes_have_32_bits_and_no_sign(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "256");
  expect_exit(f, 256, 0);
  prepare("exit", "-1");
  spawn_well(f);
  while (exits == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_true(exit_status == 0xffffffffLL);
  close_process(f);
}

static void crash_is_told_by_its_code(void** state) {
  struct loop_fixture* f = *state;

  prepare("crash");
  spawn_well(f);
  while (exits == 0)
    uv_run(&f->loop, UV_RUN_ONCE);
  assert_true(exit_status == 0xc0000005LL);
  assert_int_equal(exit_signal, 0);
  close_process(f);
}

static void signals_that_mean_no_end_are_enosys(void** state) {
  struct loop_fixture* f = *state;
  const int others[] = {SIGHUP, SIGABRT, SIGWINCH, SIGBREAK, SIGSEGV, 10};

  prepare("wait");
  spawn_well(f);
  for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
    assert_int_equal(uv_process_kill(&process, others[i]), UV_ENOSYS);
    assert_int_equal(uv_kill(process.pid, others[i]), UV_ENOSYS);
  }
  assert_int_equal(uv_process_kill(&process, SIGINT), 0);
  wait_exit(f, 1, SIGINT);
}

/* What was delivered last, and probing delivers as well. */
static void last_signal_delivered_is_told(void** state) {
  struct loop_fixture* f = *state;
  const int ends[] = {SIGTERM, SIGKILL, SIGQUIT};

  for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
    prepare("wait");
    spawn_well(f);
    assert_int_equal(uv_process_kill(&process, ends[i]), 0);
    assert_int_equal(uv_process_kill(&process, SIGHUP) == 0, false);
    wait_exit(f, 1, ends[i]);
  }
}

static void ids_that_no_process_has_are_esrch(void** state) {
  struct loop_fixture* f = *state;

  (void) f;
  assert_int_equal(uv_kill(0x7ffffffc, 0), UV_ESRCH);
  assert_int_equal(uv_kill(-1, 0), UV_ESRCH);
  assert_int_equal(uv_kill((int) GetCurrentProcessId() + 1, 0), UV_ESRCH);
  assert_int_equal(uv_kill((int) GetCurrentProcessId(), 0), 0);
  assert_int_equal(uv_kill(0, 0), 0);
  assert_int_equal(uv_kill(0, -1), UV_EINVAL);
  assert_int_equal(uv_kill(0, NSIG), UV_EINVAL);
  assert_int_equal(uv_kill(0, SIGHUP), UV_ENOSYS);
}

/* -- The job ----------------------------------------------------------------------------------- */

static HANDLE open_process(int pid) {
  HANDLE handle =
      OpenProcess(SYNCHRONIZE | PROCESS_TERMINATE | PROCESS_QUERY_INFORMATION, FALSE, (DWORD) pid);

  assert_non_null(handle);
  return handle;
}

/* The id that a child of "parent" tells of its own child. */
static int spawn_parent(struct loop_fixture* f) {
  prepare("parent");
  give_pipe(f, 1, &output_pipe, UV_WRITABLE_PIPE);
  spawn_well(f);
  reader_start(&output, (uv_stream_t*) &output_pipe);
  while (memchr(output.bytes, '\n', output.len) == NULL)
    assert_int_not_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
  return (int) strtol(output.bytes, NULL, 10);
}

static bool is_in_a_job(HANDLE handle) {
  BOOL is_in_job;

  assert_true(IsProcessInJob(handle, NULL, &is_in_job));
  return is_in_job;
}

static void children_are_in_the_job_and_theirs_are_not(void** state) {
  struct loop_fixture* f = *state;
  int grandchild = spawn_parent(f);
  HANDLE handle = open_process(grandchild);

  assert_true(is_in_a_job(process.process_handle));
  assert_false(is_in_a_job(handle));
  assert_int_equal(uv_process_kill(&process, SIGKILL), 0);
  wait_exit(f, 1, SIGKILL);
  assert_int_equal(WaitForSingleObject(handle, 0), WAIT_TIMEOUT);
  TerminateProcess(handle, 0);
  CloseHandle(handle);
}

static void detached_children_are_not_in_the_job(void** state) {
  struct loop_fixture* f = *state;

  prepare("wait");
  options.flags = UV_PROCESS_DETACHED;
  spawn_well(f);
  assert_false(is_in_a_job(process.process_handle));
  assert_int_equal(uv_process_kill(&process, SIGKILL), 0);
  wait_exit(f, 1, SIGKILL);
}

/* This program again, as a parent that is killed while its children wait. It tells their ids. */
static int be_killed_parent(void) {
  enum { PATIENCE_MS = 20000 };
  struct loop_fixture f;
  const unsigned int flags[] = {0, UV_PROCESS_DETACHED};

  memset(&f, 0, sizeof(f));
  uv_loop_init(&f.loop);
  for (size_t i = 0; i < 2; i++) {
    prepare("wait");
    options.flags = flags[i];
    if (spawn_try(&f.loop, &process, &options) != 0)
      return 1;
    printf("%d\n", process.pid);
  }
  fflush(stdout);
  Sleep(PATIENCE_MS);
  return 0;
}

static void children_end_with_their_parent_unless_detached(void** state) {
  enum { PATIENCE_MS = 10000 };
  struct loop_fixture* f = *state;
  char path[MAX_PATH];
  size_t size = sizeof(path);
  HANDLE child;
  HANDLE detached;
  char* next;

  assert_int_equal(uv_exepath(path, &size), 0);
  prepare_program(path, (const char* const[]){"be-killed-parent", NULL});
  give_pipe(f, 1, &output_pipe, UV_WRITABLE_PIPE);
  spawn_well(f);
  reader_start(&output, (uv_stream_t*) &output_pipe);
  do {
    assert_int_not_equal(uv_run(&f->loop, UV_RUN_ONCE), 0);
    next = memchr(output.bytes, '\n', output.len);
  } while (next == NULL ||
           memchr(next + 1, '\n', output.len - (size_t) (next + 1 - output.bytes)) == NULL);
  child = open_process((int) strtol(output.bytes, &next, 10));
  detached = open_process((int) strtol(next, NULL, 10));
  assert_int_equal(WaitForSingleObject(child, 0), WAIT_TIMEOUT);

  assert_int_equal(uv_process_kill(&process, SIGKILL), 0);
  wait_exit(f, 1, SIGKILL);
  assert_int_equal(WaitForSingleObject(child, PATIENCE_MS), WAIT_OBJECT_0);
  assert_int_equal(WaitForSingleObject(detached, 0), WAIT_TIMEOUT);
  TerminateProcess(detached, 0);
  CloseHandle(child);
  CloseHandle(detached);
}

/* -- Inheritance ------------------------------------------------------------------------------- */

/* This program again: whether it still hands on what it has inherited as descriptor 5. */
static int disable_inheritance(void) {
  DWORD flags = HANDLE_FLAG_INHERIT;
  HANDLE handle = (HANDLE) _get_osfhandle(5);

  if (!SetHandleInformation(handle, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT))
    return 1;
  uv_disable_stdio_inheritance();
  if (!GetHandleInformation(handle, &flags) || (flags & HANDLE_FLAG_INHERIT))
    return 2;
  return GetHandleInformation(GetStdHandle(STD_OUTPUT_HANDLE), &flags) &&
                 !(flags & HANDLE_FLAG_INHERIT)
             ? 0
             : 3;
}

static void inherited_handles_are_no_longer_inherited(void** state) {
  struct loop_fixture* f = *state;
  char path[MAX_PATH];
  size_t size = sizeof(path);

  assert_int_equal(uv_exepath(path, &size), 0);
  prepare_program(path, (const char* const[]){"disable-inheritance", NULL});
  give_pipe(f, 5, &pipes[0], UV_READABLE_PIPE);
  expect_exit(f, 0, 0);
}

/* -- Dumps ------------------------------------------------------------------------------------- */

#define LOCAL_DUMPS L"SOFTWARE\\Microsoft\\Windows\\Windows Error Reporting\\LocalDumps"

/* Only where the system is not set up for dumps, and this user may do it for the test. */
static bool set_up_dumps(const WCHAR* folder) {
  DWORD disposition;
  HKEY key;

  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, LOCAL_DUMPS, 0, NULL, REG_OPTION_VOLATILE, KEY_WRITE,
                      NULL, &key, &disposition) != ERROR_SUCCESS)
    return false;
  if (disposition == REG_CREATED_NEW_KEY)
    RegSetValueExW(key, L"DumpFolder", 0, REG_SZ, (const BYTE*) folder,
                   (DWORD) ((wcslen(folder) + 1) * sizeof(*folder)));
  RegCloseKey(key);
  return disposition == REG_CREATED_NEW_KEY;
}

static void sigquit_leaves_a_dump_where_the_system_wants_them(void** state) {
  struct loop_fixture* f = *state;
  WIN32_FIND_DATAW found;
  WCHAR folder[MAX_PATH];
  WCHAR path[2 * MAX_PATH];
  HANDLE search;

  assert_true(GetTempPathW(MAX_PATH, folder) > 0);
  _snwprintf(folder + wcslen(folder), MAX_PATH - wcslen(folder), L"rondo-dumps-%lu",
             GetCurrentProcessId());
  if (!set_up_dumps(folder)) {
    print_message("dumps are set up already, or cannot be\n");
    skip();
  }
  prepare("wait");
  spawn_well(f);
  int err = uv_kill(process.pid, SIGQUIT);
  RegDeleteKeyW(HKEY_LOCAL_MACHINE, LOCAL_DUMPS);
  assert_int_equal(err, 0);
  wait_exit(f, 1, 0);

  _snwprintf(path, 2 * MAX_PATH, L"%ls\\*.%d.dmp", folder, process.pid);
  search = FindFirstFileW(path, &found);
  assert_true(search != INVALID_HANDLE_VALUE);
  FindClose(search);
  assert_true(found.nFileSizeLow > 0);
  _snwprintf(path, 2 * MAX_PATH, L"%ls\\%ls", folder, found.cFileName);
  assert_true(DeleteFileW(path));
  assert_true(RemoveDirectoryW(folder));
}

/* -- Running ----------------------------------------------------------------------------------- */

int main(int argc, char** argv) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(block_of_descriptors_has_the_layout_of_the_c_library),
      cmocka_unit_test(block_that_makes_no_sense_has_no_descriptors),
      loop_test(ignored_ones_are_the_null_device),
      loop_test(childs_ends_wait_unless_asked_not_to),
      loop_test(child_is_told_the_kind_of_each_descriptor),
      loop_test(child_opens_descriptors_beyond_the_standard_ones),
      loop_test(connected_pipe_may_be_inherited),
      loop_test(too_many_and_too_few_descriptors_are_refused),
      loop_test(stream_that_is_open_is_refused_and_others_are_taken_back),
      loop_test(standard_descriptor_that_is_missing_is_none_of_the_childs),
      loop_test(windows_may_be_hidden),
      loop_test(detached_child_has_no_console),
      loop_test(exit_codes_have_32_bits_and_no_sign),
      loop_test(crash_is_told_by_its_code),
      loop_test(signals_that_mean_no_end_are_enosys),
      loop_test(last_signal_delivered_is_told),
      loop_test(ids_that_no_process_has_are_esrch),
      loop_test(children_are_in_the_job_and_theirs_are_not),
      loop_test(detached_children_are_not_in_the_job),
      loop_test(children_end_with_their_parent_unless_detached),
      loop_test(inherited_handles_are_no_longer_inherited),
      loop_test(sigquit_leaves_a_dump_where_the_system_wants_them),
  };

  if (argc > 1 && strcmp(argv[1], "be-killed-parent") == 0)
    return be_killed_parent();
  if (argc > 1 && strcmp(argv[1], "disable-inheritance") == 0)
    return disable_inheritance();
  return cmocka_run_group_tests_name("processes of Windows", tests, NULL, NULL);
}
