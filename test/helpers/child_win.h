/* What the tests' child program does on Windows. Texts are told in UTF-8. */
#ifndef RONDO_TEST_HELPERS_CHILD_WIN_H_
#define RONDO_TEST_HELPERS_CHILD_WIN_H_

#include "child.h"

#include <fcntl.h>
#include <io.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>
/* clang-format off */
#include <windows.h>
#include <shellapi.h>
#include <winternl.h>
/* clang-format on */

enum { MOST_DESCRIPTORS = 256 };

static void begin(void) {
  _setmode(STDOUT_FILENO, _O_BINARY);
}

/* -- Texts ------------------------------------------------------------------------------------- */

static void print_wide(const WCHAR* text, const char* end) {
  int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
  char* bytes = malloc((size_t) size);

  WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, size, NULL, NULL);
  printf("%s%s", bytes, end);
  free(bytes);
}

/* As the system splits the line. */
static int print_args(char** argv) {
  int count;
  WCHAR** args = CommandLineToArgvW(GetCommandLineW(), &count);

  (void) argv;
  for (int i = 0; i < count; i++)
    print_wide(args[i], "\n");
  return 0;
}

/* As the C library splits it. */
static int print_own_args(char** argv) {
  for (; *argv != NULL; argv++)
    printf("%s\n", *argv);
  return 0;
}

static int print_env(void) {
  for (const WCHAR* text = GetEnvironmentStringsW(); *text != L'\0'; text += wcslen(text) + 1)
    print_wide(text, "\n");
  return 0;
}

static int print_directory(void) {
  WCHAR path[4096];

  GetCurrentDirectoryW(sizeof(path) / sizeof(path[0]), path);
  print_wide(path, "");
  return 0;
}

static int print_program(void) {
  WCHAR path[4096];

  GetModuleFileNameW(NULL, path, sizeof(path) / sizeof(path[0]));
  print_wide(path, "");
  return 0;
}

/* -- Descriptors ------------------------------------------------------------------------------- */

static const char* type_of(HANDLE handle) {
  DWORD mode;

  switch (GetFileType(handle)) {
    case FILE_TYPE_DISK:
      return "file";
    case FILE_TYPE_PIPE:
      return "pipe";
    case FILE_TYPE_CHAR:
      return GetConsoleMode(handle, &mode) ? "console" : "null";
    default:
      return "other";
  }
}

static const char* mode_of(HANDLE handle) {
  PUBLIC_OBJECT_BASIC_INFORMATION info;
  bool reads;
  bool writes;

  if (NtQueryObject(handle, ObjectBasicInformation, &info, sizeof(info), NULL) != 0)
    return "?";
  reads = (info.GrantedAccess & FILE_READ_DATA) != 0;
  writes = (info.GrantedAccess & FILE_WRITE_DATA) != 0;
  if (reads)
    return writes ? "rw" : "r";
  return writes ? "w" : "-";
}

static bool is_overlapped(HANDLE handle) {
  IO_STATUS_BLOCK io;
  ULONG mode = 0;

  if (NtQueryInformationFile(handle, &io, &mode, sizeof(mode), FileModeInformation) != 0)
    return false;
  return (mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)) == 0;
}

/* The C library has another value for a standard stream that was never open. */
static bool is_open(HANDLE handle) {
  return handle != INVALID_HANDLE_VALUE && handle != (HANDLE) (intptr_t) -2;
}

/* "0:null,r 1:pipe,w,overlapped ..." for the descriptors of the C library that are open. */
static int print_descriptors(int end) {
  for (int fd = 0; fd < end; fd++) {
    HANDLE handle = (HANDLE) _get_osfhandle(fd);
    if (!is_open(handle))
      continue;
    printf("%d:%s,%s%s ", fd, type_of(handle), mode_of(handle),
           is_overlapped(handle) ? ",overlapped" : "");
  }
  return 0;
}

static int inherited_count(const STARTUPINFOW* info) {
  int count = 0;

  if (info->cbReserved2 >= sizeof(count))
    memcpy(&count, info->lpReserved2, sizeof(count));
  return count >= 0 && count <= MOST_DESCRIPTORS ? count : 0;
}

/* The flags that the parent gave each descriptor: "41 9 0 ". */
static int print_block(void) {
  STARTUPINFOW info;

  GetStartupInfoW(&info);
  for (int fd = 0; fd < inherited_count(&info); fd++)
    printf("%x ", info.lpReserved2[sizeof(int) + (size_t) fd]);
  return 0;
}

/* -- The rest ---------------------------------------------------------------------------------- */

/* How the window is to be shown, and whether there is a console. */
static int print_window(void) {
  STARTUPINFOW info;

  GetStartupInfoW(&info);
  printf("%d %s", info.wShowWindow,
         GetConsoleWindow() != NULL || GetConsoleCP() != 0 ? "yes" : "no");
  return 0;
}

static PROCESS_INFORMATION start_waiting(void) {
  WCHAR program[4096];
  WCHAR line[] = L"child wait";
  STARTUPINFOW info = {.cb = sizeof(info)};
  PROCESS_INFORMATION child = {0};

  GetModuleFileNameW(NULL, program, sizeof(program) / sizeof(program[0]));
  CreateProcessW(program, line, NULL, NULL, FALSE, 0, NULL, NULL, &info, &child);
  return child;
}

static int wait_long(void) {
  enum { PATIENCE_MS = 100000 };

  Sleep(PATIENCE_MS);
  return 0;
}

/* Starts another such child, tells its id, and waits. */
static int be_parent(void) {
  printf("%lu\n", start_waiting().dwProcessId);
  fflush(stdout);
  return wait_long();
}

static int do_more(const char* what, int value, char** argv) {
  if (strcmp(what, "own-args") == 0)
    return print_own_args(argv);
  if (strcmp(what, "program") == 0)
    return print_program();
  if (strcmp(what, "descriptors") == 0)
    return print_descriptors(value);
  if (strcmp(what, "block") == 0)
    return print_block();
  if (strcmp(what, "window") == 0)
    return print_window();
  if (strcmp(what, "wait") == 0)
    return wait_long();
  if (strcmp(what, "parent") == 0)
    return be_parent();
  if (strcmp(what, "crash") == 0)
    RaiseException(STATUS_ACCESS_VIOLATION, EXCEPTION_NONCONTINUABLE, 0, NULL);
  return 0;
}

#endif /* RONDO_TEST_HELPERS_CHILD_WIN_H_ */
