/* Dumps: their place is the one where the system itself puts those of programs that crash. */
#include "dump.h"

#include "startup.h"

#include <dbghelp.h>
#include <stdbool.h>
#include <wchar.h>

/* Units of a path. Longer ones get no dump. */
enum { PATH_SIZE = 1024 };

typedef BOOL(WINAPI* write_dump_fn)(HANDLE process, DWORD pid, HANDLE file, MINIDUMP_TYPE type,
                                    PMINIDUMP_EXCEPTION_INFORMATION exception,
                                    PMINIDUMP_USER_STREAM_INFORMATION streams,
                                    PMINIDUMP_CALLBACK_INFORMATION callback);

static bool is_fitting(DWORD len) {
  return len > 0 && len < PATH_SIZE;
}

/* Whether dumps are wanted, and where. */
static bool find_folder(WCHAR* folder) {
  static const WCHAR settings[] =
      L"SOFTWARE\\Microsoft\\Windows\\Windows Error Reporting\\LocalDumps";
  DWORD size = PATH_SIZE * sizeof(*folder);
  bool is_found = true;
  HKEY key;

  if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, settings, 0, KEY_QUERY_VALUE, &key) != ERROR_SUCCESS)
    return false;
  if (RegGetValueW(key, NULL, L"DumpFolder", RRF_RT_REG_SZ, NULL, folder, &size) != ERROR_SUCCESS) {
    is_found = is_fitting(GetEnvironmentVariableW(L"LOCALAPPDATA", folder, PATH_SIZE)) &&
               wcslen(folder) + wcslen(L"\\CrashDumps") < PATH_SIZE;
    if (is_found)
      wcscat(folder, L"\\CrashDumps");
  }
  RegCloseKey(key);
  return is_found;
}

static bool name_file(HANDLE process, const WCHAR* folder, WCHAR* path) {
  WCHAR program[PATH_SIZE];
  DWORD len = PATH_SIZE;
  const WCHAR* name;
  int written;

  if (!QueryFullProcessImageNameW(process, 0, program, &len))
    return false;
  name = wcsrchr(program, L'\\');
  name = name != NULL ? name + 1 : program;
  written = _snwprintf(path, PATH_SIZE, L"%ls\\%ls.%lu.dmp", folder, name, GetProcessId(process));
  return written > 0 && written < PATH_SIZE;
}

static bool write_to(HANDLE file, HANDLE process, write_dump_fn write_dump) {
  const MINIDUMP_TYPE all =
      (MINIDUMP_TYPE) (MiniDumpWithFullMemory | MiniDumpIgnoreInaccessibleMemory);

  return write_dump(process, GetProcessId(process), file, all, NULL, NULL, NULL) != FALSE;
}

static void write_file(const WCHAR* path, HANDLE process, write_dump_fn write_dump) {
  HANDLE file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS,
                            FILE_ATTRIBUTE_NORMAL, NULL);
  bool is_written;

  if (file == INVALID_HANDLE_VALUE)
    return;
  is_written = write_to(file, process, write_dump);
  CloseHandle(file);
  if (!is_written)
    DeleteFileW(path);
}

void uv__dump_write(HANDLE process) {
  WCHAR folder[PATH_SIZE];
  WCHAR path[PATH_SIZE];
  write_dump_fn write_dump;

  if (!find_folder(folder) || !name_file(process, folder, path))
    return;
  write_dump = (write_dump_fn) uv__system_function(L"dbghelp.dll", "MiniDumpWriteDump");
  if (write_dump == NULL)
    return;
  CreateDirectoryW(folder, NULL); /* it may be there */
  write_file(path, process, write_dump);
}
