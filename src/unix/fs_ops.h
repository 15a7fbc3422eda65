/* Operations on files that take more than one system call, and those whose numbers need care. They
 * know no requests.
 *
 * Each gives 0 or more, or an error. UV_EINTR means that nothing was done and that it may be called
 * again. */
#ifndef RONDO_UNIX_FS_OPS_H_
#define RONDO_UNIX_FS_OPS_H_

#include "uv.h"

#include <stdbool.h>

struct uv__entries;

/* -- fs_io.c ----------------------------------------------------------------------------------- */

int uv__fs_open(const char* path, int flags, mode_t mode);

/* Never UV_EINTR: the descriptor is gone. */
int uv__fs_close(int fd);

/* A negative offset stands for the descriptor's position. */
ssize_t uv__fs_read(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset);
ssize_t uv__fs_write(int fd, const uv_buf_t* bufs, unsigned int nbufs, int64_t offset);

int uv__fs_truncate(int fd, int64_t len);

/* -- fs_pump.c --------------------------------------------------------------------------------- */

/* Copies up to `len` bytes through memory of ours; works for descriptors of any kind. An error of
 * writing is the result whatever was copied before, one of reading only if nothing was. */
ssize_t uv__fs_pump(int out, int in, int64_t offset, size_t len);

/* -- By system: linux_sendfile.c --------------------------------------------------------------- */

/* As uv__fs_pump(), within the kernel where it can. */
ssize_t uv__fs_sendfile(int out, int in, int64_t offset, size_t len);

/* Makes `out` share the data of `in`: 0, or why the file system cannot. */
int uv__fs_clone(int out, int in);

/* Whether the file system lets nobody change permissions, since it keeps none. */
bool uv__fs_has_fixed_modes(int fd);

/* -- By system: fs_sync.c ---------------------------------------------------------------------- */

/* What was written to a file is on the disk when this returns; the second may leave out what is not
 * needed to read the data again. */
int uv__fs_sync(int fd);
int uv__fs_datasync(int fd);

/* -- By system: fs_copy_data.c ----------------------------------------------------------------- */

struct stat;

/* Copies what a file has, `from` being what is known of it, to an empty one: 0 or an error. */
int uv__fs_copy_data(int out, int in, const struct stat* from);

/* Makes a new file that shares the data of `in`, with its permissions and times: 0, UV_EEXIST if
 * there is one already, UV_ENOSYS where the system does not work so, or why it cannot. */
int uv__fs_clone_to(int in, const char* path);

/* -- fs_copyfile.c ----------------------------------------------------------------------------- */

int uv__fs_copyfile(const char* path, const char* new_path, int flags);

/* -- fs_names.c -------------------------------------------------------------------------------- */

/* The text is to be freed by uv__free(). */
int uv__fs_readlink(const char* path, char** text);
int uv__fs_realpath(const char* path, char** text);

/* Write the name over the template, and leave it as it was on error. */
int uv__fs_mkdtemp(char* template);
int uv__fs_mkstemp(char* template);

/* -- fs_dir.c ---------------------------------------------------------------------------------- */

/* The number of entries. The list is NULL if there are none. */
ssize_t uv__fs_scandir(const char* path, struct uv__entries** list);

int uv__fs_opendir(const char* path, uv_dir_t** dir);
ssize_t uv__fs_readdir(uv_dir_t* dir);

/* -- By system: linux_stat.c ------------------------------------------------------------------- */

int uv__fs_stat(const char* path, uv_stat_t* info);
int uv__fs_lstat(const char* path, uv_stat_t* info);
int uv__fs_fstat(int fd, uv_stat_t* info);

int uv__fs_statfs(const char* path, uv_statfs_t* info);

/* -- fs_times.c -------------------------------------------------------------------------------- */

int uv__fs_utime(const char* path, double atime, double mtime);
int uv__fs_lutime(const char* path, double atime, double mtime);
int uv__fs_futime(int fd, double atime, double mtime);

#endif /* RONDO_UNIX_FS_OPS_H_ */
