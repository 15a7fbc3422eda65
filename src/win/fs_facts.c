/* What the system tells of a file. */
#include "fs_facts.h"

#include "../atomic.h"
#include "../core.h"
#include "error_sys.h"
#include "fs_ops.h"
#include "startup.h"

#include <string.h>
#include <wchar.h>

/* All but the name, which is last and does not fit. */
static bool is_enough(NTSTATUS status) {
  return UV__NT_SUCCESS(status) || status == STATUS_BUFFER_OVERFLOW;
}

static DWORD volume_of(HANDLE file) {
  FILE_FS_VOLUME_INFORMATION info;
  IO_STATUS_BLOCK io;

  return is_enough(
             NtQueryVolumeInformationFile(file, &io, &info, sizeof(info), FileFsVolumeInformation))
             ? info.VolumeSerialNumber
             : 0;
}

/* All at once, or else, where a file has no name to tell, piece by piece. */
static NTSTATUS query(HANDLE file, FILE_ALL_INFORMATION* info) {
  IO_STATUS_BLOCK io;
  NTSTATUS status = NtQueryInformationFile(file, &io, info, sizeof(*info), FileAllInformation);

  if (is_enough(status))
    return STATUS_SUCCESS;
  status = NtQueryInformationFile(file, &io, &info->BasicInformation,
                                  sizeof(info->BasicInformation), FileBasicInformation);
  if (UV__NT_SUCCESS(status))
    status = NtQueryInformationFile(file, &io, &info->StandardInformation,
                                    sizeof(info->StandardInformation), FileStandardInformation);
  if (UV__NT_SUCCESS(status))
    status = NtQueryInformationFile(file, &io, &info->InternalInformation,
                                    sizeof(info->InternalInformation), FileInternalInformation);
  return status;
}

DWORD uv__facts_of_handle(HANDLE file, struct uv__facts* facts) {
  FILE_ALL_INFORMATION info;
  NTSTATUS status = query(file, &info);

  if (!UV__NT_SUCCESS(status))
    return uv__status_to_win32(status);
  *facts = (struct uv__facts){
      .attributes = info.BasicInformation.FileAttributes,
      .volume = volume_of(file),
      .links = info.StandardInformation.NumberOfLinks,
      .id = (uint64_t) info.InternalInformation.IndexNumber.QuadPart,
      .size = (uint64_t) info.StandardInformation.EndOfFile.QuadPart,
      .allocated = (uint64_t) info.StandardInformation.AllocationSize.QuadPart,
      .accessed = info.BasicInformation.LastAccessTime.QuadPart,
      .written = info.BasicInformation.LastWriteTime.QuadPart,
      .changed = info.BasicInformation.ChangeTime.QuadPart,
      .created = info.BasicInformation.CreationTime.QuadPart,
  };
  return 0;
}

/* -- From the directory ------------------------------------------------------------------------ */

static bool is_slash(WCHAR c) {
  return c == L'\\' || c == L'/';
}

/* Where the last name of a path begins. */
static size_t name_at(const WCHAR* path) {
  size_t at = wcslen(path);

  while (at > 0 && !is_slash(path[at - 1]) && !(at == 2 && path[1] == L':'))
    at--;
  return at;
}

static DWORD open_parent(const WCHAR* path, size_t len, HANDLE* directory) {
  WCHAR* parent = uv__malloc((len + 2) * sizeof(*parent));
  DWORD error;

  if (parent == NULL)
    return ERROR_NOT_ENOUGH_MEMORY;
  /* "\." behind a drive would be its root, and behind a slash nothing else than the slash. */
  wmemcpy(parent, path, len);
  wcscpy(parent + len, L".");
  if (len > 0 && is_slash(path[len - 1]))
    parent[len] = L'\0';
  error = uv__fs_open_path(parent, FILE_LIST_DIRECTORY | SYNCHRONIZE, false, directory);
  uv__free(parent);
  return error;
}

static DWORD query_entry(HANDLE directory, const WCHAR* name, struct uv__facts* facts) {
  union {
    FILE_ID_BOTH_DIR_INFORMATION info;
    char bytes[sizeof(FILE_ID_BOTH_DIR_INFORMATION) + 256 * sizeof(WCHAR)];
  } found;
  const FILE_ID_BOTH_DIR_INFORMATION* info = &found.info;
  IO_STATUS_BLOCK io;
  UNICODE_STRING pattern;
  NTSTATUS status;

  RtlInitUnicodeString(&pattern, name);
  status = NtQueryDirectoryFile(directory, NULL, NULL, NULL, &io, &found, sizeof(found),
                                FileIdBothDirectoryInformation, TRUE, &pattern, TRUE);
  if (!UV__NT_SUCCESS(status))
    return uv__status_to_win32(status);
  *facts = (struct uv__facts){
      .attributes = info->FileAttributes,
      .volume = volume_of(directory),
      .links = 1,
      .id = (uint64_t) info->FileId.QuadPart,
      .size = (uint64_t) info->EndOfFile.QuadPart,
      .allocated = (uint64_t) info->AllocationSize.QuadPart,
      .accessed = info->LastAccessTime.QuadPart,
      .written = info->LastWriteTime.QuadPart,
      .changed = info->ChangeTime.QuadPart,
      .created = info->CreationTime.QuadPart,
  };
  return 0;
}

DWORD uv__facts_of_entry(const WCHAR* path, struct uv__facts* facts) {
  size_t at = name_at(path);
  HANDLE directory;
  DWORD error;

  /* The name is taken for a pattern. */
  if (path[at] == L'\0' || wcspbrk(path + at, L"*?<>\"") != NULL)
    return ERROR_INVALID_NAME;
  error = open_parent(path, at, &directory);
  if (error != 0)
    return error;
  error = query_entry(directory, path + at, facts);
  CloseHandle(directory);
  return error;
}

/* -- By name ----------------------------------------------------------------------------------- */

/* Since Windows 11 24H2; the system's headers do not have it yet. */
enum { STAT_BASIC_BY_NAME = 3 };

struct stat_basic {
  LARGE_INTEGER id;
  LARGE_INTEGER created;
  LARGE_INTEGER accessed;
  LARGE_INTEGER written;
  LARGE_INTEGER changed;
  LARGE_INTEGER allocated;
  LARGE_INTEGER size;
  ULONG attributes;
  ULONG tag;
  ULONG links;
  ULONG device_type;
  ULONG device_characteristics;
  ULONG reserved;
  LARGE_INTEGER volume;
  unsigned char long_id[16];
};

typedef BOOL(WINAPI* by_name_function)(const WCHAR* path, int kind, void* info, ULONG size);

static uv_once_t by_name_once = UV_ONCE_INIT;
static by_name_function by_name;

static void find_by_name(void) {
  by_name = (by_name_function) uv__system_function(L"kernelbase.dll", "GetFileInformationByName");
}

DWORD uv__facts_of_name(const WCHAR* path, struct uv__facts* facts) {
  struct stat_basic info;

  uv_once(&by_name_once, find_by_name);
  if (by_name == NULL)
    return ERROR_NOT_SUPPORTED;
  if (!by_name(path, STAT_BASIC_BY_NAME, &info, sizeof(info)))
    return GetLastError();
  *facts = (struct uv__facts){
      .attributes = info.attributes,
      .volume = (DWORD) info.volume.QuadPart,
      .links = info.links,
      .id = (uint64_t) info.id.QuadPart,
      .size = (uint64_t) info.size.QuadPart,
      .allocated = (uint64_t) info.allocated.QuadPart,
      .accessed = info.accessed.QuadPart,
      .written = info.written.QuadPart,
      .changed = info.changed.QuadPart,
      .created = info.created.QuadPart,
  };
  return 0;
}
