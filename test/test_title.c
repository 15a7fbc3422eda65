/* The title of the process: the arguments make room for it, ps(1) and threads show it; on Windows
 * it is the console's. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "support/peer.h"
#include "uv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined(_WIN32)
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#if defined(_WIN32)

/* The title is the console's: it needs no arguments, but a console. */

static int setup(void** state) {
  (void) state;
  return 0;
}

static void prepare(void) {
  if (!SetConsoleTitleW(L"test_title")) {
    print_message("there is no console\n");
    skip();
  }
}

static const char* first_title(void) {
  static char path[4096];
  size_t size = sizeof(path);
  assert_int_equal(uv_exepath(path, &size), 0);
  return path;
}

#else

extern char** environ;

static int main_argc;
static char** main_argv;

/* Arguments as the system lays them out, with something behind them. */
enum { ARGS = 3, ROOM = 8 + 4 + 1, MEMORY = ROOM + 8 };

static char memory[MEMORY + 1];
static char* args[ARGS + 1];

static int setup(void** state) {
  (void) state;
  memcpy(memory, "program\0one\0\0BEHIND!!", MEMORY);
  args[0] = memory;
  args[1] = memory + 8;
  args[2] = memory + 12;
  args[3] = NULL;
  prctl(PR_SET_NAME, "test_title");
  return 0;
}

static void prepare(void) {
  uv_setup_args(ARGS, args);
}

static const char* first_title(void) {
  return "program";
}

#endif

static int teardown(void** state) {
  (void) state;
  uv_library_shutdown();
  return 0;
}

static void expect_title(const char* expected) {
  char title[4096];

  memset(title, '#', sizeof(title));
  assert_int_equal(uv_get_process_title(title, sizeof(title)), 0);
  assert_string_equal(title, expected);
}

/* -- Everywhere -------------------------------------------------------------------------------- */

static void a_buffer_is_needed_before_all_else(void** state) {
  (void) state;
  char title[16] = "#";

  assert_int_equal(uv_get_process_title(NULL, 16), UV_EINVAL);
  assert_int_equal(uv_get_process_title(title, 0), UV_EINVAL);
  assert_string_equal(title, "#");
}

static void a_title_is_needed(void** state) {
  (void) state;
  prepare();
  assert_int_equal(uv_set_process_title(NULL), UV_EINVAL);
  expect_title(first_title());
}

static void the_empty_title_is_one(void** state) {
  (void) state;
  prepare();
  assert_int_equal(uv_set_process_title(""), 0);
  expect_title("");
}

static void percent_signs_are_plain_text(void** state) {
  (void) state;
  prepare();
  assert_int_equal(uv_set_process_title("%s%n %d"), 0);
  expect_title("%s%n %d");
}

/* Each change of a console's title is drawn, so a busy machine gets fewer. */
enum { ROUNDS = 5000, MOST_MS = 2000 };

static int stop_setting;

static void set_titles(void* arg) {
  (void) arg;
  while (!__atomic_load_n(&stop_setting, __ATOMIC_RELAXED)) {
    uv_set_process_title("aaaaaaaaaaaa");
    uv_set_process_title("bbbbbb");
  }
}

static void a_title_is_never_a_mix(void** state) {
  (void) state;
  uv_thread_t setters[2];
  int mixed = 0;

  prepare();
  uv_set_process_title("bbbbbb");
  uint64_t end = uv_hrtime() + (uint64_t) MOST_MS * 1000000;
  stop_setting = 0;
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_thread_create(&setters[i], set_titles, NULL), 0);
  for (int i = 0; i < ROUNDS && uv_hrtime() < end; i++) {
    char title[32];
    if (uv_get_process_title(title, sizeof(title)) != 0 ||
        (strcmp(title, "aaaaaaaaaaaa") != 0 && strcmp(title, "bbbbbb") != 0))
      mixed++;
  }
  __atomic_store_n(&stop_setting, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < 2; i++)
    assert_int_equal(uv_thread_join(&setters[i]), 0);
  assert_int_equal(mixed, 0);
}

#define title_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
#define newer_title_test(function) newer_test_with(function, setup, teardown)

#if defined(_WIN32)

/* -- The console's title ----------------------------------------------------------------------- */

static void the_arguments_stay_as_they_are(void** state) {
  (void) state;
  char name[] = "program";
  char* vector[] = {name, NULL};
  assert_ptr_equal(uv_setup_args(1, vector), vector);
  assert_ptr_equal(uv_setup_args(0, vector), vector);
}

static void the_path_of_the_program_is_the_first_title(void** state) {
  (void) state;
  char title[4096];
  size_t len = strlen(first_title());

  expect_title(first_title());
  for (size_t size = 1; size <= len; size++)
    assert_int_equal(uv_get_process_title(title, size), UV_ENOBUFS);
  assert_int_equal(uv_get_process_title(title, len + 1), 0);
  assert_string_equal(title, first_title());
}

static void without_a_console_the_title_stays(void** state) {
  (void) state;
  WCHAR before[512] = L"";
  bool has_console = GetConsoleTitleW(before, 512) > 0 || SetConsoleTitleW(L"");

  if (has_console) {
    print_message("there is a console\n");
    skip();
  }
  assert_true(uv_set_process_title("new one") < 0);
  expect_title(first_title());
}

static void the_console_shows_the_title(void** state) {
  (void) state;
  WCHAR shown[64] = L"";

  prepare();
  assert_int_equal(uv_set_process_title("\xC3\xA4 \xE2\x82\xAC"), 0);
  expect_title("\xC3\xA4 \xE2\x82\xAC");
  GetConsoleTitleW(shown, 64);
  assert_memory_equal(shown, L"\x00E4 \x20AC", 4 * sizeof(*shown));
}

static void a_long_title_is_told_whole(void** state) {
  (void) state;
  enum { LEN = 10000 };
  char* title = malloc(LEN + 1);
  char* told = malloc(LEN + 1);

  prepare();
  memset(title, 'x', LEN);
  title[LEN] = '\0';
  assert_int_equal(uv_set_process_title(title), 0);
  assert_int_equal(uv_get_process_title(told, LEN), UV_ENOBUFS);
  assert_int_equal(uv_get_process_title(told, LEN + 1), 0);
  assert_string_equal(told, title);
  free(title);
  free(told);
}

static void text_that_is_no_wtf8_is_refused(void** state) {
  (void) state;
  assert_int_equal(uv_set_process_title("\xFF"), UV_EINVAL);
  expect_title(first_title());
}

static void without_memory_the_title_stays(void** state) {
  (void) state;
  int err = UV_ENOMEM;

  prepare();
  assert_int_equal(uv_set_process_title("before"), 0);
  uv_library_shutdown();
  for (long fail_at = 1; err != 0; fail_at++) {
    test_allocator_install(fail_at, false);
    err = uv_set_process_title("after");
    assert_true(err == 0 || err == UV_ENOMEM);
    assert_int_equal(test_allocator.live, err == 0);
  }
  test_allocator_install(0, false);
  test_allocator.live = 1;
  uv_library_shutdown();
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
  expect_title(first_title());
}

int main(void) {
  const struct CMUnitTest tests[] = {
      title_test(the_arguments_stay_as_they_are),
      title_test(the_path_of_the_program_is_the_first_title),
      title_test(without_a_console_the_title_stays),
      title_test(the_console_shows_the_title),
      title_test(a_long_title_is_told_whole),
      title_test(text_that_is_no_wtf8_is_refused),
      title_test(without_memory_the_title_stays),
      title_test(a_buffer_is_needed_before_all_else),
      title_test(a_title_is_needed),
      title_test(the_empty_title_is_one),
      title_test(percent_signs_are_plain_text),
      title_test(a_title_is_never_a_mix),
  };
  return cmocka_run_group_tests_name("title", tests, NULL, NULL);
}

#else

/* -- Arguments --------------------------------------------------------------------------------- */

static void the_arguments_are_copied(void** state) {
  (void) state;
  char** copy = uv_setup_args(ARGS, args);

  assert_ptr_not_equal(copy, args);
  memset(memory, 'x', ROOM);
  assert_string_equal(copy[0], "program");
  assert_string_equal(copy[1], "one");
  assert_string_equal(copy[2], "");
  assert_null(copy[3]);
}

static void without_arguments_there_are_no_titles(void** state) {
  (void) state;
  assert_ptr_equal(uv_setup_args(0, args), args);
  assert_ptr_equal(uv_setup_args(-1, args), args);
  assert_int_equal(uv_set_process_title("x"), UV_ENOBUFS);
}

static void without_memory_there_are_no_titles(void** state) {
  (void) state;
  char** result;
  char title[16] = "#";

  test_allocator_install(1, true);
  result = uv_setup_args(ARGS, args);
  test_allocator_remove();
  assert_ptr_equal(result, args);
  assert_int_equal(uv_set_process_title("x"), UV_ENOBUFS);
  assert_int_equal(uv_get_process_title(title, sizeof(title)), UV_ENOBUFS);
  assert_string_equal(title, "#");
  assert_string_equal(args[0], "program");
}

static void a_second_setup_changes_nothing(void** state) {
  (void) state;
  char** copy = uv_setup_args(ARGS, args);

  assert_ptr_equal(uv_setup_args(ARGS, copy), copy);
  assert_int_equal(uv_set_process_title("still there"), 0);
  assert_string_equal(memory, "still there");
  assert_string_equal(copy[0], "program");
}

static void shutdown_frees_the_copy_and_ends_titles(void** state) {
  (void) state;
  char title[16];

  test_allocator_install(0, false);
  uv_setup_args(ARGS, args);
  assert_int_equal(test_allocator.live, 1);
  assert_int_equal(uv_set_process_title("short"), 0);
  uv_library_shutdown();
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
  assert_int_equal(uv_set_process_title("x"), UV_ENOBUFS);
  assert_int_equal(uv_get_process_title(title, sizeof(title)), UV_ENOBUFS);
  assert_string_equal(memory, "short");

  setup(NULL);
  uv_setup_args(ARGS, args);
  expect_title("program");
}

/* -- Titles ------------------------------------------------------------------------------------ */

static void there_is_no_title_without_setup(void** state) {
  (void) state;
  char title[16] = "#";

  assert_int_equal(uv_get_process_title(title, sizeof(title)), UV_ENOBUFS);
  assert_int_equal(uv_set_process_title("x"), UV_ENOBUFS);
  assert_string_equal(title, "#");
}

static void the_first_argument_is_the_first_title(void** state) {
  (void) state;
  uv_setup_args(ARGS, args);
  expect_title("program");
}

static void the_title_stands_in_place_of_the_arguments(void** state) {
  (void) state;
  uv_setup_args(ARGS, args);
  assert_int_equal(uv_set_process_title("new one"), 0);
  expect_title("new one");
  assert_memory_equal(memory, "new one\0\0\0\0\0\0BEHIND!!", MEMORY);
}

static void a_long_title_is_cut_to_the_room(void** state) {
  (void) state;
  uv_setup_args(ARGS, args);
  assert_int_equal(uv_set_process_title("0123456789abcdefghij"), 0);
  expect_title("0123456789ab");
  assert_memory_equal(memory, "0123456789ab\0BEHIND!!", MEMORY);
  assert_int_equal(uv_set_process_title("z"), 0);
  expect_title("z");
  assert_memory_equal(memory, "z\0\0\0\0\0\0\0\0\0\0\0\0BEHIND!!", MEMORY);
}

static void a_small_buffer_is_told_so(void** state) {
  (void) state;
  char title[8];

  uv_setup_args(ARGS, args);
  for (size_t size = 1; size <= 7; size++)
    assert_int_equal(uv_get_process_title(title, size), UV_ENOBUFS);
  assert_int_equal(uv_get_process_title(title, 8), 0);
  assert_string_equal(title, "program");
}

static void arguments_that_lie_elsewhere_are_left_alone(void** state) {
  (void) state;
  char elsewhere[] = "elsewhere";

  args[1] = elsewhere;
  uv_setup_args(ARGS, args);
  assert_int_equal(uv_set_process_title("0123456789"), 0);
  expect_title("0123456");
  assert_memory_equal(memory, "0123456\0one\0\0BEHIND!!", MEMORY);
  assert_string_equal(elsewhere, "elsewhere");
}

static void part_of_the_title_can_be_the_title(void** state) {
  (void) state;
  uv_setup_args(ARGS, args);
  assert_int_equal(uv_set_process_title(memory + 3), 0);
  expect_title("gram");
}

/* -- What others see --------------------------------------------------------------------------- */

static size_t read_command_line(char* text, size_t size) {
  FILE* file = fopen("/proc/self/cmdline", "r");
  size_t len;

  assert_non_null(file);
  len = fread(text, 1, size - 1, file);
  fclose(file);
  text[len] = '\0';
  return len;
}

static void the_system_shows_the_title(void** state) {
  (void) state;
  char line[4096];
  size_t len = read_command_line(line, sizeof(line));
  char* first_variable = environ[0];
  char* variable_before;

  /* What runs the program, such as valgrind, may have put it where the system does not look. */
  main_argv[0][0]++;
  read_command_line(line, sizeof(line));
  main_argv[0][0]--;
  if (line[0] != main_argv[0][0] + 1) {
    print_message("the arguments are not where the system looks\n");
    skip();
  }
  variable_before = first_variable != NULL ? strdup(first_variable) : NULL;
  char** copy = uv_setup_args(main_argc, main_argv);
  assert_string_equal(copy[0], main_argv[0]);
  assert_int_equal(uv_set_process_title("tt"), 0);
  assert_int_equal(read_command_line(line, sizeof(line)), len);
  assert_string_equal(line, "tt");

  memset(line, 'L', sizeof(line));
  line[sizeof(line) - 1] = '\0';
  assert_int_equal(uv_set_process_title(line), 0);
  assert_int_equal(read_command_line(line, sizeof(line)), len);
  assert_int_equal(strspn(line, "L"), len - 1);
  if (variable_before != NULL)
    assert_string_equal(first_variable, variable_before);
  free(variable_before);
}

static void title_in_thread(void* arg) {
  char* name = arg;

  assert_int_equal(uv_set_process_title("0123456789abcdefghij"), 0);
  prctl(PR_GET_NAME, name);
}

static void the_calling_thread_gets_the_name(void** state) {
  (void) state;
  char room[] = "a program with much room";
  char* vector[] = {room, NULL};
  char name[16] = "";
  uv_thread_t thread;

  uv_setup_args(1, vector);
  assert_int_equal(uv_thread_create(&thread, title_in_thread, name), 0);
  assert_int_equal(uv_thread_join(&thread), 0);
  assert_string_equal(name, "0123456789abcde");
  prctl(PR_GET_NAME, name);
  assert_string_equal(name, "test_title");
  expect_title("0123456789abcdefghij");
}

static void a_fork_in_the_middle_leaves_the_child_its_titles(void** state) {
  (void) state;
  uv_thread_t setter;
  char title[32];
  int failed = 0;

  uv_setup_args(ARGS, args);
  stop_setting = 0;
  assert_int_equal(uv_thread_create(&setter, set_titles, NULL), 0);
  do
    assert_int_equal(uv_get_process_title(title, sizeof(title)), 0);
  while (strcmp(title, "program") == 0);
  for (int i = 0; i < 50; i++) {
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
      alarm(10);
      _exit(uv_set_process_title("child") != 0 || uv_get_process_title(title, sizeof(title)) != 0 ||
            strcmp(title, "child") != 0);
    }
    if (pid == -1 || waitpid(pid, &status, 0) != pid || status != 0)
      failed++;
  }
  __atomic_store_n(&stop_setting, 1, __ATOMIC_RELAXED);
  assert_int_equal(uv_thread_join(&setter), 0);
  assert_int_equal(failed, 0);
}

/* An older peer has no titles after its first shutdown, so only one test in a run means something
 * there. */
int main(int argc, char** argv) {
  const struct CMUnitTest tests[] = {
      title_test(there_is_no_title_without_setup),
      title_test(a_buffer_is_needed_before_all_else),
      title_test(without_arguments_there_are_no_titles),
      title_test(without_memory_there_are_no_titles),
      title_test(the_arguments_are_copied),
      newer_title_test(a_second_setup_changes_nothing),
      newer_title_test(shutdown_frees_the_copy_and_ends_titles),
      newer_title_test(a_title_is_needed),
      title_test(the_first_argument_is_the_first_title),
      title_test(the_title_stands_in_place_of_the_arguments),
      title_test(a_long_title_is_cut_to_the_room),
      title_test(the_empty_title_is_one),
      title_test(percent_signs_are_plain_text),
      title_test(a_small_buffer_is_told_so),
      newer_title_test(arguments_that_lie_elsewhere_are_left_alone),
      title_test(part_of_the_title_can_be_the_title),
      title_test(the_system_shows_the_title),
      title_test(the_calling_thread_gets_the_name),
      title_test(a_title_is_never_a_mix),
      newer_title_test(a_fork_in_the_middle_leaves_the_child_its_titles),
  };

  main_argc = argc;
  main_argv = argv;
  return cmocka_run_group_tests_name("title", tests, NULL, NULL);
}

#endif
