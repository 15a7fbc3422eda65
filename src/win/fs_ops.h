/* Operations on files as Windows has them. They know no requests and no UV_E codes: each gives 0 or
 * a Win32 code, and what else it finds through pointers, which are only set on success. */
#ifndef RONDO_WIN_FS_OPS_H_
#define RONDO_WIN_FS_OPS_H_

#include "uv.h"

#include <stdbool.h>

struct uv__entries;

/* No operation reads or writes more. */
enum { UV__FS_MAX_BYTES = 0x7ffff000 };

/* Everybody else may do with an open file what they like, as on POSIX. */
enum { UV__FS_SHARE_ALL = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

/* -- fs_path.c --------------------------------------------------------------------------------- */

/* A path in UTF-16, for uv__free(). One that is too long for most of the system's functions gets
 * the form that they take at any length. */
DWORD uv__fs_path(const char* path, WCHAR** wide);

/* The text as it is. */
DWORD uv__fs_text(const char* text, WCHAR** wide);

/* Opens what is there, a directory too, and a link's target or, with `is_link`, the link itself. */
DWORD uv__fs_open_path(const WCHAR* path, DWORD access, bool is_link, HANDLE* file);

/* -- fs_open.c --------------------------------------------------------------------------------- */

/* What a descriptor stands for, or INVALID_HANDLE_VALUE. */
HANDLE uv__fs_handle(int fd);

/* Opens what a descriptor stands for once more, for what it was not opened for. */
DWORD uv__fs_reopen(int fd, DWORD access, HANDLE* file);

DWORD uv__fs_open(const WCHAR* path, int flags, int mode, int* fd);
DWORD uv__fs_close(int fd);

/* Makes a file that is not there yet. */
DWORD uv__fs_create(const WCHAR* path, int* fd);

/* -- fs_io.c ----------------------------------------------------------------------------------- */

/* A negative offset stands for the descriptor's position, which others leave alone. The end of the
 * file is 0 bytes. */
DWORD uv__fs_read(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset, size_t* total);
DWORD uv__fs_write(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset, size_t* total);

/* Copies up to `len` bytes; an error of reading only counts if nothing was copied before. */
DWORD uv__fs_sendfile(int out, int in, int64_t offset, size_t len, size_t* total);

DWORD uv__fs_truncate(int fd, int64_t len);
DWORD uv__fs_sync(int fd);

/* -- fs_stat.c --------------------------------------------------------------------------------- */

/* Both change the path: they cut a slash at its end. */
DWORD uv__fs_stat(WCHAR* path, uv_stat_t* info);
DWORD uv__fs_lstat(WCHAR* path, uv_stat_t* info);
DWORD uv__fs_fstat(int fd, uv_stat_t* info);

DWORD uv__fs_statfs(const WCHAR* path, uv_statfs_t* info);

/* -- fs_mode.c --------------------------------------------------------------------------------- */

DWORD uv__fs_access(const WCHAR* path, int mode);
DWORD uv__fs_chmod(const WCHAR* path, int mode);
DWORD uv__fs_fchmod(int fd, int mode);

/* -- fs_names.c -------------------------------------------------------------------------------- */

DWORD uv__fs_unlink(const WCHAR* path);
DWORD uv__fs_rmdir(const WCHAR* path);
DWORD uv__fs_rename(const WCHAR* path, const WCHAR* new_path);
DWORD uv__fs_mkdir(const WCHAR* path);

/* Write the name over the template. */
DWORD uv__fs_mkdtemp(WCHAR* template);
DWORD uv__fs_mkstemp(WCHAR* template, int* fd);

/* -- fs_copyfile.c ----------------------------------------------------------------------------- */

DWORD uv__fs_copyfile(const WCHAR* path, const WCHAR* new_path, int flags);

/* -- fs_links.c -------------------------------------------------------------------------------- */

DWORD uv__fs_link(const WCHAR* path, const WCHAR* new_path);
DWORD uv__fs_symlink(const WCHAR* target, const WCHAR* path, int flags);

/* The text is to be freed by uv__free(). */
DWORD uv__fs_readlink(const WCHAR* path, char** text);
DWORD uv__fs_realpath(const WCHAR* path, char** text);

/* -- fs_dir.c ---------------------------------------------------------------------------------- */

/* The list is NULL if there are no entries. ERROR_DIRECTORY for what is no directory. */
DWORD uv__fs_scandir(const WCHAR* path, struct uv__entries** list, size_t* count);
DWORD uv__fs_opendir(const WCHAR* path, uv_dir_t** dir);
DWORD uv__fs_readdir(uv_dir_t* dir, size_t* count);

/* -- fs_times.c -------------------------------------------------------------------------------- */

DWORD uv__fs_utime(const WCHAR* path, double atime, double mtime);
DWORD uv__fs_lutime(const WCHAR* path, double atime, double mtime);
DWORD uv__fs_futime(int fd, double atime, double mtime);

#endif /* RONDO_WIN_FS_OPS_H_ */
