/* Every file operation, as a table: each with arguments that let it succeed among the files that
 * operation_begin() makes. */
#ifndef RONDO_TEST_FS_OPERATIONS_H_
#define RONDO_TEST_FS_OPERATIONS_H_

#include "support/fs.h"

#include <dirent.h>

struct operation {
  const char* name;
  uv_fs_type type;
  const char* path;     /* NULL if it has none */
  const char* new_path; /* likewise */
  int (*start)(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path, uv_fs_cb cb);
};

/* What those without a path work on. */
static struct {
  int fd;     /* "file", open for reading and writing */
  int out_fd; /* "other", likewise */
  uv_dir_t* dir;
  uv_dirent_t entries[4];
  char bytes[8][4];
  uv_buf_t bufs[8]; /* more than a request has room for */
} subject;

/* -- The table --------------------------------------------------------------------------------- */

#define OPERATION(function, ...) \
  static inline int start_##function(uv_loop_t* loop, uv_fs_t* req, const char* path, \
                                     const char* new_path, uv_fs_cb cb) { \
    (void) path; \
    (void) new_path; \
    return uv_fs_##function(loop, req, __VA_ARGS__, cb); \
  } \
  _Static_assert(sizeof(int) > 0, "takes the semicolon")

OPERATION(open, path, UV_FS_O_RDWR, 0);
OPERATION(close, subject.fd);
OPERATION(read, subject.fd, subject.bufs, 8, 0);
OPERATION(write, subject.fd, subject.bufs, 8, 0);
OPERATION(sendfile, subject.out_fd, subject.fd, 0, 100);
OPERATION(ftruncate, subject.fd, 1);
OPERATION(fsync, subject.fd);
OPERATION(fdatasync, subject.fd);
OPERATION(copyfile, path, new_path, 0);
OPERATION(unlink, path);
OPERATION(rename, path, new_path);
OPERATION(link, path, new_path);
OPERATION(symlink, path, new_path, 0);
OPERATION(readlink, path);
OPERATION(realpath, path);
OPERATION(mkdtemp, path);
OPERATION(mkstemp, path);
OPERATION(mkdir, path, 0700);
OPERATION(rmdir, path);
OPERATION(scandir, path, 0);
OPERATION(opendir, path);
OPERATION(readdir, subject.dir);
OPERATION(closedir, subject.dir);
OPERATION(stat, path);
OPERATION(lstat, path);
OPERATION(fstat, subject.fd);
OPERATION(statfs, path);
OPERATION(access, path, R_OK);
OPERATION(chmod, path, 0600);
OPERATION(fchmod, subject.fd, 0600);
OPERATION(chown, path, (uv_uid_t) -1, (uv_gid_t) -1);
OPERATION(fchown, subject.fd, (uv_uid_t) -1, (uv_gid_t) -1);
OPERATION(lchown, path, (uv_uid_t) -1, (uv_gid_t) -1);
OPERATION(utime, path, 1, 2);
OPERATION(futime, subject.fd, 1, 2);
OPERATION(lutime, path, 1, 2);

static const struct operation operations[] = {
    {"open", UV_FS_OPEN, "file", NULL, start_open},
    {"close", UV_FS_CLOSE, NULL, NULL, start_close},
    {"read", UV_FS_READ, NULL, NULL, start_read},
    {"write", UV_FS_WRITE, NULL, NULL, start_write},
    {"sendfile", UV_FS_SENDFILE, NULL, NULL, start_sendfile},
    {"ftruncate", UV_FS_FTRUNCATE, NULL, NULL, start_ftruncate},
    {"fsync", UV_FS_FSYNC, NULL, NULL, start_fsync},
    {"fdatasync", UV_FS_FDATASYNC, NULL, NULL, start_fdatasync},
    {"copyfile", UV_FS_COPYFILE, "file", "new", start_copyfile},
    {"unlink", UV_FS_UNLINK, "file", NULL, start_unlink},
    {"rename", UV_FS_RENAME, "file", "new", start_rename},
    {"link", UV_FS_LINK, "file", "new", start_link},
    {"symlink", UV_FS_SYMLINK, "file", "new", start_symlink},
    {"readlink", UV_FS_READLINK, "link", NULL, start_readlink},
    {"realpath", UV_FS_REALPATH, "file", NULL, start_realpath},
    {"mkdtemp", UV_FS_MKDTEMP, "XXXXXX", NULL, start_mkdtemp},
    {"mkstemp", UV_FS_MKSTEMP, "XXXXXX", NULL, start_mkstemp},
    {"mkdir", UV_FS_MKDIR, "new", NULL, start_mkdir},
    {"rmdir", UV_FS_RMDIR, "dir", NULL, start_rmdir},
    {"scandir", UV_FS_SCANDIR, ".", NULL, start_scandir},
    {"opendir", UV_FS_OPENDIR, ".", NULL, start_opendir},
    {"readdir", UV_FS_READDIR, NULL, NULL, start_readdir},
    {"closedir", UV_FS_CLOSEDIR, NULL, NULL, start_closedir},
    {"stat", UV_FS_STAT, "file", NULL, start_stat},
    {"lstat", UV_FS_LSTAT, "file", NULL, start_lstat},
    {"fstat", UV_FS_FSTAT, NULL, NULL, start_fstat},
    {"statfs", UV_FS_STATFS, "file", NULL, start_statfs},
    {"access", UV_FS_ACCESS, "file", NULL, start_access},
    {"chmod", UV_FS_CHMOD, "file", NULL, start_chmod},
    {"fchmod", UV_FS_FCHMOD, NULL, NULL, start_fchmod},
    {"chown", UV_FS_CHOWN, "file", NULL, start_chown},
    {"fchown", UV_FS_FCHOWN, NULL, NULL, start_fchown},
    {"lchown", UV_FS_LCHOWN, "file", NULL, start_lchown},
    {"utime", UV_FS_UTIME, "file", NULL, start_utime},
    {"futime", UV_FS_FUTIME, NULL, NULL, start_futime},
    {"lutime", UV_FS_LUTIME, "file", NULL, start_lutime},
};

enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static inline int start_operation(const struct operation* op, uv_loop_t* loop, uv_fs_t* req,
                                  uv_fs_cb cb) {
  return op->start(loop, req, op->path, op->new_path, cb);
}

/* Whether there are symbolic links here; known once operation_begin() has run. */
static bool has_links;

static inline bool is_possible(const struct operation* op) {
  return has_links || (op->type != UV_FS_SYMLINK && op->type != UV_FS_READLINK);
}

/* -- Before and after -------------------------------------------------------------------------- */

static inline void operation_begin(void) {
  uv_fs_t req;

  make_file("file", "text of the file");
  make_file("other", "");
  has_links = make_link("file", "link");
  assert_int_equal(mkdir("dir", 0755), 0);
  subject.fd = open("file", O_RDWR | O_CLOEXEC);
  subject.out_fd = open("other", O_RDWR | O_CLOEXEC);
  assert_true(subject.fd >= 0 && subject.out_fd >= 0);
  assert_int_equal(uv_fs_opendir(NULL, &req, ".", NULL), 0);
  subject.dir = req.ptr;
  subject.dir->dirents = subject.entries;
  subject.dir->nentries = 4;
  uv_fs_req_cleanup(&req);
  for (int i = 0; i < 8; i++)
    subject.bufs[i] = uv_buf_init(subject.bytes[i], 4);
}

/* Gives back what the operation made, its request included, and removes the files. `keeps_fd` and
 * `keeps_dir` tell whether the subjects are still to be closed. */
static inline void operation_end(uv_fs_t* req, bool keeps_fd, bool keeps_dir) {
  struct dirent* entry;
  uv_dir_t* opened = NULL;
  uv_fs_t close_req;
  DIR* here;

  if ((req->fs_type == UV_FS_OPEN || req->fs_type == UV_FS_MKSTEMP) && req->result >= 0)
    close((int) req->result);
  if (req->fs_type == UV_FS_OPENDIR && req->result == 0)
    opened = req->ptr;
  uv_fs_req_cleanup(req);
  if (opened != NULL)
    uv_fs_closedir(NULL, &close_req, opened, NULL);
  if (keeps_dir)
    uv_fs_closedir(NULL, &close_req, subject.dir, NULL);
  if (keeps_fd)
    close(subject.fd);
  close(subject.out_fd);

  here = opendir(".");
  assert_non_null(here);
  while ((entry = readdir(here)) != NULL)
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      assert_true(unlink(entry->d_name) == 0 || rmdir(entry->d_name) == 0);
  closedir(here);
}

#endif /* RONDO_TEST_FS_OPERATIONS_H_ */
