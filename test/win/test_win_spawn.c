/* What a process is started with, as only Windows has it: command lines, environment blocks, the
 * search for a program. */
#include "support/spawn.h"
#include "win/spawn.h"

#include <stdio.h>
#include <wchar.h>

/* -- Command lines ----------------------------------------------------------------------------- */

static const char* line_of(const char* arg, bool is_verbatim) {
  static char text[256];
  char* const words[] = {(char*) (uintptr_t) arg, NULL};
  WCHAR* line;

  assert_int_equal(uv__spawn_command_line(words, is_verbatim, &line), 0);
  assert_true(WideCharToMultiByte(CP_UTF8, 0, line, -1, text, sizeof(text), NULL, NULL) > 0);
  free(line);
  return text;
}

static void arguments_are_quoted_only_where_it_is_needed(void** state) {
  static const struct {
    const char* arg;
    const char* quoted;
  } cases[] = {
      {"", "\"\""},
      {"a", "a"},
      {"a\\b", "a\\b"},
      {"a\\", "a\\"},
      {"a\\\\", "a\\\\"},
      {"a b", "\"a b\""},
      {"a\tb", "\"a\tb\""},
      {"a\nb", "a\nb"},
      {"a b\\", "\"a b\\\\\""},
      {"a b\\\\", "\"a b\\\\\\\\\""},
      {"a\\ b", "\"a\\ b\""},
      {"a\"b", "\"a\\\"b\""},
      {"a\\\"b", "\"a\\\\\\\"b\""},
      {"a\\\\\"b", "\"a\\\\\\\\\\\"b\""},
      {"\"", "\"\\\"\""},
      {"\\\"", "\"\\\\\\\"\""},
      {"\"a b\"", "\"\\\"a b\\\"\""},
      {"a\\\"b\\c\\", "\"a\\\\\\\"b\\c\\\\\""},
      {"%PATH%^&|<>'", "%PATH%^&|<>'"},
  };

  (void) state;
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    assert_string_equal(line_of(cases[i].arg, false), cases[i].quoted);
    assert_string_equal(line_of(cases[i].arg, true), cases[i].arg);
  }
}

/* Words of all lengths up to this, made of the characters that matter. */
enum { LONGEST_WORD = 5, LETTERS = 4 };

static void make_word(char* word, int number, int len) {
  static const char letters[] = {'x', ' ', '"', '\\'};

  for (int i = 0; i < len; i++, number /= LETTERS)
    word[i] = letters[number % LETTERS];
  word[len] = '\0';
}

static void expect_split_back(const char* word) {
  char* const words[] = {(char*) (uintptr_t) "program", (char*) (uintptr_t) word,
                         (char*) (uintptr_t) "last", NULL};
  WCHAR wide[LONGEST_WORD + 1];
  WCHAR* line;
  WCHAR** split;
  int count;

  assert_int_equal(uv__spawn_command_line(words, false, &line), 0);
  split = CommandLineToArgvW(line, &count);
  uv_wtf8_to_utf16(word, wide, LONGEST_WORD + 1);
  assert_int_equal(count, 3);
  assert_int_equal(wcscmp(split[1], wide), 0);
  assert_int_equal(wcscmp(split[2], L"last"), 0);
  LocalFree(split);
  free(line);
}

static void the_system_splits_a_line_into_the_same_arguments(void** state) {
  (void) state;
  for (int len = 0, words = 1; len <= LONGEST_WORD; len++, words *= LETTERS)
    for (int i = 0; i < words; i++) {
      char word[LONGEST_WORD + 1];
      make_word(word, i, len);
      expect_split_back(word);
    }
}

static void the_c_library_of_a_child_gets_the_same_arguments(void** state) {
  struct loop_fixture* f = *state;

  prepare("own-args", "", "a b\\", "\\\\\"x\\\" \"", "c:\\d e\\f\\");
  assert_string_equal(output_of_child(f),
                      CHILD_PROGRAM "\nown-args\n\na b\\\n\\\\\"x\\\" \"\nc:\\d e\\f\\\n");
}

static void verbatim_arguments_are_joined_as_they_are(void** state) {
  struct loop_fixture* f = *state;

  prepare("own-args", "\"one word\"", "a\"b c\"d", "two words");
  options.flags = UV_PROCESS_WINDOWS_VERBATIM_ARGUMENTS;
  assert_string_equal(output_of_child(f),
                      CHILD_PROGRAM "\nown-args\none word\nab cd\ntwo\nwords\n");
}

static void texts_that_are_no_wtf8_are_refused(void** state) {
  struct loop_fixture* f = *state;
  char bad[] = "x=\xff";
  char* env[] = {bad, NULL};

  prepare("exit", bad);
  expect_failure(f, UV_EINVAL);
  prepare("exit", "0");
  options.file = bad;
  expect_failure(f, UV_EINVAL);
  prepare("exit", "0");
  options.cwd = bad;
  expect_failure(f, UV_EINVAL);
  prepare("exit", "0");
  options.env = env;
  expect_failure(f, UV_EINVAL);
}

static void arguments_are_needed(void** state) {
  struct loop_fixture* f = *state;

  prepare("exit", "0");
  options.args = NULL;
  expect_failure(f, UV_EINVAL);
}

static void users_and_groups_are_refused(void** state) {
  struct loop_fixture* f = *state;
  const unsigned int flags[] = {UV_PROCESS_SETUID, UV_PROCESS_SETGID};

  for (size_t i = 0; i < 2; i++) {
    prepare("exit", "0");
    options.flags = flags[i];
    expect_failure(f, UV_ENOTSUP);
    prepare("exit", "0");
    options.flags = flags[i];
    options.file = NULL;
    expect_failure(f, UV_ENOTSUP);
  }
}

/* -- Environments ------------------------------------------------------------------------------ */

/* The texts of a block, joined by newlines. */
static const char* block_of(char* const* env) {
  static char text[8192];
  WCHAR* block;
  size_t len = 0;

  assert_int_equal(uv__spawn_environment(env, &block), 0);
  for (const WCHAR* at = block; *at != L'\0'; at += wcslen(at) + 1) {
    len += (size_t) WideCharToMultiByte(CP_UTF8, 0, at, -1, text + len, (int) (sizeof(text) - len),
                                        NULL, NULL);
    text[len - 1] = '\n';
  }
  text[len] = '\0';
  free(block);
  return text;
}

#define block(...) block_of((char*[]){__VA_ARGS__, NULL})

/* The variables that each child gets, so that only the given ones are left to see. */
#define ALL_REQUIRED \
  (char[]){"HomeDrive=x"}, (char[]){"HOMEPATH=x"}, (char[]){"LOGONSERVER=x"}, (char[]){"PATH=x"}, \
      (char[]){"SYSTEMDRIVE=x"}, (char[]){"SYSTEMROOT=x"}, (char[]){"TEMP=x"}, \
      (char[]){"USERDOMAIN=x"}, (char[]){"USERNAME=x"}, (char[]){"USERPROFILE=x"}, (char[]) { \
    "WINDIR=x" \
  }

static void environment_is_sorted_by_name(void** state) {
  (void) state;
  assert_string_equal(
      block(ALL_REQUIRED, (char[]){"b=2"}, (char[]){"A_=1"}, (char[]){"a=0"}, (char[]){"C="}),
      "a=0\nA_=1\nb=2\nC=\nHomeDrive=x\nHOMEPATH=x\nLOGONSERVER=x\nPATH=x\n"
      "SYSTEMDRIVE=x\nSYSTEMROOT=x\nTEMP=x\nUSERDOMAIN=x\nUSERNAME=x\n"
      "USERPROFILE=x\nWINDIR=x\n");
}

static void what_is_no_variable_is_dropped_and_duplicates_stay_in_order(void** state) {
  const char* text;

  (void) state;
  text = block(ALL_REQUIRED, (char[]){"A=2"}, (char[]){"nothing"}, (char[]){""}, (char[]){"a=1"},
               (char[]){"A=3"}, (char[]){"=C:=C:\\here"});
  assert_non_null(strstr(text, "=C:=C:\\here\nA=2\na=1\nA=3\nHomeDrive=x\n"));
  assert_null(strstr(text, "nothing"));
}

/* What the test changes of its own environment. */
static struct {
  const WCHAR* name;
  WCHAR before[1024];
} changed[3];

static int change_count;

static void change_own(const WCHAR* name, const WCHAR* value) {
  WCHAR* before = changed[change_count].before;

  GetEnvironmentVariableW(name, before, sizeof(changed[0].before) / sizeof(*before));
  changed[change_count++].name = name;
  assert_true(SetEnvironmentVariableW(name, value));
}

static void restore_own(void) {
  while (change_count > 0) {
    const WCHAR* before = changed[--change_count].before;
    SetEnvironmentVariableW(changed[change_count].name, *before == L'\0' ? NULL : before);
  }
}

static void variables_that_programs_need_are_added(void** state) {
  const char* text;

  (void) state;
  change_own(L"WinDir", L"ours");
  change_own(L"HOMEPATH", L"");
  change_own(L"USERDOMAIN", NULL);
  text =
      block((char[]){"SYSTEM=1"}, (char[]){"SYSTEMROOTED=2"}, (char[]){"temp=3"}, (char[]){"ZZ=4"});
  restore_own();
  assert_non_null(strstr(text, "\nSYSTEMROOT="));
  assert_non_null(strstr(text, "\nSYSTEMROOTED=2\n"));
  assert_non_null(strstr(text, "\ntemp=3\n"));
  assert_null(strstr(text, "\nTEMP="));
  assert_non_null(strstr(text, "\nWINDIR=ours\nZZ=4\n"));
  assert_non_null(strstr(text, "HOMEPATH=\n"));
  assert_null(strstr(text, "USERDOMAIN"));
}

/* Wine has a spelling of its own for one of them. */
static void empty_environment_has_them_too(void** state) {
  struct loop_fixture* f = *state;
  char* env[] = {NULL};
  const char* text;

  prepare("env");
  options.env = env;
  text = output_of_child(f);
  assert_true(strstr(text, "SYSTEMROOT=") != NULL || strstr(text, "SystemRoot=") != NULL);
  assert_null(strstr(text, "RONDO"));
}

static void child_sees_the_environment_given(void** state) {
  struct loop_fixture* f = *state;
  char* env[] = {(char[]){"RONDO_ONE=\xc3\xa9"}, (char[]){"RONDO_TWO="}, NULL};
  const char* text;

  prepare("env");
  options.env = env;
  text = output_of_child(f);
  assert_non_null(strstr(text, "RONDO_ONE=\xc3\xa9\n"));
  assert_non_null(strstr(text, "RONDO_TWO=\n"));
}

/* -- The search -------------------------------------------------------------------------------- */

static WCHAR root[MAX_PATH]; /* a directory of the test's own, with a '\' at its end */

static const WCHAR* in_root(const WCHAR* name) {
  static WCHAR paths[4][MAX_PATH];
  static int next;
  WCHAR* path = paths[next++ % 4];

  _snwprintf(path, MAX_PATH, L"%ls%ls", root, name);
  return path;
}

static const WCHAR* const files[] = {
    L"tool.exe",    L"tool.com",          L"only.exe",        L"plain",          L"dotted.x",
    L"a b\\in.exe", L"semi;colon\\s.exe", L"other\\tool.exe", L"other\\far.exe", L"end.exe",
};

enum { FILE_COUNT = sizeof(files) / sizeof(files[0]) };

static int make_files(void** state) {
  static const WCHAR* const directories[] = {L"a b", L"semi;colon", L"other", L"dir.exe"};

  (void) state;
  GetTempPathW(MAX_PATH, root);
  _snwprintf(root + wcslen(root), MAX_PATH - wcslen(root), L"rondo-search-%lu\\",
             GetCurrentProcessId());
  assert_true(CreateDirectoryW(root, NULL));
  for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
    assert_true(CreateDirectoryW(in_root(directories[i]), NULL));
  for (size_t i = 0; i < FILE_COUNT; i++) {
    HANDLE file = CreateFileW(in_root(files[i]), GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
  }
  return 0;
}

static int remove_files(void** state) {
  (void) state;
  for (size_t i = 0; i < FILE_COUNT; i++)
    assert_true(DeleteFileW(in_root(files[i])));
  RemoveDirectoryW(in_root(L"a b"));
  RemoveDirectoryW(in_root(L"semi;colon"));
  RemoveDirectoryW(in_root(L"other"));
  RemoveDirectoryW(in_root(L"dir.exe"));
  return RemoveDirectoryW(root) ? 0 : 1;
}

/* Looks for a file in the root as the current directory; fails unless it finds `expected` there,
 * or nothing if that is NULL. */
static void expect_found_in(const WCHAR* directory, const WCHAR* file, const WCHAR* path,
                            bool is_exact, const WCHAR* expected) {
  struct uv__spawn_search search = {
      .file = file, .directory = directory, .path = path, .is_exact = is_exact};
  WCHAR* program;
  int err = uv__spawn_find(&search, &program);

  if (expected == NULL) {
    assert_int_equal(err, UV_ENOENT);
    return;
  }
  assert_int_equal(err, 0);
  if (_wcsicmp(program, expected) != 0)
    fail_msg("found %ls, not %ls", program, expected);
  free(program);
}

static void expect_found(const WCHAR* file, const WCHAR* expected) {
  expect_found_in(root, file, NULL, false, expected == NULL ? NULL : in_root(expected));
}

static void extensions_are_tried(void** state) {
  (void) state;
  expect_found(L"tool", L"tool.com");
  expect_found(L"tool.exe", L"tool.exe");
  expect_found(L"only", L"only.exe");
  expect_found(L"ONLY", L"only.exe");
  expect_found(L"end.", L"end.exe");
  expect_found(L"dotted.x", L"dotted.x");
  expect_found(L"plain", NULL);
  expect_found(L"missing", NULL);
}

static void directories_are_no_programs(void** state) {
  (void) state;
  expect_found(L"dir", NULL);
  expect_found(L"dir.exe", NULL);
  expect_found(L"", NULL);
  expect_found(L".", NULL);
  expect_found(L"..", NULL);
  expect_found(L"other\\", NULL);
}

static void names_with_a_directory_are_relative_to_the_childs(void** state) {
  (void) state;
  expect_found(L"other\\far", L"other\\far.exe");
  expect_found(L"other/far", L"other/far.exe");
  expect_found(L".\\tool", L".\\tool.com");
  expect_found(L"a b\\in.exe", L"a b\\in.exe");
  expect_found_in(root, in_root(L"only"), NULL, false, in_root(L"only.exe"));
  expect_found_in(L"C:\\", in_root(L"only"), NULL, false, in_root(L"only.exe"));
}

static void names_with_a_directory_are_not_searched(void** state) {
  (void) state;
  expect_found_in(L"C:\\", L".\\far", in_root(L"other"), false, NULL);
}

static void drives_count(void** state) {
  WCHAR on_drive[MAX_PATH];

  (void) state;
  if (root[1] != L':')
    skip();
  expect_found_in(root, in_root(L"only") + 2, NULL, false, in_root(L"only.exe"));
  _snwprintf(on_drive, MAX_PATH, L"%.2lsother\\far", root);
  expect_found_in(root, on_drive, NULL, false, in_root(L"other\\far.exe"));
  _snwprintf(on_drive, MAX_PATH, L"%.2lsonly", root);
  expect_found_in(root, on_drive, NULL, false, in_root(L"only.exe"));
  expect_found_in(L"\\\\server\\share\\x", on_drive, NULL, false, NULL);
}

static void exact_names_need_a_directory(void** state) {
  (void) state;
  expect_found_in(root, L".\\plain", NULL, false, NULL);
  expect_found_in(root, L".\\plain", NULL, true, in_root(L".\\plain"));
  expect_found_in(root, L"plain", NULL, true, NULL);
  expect_found_in(root, L".\\tool", NULL, true, in_root(L".\\tool.com"));
}

static void path_is_searched_in_order(void** state) {
  WCHAR path[4 * MAX_PATH];

  (void) state;
  _snwprintf(path, 4 * MAX_PATH, L";;%lsmissing;%lsother;%ls;", root, root, root);
  expect_found_in(L"C:\\", L"far", path, false, in_root(L"other\\far.exe"));
  expect_found_in(L"C:\\", L"tool", path, false, in_root(L"other\\tool.exe"));
  expect_found_in(L"C:\\", L"only", path, false, in_root(L"only.exe"));
  expect_found_in(L"C:\\", L"nowhere", path, false, NULL);
  expect_found_in(L"C:\\", L"only", NULL, false, NULL);
}

static void entries_of_the_path_may_be_quoted_or_relative(void** state) {
  WCHAR path[4 * MAX_PATH];

  (void) state;
  _snwprintf(path, 4 * MAX_PATH, L"\"%lssemi;colon\";'%lsa b'", root, root);
  expect_found_in(L"C:\\", L"s", path, false, in_root(L"semi;colon\\s.exe"));
  expect_found_in(L"C:\\", L"in", path, false, in_root(L"a b\\in.exe"));
  _snwprintf(path, 4 * MAX_PATH, L"\"%lsother", root);
  expect_found_in(L"C:\\", L"far", path, false, in_root(L"other\\far.exe"));
  expect_found_in(root, L"far", L"nowhere;other", false, in_root(L"other\\far.exe"));
  expect_found_in(root, L"far", L".\\other\\", false, in_root(L".\\other\\far.exe"));
  if (root[1] == L':')
    expect_found_in(root, L"far", in_root(L"other") + 2, false, in_root(L"other\\far.exe"));
}

/* The current directory does not come first where the system says so. */
static void current_directory_comes_first_unless_switched_off(void** state) {
  (void) state;
  expect_found_in(root, L"tool", in_root(L"other"), false, in_root(L"tool.com"));
  SetEnvironmentVariableW(L"NoDefaultCurrentDirectoryInExePath", L"1");
  expect_found_in(root, L"tool", in_root(L"other"), false, in_root(L"other\\tool.exe"));
  SetEnvironmentVariableW(L"NoDefaultCurrentDirectoryInExePath", NULL);
}

static void copy_child(const WCHAR* to) {
  WCHAR from[MAX_PATH];

  uv_wtf8_to_utf16(CHILD_PROGRAM, from, MAX_PATH);
  assert_true(CopyFileW(from, to, FALSE));
}

static const char* utf8(const WCHAR* wide) {
  static char text[2 * MAX_PATH];

  assert_true(WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof(text), NULL, NULL) > 0);
  return text;
}

/* The path of the environment given, whatever its name's case; else ours. */
static void child_is_found_by_the_path_of_its_environment(void** state) {
  struct loop_fixture* f = *state;
  char entry[5 + 2 * MAX_PATH] = "Path=";
  char* env[] = {entry, NULL};

  copy_child(in_root(L"other\\far.exe"));
  strcat(entry, utf8(in_root(L"other")));
  prepare_program("far", (const char* const[]){"exit", "41", NULL});
  expect_failure(f, UV_ENOENT);
  prepare_program("far", (const char* const[]){"exit", "41", NULL});
  options.env = env;
  expect_exit(f, 41, 0);
  WCHAR saved[8192];
  GetEnvironmentVariableW(L"PATH", saved, sizeof(saved) / sizeof(saved[0]));
  SetEnvironmentVariableW(L"PATH", in_root(L"other"));
  prepare_program("far", (const char* const[]){"exit", "42", NULL});
  expect_exit(f, 42, 0);
  SetEnvironmentVariableW(L"PATH", saved);
}

/* Which a name that begins with its drive does not depend on. */
static void child_runs_in_the_directory_given(void** state) {
  struct loop_fixture* f = *state;
  const char* directory = utf8(in_root(L"a b"));
  WCHAR relative[MAX_PATH];
  WCHAR program[MAX_PATH];
  char name[2 * MAX_PATH];

  uv_wtf8_to_utf16(CHILD_PROGRAM, relative, MAX_PATH);
  assert_true(GetFullPathNameW(relative, MAX_PATH, program, NULL) > 0);
  WideCharToMultiByte(CP_UTF8, 0, program, -1, name, sizeof(name), NULL, NULL);
  prepare_program(name, (const char* const[]){"directory", NULL});
  options.cwd = directory;
  assert_string_equal(output_of_child(f), directory);
}

static void text_that_is_no_program_is_eftype(void** state) {
  struct loop_fixture* f = *state;

  prepare_program(utf8(in_root(L"dotted.x")), (const char* const[]){NULL});
  expect_failure(f, UV_EFTYPE);
}

/* -- Running ----------------------------------------------------------------------------------- */

#define files_test(function) cmocka_unit_test_setup_teardown(function, make_files, remove_files)

/* A loop, and the files. */
static int make_both(void** state) {
  return make_files(state) + loop_setup(state);
}

static int remove_both(void** state) {
  return loop_teardown(state) + remove_files(state);
}

#define both_test(function) cmocka_unit_test_setup_teardown(function, make_both, remove_both)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arguments_are_quoted_only_where_it_is_needed),
      cmocka_unit_test(the_system_splits_a_line_into_the_same_arguments),
      loop_test(the_c_library_of_a_child_gets_the_same_arguments),
      loop_test(verbatim_arguments_are_joined_as_they_are),
      loop_test(texts_that_are_no_wtf8_are_refused),
      loop_test(arguments_are_needed),
      loop_test(users_and_groups_are_refused),
      cmocka_unit_test(environment_is_sorted_by_name),
      cmocka_unit_test(what_is_no_variable_is_dropped_and_duplicates_stay_in_order),
      cmocka_unit_test(variables_that_programs_need_are_added),
      loop_test(empty_environment_has_them_too),
      loop_test(child_sees_the_environment_given),
      files_test(extensions_are_tried),
      files_test(directories_are_no_programs),
      files_test(names_with_a_directory_are_relative_to_the_childs),
      files_test(names_with_a_directory_are_not_searched),
      files_test(drives_count),
      files_test(exact_names_need_a_directory),
      files_test(path_is_searched_in_order),
      files_test(entries_of_the_path_may_be_quoted_or_relative),
      files_test(current_directory_comes_first_unless_switched_off),
      both_test(child_is_found_by_the_path_of_its_environment),
      both_test(child_runs_in_the_directory_given),
      both_test(text_that_is_no_program_is_eftype),
  };
  return cmocka_run_group_tests_name("programs of Windows", tests, NULL, NULL);
}
