/* Files: what is known about them, and about file systems. */
#include "../core.h"
#include "error_sys.h"
#include "fs_facts.h"
#include "fs_ops.h"
#include "fs_reparse.h"
#include "fs_time.h"

#include <string.h>
#include <wchar.h>

enum {
  MODE_READ = 0444,
  MODE_READ_WRITE = 0666,
  BLOCK_SIZE = 4096,
  SPACE_UNIT = 512,
  DEVICE_SHIFT = 16 /* from the system's number of a kind of device to `st_rdev` */
};

/* Of <winioctl.h>. */
enum { DEVICE_PIPE = 0x11, DEVICE_NULL = 0x15, DEVICE_CONSOLE = 0x50 };

/* -- Files ------------------------------------------------------------------------------------- */

/* `target` is where a link leads, NULL for what is none. */
static void fill(uv_stat_t* info, const struct uv__facts* facts, const char* target) {
  bool is_directory = (facts->attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
  bool is_read_only = (facts->attributes & FILE_ATTRIBUTE_READONLY) != 0;

  memset(info, 0, sizeof(*info));
  info->st_dev = facts->volume;
  info->st_ino = facts->id;
  info->st_nlink = facts->links;
  info->st_mode = is_read_only ? MODE_READ : MODE_READ_WRITE;
  if (target != NULL) {
    info->st_mode |= S_IFLNK;
    info->st_size = strlen(target);
  } else if (is_directory) {
    info->st_mode |= _S_IFDIR;
  } else {
    info->st_mode |= _S_IFREG;
    info->st_size = facts->size;
  }
  info->st_blocks = facts->allocated / SPACE_UNIT;
  info->st_blksize = BLOCK_SIZE;
  info->st_atim = uv__fs_timespec(facts->accessed);
  info->st_mtim = uv__fs_timespec(facts->written);
  info->st_ctim = uv__fs_timespec(facts->changed);
  info->st_birthtim = uv__fs_timespec(facts->created);
}

/* -- Other things ------------------------------------------------------------------------------ */

static void fill_device(uv_stat_t* info, HANDLE file, uint64_t mode, uint64_t device) {
  memset(info, 0, sizeof(*info));
  info->st_mode = mode;
  info->st_nlink = 1;
  info->st_rdev = device << DEVICE_SHIFT;
  info->st_ino = (uintptr_t) file;
}

static void fill_null_device(uv_stat_t* info) {
  fill_device(info, NULL, _S_IFCHR | MODE_READ_WRITE, DEVICE_NULL);
  info->st_blksize = BLOCK_SIZE;
}

static bool is_null_device(HANDLE file) {
  FILE_FS_DEVICE_INFORMATION device;
  IO_STATUS_BLOCK io;

  return UV__NT_SUCCESS(NtQueryVolumeInformationFile(file, &io, &device, sizeof(device),
                                                     FileFsDeviceInformation)) &&
         device.DeviceType == DEVICE_NULL;
}

/* -- Handles and paths ------------------------------------------------------------------------- */

static DWORD stat_handle(HANDLE file, const char* target, uv_stat_t* info) {
  struct uv__facts facts;
  DWORD error;

  switch (GetFileType(file)) {
    case FILE_TYPE_CHAR:
      if (is_null_device(file))
        fill_null_device(info);
      else
        fill_device(info, file, _S_IFCHR, DEVICE_CONSOLE);
      return 0;
    case FILE_TYPE_PIPE:
      fill_device(info, file, S_IFIFO, DEVICE_PIPE);
      return 0;
    case FILE_TYPE_DISK:
      error = uv__facts_of_handle(file, &facts);
      if (error == 0)
        fill(info, &facts, target);
      return error;
    default:
      return ERROR_INVALID_HANDLE;
  }
}

DWORD uv__fs_fstat(int fd, uv_stat_t* info) {
  HANDLE file = uv__fs_handle(fd);

  return file == INVALID_HANDLE_VALUE ? ERROR_INVALID_HANDLE : stat_handle(file, NULL, info);
}

static bool is_slash(WCHAR c) {
  return c == L'\\' || c == L'/';
}

static void cut_slash(WCHAR* path) {
  size_t len = wcslen(path);

  if (len > 1 && is_slash(path[len - 1]) && path[len - 2] != L':')
    path[len - 1] = L'\0';
}

/* Whether a file that must not be opened is there is known to its directory. Not where a link
 * leads. */
static DWORD stat_entry(const WCHAR* path, DWORD open_error, uv_stat_t* info) {
  struct uv__facts facts;
  DWORD error;

  if (open_error != ERROR_ACCESS_DENIED && open_error != ERROR_SHARING_VIOLATION)
    return open_error;
  error = uv__facts_of_entry(path, &facts);
  if (error == ERROR_INVALID_NAME)
    return error;
  if (error != 0 || (facts.attributes & FILE_ATTRIBUTE_REPARSE_POINT))
    return open_error;
  fill(info, &facts, NULL);
  return 0;
}

static DWORD stat_opened(const WCHAR* path, bool is_link, uv_stat_t* info) {
  char* target = NULL;
  HANDLE file;
  DWORD error = is_link ? uv__reparse_open(path, FILE_READ_ATTRIBUTES, &file, &target)
                        : uv__fs_open_path(path, FILE_READ_ATTRIBUTES, false, &file);

  if (error != 0)
    return stat_entry(path, error, info);
  error = stat_handle(file, target, info);
  CloseHandle(file);
  uv__free(target);
  return error;
}

/* Errors that opening would tell too. */
static bool is_certain(DWORD error) {
  return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND ||
         error == ERROR_NOT_READY || error == ERROR_BAD_NET_NAME;
}

static DWORD stat_path(WCHAR* path, bool is_link, uv_stat_t* info) {
  struct uv__facts facts;
  DWORD error;

  cut_slash(path);
  error = uv__facts_of_name(path, &facts);
  if (is_certain(error))
    return error;
  if (error != 0 || (facts.attributes & (FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_DEVICE)))
    return stat_opened(path, is_link, info);
  fill(info, &facts, NULL);
  return 0;
}

DWORD uv__fs_stat(WCHAR* path, uv_stat_t* info) {
  return stat_path(path, false, info);
}

DWORD uv__fs_lstat(WCHAR* path, uv_stat_t* info) {
  return stat_path(path, true, info);
}

/* -- File systems ------------------------------------------------------------------------------ */

static DWORD statfs_handle(HANDLE file, uv_statfs_t* info) {
  FILE_FS_FULL_SIZE_INFORMATION size;
  IO_STATUS_BLOCK io;
  NTSTATUS status =
      NtQueryVolumeInformationFile(file, &io, &size, sizeof(size), FileFsFullSizeInformation);
  uint64_t cluster;

  if (!UV__NT_SUCCESS(status))
    return uv__status_to_win32(status);
  cluster = (uint64_t) size.BytesPerSector * size.SectorsPerAllocationUnit;
  *info = (uv_statfs_t){
      .f_bsize = cluster,
      .f_frsize = cluster,
      .f_blocks = (uint64_t) size.TotalAllocationUnits.QuadPart,
      .f_bfree = (uint64_t) size.ActualAvailableAllocationUnits.QuadPart,
      .f_bavail = (uint64_t) size.CallerAvailableAllocationUnits.QuadPart,
  };
  return 0;
}

DWORD uv__fs_statfs(const WCHAR* path, uv_statfs_t* info) {
  HANDLE file;
  DWORD error = uv__fs_open_path(path, FILE_READ_ATTRIBUTES, false, &file);

  if (error != 0)
    return error;
  error = statfs_handle(file, info);
  CloseHandle(file);
  return error;
}
