/* The part of the interface that is not there yet: each function here fails with UV_ENOSYS, or does
 * what comes nearest to nothing, so that every program loads. docs/unfinished.md lists the same
 * functions for users; test/check_unfinished.sh compares the two. */
#include "core.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

/* What a function of that name and with those parameters answers; MISSING() is UV_ENOSYS. */
/* clang-format off */
#define MISSING_AS(type, value, name, parameters) type name parameters { return value; }
#define MISSING(name, parameters) MISSING_AS(int, UV_ENOSYS, name, parameters)
#define MISSING_VOID(name, parameters) void name parameters { }

/* UDP */
MISSING(uv_udp_connect, (uv_udp_t* handle, const struct sockaddr* addr))
MISSING(uv_udp_recv_start, (uv_udp_t* handle, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb))
MISSING(uv_udp_recv_stop, (uv_udp_t* handle))
MISSING(uv_udp_send, (uv_udp_send_t* req, uv_udp_t* handle, const uv_buf_t bufs[],
                      unsigned int nbufs, const struct sockaddr* addr, uv_udp_send_cb send_cb))
MISSING(uv_udp_try_send, (uv_udp_t* handle, const uv_buf_t bufs[], unsigned int nbufs,
                          const struct sockaddr* addr))
MISSING(uv_udp_try_send2, (uv_udp_t* handle, unsigned int count, uv_buf_t* bufs[],
                           unsigned int nbufs[], struct sockaddr* addrs[], unsigned int flags))
MISSING(uv_udp_set_broadcast, (uv_udp_t* handle, int on))
MISSING(uv_udp_set_membership, (uv_udp_t* handle, const char* multicast_addr,
                                const char* interface_addr, uv_membership membership))
MISSING(uv_udp_set_source_membership, (uv_udp_t* handle, const char* multicast_addr,
                                       const char* interface_addr, const char* source_addr,
                                       uv_membership membership))
MISSING(uv_udp_set_multicast_interface, (uv_udp_t* handle, const char* interface_addr))
MISSING(uv_udp_set_multicast_loop, (uv_udp_t* handle, int on))
MISSING(uv_udp_set_multicast_ttl, (uv_udp_t* handle, int ttl))
MISSING(uv_udp_set_ttl, (uv_udp_t* handle, int ttl))

/* Terminals */
MISSING(uv_tty_init, (uv_loop_t* loop, uv_tty_t* handle, uv_file fd, int readable))
MISSING(uv_tty_set_mode, (uv_tty_t* handle, uv_tty_mode_t mode))
MISSING(uv_tty_reset_mode, (void))
MISSING(uv_tty_get_winsize, (uv_tty_t* handle, int* width, int* height))
MISSING(uv_tty_get_vterm_state, (uv_tty_vtermstate_t* state))
MISSING_VOID(uv_tty_set_vterm_state, (uv_tty_vtermstate_t state))

/* Signals */
MISSING(uv_signal_init, (uv_loop_t* loop, uv_signal_t* handle))
MISSING(uv_signal_start, (uv_signal_t* handle, uv_signal_cb signal_cb, int signum))
MISSING(uv_signal_start_oneshot, (uv_signal_t* handle, uv_signal_cb signal_cb, int signum))
MISSING(uv_signal_stop, (uv_signal_t* handle))

/* Processes */
MISSING(uv_process_kill, (uv_process_t* handle, int signum))
MISSING_VOID(uv_disable_stdio_inheritance, (void))

/* Files */
MISSING(uv_fs_open, (uv_loop_t* loop, uv_fs_t* req, const char* path, int flags, int mode,
                     uv_fs_cb cb))
MISSING(uv_fs_close, (uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb))
MISSING(uv_fs_read, (uv_loop_t* loop, uv_fs_t* req, uv_file file, const uv_buf_t bufs[],
                     unsigned int nbufs, int64_t offset, uv_fs_cb cb))
MISSING(uv_fs_write, (uv_loop_t* loop, uv_fs_t* req, uv_file file, const uv_buf_t bufs[],
                      unsigned int nbufs, int64_t offset, uv_fs_cb cb))
MISSING(uv_fs_ftruncate, (uv_loop_t* loop, uv_fs_t* req, uv_file file, int64_t offset, uv_fs_cb cb))
MISSING(uv_fs_fsync, (uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb))
MISSING(uv_fs_fdatasync, (uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb))
MISSING(uv_fs_sendfile, (uv_loop_t* loop, uv_fs_t* req, uv_file out_fd, uv_file in_fd,
                         int64_t in_offset, size_t length, uv_fs_cb cb))
MISSING(uv_fs_copyfile, (uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                         int flags, uv_fs_cb cb))
MISSING(uv_fs_unlink, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_rename, (uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                       uv_fs_cb cb))
MISSING(uv_fs_link, (uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                     uv_fs_cb cb))
MISSING(uv_fs_symlink, (uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                        int flags, uv_fs_cb cb))
MISSING(uv_fs_readlink, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_realpath, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_mkdir, (uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb))
MISSING(uv_fs_rmdir, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_mkdtemp, (uv_loop_t* loop, uv_fs_t* req, const char* tpl, uv_fs_cb cb))
MISSING(uv_fs_mkstemp, (uv_loop_t* loop, uv_fs_t* req, const char* tpl, uv_fs_cb cb))
MISSING(uv_fs_scandir, (uv_loop_t* loop, uv_fs_t* req, const char* path, int flags, uv_fs_cb cb))
MISSING(uv_fs_scandir_next, (uv_fs_t* req, uv_dirent_t* ent))
MISSING(uv_fs_opendir, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_readdir, (uv_loop_t* loop, uv_fs_t* req, uv_dir_t* dir, uv_fs_cb cb))
MISSING(uv_fs_closedir, (uv_loop_t* loop, uv_fs_t* req, uv_dir_t* dir, uv_fs_cb cb))
MISSING(uv_fs_stat, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_lstat, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_fstat, (uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb))
MISSING(uv_fs_statfs, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb))
MISSING(uv_fs_access, (uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb))
MISSING(uv_fs_chmod, (uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb))
MISSING(uv_fs_fchmod, (uv_loop_t* loop, uv_fs_t* req, uv_file file, int mode, uv_fs_cb cb))
MISSING(uv_fs_chown, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_uid_t uid, uv_gid_t gid,
                      uv_fs_cb cb))
MISSING(uv_fs_fchown, (uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_uid_t uid, uv_gid_t gid,
                       uv_fs_cb cb))
MISSING(uv_fs_lchown, (uv_loop_t* loop, uv_fs_t* req, const char* path, uv_uid_t uid, uv_gid_t gid,
                       uv_fs_cb cb))
MISSING(uv_fs_utime, (uv_loop_t* loop, uv_fs_t* req, const char* path, double atime, double mtime,
                      uv_fs_cb cb))
MISSING(uv_fs_futime, (uv_loop_t* loop, uv_fs_t* req, uv_file file, double atime, double mtime,
                       uv_fs_cb cb))
MISSING(uv_fs_lutime, (uv_loop_t* loop, uv_fs_t* req, const char* path, double atime, double mtime,
                       uv_fs_cb cb))
MISSING_VOID(uv_fs_req_cleanup, (uv_fs_t* req))

/* File watching */
MISSING(uv_fs_event_init, (uv_loop_t* loop, uv_fs_event_t* handle))
MISSING(uv_fs_event_start, (uv_fs_event_t* handle, uv_fs_event_cb cb, const char* path,
                            unsigned int flags))
MISSING(uv_fs_event_stop, (uv_fs_event_t* handle))
MISSING(uv_fs_event_getpath, (uv_fs_event_t* handle, char* buffer, size_t* size))
MISSING(uv_fs_poll_init, (uv_loop_t* loop, uv_fs_poll_t* handle))
MISSING(uv_fs_poll_start, (uv_fs_poll_t* handle, uv_fs_poll_cb poll_cb, const char* path,
                           unsigned int interval))
MISSING(uv_fs_poll_stop, (uv_fs_poll_t* handle))
MISSING(uv_fs_poll_getpath, (uv_fs_poll_t* handle, char* buffer, size_t* size))

/* Process title */
MISSING_AS(char**, argv, uv_setup_args, (int argc, char** argv))
MISSING(uv_get_process_title, (char* buffer, size_t size))
MISSING(uv_set_process_title, (const char* title))

/* CPUs and memory */
MISSING_AS(unsigned int, 1, uv_available_parallelism, (void))
MISSING(uv_cpu_info, (uv_cpu_info_t** cpu_infos, int* count))
MISSING_VOID(uv_free_cpu_info, (uv_cpu_info_t* cpu_infos, int count))
MISSING_AS(uint64_t, 0, uv_get_available_memory, (void))
MISSING_AS(uint64_t, 0, uv_get_constrained_memory, (void))

/* Network interfaces */
MISSING(uv_interface_addresses, (uv_interface_address_t** addresses, int* count))
MISSING_VOID(uv_free_interface_addresses, (uv_interface_address_t* addresses, int count))
/* clang-format on */

/* A process handle may be closed after a failure, so this much must be there. */

static enum uv__close_result close_nothing(uv_handle_t* handle) {
  (void) handle;
  return UV__CLOSE_DONE;
}

static const struct uv__handle_ops process_ops = {.close = close_nothing};

int uv_spawn(uv_loop_t* loop, uv_process_t* handle, const uv_process_options_t* options) {
  (void) options;
  uv__handle_init(loop, uv__handle(handle), UV_PROCESS, &process_ops);
  handle->exit_cb = NULL;
  handle->pid = 0;
  return UV_ENOSYS;
}
