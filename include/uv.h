/* Rondo: the interface of libuv 1.x.
 *
 * An event loop and what runs on it: timers, sockets, pipes, terminals, files, processes, signals,
 * name look-ups, threads. The vocabulary:
 *
 *   loop     uv_loop_t: waits for events and calls back, in one thread
 *   handle   something long-lived on a loop (uv_tcp_t ...): init, start, stop, uv_close()
 *   request  one operation with one callback (uv_write_t, uv_fs_t ...)
 *
 * The caller provides the memory of handles and requests and leaves it alone: a handle's until its
 * close callback has been called, a request's until its callback has been called. Functions that
 * can fail return 0 (or a count) or a negative UV_E* code. Nothing here is thread-safe unless its
 * comment says so: a loop and all that belongs to it is used from the thread that runs it ("loop
 * thread only"). Callbacks run in that thread, from inside uv_run(), never from inside the call
 * that took them. Null pointers are not expected where a comment does not allow them. "Since libuv
 * 1.x" names the version of the interface that brought something. */
#ifndef UV_H
#define UV_H

/* A strict -std=c11 hides the POSIX types that this header is made of; ask for them if nobody asked
 * for anything else. */
#if defined(__STRICT_ANSI__) && !defined(_GNU_SOURCE) && !defined(_DEFAULT_SOURCE) && \
    !defined(_POSIX_C_SOURCE) && !defined(_XOPEN_SOURCE) && !defined(_BSD_SOURCE)
#define _DEFAULT_SOURCE 1
#endif

#ifdef __cplusplus
extern "C" {
#endif

#if defined(BUILDING_UV_SHARED) && defined(USING_UV_SHARED)
#error "Define either BUILDING_UV_SHARED or USING_UV_SHARED, not both."
#endif

/** Marks what the library exports: default visibility on POSIX; on Windows dllimport for programs
 * that define USING_UV_SHARED because they link to the DLL, dllexport while the DLL is built. */
#ifndef UV_EXTERN
#if defined(_WIN32) && defined(BUILDING_UV_SHARED)
#define UV_EXTERN __declspec(dllexport)
#elif defined(_WIN32) && defined(USING_UV_SHARED)
#define UV_EXTERN __declspec(dllimport)
#elif defined(_WIN32)
#define UV_EXTERN
#else
#define UV_EXTERN __attribute__((visibility("default")))
#endif
#endif

#include "uv/errno.h"
#include "uv/version.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* -- Errors ------------------------------------------------------------------------------------ */

/* clang-format off */
/** Every error code as XX(name without "UV_", message): for tables and switches of one's own. The
 * messages are what uv_strerror() answers. */
#define UV_ERRNO_MAP(XX) \
  XX(E2BIG, "argument list too long") \
  XX(EACCES, "permission denied") \
  XX(EADDRINUSE, "address already in use") \
  XX(EADDRNOTAVAIL, "address not available") \
  XX(EAFNOSUPPORT, "address family not supported") \
  XX(EAGAIN, "resource temporarily unavailable") \
  XX(EAI_ADDRFAMILY, "address family not supported") \
  XX(EAI_AGAIN, "temporary failure") \
  XX(EAI_BADFLAGS, "bad ai_flags value") \
  XX(EAI_BADHINTS, "invalid value for hints") \
  XX(EAI_CANCELED, "request canceled") \
  XX(EAI_FAIL, "permanent failure") \
  XX(EAI_FAMILY, "ai_family not supported") \
  XX(EAI_MEMORY, "out of memory") \
  XX(EAI_NODATA, "no address") \
  XX(EAI_NONAME, "unknown node or service") \
  XX(EAI_OVERFLOW, "argument buffer overflow") \
  XX(EAI_PROTOCOL, "resolved protocol is unknown") \
  XX(EAI_SERVICE, "service not available for socket type") \
  XX(EAI_SOCKTYPE, "socket type not supported") \
  XX(EALREADY, "connection already in progress") \
  XX(EBADF, "bad file descriptor") \
  XX(EBUSY, "resource busy or locked") \
  XX(ECANCELED, "operation canceled") \
  XX(ECHARSET, "invalid Unicode character") \
  XX(ECONNABORTED, "software caused connection abort") \
  XX(ECONNREFUSED, "connection refused") \
  XX(ECONNRESET, "connection reset by peer") \
  XX(EDESTADDRREQ, "destination address required") \
  XX(EEXIST, "file already exists") \
  XX(EFAULT, "bad address in system call argument") \
  XX(EFBIG, "file too large") \
  XX(EHOSTUNREACH, "host is unreachable") \
  XX(EINTR, "interrupted system call") \
  XX(EINVAL, "invalid argument") \
  XX(EIO, "i/o error") \
  XX(EISCONN, "socket is already connected") \
  XX(EISDIR, "illegal operation on a directory") \
  XX(ELOOP, "too many symbolic links encountered") \
  XX(EMFILE, "too many open files") \
  XX(EMSGSIZE, "message too long") \
  XX(ENAMETOOLONG, "name too long") \
  XX(ENETDOWN, "network is down") \
  XX(ENETUNREACH, "network is unreachable") \
  XX(ENFILE, "file table overflow") \
  XX(ENOBUFS, "no buffer space available") \
  XX(ENODEV, "no such device") \
  XX(ENOENT, "no such file or directory") \
  XX(ENOMEM, "not enough memory") \
  XX(ENONET, "machine is not on the network") \
  XX(ENOPROTOOPT, "protocol not available") \
  XX(ENOSPC, "no space left on device") \
  XX(ENOSYS, "function not implemented") \
  XX(ENOTCONN, "socket is not connected") \
  XX(ENOTDIR, "not a directory") \
  XX(ENOTEMPTY, "directory not empty") \
  XX(ENOTSOCK, "socket operation on non-socket") \
  XX(ENOTSUP, "operation not supported on socket") \
  XX(EOVERFLOW, "value too large for defined data type") \
  XX(EPERM, "operation not permitted") \
  XX(EPIPE, "broken pipe") \
  XX(EPROTO, "protocol error") \
  XX(EPROTONOSUPPORT, "protocol not supported") \
  XX(EPROTOTYPE, "protocol wrong type for socket") \
  XX(ERANGE, "result too large") \
  XX(EROFS, "read-only file system") \
  XX(ESHUTDOWN, "cannot send after transport endpoint shutdown") \
  XX(ESPIPE, "invalid seek") \
  XX(ESRCH, "no such process") \
  XX(ETIMEDOUT, "connection timed out") \
  XX(ETXTBSY, "text file is busy") \
  XX(EXDEV, "cross-device link not permitted") \
  XX(UNKNOWN, "unknown error") \
  XX(EOF, "end of file") \
  XX(ENXIO, "no such device or address") \
  XX(EMLINK, "too many links") \
  XX(EHOSTDOWN, "host is down") \
  XX(EREMOTEIO, "remote I/O error") \
  XX(ENOTTY, "inappropriate ioctl for device") \
  XX(EFTYPE, "inappropriate file type or format") \
  XX(EILSEQ, "illegal byte sequence") \
  XX(ESOCKTNOSUPPORT, "socket type not supported") \
  XX(ENODATA, "no data available") \
  XX(EUNATCH, "protocol driver not attached") \
  XX(ENOEXEC, "exec format error")
/** Error codes: all negative, UV_ plus the names in UV_ERRNO_MAP, which tells what each means.
 *
 * A code that the system has an errno for is its negation on POSIX (errno(3)) and a number of its
 * own below -4000 on Windows. Some have no errno anywhere:
 *
 * - UV_EOF: a stream's orderly end
 * - UV_UNKNOWN: a system error without a code here
 * - UV_ECHARSET: text that cannot be converted
 * - those that begin with UV_EAI_: answers of getaddrinfo(3), RFC 3493 */
typedef enum {
#define XX(code, _) UV_##code = UV__##code,
  UV_ERRNO_MAP(XX)
#undef XX
  UV_ERRNO_MAX = UV__EOF - 1 /**< below all codes; no error */
} uv_errno_t;
/* clang-format on */

/* -- Types of handles and requests ------------------------------------------------------------- */

/* clang-format off */
/** Every kind of handle as XX(enumerator without "UV_", name): its struct is uv_NAME_t. */
#define UV_HANDLE_TYPE_MAP(XX) \
  XX(ASYNC, async) \
  XX(CHECK, check) \
  XX(FS_EVENT, fs_event) \
  XX(FS_POLL, fs_poll) \
  XX(HANDLE, handle) \
  XX(IDLE, idle) \
  XX(NAMED_PIPE, pipe) \
  XX(POLL, poll) \
  XX(PREPARE, prepare) \
  XX(PROCESS, process) \
  XX(STREAM, stream) \
  XX(TCP, tcp) \
  XX(TIMER, timer) \
  XX(TTY, tty) \
  XX(UDP, udp) \
  XX(SIGNAL, signal)

/** Every kind of request as XX(enumerator without "UV_", name): its struct is uv_NAME_t. */
#define UV_REQ_TYPE_MAP(XX) \
  XX(REQ, req) \
  XX(CONNECT, connect) \
  XX(WRITE, write) \
  XX(SHUTDOWN, shutdown) \
  XX(UDP_SEND, udp_send) \
  XX(FS, fs) \
  XX(WORK, work) \
  XX(GETADDRINFO, getaddrinfo) \
  XX(GETNAMEINFO, getnameinfo) \
  XX(RANDOM, random)

/** What a handle is: its `type` member, and the answer of uv_guess_handle().
 *
 * The kinds of UV_HANDLE_TYPE_MAP:
 *
 * - UV_ASYNC: uv_async_t, wakes a loop from elsewhere
 * - UV_CHECK: uv_check_t, runs after each wait for events
 * - UV_FS_EVENT: uv_fs_event_t, changes of a file or directory as the system tells them
 * - UV_FS_POLL: uv_fs_poll_t, changes of a file found by looking at intervals
 * - UV_HANDLE: uv_handle_t, what all handles begin with; no handle is of this type
 * - UV_IDLE: uv_idle_t, runs in every turn and keeps the loop from waiting
 * - UV_NAMED_PIPE: uv_pipe_t, a unix socket, a pipe, a named pipe of Windows
 * - UV_POLL: uv_poll_t, readiness of a descriptor that belongs to somebody else
 * - UV_PREPARE: uv_prepare_t, runs before each wait for events
 * - UV_PROCESS: uv_process_t, a child process
 * - UV_STREAM: uv_stream_t, what TCP, pipe and TTY share; no handle is of this type
 * - UV_TCP: uv_tcp_t, a TCP socket
 * - UV_TIMER: uv_timer_t, a callback at a deadline
 * - UV_TTY: uv_tty_t, a terminal
 * - UV_UDP: uv_udp_t, a UDP socket
 * - UV_SIGNAL: uv_signal_t, a signal sent to the process */
typedef enum {
  UV_UNKNOWN_HANDLE = 0, /**< none of those below */
#define XX(upper, _) UV_##upper,
  UV_HANDLE_TYPE_MAP(XX)
#undef XX
  UV_FILE,           /**< only an answer of uv_guess_handle(): there is no such handle */
  UV_HANDLE_TYPE_MAX /**< the number of values; no type */
} uv_handle_type;
/* clang-format on */

/* An intrusive circular list: a link inside the element, or the list's own sentinel. */
struct uv__queue {
  struct uv__queue* next;
  struct uv__queue* prev;
};

/* Something another thread posted to a loop: a link, and what the loop runs for it. */
struct uv__mail {
  struct uv__mail* next;
  void (*run)(struct uv__mail* mail);
};

typedef struct uv_loop_s uv_loop_t;         /**< an event loop */
typedef struct uv_handle_s uv_handle_t;     /**< what every handle begins with */
typedef struct uv_stream_s uv_stream_t;     /**< what TCP, pipe and TTY share */
typedef struct uv_tcp_s uv_tcp_t;           /**< a TCP socket */
typedef struct uv_udp_s uv_udp_t;           /**< a UDP socket */
typedef struct uv_pipe_s uv_pipe_t;         /**< a unix socket, pipe or named pipe */
typedef struct uv_tty_s uv_tty_t;           /**< a terminal */
typedef struct uv_poll_s uv_poll_t;         /**< readiness of a foreign descriptor */
typedef struct uv_timer_s uv_timer_t;       /**< a callback at a deadline */
typedef struct uv_prepare_s uv_prepare_t;   /**< runs before each wait for events */
typedef struct uv_check_s uv_check_t;       /**< runs after each wait for events */
typedef struct uv_idle_s uv_idle_t;         /**< runs in every turn of the loop */
typedef struct uv_async_s uv_async_t;       /**< wakes a loop from elsewhere */
typedef struct uv_process_s uv_process_t;   /**< a child process */
typedef struct uv_fs_event_s uv_fs_event_t; /**< changes in the file system, told */
typedef struct uv_fs_poll_s uv_fs_poll_t;   /**< changes of a file, looked for */
typedef struct uv_signal_s uv_signal_t;     /**< a signal sent to the process */

typedef struct uv_req_s uv_req_t;                 /**< what every request begins with */
typedef struct uv_getaddrinfo_s uv_getaddrinfo_t; /**< a look-up of addresses by name */
typedef struct uv_getnameinfo_s uv_getnameinfo_t; /**< a look-up of a name by address */
typedef struct uv_shutdown_s uv_shutdown_t;       /**< the end of writing to a stream */
typedef struct uv_write_s uv_write_t;             /**< one write to a stream */
typedef struct uv_connect_s uv_connect_t;         /**< one attempt to connect a stream */
typedef struct uv_udp_send_s uv_udp_send_t;       /**< one datagram on its way */
typedef struct uv_fs_s uv_fs_t;                   /**< one operation on the file system */
typedef struct uv_work_s uv_work_t;               /**< work for the thread pool */
typedef struct uv_random_s uv_random_t;           /**< random bytes being collected */

#if defined(_WIN32)
#include "uv/win.h"
#else
#include "uv/unix.h"
#endif

/* clang-format off */
/** What a request is: its `type` member.
 *
 * The kinds of UV_REQ_TYPE_MAP:
 *
 * - UV_REQ: uv_req_t, what all requests begin with; no request is of this type
 * - UV_CONNECT: uv_connect_t, uv_tcp_connect(), uv_pipe_connect(), uv_pipe_connect2()
 * - UV_WRITE: uv_write_t, uv_write(), uv_write2()
 * - UV_SHUTDOWN: uv_shutdown_t, uv_shutdown()
 * - UV_UDP_SEND: uv_udp_send_t, uv_udp_send()
 * - UV_FS: uv_fs_t, the functions whose names begin with uv_fs_ and take one
 * - UV_WORK: uv_work_t, uv_queue_work()
 * - UV_GETADDRINFO: uv_getaddrinfo_t, uv_getaddrinfo()
 * - UV_GETNAMEINFO: uv_getnameinfo_t, uv_getnameinfo()
 * - UV_RANDOM: uv_random_t, uv_random()
 *
 * On Windows private ones follow. */
typedef enum {
  UV_UNKNOWN_REQ = 0, /**< none of those below */
#define XX(upper, _) UV_##upper,
  UV_REQ_TYPE_MAP(XX)
#undef XX
  UV_REQ_TYPE_PRIVATE
  UV_REQ_TYPE_MAX /**< behind the last value; no type */
} uv_req_type;
/* clang-format on */

/** Turns an error number of the system into a code of this library.
 *
 * @param sys_errno  an errno on POSIX; on Windows a GetLastError() or WSAGetLastError() value
 * @return a negative UV_E* code. Numbers <= 0 come back unchanged. POSIX: the negation, unchecked.
 *         Windows: UV_UNKNOWN for a number that the table does not have.
 *
 * Thread-safe. Since libuv 1.10. See errno(3). */
UV_EXTERN int uv_translate_sys_error(int sys_errno);

/** The message that belongs to an error code, in English.
 *
 * @param err  a UV_E* code
 * @return static text for a known code. For any other number, 0 and positive ones included,
 *         "Unknown system error N" in memory that stays valid for good: one small block for each
 *         distinct number. If there is no memory, the text lacks the number. Never NULL.
 *
 * Thread-safe. uv_strerror_r() allocates nothing. */
UV_EXTERN const char* uv_strerror(int err);

/** The message that belongs to an error code, written to the caller's buffer.
 *
 * @param err     a UV_E* code; others give "Unknown system error N"
 * @param buf     receives the text, NUL-terminated, cut silently if it does not fit
 * @param buflen  size of @p buf in bytes; with 0 nothing is written
 * @return @p buf
 *
 * Thread-safe; allocates nothing. Since libuv 1.22. */
UV_EXTERN char* uv_strerror_r(int err, char* buf, size_t buflen);

/** The name of an error code without its "UV_", such as "ENOENT".
 *
 * @param err  a UV_E* code
 * @return static text for a known code; for any other number as uv_strerror()
 *
 * Thread-safe. uv_err_name_r() allocates nothing. */
UV_EXTERN const char* uv_err_name(int err);

/** The name of an error code without its "UV_", written to the caller's buffer.
 *
 * @param err     a UV_E* code; others give "Unknown system error N"
 * @param buf     receives the text, NUL-terminated, cut silently if it does not fit
 * @param buflen  size of @p buf in bytes; with 0 nothing is written
 * @return @p buf
 *
 * Thread-safe; allocates nothing. Since libuv 1.22. */
UV_EXTERN char* uv_err_name_r(int err, char* buf, size_t buflen);

/* -- Version, memory, shutdown ----------------------------------------------------------------- */

/** The version of the libuv interface that the library in use implements.
 *
 * @return major, minor and patch, a byte each, in the form of UV_VERSION_HEX. Compare it with
 *         UV_VERSION_HEX, the version of the header, to find a library that is too old.
 *
 * Thread-safe. rondo_version() is the library's own version. */
UV_EXTERN unsigned int uv_version(void);

/** The version of the libuv interface as text.
 *
 * @return static text "MAJOR.MINOR.PATCH", followed by "-SUFFIX" only if it is not a release
 *
 * Thread-safe. See uv_version(). */
UV_EXTERN const char* uv_version_string(void);

/** Rondo's own version: that of the library in use, not of the header.
 *
 * @return major, minor and patch, a byte each, in the form of RONDO_VERSION
 *
 * Thread-safe. Not in libuv: a program that runs with either looks it up with uv_dlsym(). */
UV_EXTERN unsigned int rondo_version(void);

/** Rondo's own version as text.
 *
 * @return static text "MAJOR.MINOR.PATCH", in the form of RONDO_VERSION_STRING
 *
 * Thread-safe. Not in libuv. See rondo_version(). */
UV_EXTERN const char* rondo_version_string(void);

/** Allocates memory, as malloc(3) does. Called from any thread.
 *
 * @param size  bytes, never 0
 * @return memory aligned for any type; NULL if there is none, which the library survives */
typedef void* (*uv_malloc_func)(size_t size);

/** Changes the size of a block, as realloc(3) does. Called from any thread.
 *
 * @param ptr   a block of this allocator, or NULL for a new one
 * @param size  bytes, never 0
 * @return the block, perhaps elsewhere; NULL if there is no memory, @p ptr then stays valid */
typedef void* (*uv_realloc_func)(void* ptr, size_t size);

/** Allocates zeroed memory, as calloc(3) does. Called from any thread.
 *
 * @param count  number of elements
 * @param size   bytes of each; the product may overflow and must then give NULL
 * @return the memory, or NULL if there is none */
typedef void* (*uv_calloc_func)(size_t count, size_t size);

/** Frees a block, as free(3) does; it may change errno. Called from any thread.
 *
 * @param ptr  a block of this allocator, or NULL */
typedef void (*uv_free_func)(void* ptr);

/** Makes the library take all its memory from other functions than malloc(3) and its kin.
 *
 * @param malloc_func   see uv_malloc_func
 * @param realloc_func  see uv_realloc_func
 * @param calloc_func   see uv_calloc_func
 * @param free_func     see uv_free_func
 * @retval 0          replaced
 * @retval UV_EINVAL  one of them is NULL; nothing has changed
 *
 * Not thread-safe. Call it before anything else here, or while the library holds no memory: a block
 * is freed by the allocator of the moment. What the caller has to free himself comes from it too.
 * Since libuv 1.6. */
UV_EXTERN int uv_replace_allocator(uv_malloc_func malloc_func, uv_realloc_func realloc_func,
                                   uv_calloc_func calloc_func, uv_free_func free_func);

/** Gives back what the library holds for the whole process: the thread pool (work that is queued is
 * done first), the memory behind process titles, what signals need.
 *
 * On POSIX it runs by itself when the process exits or the library is unloaded, on Windows never.
 * For programs that unload the library or look for leaks. A second call has no effect.
 *
 * Not thread-safe: close all loops first; use nothing else of the library afterwards. Since
 * libuv 1.38. */
UV_EXTERN void uv_library_shutdown(void);

/* -- Loop -------------------------------------------------------------------------------------- */

/** What uv_loop_configure() can set. None can be unset. */
typedef enum {
  /** Followed by an int, a signal number: that signal is blocked while the loop waits for events,
   * so that a profiler does not wake it. Only SIGPROF is taken. Not on Windows. */
  UV_LOOP_BLOCK_SIGNAL = 0,
  /** Counts the time spent waiting, for uv_metrics_idle_time(). Since libuv 1.39. */
  UV_METRICS_IDLE_TIME,
  /** Allows an io_uring whose queue a kernel thread polls. Linux only. Since libuv 1.49. */
  UV_LOOP_USE_IO_URING_SQPOLL
/** Tells the preprocessor that the enumerator exists. */
#define UV_LOOP_USE_IO_URING_SQPOLL UV_LOOP_USE_IO_URING_SQPOLL
} uv_loop_option;

/** How long uv_run() runs. */
typedef enum {
  /** Until the loop is not alive any more or uv_stop() is called. */
  UV_RUN_DEFAULT = 0,
  /** One turn, which waits for events if it has nothing else to do. */
  UV_RUN_ONCE,
  /** One turn that does not wait. */
  UV_RUN_NOWAIT
} uv_run_mode;

/** Called by uv_walk() for each handle, from inside that call.
 *
 * @param handle  a handle of the loop, active or not, perhaps closing; the callback may close, stop
 *                or start it or any other
 * @param arg     what was given to uv_walk() */
typedef void (*uv_walk_cb)(uv_handle_t* handle, void* arg);

/** The loop that the process has without making one, initialised by the first call.
 *
 * @return always the same address; NULL if it could not be initialised, as by uv_loop_init(). After
 *         uv_loop_close() on it the next call initialises it again.
 *
 * Not thread-safe, not even the first call: make it before starting threads. */
UV_EXTERN uv_loop_t* uv_default_loop(void);

/** Initialises a loop. It belongs to the thread that runs it, which need not be this one.
 *
 * @param loop  memory of uv_loop_size() bytes; everything in it is overwritten but `data`
 * @retval 0          ready, to be ended by uv_loop_close()
 * @retval UV_ENOMEM  no memory
 * @retval UV_EMFILE  the process has too many descriptors open; UV_ENFILE: the system has
 *
 * After an error there is nothing to close. What wakes the loop is made here too, so async and
 * signal handles and work on the thread pool take no descriptors later. Different loops may be
 * initialised in different threads at once. See epoll_create1(2), eventfd(2), kqueue(2),
 * CreateIoCompletionPort(). */
UV_EXTERN int uv_loop_init(uv_loop_t* loop);

/** Frees what a loop holds. Calls nothing back.
 *
 * @param loop  a loop that is not running
 * @retval 0         closed; its memory is the caller's. A second close is not allowed.
 * @retval UV_EBUSY  a request is active, or a handle has not been closed (even if it is inactive),
 *                   or its close callback is still due; nothing has changed: close, run, try again
 *
 * Loop thread only. */
UV_EXTERN int uv_loop_close(uv_loop_t* loop);

/** Allocates a loop and initialises it.
 *
 * @return the loop, whose `data` is undefined; NULL if there is no memory or uv_loop_init() failed
 *
 * Different loops may be made in different threads at once. Deprecated, as in libuv: use
 * uv_loop_init(). */
UV_EXTERN uv_loop_t* uv_loop_new(void);

/** Closes a loop and frees its memory, which for the default loop stays.
 *
 * @param loop  made by uv_loop_new(), or the default loop. If uv_loop_close() would answer
 *              UV_EBUSY, nothing happens.
 *
 * Loop thread only. Deprecated, as in libuv: use uv_loop_close(). */
UV_EXTERN void uv_loop_delete(uv_loop_t* loop);

/** Sets an option of a loop. Call it before the first uv_run().
 *
 * @param loop    an initialised loop
 * @param option  one of uv_loop_option; UV_LOOP_BLOCK_SIGNAL is followed by an int
 * @retval 0          set
 * @retval UV_EINVAL  a signal other than SIGPROF
 * @retval UV_ENOSYS  unknown option, or one that this system does not have
 *
 * Loop thread only. Since libuv 1.0.2. See pthread_sigmask(3), io_uring_setup(2). */
UV_EXTERN int uv_loop_configure(uv_loop_t* loop, uv_loop_option option, ...);

/** Makes a loop usable in the child after fork(2): gives it its own kernel objects.
 *
 * Started handles stay started and are registered anew. Sends to async handles and signals that
 * were under way in the parent are forgotten; the parent's children are not the child's. Ask
 * uv_backend_fd() again afterwards. Not needed if the child goes straight to execve(2).
 *
 * @param loop  a loop inherited from the parent; call this before anything else with it
 * @retval 0          ready
 * @retval UV_ENOMEM  no memory
 * @retval UV_EMFILE  the process has too many descriptors open; UV_ENFILE: the system has
 * @retval UV_ENOSYS  on Windows
 *
 * Only in the child, from the thread that forked, for each loop in use. Since libuv 1.12. */
UV_EXTERN int uv_loop_fork(uv_loop_t* loop);

/** The size of a loop, for those who cannot compile this header.
 *
 * @return sizeof(uv_loop_t) of the library in use, in bytes
 *
 * Thread-safe. */
UV_EXTERN size_t uv_loop_size(void);

/** The user's pointer of a loop.
 *
 * @param loop  the loop
 * @return `loop->data`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN void* uv_loop_get_data(const uv_loop_t* loop);

/** Sets the user's pointer of a loop, which the library never touches.
 *
 * @param loop  the loop, initialised or not
 * @param data  becomes `loop->data`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN void uv_loop_set_data(uv_loop_t* loop, void* data);

/** Runs a loop: waits for events and calls back, in this thread, until @p mode says stop.
 *
 * A turn: pending callbacks, idle, prepare, wait for events and call back for each, pending, check,
 * close callbacks, update the time, due timers. UV_RUN_DEFAULT runs due timers also once before the
 * first turn. The wait ends at the next timer at the latest; there is none while idle handles are
 * active, handles are closing, work is pending, nothing is active, or after uv_stop().
 *
 * @param loop  a loop that is not running: no callback of it may call this
 * @param mode  one of uv_run_mode
 * @return 0 if the loop is not alive any more, else nonzero; in UV_RUN_DEFAULT that means uv_stop()
 *
 * One thread at a time; that is the loop's thread. A stop asked for before is obeyed at once. */
UV_EXTERN int uv_run(uv_loop_t* loop, uv_run_mode mode);

/** Makes uv_run() return at the end of the current turn, which does not wait any more.
 *
 * @param loop  the loop; if it is not running, its next uv_run() returns at once
 *
 * Loop thread only; from elsewhere send to an async handle that calls this. */
UV_EXTERN void uv_stop(uv_loop_t* loop);

/** Whether a loop has a reason to go on.
 *
 * @param loop  the loop
 * @return 1 if it has active referenced handles, active requests, completions to report or closing
 *         handles; else 0
 *
 * Loop thread only. */
UV_EXTERN int uv_loop_alive(const uv_loop_t* loop);

/** Calls a function for each handle of a loop, oldest first, inactive and closing ones too.
 *
 * @param loop     the loop
 * @param walk_cb  called from inside this call; handles it makes are not visited. With NULL nothing
 *                 happens.
 * @param arg      handed to @p walk_cb
 *
 * Loop thread only. Handles that the library made for itself are left out. */
UV_EXTERN void uv_walk(uv_loop_t* loop, uv_walk_cb walk_cb, void* arg);

/** The loop's time, which stands still between two updates.
 *
 * @param loop  the loop
 * @return milliseconds since some point in the past, above 0, never going back. Updated after each
 *         wait, before timers run, and by uv_update_time().
 *
 * Loop thread only. uv_hrtime() is a clock that does not stand still. */
UV_EXTERN uint64_t uv_now(const uv_loop_t* loop);

/** Sets the loop's time to the clock's. Runs no timers.
 *
 * For callbacks that took long and now start a timer: its deadline counts from uv_now().
 *
 * @param loop  the loop
 *
 * Loop thread only. See clock_gettime(2) (CLOCK_MONOTONIC). */
UV_EXTERN void uv_update_time(uv_loop_t* loop);

/** The descriptor a loop waits with, for embedding the loop in another one.
 *
 * Wait until it is readable, but no longer than uv_backend_timeout(), then call uv_run() with
 * UV_RUN_NOWAIT. Do nothing else with it.
 *
 * @param loop  the loop
 * @return an epoll or kqueue descriptor, a new one after uv_loop_fork(); -1 where the system has
 *         nothing such, as on Windows
 *
 * Loop thread only. See epoll(7), kqueue(2). */
UV_EXTERN int uv_backend_fd(const uv_loop_t* loop);

/** How long the loop would wait now.
 *
 * @param loop  the loop
 * @return milliseconds until the next timer, at most INT_MAX; -1 if there is no timer; 0 if the
 *         loop would not wait: something is due or closing, idle handles are active, nothing is
 *         active, uv_stop() was called, or the backend's descriptor does not know of a change yet,
 *         as of a loop that has not run
 *
 * Loop thread only. */
UV_EXTERN int uv_backend_timeout(const uv_loop_t* loop);

/** Writes one line for each handle of a loop, oldest first, the library's own included: for
 * debugging.
 *
 * A line is "[RAI] TYPE ADDRESS": R referenced, A active, I internal, each '-' if it is not so. The
 * format may change.
 *
 * @param loop    the loop; NULL means the default loop, which is made if need be
 * @param stream  where to; NULL means stderr
 *
 * Loop thread only. Since libuv 1.8. */
UV_EXTERN void uv_print_all_handles(uv_loop_t* loop, FILE* stream);

/** The same as uv_print_all_handles(), for active handles only.
 *
 * @param loop    the loop; NULL means the default loop, which is made if need be
 * @param stream  where to; NULL means stderr
 *
 * Loop thread only. Since libuv 1.8. */
UV_EXTERN void uv_print_active_handles(uv_loop_t* loop, FILE* stream);

/** Counters of a loop, as uv_metrics_info() fills them in. All start at 0 and only grow. */
struct uv_metrics_s {
  uint64_t loop_count;     /**< turns; counted just before each turn's wait for events */
  uint64_t events;         /**< events processed */
  uint64_t events_waiting; /**< of these, how many were there already when the loop came to wait; on
                            * Linux counted only with UV_METRICS_IDLE_TIME */
  uint64_t* reserved[13];  /**< zero; room for counters to come */
};

typedef struct uv_metrics_s uv_metrics_t; /**< counters of a loop */

/** How long a loop has waited for events: the time in which it had nothing to do.
 *
 * @param loop  a loop configured with UV_METRICS_IDLE_TIME
 * @return nanoseconds since it was configured so, the wait under way included; 0 if it was not
 *
 * Thread-safe, as long as nobody closes the loop. Since libuv 1.39. */
UV_EXTERN uint64_t uv_metrics_idle_time(uv_loop_t* loop);

/** Copies the counters of a loop.
 *
 * @param loop     the loop
 * @param metrics  filled in
 * @retval 0  always
 *
 * Loop thread only; meant for prepare callbacks. Since libuv 1.45. */
UV_EXTERN int uv_metrics_info(uv_loop_t* loop, uv_metrics_t* metrics);

/* -- Handles ----------------------------------------------------------------------------------- */

/** Called when a handle is closed: the last callback that it gets.
 *
 * Runs from the loop's closing phase, after all callbacks that the close cancelled; of the handles
 * closed in one turn the last closed comes first.
 *
 * @param handle  what was closed; its memory is the caller's again and may be freed here */
typedef void (*uv_close_cb)(uv_handle_t* handle);

/** Asks the user for memory to put data in. Called right before the read that fills it.
 *
 * @param handle          the stream or UDP handle that is about to read
 * @param suggested_size  bytes that would be useful (65536); more or less will do
 * @param buf             to be filled in with the memory, which stays the user's: it comes back in
 *                        the read callback, used or not. A base of NULL or a length of 0 means that
 *                        there is none: the read callback gets UV_ENOBUFS, and the next event asks
 *                        again. */
typedef void (*uv_alloc_cb)(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf);

/** What every handle begins with. */
#define UV_HANDLE_FIELDS \
  /** The user's, never touched here: set it before or after init. */ \
  void* data; \
  /** Read-only: the loop it was initialised with. */ \
  uv_loop_t* loop; \
  /** Read-only: what it is. */ \
  uv_handle_type type; \
  /* The rest is private. */ \
  uv_close_cb close_cb; \
  struct uv__queue handle_queue; \
  union { \
    int fd; \
    void* reserved[4]; \
  } u; \
  UV_HANDLE_PRIVATE_FIELDS

/** What every handle begins with: a pointer to any handle may be cast to uv_handle_t*.
 *
 * `data` is the user's and survives init; `loop` and `type` are read-only, valid from init until
 * the close callback returns. */
struct uv_handle_s {
  UV_HANDLE_FIELDS
};

/** Closes a handle: stops it, releases what it holds, and later calls back.
 *
 * Descriptors are closed in this call, except 0, 1 and 2 of streams on POSIX, and those of poll
 * handles, which are not theirs. Requests under way get their callbacks first, with UV_ECANCELED
 * unless they had finished: of a stream the connect, the writes in order, the shutdown. Watcher and
 * timer callbacks do not run any more. A closing handle keeps the loop alive, referenced or not.
 *
 * @param handle    any initialised handle; on one that is closing already nothing happens
 * @param close_cb  runs from the loop, never from inside this call; only then the handle's memory
 *                  may be reused. May be NULL.
 *
 * Loop thread only, as for all of a handle; uv_async_send() in another thread may still be going
 * on. See close(2). */
UV_EXTERN void uv_close(uv_handle_t* handle, uv_close_cb close_cb);

/** Lets a handle keep its loop alive while it is active, as every handle does after init.
 *
 * @param handle  the handle; calling it again changes nothing
 *
 * Loop thread only. */
UV_EXTERN void uv_ref(uv_handle_t* handle);

/** Lets a loop end even while a handle is active. Its requests still keep the loop alive.
 *
 * @param handle  the handle; calling it again changes nothing
 *
 * Loop thread only. In a callback it counts at the end of the same turn. */
UV_EXTERN void uv_unref(uv_handle_t* handle);

/** Whether a handle is referenced.
 *
 * @param handle  the handle, active or not
 * @return 1 after init and uv_ref(), 0 after uv_unref()
 *
 * Loop thread only. */
UV_EXTERN int uv_has_ref(const uv_handle_t* handle);

/** Whether a handle is doing something.
 *
 * Async handles are from init to close, streams while they read or listen (on POSIX a connect,
 * write or shutdown alone does not count, on Windows it does), processes until they exit, the
 * others from start to stop. In its own callback a timer that does not repeat is not.
 *
 * @param handle  the handle
 * @return 1 or 0; 0 if it is closing
 *
 * Loop thread only. */
UV_EXTERN int uv_is_active(const uv_handle_t* handle);

/** Whether a handle is closing or closed.
 *
 * @param handle  an initialised handle, or a closed one whose memory is still there
 * @return 1 from the call of uv_close() on, else 0
 *
 * Loop thread only. */
UV_EXTERN int uv_is_closing(const uv_handle_t* handle);

/** The system's descriptor of a handle.
 *
 * Closing it or changing its state behind the library's back breaks the handle.
 *
 * @param handle  a TCP, pipe, TTY, UDP or poll handle
 * @param fd      receives the descriptor; on Windows the SOCKET or HANDLE. Untouched on error. That
 *                of a TTY may differ from the one given to uv_tty_init().
 * @retval 0          found
 * @retval UV_EINVAL  a handle of another type
 * @retval UV_EBADF   it has no descriptor yet, or is closing
 *
 * Loop thread only. */
UV_EXTERN int uv_fileno(const uv_handle_t* handle, uv_os_fd_t* fd);

/** Reads or sets the size of a socket's send buffer in the kernel.
 *
 * @param handle  a TCP, pipe or UDP handle
 * @param value   bytes: to set them, not 0; if 0, receives the current size. Linux keeps twice what
 *                was set.
 * @retval 0           done
 * @retval UV_EINVAL   @p handle or @p value is NULL, or the system refuses the size
 * @retval UV_ENOTSUP  a handle of another type; on Windows also a pipe
 * @retval UV_EBADF    it has no socket yet, or is closing
 * @retval UV_ENOTSOCK  a pipe handle on something that is not a socket
 *
 * Loop thread only. See socket(7) (SO_SNDBUF). */
UV_EXTERN int uv_send_buffer_size(uv_handle_t* handle, int* value);

/** Reads or sets the size of a socket's receive buffer in the kernel.
 *
 * @param handle  a TCP, pipe or UDP handle
 * @param value   bytes: to set them, not 0; if 0, receives the current size. Linux keeps twice what
 *                was set.
 * @retval 0           done
 * @retval UV_EINVAL   @p handle or @p value is NULL, or the system refuses the size
 * @retval UV_ENOTSUP  a handle of another type; on Windows also a pipe
 * @retval UV_EBADF    it has no socket yet, or is closing
 * @retval UV_ENOTSOCK  a pipe handle on something that is not a socket
 *
 * Loop thread only. See socket(7) (SO_RCVBUF). */
UV_EXTERN int uv_recv_buffer_size(uv_handle_t* handle, int* value);

/** The size of a handle type, for those who cannot compile this header.
 *
 * @param type  a type of UV_HANDLE_TYPE_MAP
 * @return sizeof of its struct in the library in use, in bytes; (size_t) -1 for any other value
 *
 * Thread-safe. */
UV_EXTERN size_t uv_handle_size(uv_handle_type type);

/** The name of a handle type.
 *
 * @param type  a handle type, or UV_FILE
 * @return static text: the lower-case name in UV_HANDLE_TYPE_MAP, such as "pipe" for UV_NAMED_PIPE,
 *         or "file"; NULL for any other value
 *
 * Thread-safe. Since libuv 1.19. */
UV_EXTERN const char* uv_handle_type_name(uv_handle_type type);

/** The type of a handle.
 *
 * @param handle  an initialised handle
 * @return `handle->type`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN uv_handle_type uv_handle_get_type(const uv_handle_t* handle);

/** The loop of a handle.
 *
 * @param handle  an initialised handle
 * @return `handle->loop`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN uv_loop_t* uv_handle_get_loop(const uv_handle_t* handle);

/** The user's pointer of a handle.
 *
 * @param handle  the handle
 * @return `handle->data`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN void* uv_handle_get_data(const uv_handle_t* handle);

/** Sets the user's pointer of a handle, which the library never touches.
 *
 * @param handle  the handle, initialised or not
 * @param data    becomes `handle->data`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN void uv_handle_set_data(uv_handle_t* handle, void* data);

/* -- Requests ---------------------------------------------------------------------------------- */

/** What every request begins with. */
#define UV_REQ_FIELDS \
  /** The user's, never touched here: set it before or after the call that starts the request. */ \
  void* data; \
  /** Read-only: what it is, set by the call that starts it. */ \
  uv_req_type type; \
  /* The rest is private. */ \
  void* reserved[6]; \
  UV_REQ_PRIVATE_FIELDS

/** What every request begins with: a pointer to any request may be cast to uv_req_t*.
 *
 * `data` is the user's; `type` is read-only and set by the call that starts the request. Requests
 * need no initialisation, and keep the loop alive until their callback. */
struct uv_req_s {
  UV_REQ_FIELDS
};

UV_PRIVATE_REQ_TYPES

/** Cancels a request that has not begun to run.
 *
 * @param req  a uv_fs_t, uv_getaddrinfo_t, uv_getnameinfo_t, uv_random_t or uv_work_t that was
 *             started
 * @retval 0          cancelled: its callback runs from the loop, with UV_ECANCELED as its status
 *                    or, of a uv_fs_t, as its `result`. The memory stays in use until then.
 * @retval UV_EBUSY   too late: running or done. Its callback comes as ever.
 * @retval UV_EINVAL  a request of another type
 *
 * Loop thread only. */
UV_EXTERN int uv_cancel(uv_req_t* req);

/** The size of a request type, for those who cannot compile this header.
 *
 * @param type  a type of UV_REQ_TYPE_MAP
 * @return sizeof of its struct in the library in use, in bytes; (size_t) -1 for any other value
 *
 * Thread-safe. */
UV_EXTERN size_t uv_req_size(uv_req_type type);

/** The name of a request type.
 *
 * @param type  a request type
 * @return static text: the lower-case name in UV_REQ_TYPE_MAP, such as "udp_send"; NULL for any
 *         other value
 *
 * Thread-safe. Since libuv 1.19. */
UV_EXTERN const char* uv_req_type_name(uv_req_type type);

/** The type of a request.
 *
 * @param req  a request that was started
 * @return `req->type`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN uv_req_type uv_req_get_type(const uv_req_t* req);

/** The user's pointer of a request.
 *
 * @param req  the request
 * @return `req->data`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN void* uv_req_get_data(const uv_req_t* req);

/** Sets the user's pointer of a request, which the library never touches.
 *
 * @param req   the request, started or not
 * @param data  becomes `req->data`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN void uv_req_set_data(uv_req_t* req, void* data);

/* -- Timers ------------------------------------------------------------------------------------ */

/** Called when a timer is due. A repeating timer has then been started again already; one that does
 * not repeat is inactive. The callback may stop, start or close this handle and any other.
 *
 * @param handle  the timer */
typedef void (*uv_timer_cb)(uv_timer_t* handle);

/** Calls back at a deadline, once or repeatedly. No public members beyond uv_handle_t's. */
struct uv_timer_s {
  UV_HANDLE_FIELDS
  UV_TIMER_PRIVATE_FIELDS
};

/** Initialises a timer, inactive and without a repeat.
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_timer_init(uv_loop_t* loop, uv_timer_t* handle);

/** Starts a timer, or restarts an active one.
 *
 * @param handle   an initialised handle that is not closing
 * @param cb       runs in the loop's timer phase, never from inside this call; timers run by
 *                 deadline, equal ones in the order in which they were started
 * @param timeout  milliseconds from uv_now(), which may lie behind the clock: uv_update_time(). 0
 *                 means the next timer phase; inside a timer callback that of the next turn.
 * @param repeat   milliseconds between further calls; 0 for none. Counted from the timer phase that
 *                 ran the last one: calls that were missed are not made up for.
 * @retval 0          started
 * @retval UV_EINVAL  @p cb is NULL or the handle is closing; an active timer goes on as it was
 *
 * Loop thread only. Deadlines beyond 2^64-1 ms are clamped. See clock_gettime(2)
 * (CLOCK_MONOTONIC). */
UV_EXTERN int uv_timer_start(uv_timer_t* handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat);

/** Stops a timer. Its callback does not run any more, not even if it is due in this very phase.
 *
 * @param handle  an initialised handle, active or not
 * @retval 0  always
 *
 * Loop thread only. Callback, repeat and deadline stay known. */
UV_EXTERN int uv_timer_stop(uv_timer_t* handle);

/** Starts a timer anew, with its repeat as the timeout and the callback of its last start.
 *
 * @param handle  a timer that was started before, active or not. If its repeat is 0 or it is
 *                closing, nothing happens: an active one goes on.
 * @retval 0          started again, or nothing to do
 * @retval UV_EINVAL  it was never started
 *
 * Loop thread only. */
UV_EXTERN int uv_timer_again(uv_timer_t* handle);

/** Sets a timer's repeat. The deadline that is pending stays as it is.
 *
 * In the callback of a repeating timer the next deadline is pending already: the new value counts
 * from the one after it, 0 makes that next call the last. A timer that did not repeat and has run
 * needs uv_timer_again() as well.
 *
 * @param handle  an initialised handle
 * @param repeat  milliseconds between calls; 0 for none
 *
 * Loop thread only. */
UV_EXTERN void uv_timer_set_repeat(uv_timer_t* handle, uint64_t repeat);

/** A timer's repeat.
 *
 * @param handle  an initialised handle
 * @return milliseconds between calls; 0 if it does not repeat
 *
 * Loop thread only. */
UV_EXTERN uint64_t uv_timer_get_repeat(const uv_timer_t* handle);

/** How long until a timer is due.
 *
 * @param handle  an initialised handle
 * @return milliseconds from uv_now() to its deadline, or, if it was stopped, to the one it had; 0
 *         if that has passed or it was never started
 *
 * Loop thread only. Since libuv 1.40. */
UV_EXTERN uint64_t uv_timer_get_due_in(const uv_timer_t* handle);

/* -- Prepare, check, idle ---------------------------------------------------------------------- */

/** Called in each turn just before the loop waits for events, the handle started last first.
 *
 * @param handle  the handle */
typedef void (*uv_prepare_cb)(uv_prepare_t* handle);

/** Called in each turn after the events have been handled, the handle started last first.
 *
 * @param handle  the handle */
typedef void (*uv_check_cb)(uv_check_t* handle);

/** Called in each turn before the prepare handles, the handle started last first.
 *
 * @param handle  the handle */
typedef void (*uv_idle_cb)(uv_idle_t* handle);

/** Runs before each wait for events. No public members beyond uv_handle_t's. */
struct uv_prepare_s {
  UV_HANDLE_FIELDS
  UV_PREPARE_PRIVATE_FIELDS
};

/** Runs after each wait for events. No public members beyond uv_handle_t's. */
struct uv_check_s {
  UV_HANDLE_FIELDS
  UV_CHECK_PRIVATE_FIELDS
};

/** Runs in every turn; while one is active the loop does not wait for events but only looks. No
 * public members beyond uv_handle_t's. */
struct uv_idle_s {
  UV_HANDLE_FIELDS
  UV_IDLE_PRIVATE_FIELDS
};

/** Initialises a prepare handle, inactive.
 *
 * @param loop     the loop it is to run on
 * @param prepare  overwritten but for `data`
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_prepare_init(uv_loop_t* loop, uv_prepare_t* prepare);

/** Starts a prepare handle. If it is active nothing changes, not even its callback.
 *
 * @param prepare  an initialised handle that is not closing
 * @param cb       runs in every turn before the wait for events; if started in that phase, from the
 *                 next turn on
 * @retval 0          started, or active already
 * @retval UV_EINVAL  it is closing, or inactive and @p cb is NULL
 *
 * Loop thread only. */
UV_EXTERN int uv_prepare_start(uv_prepare_t* prepare, uv_prepare_cb cb);

/** Stops a prepare handle, also one whose turn in the current phase has not come yet.
 *
 * @param prepare  an initialised handle, active or not
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_prepare_stop(uv_prepare_t* prepare);

/** Initialises a check handle, inactive.
 *
 * @param loop   the loop it is to run on
 * @param check  overwritten but for `data`
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_check_init(uv_loop_t* loop, uv_check_t* check);

/** Starts a check handle. If it is active nothing changes, not even its callback.
 *
 * @param check  an initialised handle that is not closing
 * @param cb     runs in every turn after the wait for events; if started in that phase, from the
 *               next turn on
 * @retval 0          started, or active already
 * @retval UV_EINVAL  it is closing, or inactive and @p cb is NULL
 *
 * Loop thread only. */
UV_EXTERN int uv_check_start(uv_check_t* check, uv_check_cb cb);

/** Stops a check handle, also one whose turn in the current phase has not come yet.
 *
 * @param check  an initialised handle, active or not
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_check_stop(uv_check_t* check);

/** Initialises an idle handle, inactive.
 *
 * @param loop  the loop it is to run on
 * @param idle  overwritten but for `data`
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_idle_init(uv_loop_t* loop, uv_idle_t* idle);

/** Starts an idle handle: from now on the loop does not wait, so it uses a whole processor. If it
 * is active nothing changes, not even its callback.
 *
 * @param idle  an initialised handle that is not closing
 * @param cb    runs in every turn before the prepare handles; if started in that phase, from the
 *              next turn on
 * @retval 0          started, or active already
 * @retval UV_EINVAL  it is closing, or inactive and @p cb is NULL
 *
 * Loop thread only. Timers and I/O run as before. */
UV_EXTERN int uv_idle_start(uv_idle_t* idle, uv_idle_cb cb);

/** Stops an idle handle, also one whose turn in the current phase has not come yet.
 *
 * @param idle  an initialised handle, active or not
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_idle_stop(uv_idle_t* idle);

/* -- Async: waking a loop from elsewhere ------------------------------------------------------- */

/** Called in the loop's thread after uv_async_send(): at least once after each send, perhaps once
 * for many. A send from inside it causes another call.
 *
 * @param handle  the handle; what was written before the send is visible here */
typedef void (*uv_async_cb)(uv_async_t* handle);

/** Lets other threads and signal handlers call back in a loop's thread. No public members beyond
 * uv_handle_t's. */
struct uv_async_s {
  UV_HANDLE_FIELDS
  UV_ASYNC_PRIVATE_FIELDS
};

/** Initialises an async handle and starts it: it is active until it is closed, so unless uv_unref()
 * is called it keeps the loop alive.
 *
 * @param loop      the loop to be woken
 * @param async     overwritten but for `data`
 * @param async_cb  runs in the poll phase, after callbacks of work that ended meanwhile; of several
 *                  handles in the order of their inits. With NULL a send wakes the loop and no
 *                  more.
 * @retval 0  always: ready for uv_async_send()
 *
 * Loop thread only. */
UV_EXTERN int uv_async_init(uv_loop_t* loop, uv_async_t* async, uv_async_cb async_cb);

/** Wakes a loop and has it run the handle's callback. Never blocks; errno is kept.
 *
 * @param async  an initialised handle. It may be closed meanwhile, the send then has no effect, but
 *               its memory must stay until its close callback has been called.
 * @retval 0   the callback will run; sends before it does are merged into one call
 * @retval -1  on Windows, a handle of another type
 *
 * Thread-safe. Callable from any thread and from signal handlers. See signal-safety(7). */
UV_EXTERN int uv_async_send(uv_async_t* async);

/* -- Poll: readiness of a foreign descriptor --------------------------------------------------- */

/** What a poll handle waits for: bits of uv_poll_start() and of its callback. */
enum uv_poll_event {
  UV_READABLE = 1,   /**< reading would not block; also at the end of data and on errors */
  UV_WRITABLE = 2,   /**< writing would not block; also on errors */
  UV_DISCONNECT = 4, /**< the peer has ended its side; not every system tells */
  UV_PRIORITIZED = 8 /**< out-of-band data of TCP, or an attribute of sysfs has changed */
};

/** Called while what was asked for is so, in every turn anew (level-triggered).
 *
 * May close, stop or restart the handle. Readiness is a hint: the descriptor is non-blocking, and
 * reading it may still give EAGAIN.
 *
 * @param handle  the handle
 * @param status  0, or a negative error such as UV_EBADF: the handle has then been stopped
 * @param events  bits of uv_poll_event, of those asked for; 0 with an error */
typedef void (*uv_poll_cb)(uv_poll_t* handle, int status, int events);

/** Watches a descriptor that somebody else reads and writes, a library's socket for example. The
 * handle does not own it. No public members beyond uv_handle_t's. */
struct uv_poll_s {
  UV_HANDLE_FIELDS
  uv_poll_cb poll_cb; /* private */
  UV_POLL_PRIVATE_FIELDS
};

/** Initialises a poll handle, inactive, and makes its descriptor non-blocking.
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @param fd      a socket, pipe, terminal or the like, which stays the caller's; on Windows a
 *                socket as a descriptor of the C run-time
 * @retval 0            initialised
 * @retval UV_EEXIST    a started handle of this loop has the descriptor
 * @retval UV_EBADF     it is not open
 * @retval UV_EPERM     a file or directory (Linux); UV_EINVAL on the BSDs and macOS
 * @retval UV_ENOTSOCK  not a socket (Windows)
 *
 * Loop thread only. After an error the handle must not be closed. See epoll_ctl(2), kqueue(2). */
UV_EXTERN int uv_poll_init(uv_loop_t* loop, uv_poll_t* handle, int fd);

/** Initialises a poll handle for a socket. On POSIX the same as uv_poll_init().
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @param socket  a socket, which stays the caller's and becomes non-blocking; on Windows a SOCKET
 * @return 0 or an error, as uv_poll_init()
 *
 * Loop thread only. */
UV_EXTERN int uv_poll_init_socket(uv_loop_t* loop, uv_poll_t* handle, uv_os_sock_t socket);

/** Starts watching a descriptor, or changes what an active handle waits for and its callback.
 *
 * @param handle  an initialised handle that is not closing
 * @param events  bits of uv_poll_event; 0 stops the handle
 * @param cb      runs in the poll phase with what is so; NULL if nobody wants to know
 * @retval 0          watching, or stopped
 * @retval UV_EINVAL  unknown bits in @p events, or the handle is closing
 * @retval UV_EEXIST  another started handle of the loop has the descriptor (not on Windows)
 * @retval UV_ENOMEM  no memory
 *
 * After an error the handle is as it was. Loop thread only. Ask for UV_WRITABLE only while there is
 * something to write: it is nearly always so. See poll(2). */
UV_EXTERN int uv_poll_start(uv_poll_t* handle, int events, uv_poll_cb cb);

/** Stops watching. On POSIX the descriptor may be closed right afterwards: its events are
 * forgotten, those of the current turn too.
 *
 * @param handle  an initialised handle, active or not
 * @retval 0          stopped
 * @retval UV_EINVAL  it is closing
 *
 * Loop thread only. */
UV_EXTERN int uv_poll_stop(uv_poll_t* handle);

/* -- Signals ----------------------------------------------------------------------------------- */

/** Called in the loop's thread for a signal that the process got, once for each time its handler
 * ran: the kernel may merge signals, the library does not.
 *
 * @param handle  the handle
 * @param signum  the signal's number */
typedef void (*uv_signal_cb)(uv_signal_t* handle, int signum);

/** Watches a signal. Any number of handles in any number of loops may watch the same one. */
struct uv_signal_s {
  UV_HANDLE_FIELDS
  uv_signal_cb signal_cb; /* private */
  int signum;             /**< read-only: the signal watched, 0 while there is none */
  UV_SIGNAL_PRIVATE_FIELDS
};

/** Initialises a signal handle, inactive.
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @retval 0          initialised
 * @retval UV_ENOMEM  no memory
 *
 * Loop thread only. After an error the handle must not be closed. */
UV_EXTERN int uv_signal_init(uv_loop_t* loop, uv_signal_t* handle);

/** Starts watching a signal; its default action then does not happen, in the whole process.
 *
 * An active handle gets the new callback if the signal is the same; otherwise it is stopped first,
 * and if the new signal is then refused it stays so.
 *
 * @param handle     an initialised handle that is not closing
 * @param signal_cb  runs in the loop, never in the signal handler; NULL if nobody wants to know
 * @param signum     a number of signal(7). On Windows SIGINT is Ctrl-C, SIGBREAK Ctrl-Break, SIGHUP
 *                   a console that closes, SIGWINCH one that is resized.
 * @retval 0          watching
 * @retval UV_EINVAL  not a signal's number, SIGKILL, SIGSTOP, or the handle is closing
 *
 * Loop thread only. A signal raised by a fault, SIGSEGV for example, cannot be handled this way.
 * See sigaction(2) (SA_RESTART). */
UV_EXTERN int uv_signal_start(uv_signal_t* handle, uv_signal_cb signal_cb, int signum);

/** Starts watching a signal for one time: after its callback has returned the handle is stopped.
 *
 * @param handle     an initialised handle that is not closing
 * @param signal_cb  runs in the loop once; the handle is still active in it. NULL if nobody wants
 *                   to know.
 * @param signum     a number of signal(7)
 * @retval 0          watching
 * @retval UV_EINVAL  not a signal's number, SIGKILL, SIGSTOP, or the handle is closing
 *
 * Loop thread only. Since libuv 1.12. If nothing but one-time handles watch a signal its default
 * action is back as soon as it was caught: sigaction(2) (SA_RESETHAND). */
UV_EXTERN int uv_signal_start_oneshot(uv_signal_t* handle, uv_signal_cb signal_cb, int signum);

/** Stops watching a signal. What was caught and not told yet is dropped.
 *
 * @param handle  an initialised handle, active or not
 * @retval 0          stopped
 * @retval UV_EINVAL  it is closing
 *
 * Loop thread only. When the last handle in the process stops, the signal has its default action
 * again. */
UV_EXTERN int uv_signal_stop(uv_signal_t* handle);

/* -- Streams ----------------------------------------------------------------------------------- */

/** Called with what a read brought.
 *
 * @param stream  the stream; it may be stopped or closed here, after which no more calls come
 * @param nread   above 0: so many bytes of @p buf are data. 0: nothing to read now, no error.
 *                UV_EOF: the peer has ended its side; reading has been stopped, writing goes on.
 *                UV_ENOBUFS: uv_alloc_cb gave no memory; reading goes on. Any other error
 *                (UV_ECONNRESET ...): neither readable nor writable any more, reading stops.
 * @param buf     what uv_alloc_cb gave for this read, to be used or freed by the user whatever
 *                @p nread is; base NULL and length 0 if it was not asked or gave nothing. The
 *                structure itself is only valid in this call. */
typedef void (*uv_read_cb)(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf);

/** Called when a write is done: in the order of the calls, and for each that returned 0.
 *
 * @param req     the request, the user's again, as is the memory that was written; `req->handle` is
 *                the stream
 * @param status  0 if all bytes went to the system; UV_ECANCELED if the stream was closed or could
 *                not be connected; UV_EPIPE, UV_ECONNRESET and other errors of write(2) */
typedef void (*uv_write_cb)(uv_write_t* req, int status);

/** Called when a connect has ended.
 *
 * @param req     the request, the user's again; `req->handle` is the stream
 * @param status  0 if connected; UV_ECANCELED if the stream was closed; UV_ECONNREFUSED,
 *                UV_ETIMEDOUT, UV_ENOENT and other errors of connect(2). The stream is not closed
 *                by an error. */
typedef void (*uv_connect_cb)(uv_connect_t* req, int status);

/** Called when the writing side of a stream is shut: all writes before are done.
 *
 * @param req     the request, the user's again; `req->handle` is the stream
 * @param status  0; UV_ECANCELED if the stream was closed before; UV_ENOTSOCK if the system cannot
 *                shut such a stream (a pipe that is no socket, a TTY on POSIX); errors of
 *                shutdown(2) */
typedef void (*uv_shutdown_cb)(uv_shutdown_t* req, int status);

/** Called when a connection waits at a listening stream: take it with uv_accept().
 *
 * It need not be taken here, but until it is no further ones are announced. Running out of
 * descriptors is not told here: such clients are turned away.
 *
 * @param server  the listening stream; it may be closed here
 * @param status  0, or on Windows an error of accepting */
typedef void (*uv_connection_cb)(uv_stream_t* server, int status);

/** What every stream has after UV_HANDLE_FIELDS. */
#define UV_STREAM_FIELDS \
  /** Read-only: bytes of writes that the system has not taken yet. */ \
  size_t write_queue_size; \
  /* The rest is private. */ \
  uv_alloc_cb alloc_cb; \
  uv_read_cb read_cb; \
  UV_STREAM_PRIVATE_FIELDS

/** What TCP, pipe and TTY handles begin with: a pointer to one may be cast to uv_stream_t*.
 *
 * `write_queue_size` is read-only: bytes of writes that the system has not taken yet, exact after
 * each call and in each callback. */
struct uv_stream_s {
  UV_HANDLE_FIELDS
  UV_STREAM_FIELDS
};

/** One attempt to connect: uv_tcp_connect(), uv_pipe_connect(), uv_pipe_connect2(). */
struct uv_connect_s {
  UV_REQ_FIELDS
  uv_connect_cb cb;    /* private */
  uv_stream_t* handle; /**< read-only: the stream, from the call through the callback */
  UV_CONNECT_PRIVATE_FIELDS
};

/** One uv_shutdown(). */
struct uv_shutdown_s {
  UV_REQ_FIELDS
  uv_stream_t* handle; /**< read-only: the stream, from the call through the callback */
  uv_shutdown_cb cb;   /* private */
  UV_SHUTDOWN_PRIVATE_FIELDS
};

/** One uv_write() or uv_write2(). */
struct uv_write_s {
  UV_REQ_FIELDS
  uv_write_cb cb;           /* private */
  uv_stream_t* send_handle; /**< read-only: the handle to be sent, NULL once it has gone (POSIX) */
  uv_stream_t* handle;      /**< read-only: the stream, from the call through the callback */
  UV_WRITE_PRIVATE_FIELDS
};

/** Puts an address and a length together.
 *
 * @param base  memory, which stays the caller's
 * @param len   its length in bytes
 * @return both as a uv_buf_t
 *
 * Thread-safe. */
UV_EXTERN uv_buf_t uv_buf_init(char* base, unsigned int len);

/** Starts listening for connections, or changes backlog and callback of a stream that listens.
 *
 * @param stream   a TCP or pipe handle. TCP without an address gets any free port on all IPv4
 *                 addresses; a pipe has to be bound.
 * @param backlog  connections that the system may keep waiting; the system limits it
 * @param cb       runs in the poll phase for each connection; may be NULL
 * @retval 0              listening; the handle is active until it is closed
 * @retval UV_EINVAL      closing, a TTY, a pipe that is not bound or was initialised for ipc
 * @retval UV_EADDRINUSE  the address is taken: what uv_tcp_bind() did not tell
 * @retval UV_EISCONN     in use as a connection (Windows)
 * @return otherwise an error of listen(2), such as UV_ENOTSUP
 *
 * Loop thread only. See listen(2). */
UV_EXTERN int uv_listen(uv_stream_t* stream, int backlog, uv_connection_cb cb);

/** Takes the connection that waits at a listening stream, or the handle that an ipc pipe received.
 *
 * @param server  a stream whose uv_connection_cb has been called; or an ipc pipe with
 *                uv_pipe_pending_count() above 0, which gives the handles in order of arrival
 * @param client  initialised on the same loop and without a descriptor: a TCP or pipe handle, or
 *                UDP for a received one. Becomes readable and writable.
 * @retval 0          taken
 * @retval UV_EAGAIN  none is waiting
 * @retval UV_EINVAL  @p client is of another type or loop; the connection keeps waiting
 * @retval UV_EBUSY   @p client has a descriptor; the connection is closed and lost
 *
 * Loop thread only. See accept(2), and for the settings that TCP clients get uv_tcp_nodelay() and
 * uv_tcp_keepalive(). */
UV_EXTERN int uv_accept(uv_stream_t* server, uv_stream_t* client);

/** Starts reading: calls back with data until the stream ends, fails or is stopped.
 *
 * @param stream    a readable stream
 * @param alloc_cb  gives the memory for each read, just before it
 * @param read_cb   runs in the poll phase after each read, never from inside this call
 * @retval 0            reading; the handle is active
 * @retval UV_EINVAL    an argument is NULL, or the stream is closing
 * @retval UV_EALREADY  it is reading
 * @retval UV_ENOTCONN  not readable: not connected, listening, write-only, or failed before
 *
 * Loop thread only. After UV_EOF it may be called again and tells UV_EOF again. See read(2). */
UV_EXTERN int uv_read_start(uv_stream_t* stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb);

/** Stops reading: no callback comes any more, not even for the current event.
 *
 * @param stream  any stream, reading or not
 * @retval 0  stopped. On Windows a TTY may answer otherwise and has stopped nevertheless.
 *
 * Loop thread only. Data that arrives stays in the system until reading starts again. */
UV_EXTERN int uv_read_stop(uv_stream_t* stream);

/** Writes to a stream, in the order of the calls.
 *
 * Tries at once and queues what the system does not take. While the stream is connecting all is
 * queued.
 *
 * @param req     overwritten but for `data`; in use until the callback
 * @param handle  a writable or connecting stream
 * @param bufs    what to write. The array may go after the call; the memory that it points to must
 *                stay unchanged until the callback.
 * @param nbufs   number of elements of @p bufs, 1 to 2^20
 * @param cb      runs from the loop when all is written or failed, never from inside this call; may
 *                be NULL
 * @retval 0          @p cb will be called; errors of the system come there only
 * @retval UV_EINVAL  @p nbufs out of range, or above 0x7ffff000 bytes in total
 * @retval UV_EBADF   no descriptor, or closing; UV_EPIPE on Windows
 * @retval UV_EPIPE   not writable: listening, shut down, or failed before
 * @retval UV_ENOMEM  no memory
 *
 * After an error @p cb is not called. A write that fails does not fail those behind it. Loop thread
 * only. Sockets raise no SIGPIPE; pipes and files may. See writev(2). */
UV_EXTERN int uv_write(uv_write_t* req, uv_stream_t* handle, const uv_buf_t bufs[],
                       unsigned int nbufs, uv_write_cb cb);

/** Writes to an ipc pipe and sends a handle along with the first byte.
 *
 * The peer finds it with uv_pipe_pending_count() and takes it with uv_accept().
 *
 * @param req          overwritten but for `data`; in use until the callback
 * @param handle       a pipe initialised for ipc, if @p send_handle is not NULL
 * @param bufs         as for uv_write(); without a byte to write the handle does not arrive
 * @param nbufs        number of elements of @p bufs, 1 to 2^20
 * @param send_handle  a TCP, pipe or UDP handle (Windows: TCP); it stays open here and must stay so
 *                     until the callback. NULL for none: then this is uv_write().
 * @param cb           as for uv_write(), with UV_EBADF if @p send_handle was closed too early
 * @retval 0           @p cb will be called
 * @retval UV_EINVAL   as uv_write(); or @p handle is not an ipc pipe
 * @retval UV_EBADF    as uv_write(); or @p send_handle is of another type or has no descriptor
 * @retval UV_ENOTSUP  @p send_handle is not TCP (Windows)
 * @retval UV_EPIPE    as uv_write()
 * @retval UV_ENOMEM   no memory
 *
 * Loop thread only. See unix(7) (SCM_RIGHTS). */
UV_EXTERN int uv_write2(uv_write_t* req, uv_stream_t* handle, const uv_buf_t bufs[],
                        unsigned int nbufs, uv_stream_t* send_handle, uv_write_cb cb);

/** Writes what the system takes at once. Queues nothing and calls nothing back.
 *
 * @param handle  a writable stream
 * @param bufs    what to write; free again after the call
 * @param nbufs   number of elements of @p bufs, 1 to 2^20
 * @return the number of bytes written, perhaps fewer than there are
 * @retval UV_EAGAIN  nothing can be written now: the system is full, uv_write()s are queued, the
 *                    stream is connecting, or it is a pipe on Windows
 * @retval UV_EINVAL  @p nbufs out of range, or above 0x7ffff000 bytes in total
 * @retval UV_EBADF   no descriptor, or closing
 * @retval UV_EPIPE   not writable, or the peer is gone; also UV_ECONNRESET and other errors of
 *                    write(2)
 *
 * Loop thread only. See writev(2). */
UV_EXTERN int uv_try_write(uv_stream_t* handle, const uv_buf_t bufs[], unsigned int nbufs);

/** Writes what an ipc pipe takes at once, and sends a handle along with the first byte.
 *
 * @param handle       a pipe initialised for ipc, if @p send_handle is not NULL
 * @param bufs         what to write; free again after the call
 * @param nbufs        number of elements of @p bufs, 1 to 2^20
 * @param send_handle  a TCP, pipe or UDP handle, gone if a byte is; NULL for none: uv_try_write()
 * @return the number of bytes written, or an error as uv_try_write()
 * @retval UV_EAGAIN  as uv_try_write(); on Windows always if there is a handle to send
 * @retval UV_EINVAL  as uv_try_write(); or @p handle is not an ipc pipe
 * @retval UV_EBADF   as uv_try_write(); or @p send_handle is closing, of another type or without a
 *                    descriptor
 *
 * Loop thread only. Since libuv 1.42. See unix(7) (SCM_RIGHTS). */
UV_EXTERN int uv_try_write2(uv_stream_t* handle, const uv_buf_t bufs[], unsigned int nbufs,
                            uv_stream_t* send_handle);

/** Shuts the writing side of a stream as soon as the writes queued before are done. Reading goes
 * on.
 *
 * @param req     overwritten but for `data`; in use until the callback
 * @param handle  a writable or connecting stream; from now on it is not writable
 * @param cb      runs from the loop, never from inside this call; may be NULL
 * @retval 0            @p cb will be called; errors of the system come there
 * @retval UV_ENOTCONN  not writable: not connected, listening, closing, or shut before
 *
 * Loop thread only. See shutdown(2) (SHUT_WR); RFC 9293, 3.6 for TCP. */
UV_EXTERN int uv_shutdown(uv_shutdown_t* req, uv_stream_t* handle, uv_shutdown_cb cb);

/** Whether a stream may be read.
 *
 * @param handle  the stream
 * @return 1 from connect (the call), accept or open on, until it is closed or an error was read; a
 *         TTY or pipe only if its descriptor is open for reading. Else 0. The end of data changes
 *         nothing.
 *
 * Loop thread only. */
UV_EXTERN int uv_is_readable(const uv_stream_t* handle);

/** Whether a stream may be written.
 *
 * @param handle  the stream
 * @return 1 from connect (the call), accept or open on, until uv_shutdown(), close or an error
 *         read; a TTY or pipe only if its descriptor is open for writing. Else 0.
 *
 * Loop thread only. */
UV_EXTERN int uv_is_writable(const uv_stream_t* handle);

/** Makes a stream's descriptor blocking or non-blocking, and changes nothing else.
 *
 * Blocking, a write waits inside its call until the system has taken all; its callback still comes
 * from the loop. Reads may hold the loop up.
 *
 * @param handle    a stream with a descriptor
 * @param blocking  nonzero for blocking
 * @retval 0          changed
 * @retval UV_EBADF   no descriptor, or closing
 * @retval UV_EINVAL  not a pipe (Windows)
 *
 * Loop thread only. See fcntl(2) (O_NONBLOCK). */
UV_EXTERN int uv_stream_set_blocking(uv_stream_t* handle, int blocking);

/** How many bytes of writes the system has not taken yet.
 *
 * @param stream  the stream
 * @return `stream->write_queue_size`
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN size_t uv_stream_get_write_queue_size(const uv_stream_t* stream);

/* -- TCP --------------------------------------------------------------------------------------- */

/** Bits of uv_tcp_bind(). */
enum uv_tcp_flags {
  UV_TCP_IPV6ONLY = 1, /**< an IPv6 socket takes no IPv4: ipv6(7) (IPV6_V6ONLY), RFC 3493, 5.3 */
  UV_TCP_REUSEPORT = 2 /**< several sockets share the port and the system spreads the connections
                        * over them: socket(7) (SO_REUSEPORT). Since libuv 1.49. */
};

/** A TCP socket, connected or listening: a stream. No public members beyond uv_stream_t's. */
struct uv_tcp_s {
  UV_HANDLE_FIELDS
  UV_STREAM_FIELDS
  UV_TCP_PRIVATE_FIELDS
};

/** Initialises a TCP handle. Its socket is made when it is needed.
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @retval 0  always
 *
 * Loop thread only. See tcp(7), RFC 9293. */
UV_EXTERN int uv_tcp_init(uv_loop_t* loop, uv_tcp_t* handle);

/** Initialises a TCP handle and makes its socket at once, non-blocking and close-on-exec.
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @param flags   AF_INET or AF_INET6; AF_UNSPEC for no socket yet, as uv_tcp_init()
 * @retval 0          initialised
 * @retval UV_EINVAL  any other @p flags
 * @return otherwise an error of socket(2), such as UV_EMFILE or UV_EAFNOSUPPORT
 *
 * Loop thread only. After an error the handle must not be closed. Since libuv 1.7. */
UV_EXTERN int uv_tcp_init_ex(uv_loop_t* loop, uv_tcp_t* handle, unsigned int flags);

/** Gives a TCP handle an existing socket, connected, bound or fresh; makes it non-blocking.
 *
 * @param handle  initialised, without a socket
 * @param sock    a stream socket of IPv4 or IPv6 (not checked); the handle's from now on
 * @retval 0          taken over; readable and writable (Windows: only if it is connected)
 * @retval UV_EEXIST  a started handle of this loop has the descriptor (Windows: another handle)
 * @retval UV_EBUSY   the handle has another socket
 * @retval UV_EBADF   it is not open; UV_ENOTSOCK on Windows
 *
 * After an error the socket stays the caller's, though perhaps non-blocking. Loop thread only. */
UV_EXTERN int uv_tcp_open(uv_tcp_t* handle, uv_os_sock_t sock);

/** Binds a TCP handle to an address.
 *
 * @param handle  initialised, not bound
 * @param addr    a sockaddr_in or sockaddr_in6; port 0 for any free one
 * @param flags   bits of uv_tcp_flags, unknown ones are ignored
 * @retval 0                 bound; or the address is taken: uv_listen() or uv_tcp_connect() will
 *                           say UV_EADDRINUSE
 * @retval UV_EINVAL         closing, bound before, another address family, or UV_TCP_IPV6ONLY with
 *                           IPv4; for a socket of the other family UV_EFAULT on Windows
 * @retval UV_EADDRNOTAVAIL  not an address of this machine
 * @retval UV_ENOTSUP        UV_TCP_REUSEPORT where the system does not spread connections
 * @return otherwise an error of socket(2) or bind(2), such as UV_EACCES or UV_EMFILE
 *
 * Loop thread only. Sets SO_REUSEADDR on POSIX. See bind(2), ip(7), ipv6(7). */
UV_EXTERN int uv_tcp_bind(uv_tcp_t* handle, const struct sockaddr* addr, unsigned int flags);

/** Connects a TCP handle.
 *
 * The handle counts as readable and writable from now on: reads may be started and writes queued.
 *
 * @param req     overwritten but for `data`; in use until the callback
 * @param handle  initialised, not connected; bound or not
 * @param addr    a sockaddr_in or sockaddr_in6. 0.0.0.0 and :: mean this machine. A link-local IPv6
 *                address without a scope gets that of the first link-local interface (RFC 4007).
 * @param cb      runs in the poll or pending phase, never from inside this call; may be NULL
 * @retval 0            @p cb will be called; it also gets UV_ECONNREFUSED and what uv_tcp_bind()
 *                      did not tell (UV_EADDRINUSE)
 * @retval UV_EINVAL    closing, or another address family
 * @retval UV_EALREADY  a connect is under way
 * @return otherwise an error that connect(2) gives at once, such as UV_ENETUNREACH,
 *         UV_EADDRNOTAVAIL or UV_EISCONN; @p cb is then not called
 *
 * Loop thread only. See connect(2). */
UV_EXTERN int uv_tcp_connect(uv_connect_t* req, uv_tcp_t* handle, const struct sockaddr* addr,
                             uv_connect_cb cb);

/** The address that a TCP handle is bound to.
 *
 * @param handle   a handle with a socket
 * @param name     receives the address; a sockaddr_storage has room for any
 * @param namelen  in: room at @p name in bytes; out: length of the address, of which no more is
 *                 written than there is room
 * @retval 0              found
 * @retval UV_EBADF       no socket, or closing
 * @retval UV_EADDRINUSE  uv_tcp_bind() found the address taken
 * @retval UV_EINVAL      not bound yet (Windows)
 *
 * Loop thread only. See getsockname(2). */
UV_EXTERN int uv_tcp_getsockname(const uv_tcp_t* handle, struct sockaddr* name, int* namelen);

/** The address that a TCP handle is connected to.
 *
 * @param handle   a connected handle
 * @param name     receives the address; a sockaddr_storage has room for any
 * @param namelen  in: room at @p name in bytes; out: length of the address, of which no more is
 *                 written than there is room
 * @retval 0              found
 * @retval UV_EBADF       no socket, or closing
 * @retval UV_ENOTCONN    not connected
 * @retval UV_EADDRINUSE  uv_tcp_bind() found the address taken
 *
 * Loop thread only. See getpeername(2). */
UV_EXTERN int uv_tcp_getpeername(const uv_tcp_t* handle, struct sockaddr* name, int* namelen);

/** Sends small pieces at once instead of waiting for more to send: switches Nagle's algorithm off.
 *
 * @param handle  a TCP handle; without a socket it is remembered for the one it gets
 * @param enable  nonzero for "no delay"
 * @return 0 or an error of setsockopt(2)
 *
 * Loop thread only. See tcp(7) (TCP_NODELAY), RFC 9293, 3.7.4. */
UV_EXTERN int uv_tcp_nodelay(uv_tcp_t* handle, int enable);

/** Has a silent connection probed: the same as uv_tcp_keepalive_ex() with an interval of 1 second
 * and 10 probes.
 *
 * @param handle  a TCP handle
 * @param enable  nonzero to probe; with 0 @p delay is ignored
 * @param delay   seconds of silence before the first probe, at least 1
 * @retval 0          set
 * @retval UV_EINVAL  @p delay is 0 and there is a socket
 * @return otherwise an error of setsockopt(2)
 *
 * Loop thread only. See uv_tcp_keepalive_ex(). */
UV_EXTERN int uv_tcp_keepalive(uv_tcp_t* handle, int enable, unsigned int delay);

/** Has a silent connection probed, so that one whose peer has vanished fails with UV_ETIMEDOUT.
 *
 * @param handle  a TCP handle. Without a socket only @p on is remembered for the one it gets, which
 *                then has an idle time of 60 s, an interval of 1 s and 10 probes.
 * @param on      nonzero to probe; with 0 the other values are ignored
 * @param idle    seconds of silence before the first probe, at least 1
 * @param intvl   seconds between probes, at least 1
 * @param cnt     probes without an answer that end the connection, at least 1; always 10 on Windows
 *                before version 10-1709
 * @retval 0          set
 * @retval UV_EINVAL  one of the values is 0 and there is a socket
 * @return otherwise an error of setsockopt(2)
 *
 * Loop thread only. Since libuv 1.52. See tcp(7) (TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT),
 * RFC 9293, 3.8.4. */
UV_EXTERN int uv_tcp_keepalive_ex(uv_tcp_t* handle, int on, unsigned int idle, unsigned int intvl,
                                  unsigned int cnt);

/** Whether Windows may wait for many connections at once on a listening handle; it does by default.
 *
 * @param handle  a TCP handle that is not connected
 * @param enable  0 for one at a time, which spreads them better over processes that share the
 *                socket
 * @retval 0           set. On POSIX always, and without effect.
 * @retval UV_EINVAL   connected (Windows)
 * @retval UV_ENOTSUP  it cannot be turned on again (Windows)
 *
 * Loop thread only. */
UV_EXTERN int uv_tcp_simultaneous_accepts(uv_tcp_t* handle, int enable);

/** Closes a TCP handle so that the peer sees a reset (RST) and not an end of data.
 *
 * @param handle    a handle with a socket
 * @param close_cb  as for uv_close(); may be NULL
 * @retval 0          closing
 * @retval UV_EINVAL  a uv_shutdown() is under way
 * @retval UV_EBADF   no socket
 * @return otherwise an error of setsockopt(2)
 *
 * After an error the handle is not closed. What was not sent yet is lost. Loop thread only. Since
 * libuv 1.32. See socket(7) (SO_LINGER), RFC 9293, 3.10.4. */
UV_EXTERN int uv_tcp_close_reset(uv_tcp_t* handle, uv_close_cb close_cb);

/** Makes two sockets that are connected to each other, close-on-exec.
 *
 * @param type           SOCK_STREAM or SOCK_DGRAM
 * @param protocol       0
 * @param socket_vector  receives the two, for uv_pipe_open() (uv_tcp_open() on Windows); untouched
 *                       on error
 * @param flags0         UV_NONBLOCK_PIPE makes the first one non-blocking; other bits are ignored
 * @param flags1         the same for the second one
 * @return 0 or an error of socketpair(2), such as UV_EMFILE
 *
 * Thread-safe: blocks for no one and belongs to no loop. On Windows a TCP pair over loopback,
 * SOCK_DGRAM may fail. Since libuv 1.41. See unix(7). */
UV_EXTERN int uv_socketpair(int type, int protocol, uv_os_sock_t socket_vector[2], int flags0,
                            int flags1);

/* -- Pipes: unix sockets, named pipes ---------------------------------------------------------- */

/** Bits of uv_pipe_bind2() and uv_pipe_connect2(). Since libuv 1.46. */
enum {
  UV_PIPE_NO_TRUNCATE = 1u << 0 /**< a name that is too long is UV_EINVAL; without it, it is cut */
};

/** A unix socket, or an end of a pipe; on Windows a named pipe: a stream. */
struct uv_pipe_s {
  UV_HANDLE_FIELDS
  UV_STREAM_FIELDS
  int ipc; /**< read-only: nonzero if it can carry handles, as uv_pipe_init() was told */
  UV_PIPE_PRIVATE_FIELDS
};

/** Initialises a pipe handle. Its socket is made when it is needed.
 *
 * @param loop    the loop it is to run on
 * @param handle  overwritten but for `data`
 * @param ipc     nonzero if handles are to be passed over it, uv_write2(); it then cannot listen
 * @retval 0  always
 *
 * Loop thread only. See unix(7). */
UV_EXTERN int uv_pipe_init(uv_loop_t* loop, uv_pipe_t* handle, int ipc);

/** Gives a pipe handle an existing descriptor: an end of a pipe, a unix socket, or on POSIX a file
 * to be written; makes it non-blocking.
 *
 * @param handle  initialised, without a descriptor
 * @param file    the handle's from now on (on Windows 0 to 2 are duplicated); its access mode says
 *                whether the stream is readable and writable
 * @retval 0            taken over
 * @retval UV_EEXIST    a started handle of this loop has the descriptor
 * @retval UV_EBUSY     the handle has another one
 * @retval UV_EBADF     it is not open
 * @retval UV_EINVAL    the handle is bound, or is for ipc and the descriptor is not open both ways
 *                      (Windows)
 * @retval UV_ENOTSOCK  not a pipe (Windows)
 *
 * After an error the descriptor stays the caller's. Loop thread only. */
UV_EXTERN int uv_pipe_open(uv_pipe_t* handle, uv_file file);

/** Binds a pipe handle to a name: uv_pipe_bind2() with strlen(3) of it and no flags.
 *
 * @param handle  initialised, without a descriptor
 * @param name    a path, cut if it is too long; "" has Linux choose an abstract name
 * @return 0 or an error, as uv_pipe_bind2()
 *
 * Loop thread only. */
UV_EXTERN int uv_pipe_bind(uv_pipe_t* handle, const char* name);

/** Binds a pipe handle to a name. The path that this makes is removed when the handle is closed.
 *
 * @param handle   initialised, without a descriptor
 * @param name     a path (on Windows a pipe's name), or on Linux an abstract name: it begins with a
 *                 NUL and may have more. Does not have to end in one.
 * @param namelen  its length in bytes, without a NUL at its end; 0 has Linux choose an abstract
 *                 name
 * @param flags    UV_PIPE_NO_TRUNCATE or 0
 * @retval 0              bound
 * @retval UV_EINVAL      unknown flags, no name, a NUL in a path, too long with
 *                        UV_PIPE_NO_TRUNCATE, closing, or bound or open before
 * @retval UV_EADDRINUSE  the name exists
 * @retval UV_EACCES      no such directory, or no right to it
 * @retval UV_ENOMEM      no memory
 * @return otherwise an error of socket(2) or bind(2)
 *
 * Loop thread only. Since libuv 1.46. Paths have about 107 bytes on Linux, 103 on macOS and the
 * BSDs. See unix(7). */
UV_EXTERN int uv_pipe_bind2(uv_pipe_t* handle, const char* name, size_t namelen,
                            unsigned int flags);

/** Connects a pipe handle to a name: uv_pipe_connect2() with strlen(3) of it and no flags, except
 * that every error comes in the callback.
 *
 * @param req     overwritten but for `data`; in use until the callback
 * @param handle  initialised, not connected
 * @param name    a path, cut if it is too long
 * @param cb      runs from the loop, never from inside this call; may be NULL
 *
 * Loop thread only. */
UV_EXTERN void uv_pipe_connect(uv_connect_t* req, uv_pipe_t* handle, const char* name,
                               uv_connect_cb cb);

/** Connects a pipe handle to a name.
 *
 * @param req      overwritten but for `data`; in use until the callback
 * @param handle   initialised, not connected
 * @param name     as for uv_pipe_bind2()
 * @param namelen  its length in bytes, without a NUL at its end; not 0
 * @param flags    UV_PIPE_NO_TRUNCATE or 0
 * @param cb       runs in the poll or pending phase, never from inside this call; gets UV_ENOENT,
 *                 UV_ECONNREFUSED (nobody listens), UV_EAGAIN (the backlog is full), UV_EMFILE and
 *                 other errors of socket(2) and connect(2). May be NULL.
 * @retval 0            @p cb will be called
 * @retval UV_EINVAL    unknown flags, no name, a NUL in a path, too long with UV_PIPE_NO_TRUNCATE
 * @retval UV_EALREADY  a connect is under way
 * @retval UV_EBUSY     connected (Windows)
 *
 * Loop thread only. Since libuv 1.46. Windows tries for up to 30 seconds if all instances are busy.
 * See unix(7). */
UV_EXTERN int uv_pipe_connect2(uv_connect_t* req, uv_pipe_t* handle, const char* name,
                               size_t namelen, unsigned int flags, uv_connect_cb cb);

/** The name that a pipe handle is bound to.
 *
 * @param handle  a handle with a descriptor
 * @param buffer  receives the name: a path with a NUL at its end, an abstract name without one
 * @param size    in: room at @p buffer in bytes; out: length of the name without a NUL at its end,
 *                0 if it has none
 * @retval 0           found
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or the room is 0
 * @retval UV_EBADF    no descriptor, or closing; the size becomes 0
 * @retval UV_ENOBUFS  too little room; the size becomes what is needed, a path's NUL included
 *
 * Loop thread only. See getsockname(2). */
UV_EXTERN int uv_pipe_getsockname(const uv_pipe_t* handle, char* buffer, size_t* size);

/** The name that a pipe handle is connected to.
 *
 * @param handle  a connected handle; its callback need not have been called yet
 * @param buffer  receives the name: a path with a NUL at its end, an abstract name without one
 * @param size    in: room at @p buffer in bytes; out: length of the name without a NUL at its end,
 *                0 if it has none
 * @retval 0            found
 * @retval UV_EINVAL    @p buffer or @p size is NULL, or the room is 0
 * @retval UV_EBADF     no descriptor, or closing; the size becomes 0
 * @retval UV_ENOTCONN  not connected; the size becomes 0
 * @retval UV_ENOBUFS   too little room; the size becomes what is needed, a path's NUL included
 *
 * Loop thread only. Since libuv 1.3. See getpeername(2). */
UV_EXTERN int uv_pipe_getpeername(const uv_pipe_t* handle, char* buffer, size_t* size);

/** How many clients can wait at a named pipe of Windows. Elsewhere without effect.
 *
 * @param handle  a pipe handle that is not bound yet
 * @param count   number of instances
 *
 * Loop thread only. */
UV_EXTERN void uv_pipe_pending_instances(uv_pipe_t* handle, int count);

/** How many handles an ipc pipe has received that were not accepted yet.
 *
 * In the read callback of the data that they came with they are counted already. Closing the pipe
 * closes them.
 *
 * @param handle  a pipe handle
 * @return their number; 0 if it is not for ipc
 *
 * Loop thread only. See uv_accept(). */
UV_EXTERN int uv_pipe_pending_count(uv_pipe_t* handle);

/** What uv_accept() would take from an ipc pipe next.
 *
 * @param handle  a pipe handle
 * @return its type as uv_guess_handle() sees it: UV_TCP, UV_UDP, UV_NAMED_PIPE ... (Windows:
 *         UV_TCP); UV_UNKNOWN_HANDLE if there is none or the pipe is not for ipc
 *
 * Loop thread only. */
UV_EXTERN uv_handle_type uv_pipe_pending_type(uv_pipe_t* handle);

/** Sets the rights that everybody has on a bound pipe: who may connect to it.
 *
 * @param handle  a handle bound to a path
 * @param flags   UV_READABLE, UV_WRITABLE or both: user, group and others get these rights and lose
 *                the other
 * @retval 0          set
 * @retval UV_EBADF   @p handle is NULL or has no descriptor
 * @retval UV_EINVAL  any other @p flags
 * @retval UV_ENOENT  it has no path
 * @retval UV_EPERM   not allowed; also other errors of chmod(2)
 *
 * Loop thread only; blocks on the file system. Since libuv 1.16. */
UV_EXTERN int uv_pipe_chmod(uv_pipe_t* handle, int flags);

/** Makes a pipe, close-on-exec.
 *
 * @param fds          receives the reading end and the writing end, in this order; untouched on
 *                     error
 * @param read_flags   UV_NONBLOCK_PIPE makes the reading end non-blocking; other bits are ignored
 * @param write_flags  the same for the writing end
 * @retval 0          made
 * @retval UV_EMFILE  the process has too many descriptors open; UV_ENFILE: the system has
 *
 * Thread-safe: belongs to no loop. Since libuv 1.41. See pipe(2). */
UV_EXTERN int uv_pipe(uv_file fds[2], int read_flags, int write_flags);

/* -- TTY: terminals ---------------------------------------------------------------------------- */

/** What a terminal does with what is typed: uv_tty_set_mode(). */
typedef enum {
  /** As it was before: lines, with echo and editing. */
  UV_TTY_MODE_NORMAL,
  /** Byte by byte: no echo, no lines, no signals; a newline written still returns the carriage. On
   * Windows the library turns keys into escape sequences. */
  UV_TTY_MODE_RAW,
  /** Byte by byte in both directions, nothing changed. Not on Windows. */
  UV_TTY_MODE_IO,
  /** Raw, and on Windows the console itself makes the escape sequences; elsewhere as RAW. */
  UV_TTY_MODE_RAW_VT
} uv_tty_mode_t;

/** Whether the console understands escape sequences: uv_tty_set_vterm_state(). */
typedef enum {
  UV_TTY_SUPPORTED,  /**< it does: they go to it unchanged */
  UV_TTY_UNSUPPORTED /**< it does not: the library acts on them */
} uv_tty_vtermstate_t;

/** A terminal: a stream. No public members beyond uv_stream_t's. */
struct uv_tty_s {
  UV_HANDLE_FIELDS
  UV_STREAM_FIELDS
  UV_TTY_PRIVATE_FIELDS
};

/** Initialises a TTY handle for a descriptor.
 *
 * On POSIX a terminal is opened once more, so that being non-blocking does not reach other
 * processes that share it: the handle keeps a descriptor of its own and @p fd stays the caller's.
 * Where that fails, and for the master of a pty, @p fd itself becomes the handle's and writes
 * block.
 *
 * @param loop      the loop it is to run on
 * @param handle    overwritten but for `data`
 * @param fd        a terminal, most often 0, 1 or 2; on POSIX also a pipe or socket
 * @param readable  ignored: the access mode of @p fd says whether the stream is readable or
 *                  writable
 * @retval 0          initialised
 * @retval UV_EINVAL  a file, another kind of device, or not open
 * @retval UV_EBADF   not open (Windows)
 * @retval UV_ENOMEM  out of memory
 * @return otherwise an error of dup2(2) (POSIX)
 *
 * Loop thread only. After an error the handle must not be closed. See tty(4), pty(7). */
UV_EXTERN int uv_tty_init(uv_loop_t* loop, uv_tty_t* handle, uv_file fd, int readable);

/** Sets the mode of a terminal, at once and without dropping what was typed.
 *
 * The attributes that the terminal had are restored by UV_TTY_MODE_NORMAL; those of the first
 * handle in the process that left it also by uv_tty_reset_mode() and by closing that handle.
 *
 * @param handle  an open TTY handle; on Windows a readable one
 * @param mode    one of uv_tty_mode_t
 * @retval 0           set, or in this mode already
 * @retval UV_EINVAL   no such mode; on Windows also not readable
 * @retval UV_ENOTTY   not a terminal
 * @retval UV_EBADF    no descriptor, or closing
 * @retval UV_ENOTSUP  UV_TTY_MODE_IO (Windows)
 *
 * After an error the mode is as it was. Loop thread only. See termios(3), tcsetattr(3). */
UV_EXTERN int uv_tty_set_mode(uv_tty_t* handle, uv_tty_mode_t mode);

/** Restores the terminal that uv_tty_set_mode() changed first: to be called before the process
 * ends.
 *
 * @retval 0         restored, or nothing to restore
 * @retval UV_EBUSY  it interrupted uv_tty_set_mode() or the close of a TTY handle
 * @return otherwise an error of tcsetattr(3)
 *
 * Thread-safe. Callable from signal handlers (errno is kept), as often as one likes, also without a
 * loop. Windows: restores the console's input, and only after UV_TTY_MODE_RAW_VT. */
UV_EXTERN int uv_tty_reset_mode(void);

/** The size of a terminal's window.
 *
 * @param handle  an open TTY handle; on Windows a writable one
 * @param width   receives the number of columns
 * @param height  receives the number of rows
 * @retval 0          found
 * @retval UV_ENOTTY  not a terminal
 * @retval UV_EBADF   no descriptor, or closing
 *
 * After an error nothing is written. Loop thread only. SIGWINCH tells of changes:
 * uv_signal_start(). See ioctl_tty(2) (TIOCGWINSZ). */
UV_EXTERN int uv_tty_get_winsize(uv_tty_t* handle, int* width, int* height);

/** Says whether the console of Windows understands escape sequences, for the whole process, if the
 * library should not find out by itself. Elsewhere without effect.
 *
 * @param state  one of uv_tty_vtermstate_t
 *
 * Not thread-safe. Since libuv 1.33. */
UV_EXTERN void uv_tty_set_vterm_state(uv_tty_vtermstate_t state);

/** Whether the console of Windows is taken to understand escape sequences.
 *
 * @param state  receives the answer; untouched on error
 * @retval 0           found
 * @retval UV_ENOTSUP  not on Windows
 *
 * Not thread-safe. Since libuv 1.33. */
UV_EXTERN int uv_tty_get_vterm_state(uv_tty_vtermstate_t* state);

#ifdef __cplusplus
extern "C++" {
/** The C++ form that takes the mode as a plain number.
 *
 * @param handle  an open TTY handle
 * @param mode    a value of uv_tty_mode_t
 * @return as the function of that name
 *
 * Loop thread only. */
inline int uv_tty_set_mode(uv_tty_t* handle, int mode) {
  return uv_tty_set_mode(handle, static_cast<uv_tty_mode_t>(mode));
}
}
#endif

/** Which type of handle fits a descriptor. Never fails.
 *
 * @param file  a descriptor
 * @return UV_TTY for a terminal; UV_FILE for a file or character device; UV_NAMED_PIPE for a pipe
 *         or a unix stream socket (Windows: any pipe or socket); UV_TCP and UV_UDP for sockets of
 *         IPv4 and IPv6; UV_UNKNOWN_HANDLE for all else and for what is not open
 *
 * Thread-safe. See fstat(2), isatty(3), getsockopt(2). */
UV_EXTERN uv_handle_type uv_guess_handle(uv_file file);

/* -- UDP --------------------------------------------------------------------------------------- */

/* Datagrams over IPv4 and IPv6 (RFC 768, udp(7)). A handle gets its socket from uv_udp_init_ex()
 * with a family, from uv_udp_open() or uv_udp_bind(), or from the first call that needs one: the
 * connect, send, receive and membership calls make one, bound to the unspecified address and a port
 * of the system's choice. Sockets are non-blocking and close-on-exec. A handle is active while it
 * receives or has sends pending.
 *
 * uv_close() closes the socket at once. Just before the close callback the callbacks of all
 * outstanding sends run, in order: those already sent with their true status, the others with
 * UV_ECANCELED. No receive callback runs any more. */

/** Flags of uv_udp_init_ex(), uv_udp_open_ex(), uv_udp_bind() and uv_udp_recv_cb. */
enum uv_udp_flags {
  /** uv_udp_bind(): IPv6 only, no dual stack (IPV6_V6ONLY, RFC 3493). */
  UV_UDP_IPV6ONLY = 1,
  /** uv_udp_recv_cb: the datagram was larger than the buffer; the rest is lost. */
  UV_UDP_PARTIAL = 2,
  /** uv_udp_bind(), uv_udp_open_ex(): let several sockets bind one address (SO_REUSEADDR;
   * SO_REUSEPORT on macOS and the BSDs). */
  UV_UDP_REUSEADDR = 4,
  /** uv_udp_recv_cb: the buffer is a piece of a larger one. Do not free it: the larger one comes
   * later, with UV_UDP_MMSG_FREE. */
  UV_UDP_MMSG_CHUNK = 8,
  /** uv_udp_recv_cb: no datagram; this is the buffer whose pieces have been delivered, now free to
   * go. */
  UV_UDP_MMSG_FREE = 16,
  /** uv_udp_bind(): on Linux, let errors from the network be queued (IP_RECVERR, ip(7)); no effect
   * elsewhere. uv_udp_recv_cb: this is such a queued error. */
  UV_UDP_LINUX_RECVERR = 32,
  /** uv_udp_bind(), uv_udp_open_ex(): share the port and have the system balance the load
   * (SO_REUSEPORT); UV_ENOTSUP where it only shares. Since libuv 1.49. */
  UV_UDP_REUSEPORT = 64,
  /** uv_udp_init_ex(): receive many datagrams with one system call (recvmmsg(2)), where there is
   * one. Since libuv 1.37. */
  UV_UDP_RECVMMSG = 256
};

/** What uv_udp_set_membership() and uv_udp_set_source_membership() do. */
typedef enum {
  UV_LEAVE_GROUP = 0, /**< leave the multicast group */
  UV_JOIN_GROUP       /**< join the multicast group */
} uv_membership;

/** Called once for every uv_udp_send() that returned 0, in the order of the sends, from the loop.
 *
 * @param req     the request; free to be reused or released from here on
 * @param status  0 if the datagram was handed to the system, UV_ECANCELED if the handle was closed
 *                before, else this datagram's error (UV_EMSGSIZE, UV_ECONNREFUSED, UV_ENETUNREACH,
 *                UV_EPERM ...); later ones are sent all the same */
typedef void (*uv_udp_send_cb)(uv_udp_send_t* req, int status);

/** Called for every datagram, for every error, and to hand an unused buffer back. May stop, close
 * or send. Every call of the handle's uv_alloc_cb is followed by one with its buffer.
 *
 * @param handle  the receiving handle
 * @param nread   bytes of the datagram. 0 with @p addr NULL: nothing more for now. 0 with @p addr:
 *                an empty datagram. Negative: a UV_E* code; receiving goes on (on Windows it has
 *                been stopped). UV_ENOBUFS: uv_alloc_cb gave no memory
 * @param buf     the buffer from uv_alloc_cb, the caller's again unless UV_UDP_MMSG_CHUNK is set
 * @param addr    the sender, valid during the call only; NULL if this is no datagram. With
 *                UV_UDP_LINUX_RECVERR: whoever reported the error, AF_UNSPEC if that was this
 *                machine
 * @param flags   0 or an OR of UV_UDP_PARTIAL, UV_UDP_MMSG_CHUNK, UV_UDP_MMSG_FREE and
 *                UV_UDP_LINUX_RECVERR
 *
 * A callback that stops or closes the handle between two chunks gets no UV_UDP_MMSG_FREE: it frees
 * the large buffer itself. */
typedef void (*uv_udp_recv_cb)(uv_udp_t* handle, ssize_t nread, const uv_buf_t* buf,
                               const struct sockaddr* addr, unsigned flags);

/** A UDP socket; the struct behind uv_udp_t. */
struct uv_udp_s {
  UV_HANDLE_FIELDS
  size_t send_queue_size;  /**< bytes of the sends not called back yet; read-only */
  size_t send_queue_count; /**< sends not called back yet; read-only */
  UV_UDP_PRIVATE_FIELDS
};

/** One datagram on its way; the struct behind uv_udp_send_t. */
struct uv_udp_send_s {
  UV_REQ_FIELDS
  uv_udp_t* handle; /**< the handle it was sent on, set by uv_udp_send() */
  uv_udp_send_cb cb;
  UV_UDP_SEND_PRIVATE_FIELDS
};

/** Initialises a handle without a socket. Until it has one, uv_fileno() and the getters of its
 * addresses answer UV_EBADF.
 *
 * @param loop    the loop that the handle will belong to
 * @param handle  uninitialised memory; `data` is left alone
 * @retval 0  always
 *
 * Loop thread only. See uv_udp_init_ex(). */
UV_EXTERN int uv_udp_init(uv_loop_t* loop, uv_udp_t* handle);

/** Initialises a handle and, if a family is given, makes its socket.
 *
 * @param loop    the loop that the handle will belong to
 * @param handle  uninitialised memory; `data` is left alone
 * @param flags   AF_INET, AF_INET6 or AF_UNSPEC (no socket yet), optionally ORed with
 *                UV_UDP_RECVMMSG
 * @retval 0                initialised
 * @retval UV_EINVAL        another family or flag
 * @retval UV_EAFNOSUPPORT  the system lacks the family
 * @retval UV_EMFILE        too many descriptors, also UV_ENFILE
 * @retval UV_ENOMEM        out of memory
 *
 * After an error the handle is not part of the loop and must not be closed. Loop thread only.
 * Since libuv 1.7. See socket(2). */
UV_EXTERN int uv_udp_init_ex(uv_loop_t* loop, uv_udp_t* handle, unsigned int flags);

/** Takes over an existing datagram socket: uv_udp_open_ex() with UV_UDP_REUSEADDR on POSIX, with no
 * flag on Windows.
 *
 * @param handle  a handle without a socket
 * @param sock    the socket; made non-blocking; may be bound or connected already
 * @retval 0          the handle owns @p sock; uv_close() closes it
 * @retval UV_EBUSY   the handle has a socket
 * @retval UV_EEXIST  the loop watches @p sock already (POSIX)
 * @retval UV_EBADF   @p sock is not an open descriptor
 *
 * After an error @p sock is still the caller's. Loop thread only. */
UV_EXTERN int uv_udp_open(uv_udp_t* handle, uv_os_sock_t sock);

/** Takes over an existing datagram socket, with options of the caller's choice.
 *
 * @param handle  a handle without a socket
 * @param sock    the socket; made non-blocking; may be bound or connected already
 * @param flags   0 or an OR of UV_UDP_REUSEADDR and UV_UDP_REUSEPORT, set on @p sock
 * @retval 0           the handle owns @p sock; uv_close() closes it
 * @retval UV_EINVAL   another flag
 * @retval UV_EBUSY    the handle has a socket
 * @retval UV_EEXIST   the loop watches @p sock already (POSIX)
 * @retval UV_EBADF    @p sock is not an open descriptor
 * @retval UV_ENOTSUP  UV_UDP_REUSEPORT where the system does not balance
 *
 * After an error on POSIX @p sock is still the caller's. Loop thread only. Since libuv 1.52. See
 * socket(7). */
UV_EXTERN int uv_udp_open_ex(uv_udp_t* handle, uv_os_sock_t sock, unsigned int flags);

/** Binds to an address, making the socket first if there is none.
 *
 * @param handle  an initialised handle
 * @param addr    a sockaddr_in or sockaddr_in6; port 0 lets the system choose
 * @param flags   0 or an OR of UV_UDP_IPV6ONLY, UV_UDP_REUSEADDR, UV_UDP_REUSEPORT and
 *                UV_UDP_LINUX_RECVERR
 * @retval 0                 bound
 * @retval UV_EINVAL         another flag or family, UV_UDP_IPV6ONLY on IPv4, bound already, a
 *                           family unlike the socket's (UV_EFAULT on Windows), or closing
 * @retval UV_EADDRINUSE     the address is taken
 * @retval UV_EADDRNOTAVAIL  no such address on this machine
 * @retval UV_EACCES         the port needs privilege
 * @retval UV_ENOTSUP        UV_UDP_REUSEPORT where the system does not balance
 *
 * A socket made by a call that fails stays with the handle. Loop thread only. See bind(2), ip(7),
 * ipv6(7). */
UV_EXTERN int uv_udp_bind(uv_udp_t* handle, const struct sockaddr* addr, unsigned int flags);

/** Sets the one peer that the handle sends to and receives from, or removes it. Nothing is sent. A
 * handle without a socket gets one.
 *
 * @param handle  an initialised handle
 * @param addr    the peer, a sockaddr_in or sockaddr_in6; NULL to disconnect
 * @retval 0            done
 * @retval UV_EISCONN   connected already: disconnect first
 * @retval UV_ENOTCONN  @p addr is NULL and the handle is not connected
 * @retval UV_EINVAL    another family, or the handle is closing
 * @retval UV_E*        the errors of making and binding the socket, others of connect(2)
 *
 * On Linux a port that was the system's choice is given up when disconnecting. Loop thread only.
 * Since libuv 1.27. See connect(2). */
UV_EXTERN int uv_udp_connect(uv_udp_t* handle, const struct sockaddr* addr);

/** Tells the address that the handle is bound to.
 *
 * @param handle   an initialised handle
 * @param name     receives the address; a sockaddr_storage holds any
 * @param namelen  in: bytes at @p name; out: the address's true length in bytes
 * @retval 0          told; of an unbound socket the family, with port 0
 * @retval UV_EBADF   no socket, or closing
 * @retval UV_EINVAL  unbound (Windows)
 *
 * Loop thread only. See getsockname(2). */
UV_EXTERN int uv_udp_getsockname(const uv_udp_t* handle, struct sockaddr* name, int* namelen);

/** Tells the address that the handle is connected to.
 *
 * @param handle   an initialised handle
 * @param name     receives the address; a sockaddr_storage holds any
 * @param namelen  in: bytes at @p name; out: the address's true length in bytes
 * @retval 0            told
 * @retval UV_ENOTCONN  not connected
 * @retval UV_EBADF     no socket, or closing
 *
 * Loop thread only. Since libuv 1.27. See getpeername(2). */
UV_EXTERN int uv_udp_getpeername(const uv_udp_t* handle, struct sockaddr* name, int* namelen);

/** Sends a datagram made of all the buffers: now if no other send is outstanding, else in its turn,
 * when many leave with one system call.
 *
 * @param req      the request, the library's until @p send_cb runs
 * @param handle   an initialised handle; gets a socket if it has none
 * @param bufs     the pieces; the array is copied, the bytes must stay until @p send_cb
 * @param nbufs    how many, 1 to 1,048,576
 * @param addr     where to (copied); NULL if the handle is connected. On Windows the unspecified
 *                 address means localhost
 * @param send_cb  runs from the loop, never inside this call; may be NULL
 * @retval 0                accepted: @p send_cb will tell the result, UV_EMSGSIZE for too large a
 *                          datagram, or one of too many pieces (Linux: 1,024), included
 * @retval UV_EISCONN       connected, and @p addr is given
 * @retval UV_EDESTADDRREQ  not connected, and @p addr is NULL
 * @retval UV_EINVAL        bad family, bad @p nbufs, more than 0x7ffff000 bytes, or the handle is
 *                          closing
 * @retval UV_ENOMEM        out of memory
 * @retval UV_E*            the errors of making and binding the socket
 *
 * After an error there is no callback. Loop thread only. See sendmsg(2). */
UV_EXTERN int uv_udp_send(uv_udp_send_t* req, uv_udp_t* handle, const uv_buf_t bufs[],
                          unsigned int nbufs, const struct sockaddr* addr, uv_udp_send_cb send_cb);

/** Sends a datagram at once or not at all.
 *
 * @param handle  an initialised handle; gets a socket if it has none
 * @param bufs    the pieces, needed during the call only
 * @param nbufs   how many, 1 to 1,048,576
 * @param addr    where to; NULL if the handle is connected
 * @return the bytes sent, 0 for an empty datagram
 * @retval UV_EAGAIN        it cannot go now: sends are queued, or the system's buffer is full
 * @retval UV_EMSGSIZE      too large for a datagram
 * @retval UV_EISCONN       connected, and @p addr is given
 * @retval UV_EDESTADDRREQ  not connected, and @p addr is NULL
 * @retval UV_EINVAL        bad family, bad @p nbufs, more than 0x7ffff000 bytes, or the handle is
 *                          closing
 * @retval UV_E*            other errors of sendmsg(2)
 *
 * Loop thread only. */
UV_EXTERN int uv_udp_try_send(uv_udp_t* handle, const uv_buf_t bufs[], unsigned int nbufs,
                              const struct sockaddr* addr);

/** Sends several datagrams at once, as many as can go now. Those sent are always the first ones.
 *
 * @param handle  a handle with a socket
 * @param count   how many datagrams, at least 1
 * @param bufs    for each datagram its array of pieces
 * @param nbufs   for each datagram the number of its pieces, 1 to 1,048,576
 * @param addrs   for each datagram where to; entries are NULL if the handle is connected
 * @param flags   0
 * @return how many datagrams were sent, at least 1
 * @retval UV_EINVAL        @p count is 0, @p flags is not, there is no socket, or a datagram is
 *                          not one that uv_udp_try_send() takes: all are checked before any is
 *                          sent
 * @retval UV_EISCONN       connected, and an address is given
 * @retval UV_EDESTADDRREQ  not connected, and an address is NULL
 * @retval UV_EAGAIN        none can go now: sends are queued, or the system's buffer is full
 * @retval UV_E*            other errors of the first datagram
 *
 * Loop thread only. Since libuv 1.50. See sendmmsg(2). */
UV_EXTERN int uv_udp_try_send2(uv_udp_t* handle, unsigned int count, uv_buf_t* bufs[],
                               unsigned int nbufs[], struct sockaddr* addrs[], unsigned int flags);

/** Starts to receive. A handle without a socket gets one, bound to 0.0.0.0 and a port of the
 * system's choice.
 *
 * @param handle    an initialised handle
 * @param alloc_cb  asked for 65,536 bytes before each receive. With UV_UDP_RECVMMSG each full
 *                  65,536 bytes that it gives, up to 20, take one datagram; giving less is
 *                  answered by @p recv_cb with UV_EINVAL
 * @param recv_cb   runs from the loop for each datagram; after 32 of one event other handles have
 *                  their turn (with UV_UDP_RECVMMSG at the end of the buffer that is being filled)
 * @retval 0            receiving
 * @retval UV_EALREADY  receiving already
 * @retval UV_EINVAL    a callback is NULL, or the handle is closing
 * @retval UV_E*        the errors of making and binding the socket
 *
 * Loop thread only. See recvmsg(2), recvmmsg(2). */
UV_EXTERN int uv_udp_recv_start(uv_udp_t* handle, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb);

/** Stops to receive. No receive callback follows, not even for datagrams of the same batch;
 * receiving may be started again.
 *
 * @param handle  an initialised handle, receiving or not
 * @retval 0  always
 *
 * Loop thread only; allowed inside uv_udp_recv_cb. */
UV_EXTERN int uv_udp_recv_stop(uv_udp_t* handle);

/** Joins or leaves a multicast group. A handle without a socket gets one, bound to the unspecified
 * address of the group's family with UV_UDP_REUSEADDR, and keeps it even if the call then fails.
 *
 * @param handle          an initialised handle
 * @param multicast_addr  the group, as text; IPv6 may end in %scope
 * @param interface_addr  address of the interface, as text, of IPv6 only its %scope; NULL lets the
 *                        group's scope or the system choose
 * @param membership      UV_JOIN_GROUP or UV_LEAVE_GROUP
 * @retval 0                 done
 * @retval UV_EINVAL         an address is no address or no group, @p membership is neither, or the
 *                           handle is closing
 * @retval UV_EADDRINUSE     joined already
 * @retval UV_EADDRNOTAVAIL  leaving a group that was not joined
 * @retval UV_ENODEV         no interface or no route
 * @retval UV_ENOPROTOOPT    an IPv6 group, and the handle's socket is IPv4
 * @retval UV_E*             the errors of making and binding the socket
 *
 * Loop thread only. See RFC 1112, RFC 3493 5.2, ip(7) (IP_ADD_MEMBERSHIP). */
UV_EXTERN int uv_udp_set_membership(uv_udp_t* handle, const char* multicast_addr,
                                    const char* interface_addr, uv_membership membership);

/** Joins or leaves a multicast group for one sender only. Makes a socket as uv_udp_set_membership()
 * does.
 *
 * @param handle          an initialised handle
 * @param multicast_addr  the group, as text
 * @param interface_addr  address of the interface, as text; NULL lets the system choose
 * @param source_addr     the sender, as text, of the group's family
 * @param membership      UV_JOIN_GROUP or UV_LEAVE_GROUP
 * @retval 0                 done
 * @retval UV_EINVAL         an address is no address or no group, the families differ, @p
 *                           membership is neither, leaving a group that was not joined, or the
 *                           handle is closing
 * @retval UV_EADDRNOTAVAIL  joined already, or leaving a source that was not joined
 * @retval UV_ENODEV         no interface or no route
 * @retval UV_ENOPROTOOPT    an IPv6 group, and the handle's socket is IPv4
 * @retval UV_ENOSYS         not on this system (OpenBSD, NetBSD, DragonFly, Android, Hurd, QNX)
 * @retval UV_E*             the errors of making and binding the socket
 *
 * Loop thread only. Since libuv 1.32. See RFC 3678. */
UV_EXTERN int uv_udp_set_source_membership(uv_udp_t* handle, const char* multicast_addr,
                                           const char* interface_addr, const char* source_addr,
                                           uv_membership membership);

/** Chooses whether multicast datagrams sent here are also delivered on this machine.
 *
 * @param handle  a handle with a socket
 * @param on      non-zero for yes, the system's default, 0 for no
 * @retval 0          set
 * @retval UV_EINVAL  not in 0..255
 * @retval UV_EBADF   no socket
 *
 * Loop thread only. See ip(7) (IP_MULTICAST_LOOP), RFC 3493 5.2. */
UV_EXTERN int uv_udp_set_multicast_loop(uv_udp_t* handle, int on);

/** Sets how many hops a multicast datagram may take.
 *
 * @param handle  a handle with a socket
 * @param ttl     hops, 0..255
 * @retval 0          set
 * @retval UV_EINVAL  @p ttl is out of range
 * @retval UV_EBADF   no socket
 *
 * Loop thread only. See ip(7) (IP_MULTICAST_TTL), RFC 3493 5.2. */
UV_EXTERN int uv_udp_set_multicast_ttl(uv_udp_t* handle, int ttl);

/** Chooses the interface for outgoing multicast datagrams.
 *
 * @param handle          a handle with a socket
 * @param interface_addr  address of the interface, as text; of an IPv6 address only %scope counts.
 *                        NULL for the system's default
 * @retval 0                 set
 * @retval UV_EINVAL         @p interface_addr is no address
 * @retval UV_EADDRNOTAVAIL  no interface has this address, also UV_ENODEV
 * @retval UV_ENOPROTOOPT    an IPv6 address, and the handle's socket is IPv4
 * @retval UV_EBADF          no socket
 *
 * Loop thread only. See ip(7) (IP_MULTICAST_IF), RFC 3493 5.2. */
UV_EXTERN int uv_udp_set_multicast_interface(uv_udp_t* handle, const char* interface_addr);

/** Allows or forbids sending to broadcast addresses.
 *
 * @param handle  a handle with a socket
 * @param on      non-zero to allow
 * @retval 0         set
 * @retval UV_EBADF  no socket
 *
 * Loop thread only. See socket(7) (SO_BROADCAST). */
UV_EXTERN int uv_udp_set_broadcast(uv_udp_t* handle, int on);

/** Sets how many hops a unicast datagram may take.
 *
 * @param handle  a handle with a socket
 * @param ttl     hops, 1..255
 * @retval 0          set
 * @retval UV_EINVAL  @p ttl is out of range
 * @retval UV_EBADF   no socket
 *
 * Loop thread only. See ip(7) (IP_TTL), RFC 3493 5.1. */
UV_EXTERN int uv_udp_set_ttl(uv_udp_t* handle, int ttl);

/** Tells whether the handle receives many datagrams with one system call.
 *
 * @param handle  an initialised handle
 * @return 1 if it was initialised with UV_UDP_RECVMMSG and the system can (Linux, FreeBSD, macOS),
 *         else 0
 *
 * Loop thread only. Since libuv 1.39. */
UV_EXTERN int uv_udp_using_recvmmsg(const uv_udp_t* handle);

/** Tells the `send_queue_size` member: the bytes of the sends that have not been called back yet. A
 * send no longer counts inside its own callback.
 *
 * @param handle  an initialised handle
 * @return bytes
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN size_t uv_udp_get_send_queue_size(const uv_udp_t* handle);

/** Tells the `send_queue_count` member: how many sends have not been called back yet. A send no
 * longer counts inside its own callback.
 *
 * @param handle  an initialised handle
 * @return number of requests
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN size_t uv_udp_get_send_queue_count(const uv_udp_t* handle);

/* -- Processes --------------------------------------------------------------------------------- */

/** Called once when a child has ended and been reaped. The handle is inactive; uv_close() it here
 * or later. Not called if the handle is closed before.
 *
 * @param process      the child's handle
 * @param exit_status  the exit code: POSIX 0..255, or 0 if a signal ended the child; Windows the
 *                     32-bit code, never negative
 * @param term_signal  the signal that ended the child, 0 for a normal end. Windows: the last
 *                     signal that uv_process_kill() delivered, or 0 */
typedef void (*uv_exit_cb)(uv_process_t* process, int64_t exit_status, int term_signal);

/** What a child gets as one of its descriptors: one of the first four, and for UV_CREATE_PIPE an OR
 * of the others. */
typedef enum {
  /** Nothing: /dev/null for 0 to 2 (NUL on Windows), higher ones are left as they are. */
  UV_IGNORE = 0x00,
  /** One end of a new AF_UNIX socket pair (Windows: named pipe); the other end opens `data.stream`,
   * an initialised uv_pipe_t. */
  UV_CREATE_PIPE = 0x01,
  /** The descriptor `data.fd`. As one of the child's 0 to 2 it is made blocking on POSIX, and the
   * parent shares that mode. */
  UV_INHERIT_FD = 0x02,
  /** The descriptor of `data.stream`, in the same way. */
  UV_INHERIT_STREAM = 0x04,
  /** The child reads from the new pipe, so the parent writes. */
  UV_READABLE_PIPE = 0x10,
  /** The child writes to the new pipe, so the parent reads. */
  UV_WRITABLE_PIPE = 0x20,
  /** Windows: the child's end of the new pipe is overlapped. No effect on POSIX. */
  UV_NONBLOCK_PIPE = 0x40,
  /** The older name of UV_NONBLOCK_PIPE. */
  UV_OVERLAPPED_PIPE = 0x40
} uv_stdio_flags;

/** What becomes one descriptor of a child. */
typedef struct uv_stdio_container_s {
  uv_stdio_flags flags; /**< what it is */
  union {
    uv_stream_t* stream; /**< for UV_CREATE_PIPE and UV_INHERIT_STREAM */
    int fd;              /**< for UV_INHERIT_FD */
  } data;                /**< where it comes from, by `flags` */
} uv_stdio_container_t;

/** Flags of uv_process_options_t. */
enum uv_process_flags {
  /** POSIX: run as `uid`, without supplementary groups. Windows: UV_ENOTSUP. */
  UV_PROCESS_SETUID = (1 << 0),
  /** POSIX: run as `gid`, without supplementary groups. Windows: UV_ENOTSUP. */
  UV_PROCESS_SETGID = (1 << 1),
  /** Windows: join the arguments with blanks as they are, without quoting. Else ignored. */
  UV_PROCESS_WINDOWS_VERBATIM_ARGUMENTS = (1 << 2),
  /** Let the child outlive the parent: a session (setsid(2)) or process group of its own. The
   * handle still keeps the loop alive; see uv_unref(). */
  UV_PROCESS_DETACHED = (1 << 3),
  /** Windows: both of the next two. Else ignored. */
  UV_PROCESS_WINDOWS_HIDE = (1 << 4),
  /** Windows: no console window, unless a descriptor is inherited. Else ignored. */
  UV_PROCESS_WINDOWS_HIDE_CONSOLE = (1 << 5),
  /** Windows: the first window starts hidden. Else ignored. */
  UV_PROCESS_WINDOWS_HIDE_GUI = (1 << 6),
  /** Windows: try `file` exactly as given before .com and .exe are appended, if it has a directory
   * part. Else ignored. Since libuv 1.48. */
  UV_PROCESS_WINDOWS_FILE_PATH_EXACT_NAME = (1 << 7)
};

/** How to start a child. Zero it first; all of it may be gone when uv_spawn() returns. */
typedef struct uv_process_options_s {
  /** Called when the child has ended; may be NULL. */
  uv_exit_cb exit_cb;
  /** The program. Without a '/' it is searched in the PATH of `env`, or the parent's if `env` is
   * NULL; with one it is relative to `cwd`. On Windows .com and .exe are tried too. */
  const char* file;
  /** The arguments, ended by NULL; the first is the name that the child sees. */
  char** args;
  /** The whole environment as "NAME=value" strings, ended by NULL; NULL to inherit the parent's. */
  char** env;
  /** The child's working directory; NULL to inherit the parent's. */
  const char* cwd;
  /** 0 or an OR of uv_process_flags. */
  unsigned int flags;
  /** How many entries `stdio` has. The first three descriptors are UV_IGNORE if missing. */
  int stdio_count;
  /** Entry i says what the child's descriptor i is; may be NULL if `stdio_count` is 0. */
  uv_stdio_container_t* stdio;
  /** For UV_PROCESS_SETUID. */
  uv_uid_t uid;
  /** For UV_PROCESS_SETGID. */
  uv_gid_t gid;
} uv_process_options_t;

/** A child process; the struct behind uv_process_t. */
struct uv_process_s {
  UV_HANDLE_FIELDS
  uv_exit_cb exit_cb; /**< the one of the options */
  /** The child's id, kept after its end; 0 after a failed uv_spawn(). Read-only. */
  int pid;
  UV_PROCESS_PRIVATE_FIELDS
};

/** Starts a program. When this returns 0 the new program runs (exec has succeeded); the handle is
 * active until the child ends. In the child all signals have their default action and none is
 * blocked.
 *
 * @param loop     the loop that will call `options->exit_cb`
 * @param handle   uninitialised memory; initialised whatever the result: also after an error the
 *                 caller must uv_close() it
 * @param options  what to start and how; needed during the call only
 * @retval 0           running
 * @retval UV_EINVAL   bad `stdio` (kinds combined, not a pipe, no descriptor) or no `file`
 * @retval UV_EBADF    an inherited descriptor is not open
 * @retval UV_EAGAIN   too many processes
 * @retval UV_ENOMEM   out of memory
 * @retval UV_EMFILE   too many descriptors, also UV_ENFILE
 * @retval UV_ENOENT   no such program or `cwd`, also UV_ENOTDIR, UV_ELOOP, UV_ENAMETOOLONG
 * @retval UV_EACCES   not executable, or `cwd` not searchable
 * @retval UV_ENOEXEC  not a program, and there is no /bin/sh; UV_EFTYPE on Windows
 * @retval UV_E2BIG    arguments and environment are too long
 * @retval UV_EPERM    `uid` or `gid` needs privilege
 * @retval UV_EBUSY    a stream of UV_CREATE_PIPE is open already; the child runs and will be
 *                     reaped
 * @retval UV_ENOTSUP  Windows: `uid` or `gid`, more than 255 descriptors, or such a stream
 *
 * After a failed exec the UV_CREATE_PIPE streams are open and must be closed by the caller; after
 * bad arguments they are not. A text that is executable but names no interpreter is run by /bin/sh.
 *
 * On Linux the child shares the memory of the caller until it executes the program, so the time
 * does not grow with that memory, and handlers of pthread_atfork(3) do not run. With the
 * environment variable UV_SPAWN_USE_FORK set to 1 it is a plain fork, and they do. A process that
 * ignores SIGCHLD stops doing so. Loop thread only. See fork(2), execve(2), posix_spawn(3). */
UV_EXTERN int uv_spawn(uv_loop_t* loop, uv_process_t* handle, const uv_process_options_t* options);

/** Sends a signal to a child. Never reaches another process that got its id.
 *
 * @param handle  a handle of uv_spawn()
 * @param signum  the signal, 0 to probe; see uv_kill()
 * @retval 0          sent
 * @retval UV_ESRCH   the child has ended and been reaped
 * @retval UV_EINVAL  no such signal
 * @retval UV_EPERM   not allowed
 * @retval UV_ENOSYS  Windows: a signal other than those of uv_kill()
 *
 * Loop thread only. See kill(2). */
UV_EXTERN int uv_process_kill(uv_process_t* handle, int signum);

/** Tells the `pid` member of a handle.
 *
 * @param handle  a handle of uv_spawn()
 * @return the child's id, 0 if it was not started
 *
 * Loop thread only. Since libuv 1.19. */
UV_EXTERN uv_pid_t uv_process_get_pid(const uv_process_t* handle);

/** Sends a signal to a process. On Windows SIGINT, SIGTERM, SIGKILL and SIGQUIT end it with exit
 * code 1, SIGQUIT after writing a dump if the system is set up for that.
 *
 * @param pid     POSIX: as for kill(2), with groups for 0 and negative ids; Windows: 0 is the
 *                caller
 * @param signum  the signal; 0 only tells whether the process exists
 * @retval 0          sent
 * @retval UV_ESRCH   no such process
 * @retval UV_EINVAL  no such signal
 * @retval UV_EPERM   not allowed
 * @retval UV_ENOSYS  Windows: another signal
 *
 * Thread-safe. See kill(2). */
UV_EXTERN int uv_kill(int pid, int signum);

/** Keeps the descriptors that this process inherited from its own children, as far as they can be
 * found. Meant for the start of a program, before it opens anything; UV_INHERIT_FD still works for
 * them.
 *
 * Not thread-safe. See fcntl(2) (FD_CLOEXEC). */
UV_EXTERN void uv_disable_stdio_inheritance(void);

/* -- Work on the thread pool ------------------------------------------------------------------- */

/* One pool of threads serves all loops of the process; files, name look-ups and uv_random() use it
 * too. It starts at the first use, with 4 threads or as many as the environment variable
 * UV_THREADPOOL_SIZE then says (1 to 1024). Name look-ups take at most half of the threads, so that
 * slow servers hold up nothing else, and take turns with the rest; otherwise work starts in the
 * order in which it was queued. After a fork the child makes a pool of its own.
 * uv_cancel() takes back what has not started. */

/** Does the work of uv_queue_work(), on a thread of the pool. Uses no loop or handle;
 * uv_async_send() is the one way to the loop.
 *
 * @param req  the request of uv_queue_work() */
typedef void (*uv_work_cb)(uv_work_t* req);

/** Called from the loop, once, when the work is done or cancelled.
 *
 * @param req     the request; free to be reused or released from here on
 * @param status  0, or UV_ECANCELED if uv_cancel() came in time: then the work was not done */
typedef void (*uv_after_work_cb)(uv_work_t* req, int status);

/** One piece of work; the struct behind uv_work_t. */
struct uv_work_s {
  UV_REQ_FIELDS
  uv_loop_t* loop; /**< the loop that queued it; read-only */
  uv_work_cb work_cb;
  uv_after_work_cb after_work_cb;
  UV_WORK_PRIVATE_FIELDS
};

/** Has a function run on the thread pool. The request keeps the loop alive.
 *
 * @param loop           the loop to tell when it is done
 * @param req            the request, the library's until @p after_work_cb runs
 * @param work_cb        runs on a thread of the pool
 * @param after_work_cb  runs from the loop, after @p work_cb or its cancellation; may be NULL
 * @retval 0          queued
 * @retval UV_EINVAL  @p work_cb is NULL
 * @retval UV_ENOMEM  no memory for the pool
 * @retval UV_EAGAIN  no threads for the pool
 *
 * After an error neither callback runs. Loop thread only. See uv_cancel(). */
UV_EXTERN int uv_queue_work(uv_loop_t* loop, uv_work_t* req, uv_work_cb work_cb,
                            uv_after_work_cb after_work_cb);

/* -- Files ------------------------------------------------------------------------------------- */

/* What holds for every uv_fs_*() call that takes a request:
 *
 * - Without a callback it runs in the caller's thread, any thread, and returns the result. The loop
 *   is not used and may be NULL.
 * - With a callback it returns 0 once the operation is queued; it is the loop's thread that calls,
 *   and the request keeps the loop alive. The callback runs from the loop, in the order in which
 *   operations end, never inside the call. If the call returns an error there is no callback.
 * - The result is what a synchronous call returns and what `req->result` holds afterwards: 0 or
 *   more for success, else a UV_E* code. It is what @return and @retval describe below.
 * - UV_EINVAL comes at once, before anything else is looked at, for a NULL request; and for a NULL
 *   path or a callback without a loop. UV_ENOMEM: no memory. The rest are the system's answers, the
 *   errors of the named manual page; those listed are the usual ones.
 * - UV_ECANCELED is the result after uv_cancel(), which can take back an operation that has not
 *   started.
 * - The request may be uninitialised memory; `data` is left alone. uv_fs_req_cleanup() must follow
 *   every call, failed and synchronous ones too, once it has ended. In the callback the request may
 *   be cleaned up, used again or freed.
 * - Paths are copied by asynchronous calls. After a synchronous one `req->path` is the caller's
 *   pointer. Arrays of buffers are copied, the memory that the buffers point to must stay until
 *   the end.
 * - Paths are bytes on POSIX, and WTF-8 on Windows (see uv_wtf8_to_utf16()).
 * - EINTR is retried, but for uv_fs_read(). New descriptors are close-on-exec.
 * - On Linux what is in memory is carried out in the call, and reads of what is not by an io_uring,
 *   where that can be had; all else, and everything elsewhere, by the thread pool. With
 *   UV_USE_IO_URING=0 in the environment there is the pool alone; with =1 the ring carries out
 *   whatever it can. */

/** Which operation a uv_fs_t is for: uv_fs_get_type(). */
typedef enum {
  UV_FS_UNKNOWN = -1, /**< none */
  UV_FS_CUSTOM,       /**< never made by this library */
  UV_FS_OPEN,         /**< uv_fs_open() */
  UV_FS_CLOSE,        /**< uv_fs_close() */
  UV_FS_READ,         /**< uv_fs_read() */
  UV_FS_WRITE,        /**< uv_fs_write() */
  UV_FS_SENDFILE,     /**< uv_fs_sendfile() */
  UV_FS_STAT,         /**< uv_fs_stat() */
  UV_FS_LSTAT,        /**< uv_fs_lstat() */
  UV_FS_FSTAT,        /**< uv_fs_fstat() */
  UV_FS_FTRUNCATE,    /**< uv_fs_ftruncate() */
  UV_FS_UTIME,        /**< uv_fs_utime() */
  UV_FS_FUTIME,       /**< uv_fs_futime() */
  UV_FS_ACCESS,       /**< uv_fs_access() */
  UV_FS_CHMOD,        /**< uv_fs_chmod() */
  UV_FS_FCHMOD,       /**< uv_fs_fchmod() */
  UV_FS_FSYNC,        /**< uv_fs_fsync() */
  UV_FS_FDATASYNC,    /**< uv_fs_fdatasync() */
  UV_FS_UNLINK,       /**< uv_fs_unlink() */
  UV_FS_RMDIR,        /**< uv_fs_rmdir() */
  UV_FS_MKDIR,        /**< uv_fs_mkdir() */
  UV_FS_MKDTEMP,      /**< uv_fs_mkdtemp() */
  UV_FS_RENAME,       /**< uv_fs_rename() */
  UV_FS_SCANDIR,      /**< uv_fs_scandir() */
  UV_FS_LINK,         /**< uv_fs_link() */
  UV_FS_SYMLINK,      /**< uv_fs_symlink() */
  UV_FS_READLINK,     /**< uv_fs_readlink() */
  UV_FS_CHOWN,        /**< uv_fs_chown() */
  UV_FS_FCHOWN,       /**< uv_fs_fchown() */
  UV_FS_REALPATH,     /**< uv_fs_realpath() */
  UV_FS_COPYFILE,     /**< uv_fs_copyfile() */
  UV_FS_LCHOWN,       /**< uv_fs_lchown() */
  UV_FS_OPENDIR,      /**< uv_fs_opendir() */
  UV_FS_READDIR,      /**< uv_fs_readdir() */
  UV_FS_CLOSEDIR,     /**< uv_fs_closedir() */
  UV_FS_STATFS,       /**< uv_fs_statfs() */
  UV_FS_MKSTEMP,      /**< uv_fs_mkstemp() */
  UV_FS_LUTIME        /**< uv_fs_lutime() */
} uv_fs_type;

/** A time since 1970-01-01 UTC, as struct timespec; `long` has 32 bits on Windows. */
typedef struct {
  long tv_sec;  /**< whole seconds */
  long tv_nsec; /**< nanoseconds, 0..999,999,999 */
} uv_timespec_t;

/** What is known about a file, on every system with the same members: see stat(2). */
typedef struct {
  uint64_t st_dev;           /**< device that holds the file */
  uint64_t st_mode;          /**< type and permissions (S_IF*, S_I*) */
  uint64_t st_nlink;         /**< number of hard links */
  uint64_t st_uid;           /**< owner; 0 on Windows */
  uint64_t st_gid;           /**< group; 0 on Windows */
  uint64_t st_rdev;          /**< which device, if the file is one */
  uint64_t st_ino;           /**< number of the file on its device */
  uint64_t st_size;          /**< bytes */
  uint64_t st_blksize;       /**< bytes that one read or write should best have */
  uint64_t st_blocks;        /**< space taken, in units of 512 bytes */
  uint64_t st_flags;         /**< flags (macOS, BSD), else 0 */
  uint64_t st_gen;           /**< generation (macOS, BSD), else 0 */
  uv_timespec_t st_atim;     /**< last read */
  uv_timespec_t st_mtim;     /**< last change of the contents */
  uv_timespec_t st_ctim;     /**< last change of contents or of what is told here */
  uv_timespec_t st_birthtim; /**< creation; 0 if the file system keeps none */
} uv_stat_t;

/** What is known about a file system: see uv_fs_statfs(), statfs(2). */
typedef struct uv_statfs_s {
  uint64_t f_type;     /**< kind of file system, 0 where the system has no such number */
  uint64_t f_bsize;    /**< bytes that one transfer should best have */
  uint64_t f_blocks;   /**< size, in blocks */
  uint64_t f_bfree;    /**< free blocks */
  uint64_t f_bavail;   /**< free blocks that need no privilege */
  uint64_t f_files;    /**< number of inodes, 0 on Windows */
  uint64_t f_ffree;    /**< free inodes, 0 on Windows */
  uint64_t f_frsize;   /**< bytes of a block (Linux), else `f_bsize`; since libuv 1.52 */
  uint64_t f_spare[3]; /**< 0 */
} uv_statfs_t;

/** What a directory entry is, as told by the directory itself. */
typedef enum {
  UV_DIRENT_UNKNOWN, /**< the file system does not tell: uv_fs_lstat() does */
  UV_DIRENT_FILE,    /**< a regular file */
  UV_DIRENT_DIR,     /**< a directory */
  UV_DIRENT_LINK,    /**< a symbolic link; on Windows any reparse point */
  UV_DIRENT_FIFO,    /**< a named pipe */
  UV_DIRENT_SOCKET,  /**< a socket */
  UV_DIRENT_CHAR,    /**< a character device */
  UV_DIRENT_BLOCK    /**< a block device */
} uv_dirent_type_t;

/** A directory entry, filled by uv_fs_scandir_next() and uv_fs_readdir(), which say how long the
 * name lives. */
typedef struct uv_dirent_s {
  const char* name;      /**< name within the directory, never "." or ".." */
  uv_dirent_type_t type; /**< what it is */
} uv_dirent_t;

/** An open directory, made by uv_fs_opendir() and freed by uv_fs_closedir(). The caller sets both
 * members before each uv_fs_readdir() and leaves them alone until that request's cleanup. */
typedef struct uv_dir_s {
  uv_dirent_t* dirents; /**< array to be filled, the caller's */
  size_t nentries;      /**< how many entries it has */
  void* reserved[4];
  UV_DIR_PRIVATE_FIELDS
} uv_dir_t;

/** Called from the loop, once, when an asynchronous file operation has ended.
 *
 * @param req  the request: `result`, `ptr`, `statbuf` and `path` tell what came of it. May be
 *             cleaned up, used again or, after uv_fs_req_cleanup(), freed */
typedef void (*uv_fs_cb)(uv_fs_t* req);

/** One file operation; the struct behind uv_fs_t. The members are read-only; they are valid in the
 * callback, or when a synchronous call has returned. uv_fs_req_cleanup() makes `ptr` and `path`
 * NULL and leaves the others. */
struct uv_fs_s {
  UV_REQ_FIELDS
  uv_fs_type fs_type; /**< which operation; set when the call is made */
  uv_loop_t* loop;    /**< the loop given */
  uv_fs_cb cb;
  ssize_t result;    /**< 0 or more for success, by operation; else a UV_E* code */
  void* ptr;         /**< what the operation made, if not a number; NULL on error */
  const char* path;  /**< the path given, or the name that was made up */
  uv_stat_t statbuf; /**< filled by uv_fs_stat(), uv_fs_lstat() and uv_fs_fstat() on success */
  UV_FS_PRIVATE_FIELDS
};

/** uv_fs_copyfile(): fail with UV_EEXIST if the target exists. */
#define UV_FS_COPYFILE_EXCL 0x0001
/** uv_fs_copyfile(): share the data (copy-on-write) if the file system can, else copy. Since libuv
 * 1.20. */
#define UV_FS_COPYFILE_FICLONE 0x0002
/** uv_fs_copyfile(): share the data (copy-on-write) or fail. Since libuv 1.20. */
#define UV_FS_COPYFILE_FICLONE_FORCE 0x0004

/** uv_fs_symlink() on Windows: the target is a directory. */
#define UV_FS_SYMLINK_DIR 0x0001
/** uv_fs_symlink() on Windows: make a junction; the target is a directory, its path absolute. */
#define UV_FS_SYMLINK_JUNCTION 0x0002

/** uv_fs_utime() and its kin: set this time to now. Since libuv 1.51. */
#define UV_FS_UTIME_NOW (INFINITY)
/** uv_fs_utime() and its kin: leave this time as it is. Since libuv 1.51. */
#define UV_FS_UTIME_OMIT (NAN)

/** Frees what an operation left in its request: copies of paths, lists, `ptr` (but for
 * uv_fs_opendir()'s directory). Afterwards `ptr` and `path` are NULL; `result`, `statbuf`,
 * `fs_type` and `data` can still be read.
 *
 * @param req  a request whose operation has ended; NULL and a second call have no effect
 *
 * Any thread, one at a time per request. */
UV_EXTERN void uv_fs_req_cleanup(uv_fs_t* req);

/** Tells the `fs_type` member.
 *
 * @param req  a request that was handed in
 * @return the operation
 *
 * Thread-safe while @p req is not reused. Since libuv 1.19. */
UV_EXTERN uv_fs_type uv_fs_get_type(const uv_fs_t* req);

/** Tells the `result` member.
 *
 * @param req  a request whose operation has ended
 * @return 0 or more for success, by operation; else a UV_E* code
 *
 * Thread-safe while @p req is not reused. Since libuv 1.19. */
UV_EXTERN ssize_t uv_fs_get_result(const uv_fs_t* req);

/** Tells the system's own number for an error.
 *
 * @param req  a request whose operation has failed
 * @return POSIX: the errno, which is -`result`. Windows: the code of GetLastError()
 *
 * Thread-safe while @p req is not reused. Since libuv 1.38. */
UV_EXTERN int uv_fs_get_system_error(const uv_fs_t* req);

/** Tells the `ptr` member.
 *
 * @param req  a request whose operation has ended
 * @return what the operation made, owned by @p req; NULL on error, for operations that only have a
 *         number as result, and after uv_fs_req_cleanup()
 *
 * Thread-safe while @p req is not reused. Since libuv 1.19. */
UV_EXTERN void* uv_fs_get_ptr(const uv_fs_t* req);

/** Tells the `path` member.
 *
 * @param req  a request that was handed in
 * @return the path given, or the name that uv_fs_mkdtemp() or uv_fs_mkstemp() made; NULL for
 *         operations on descriptors and after uv_fs_req_cleanup()
 *
 * Thread-safe while @p req is not reused. Since libuv 1.19. */
UV_EXTERN const char* uv_fs_get_path(const uv_fs_t* req);

/** Tells where the `statbuf` member is.
 *
 * @param req  any request
 * @return its address, never NULL; filled only if a stat operation has succeeded
 *
 * Thread-safe while @p req is not reused. Since libuv 1.19. */
UV_EXTERN uv_stat_t* uv_fs_get_statbuf(uv_fs_t* req);

/** Opens a file, and makes it if so asked. On Windows files are always binary.
 *
 * @param loop   the loop, or NULL if @p cb is NULL
 * @param req    the request
 * @param path   the file
 * @param flags  UV_FS_O_RDONLY, UV_FS_O_WRONLY or UV_FS_O_RDWR, ORed with other UV_FS_O_* flags;
 *               on POSIX the O_* of open(2)
 * @param mode   permissions of a new file, before the umask; only used with UV_FS_O_CREAT.
 *               Windows: without S_IWUSR it is read-only
 * @param cb     called when done, or NULL to wait
 * @return the descriptor, 0 or more
 * @retval UV_ENOENT        no such file, or no such directory on the way
 * @retval UV_EEXIST        it exists, with UV_FS_O_CREAT and UV_FS_O_EXCL
 * @retval UV_EISDIR        a directory, to be written
 * @retval UV_EACCES        not allowed, also UV_EPERM
 * @retval UV_ELOOP         too many symbolic links
 * @retval UV_ENAMETOOLONG  the path or a part of it is too long
 * @retval UV_EMFILE        too many descriptors, also UV_ENFILE
 * @retval UV_EINVAL        flags that exclude each other
 *
 * Loop thread; any thread without @p cb. See open(2). */
UV_EXTERN int uv_fs_open(uv_loop_t* loop, uv_fs_t* req, const char* path, int flags, int mode,
                         uv_fs_cb cb);

/** Closes a descriptor, which is gone whatever the result but UV_EBADF. On Windows 0 to 2 stay
 * open.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param file  the descriptor
 * @param cb    called when done, or NULL to wait
 * @retval 0         closed
 * @retval UV_EBADF  not an open descriptor
 * @retval UV_EIO    an earlier write failed, also UV_ENOSPC
 *
 * Loop thread; any thread without @p cb. See close(2). */
UV_EXTERN int uv_fs_close(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb);

/** Reads once, into the buffers in turn.
 *
 * @param loop    the loop, or NULL if @p cb is NULL
 * @param req     the request
 * @param file    the descriptor
 * @param bufs    where to; the memory must stay until the end, without @p cb the array too
 * @param nbufs   how many, at least 1; those beyond IOV_MAX (1024) are not filled
 * @param offset  bytes from the start of the file, the descriptor's position stays; negative
 *                (Windows: -1) to read at the position and move it
 * @param cb      called when done, or NULL to wait
 * @return the bytes read, at most 0x7ffff000, perhaps fewer than asked for; 0 at the end of the
 *         file
 * @retval UV_EINVAL  @p bufs is NULL or @p nbufs is 0
 * @retval UV_EBADF   not open for reading
 * @retval UV_EISDIR  a directory
 * @retval UV_ESPIPE  an offset in something that has none, such as a pipe
 * @retval UV_EINTR   a signal came first: try again
 * @retval UV_EAGAIN  nothing there yet, of a non-blocking descriptor
 * @retval UV_EIO     the device failed
 *
 * Loop thread; any thread without @p cb. See readv(2), preadv(2). */
UV_EXTERN int uv_fs_read(uv_loop_t* loop, uv_fs_t* req, uv_file file, const uv_buf_t bufs[],
                         unsigned int nbufs, int64_t offset, uv_fs_cb cb);

/** Writes all the buffers, with as many system calls as it takes.
 *
 * @param loop    the loop, or NULL if @p cb is NULL
 * @param req     the request
 * @param file    the descriptor
 * @param bufs    what; the array is copied, the memory must stay until the end
 * @param nbufs   how many, at least 1
 * @param offset  bytes from the start of the file, the descriptor's position stays; negative
 *                (Windows: -1) to write at the position and move it. UV_FS_O_APPEND wins over it
 *                on Linux
 * @param cb      called when done, or NULL to wait
 * @return the bytes written; fewer than given only if an error came after them
 * @retval UV_EINVAL  @p bufs is NULL, @p nbufs is 0, or more than 0x7ffff000 bytes
 * @retval UV_EBADF   not open for writing
 * @retval UV_ENOSPC  no space left; UV_EFBIG: larger than files can be
 * @retval UV_EPIPE   nobody reads from the pipe; SIGPIPE is raised as for write(2)
 * @retval UV_ESPIPE  an offset in something that has none, such as a pipe
 * @retval UV_EAGAIN  no room yet, of a non-blocking descriptor
 * @retval UV_EIO     the device failed
 *
 * Loop thread; any thread without @p cb. See writev(2), pwritev(2). */
UV_EXTERN int uv_fs_write(uv_loop_t* loop, uv_fs_t* req, uv_file file, const uv_buf_t bufs[],
                          unsigned int nbufs, int64_t offset, uv_fs_cb cb);

/** Cuts a file, or grows it with zeros.
 *
 * @param loop    the loop, or NULL if @p cb is NULL
 * @param req     the request
 * @param file    the descriptor
 * @param offset  the new length in bytes
 * @param cb      called when done, or NULL to wait
 * @retval 0          done
 * @retval UV_EINVAL  @p offset is negative, or not open for writing (UV_EPERM on Windows)
 * @retval UV_EBADF   not an open descriptor
 * @retval UV_EFBIG   longer than files can be
 *
 * Loop thread; any thread without @p cb. See ftruncate(2). */
UV_EXTERN int uv_fs_ftruncate(uv_loop_t* loop, uv_fs_t* req, uv_file file, int64_t offset,
                              uv_fs_cb cb);

/** Waits until a file's data and metadata are on the device. On macOS it makes the device write its
 * cache, where it can (F_FULLFSYNC).
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param file  the descriptor; on Windows one open for writing (else UV_EPERM)
 * @param cb    called when done, or NULL to wait
 * @retval 0          done
 * @retval UV_EBADF   not an open descriptor
 * @retval UV_EINVAL  cannot be synchronised, such as a pipe
 * @retval UV_EIO     the device failed, also UV_ENOSPC
 *
 * Loop thread; any thread without @p cb. See fsync(2). */
UV_EXTERN int uv_fs_fsync(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb);

/** Waits until a file's data is on the device, with the metadata needed to read it. As
 * uv_fs_fsync() where the system has no such call (macOS, Windows and others).
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param file  the descriptor; on Windows one open for writing (else UV_EPERM)
 * @param cb    called when done, or NULL to wait
 * @retval 0          done
 * @retval UV_EBADF   not an open descriptor
 * @retval UV_EINVAL  cannot be synchronised, such as a pipe
 * @retval UV_EIO     the device failed, also UV_ENOSPC
 *
 * Loop thread; any thread without @p cb. See fdatasync(2). */
UV_EXTERN int uv_fs_fdatasync(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb);

/** Copies bytes from one descriptor to another, within the kernel where it can. The source's
 * position is neither used nor moved if it has one; the target is written at its position, which
 * moves.
 *
 * @param loop       the loop, or NULL if @p cb is NULL
 * @param req        the request
 * @param out_fd     where to
 * @param in_fd      where from
 * @param in_offset  bytes from the start of the source; ignored for a pipe
 * @param length     bytes, at most 0x7ffff000
 * @param cb         called when done, or NULL to wait
 * @return the bytes copied, perhaps fewer than @p length; 0 at the end of the source
 * @retval UV_EINVAL  @p length is too large
 * @retval UV_EBADF   a descriptor is not open for its part
 * @retval UV_ENOSPC  no space left
 * @retval UV_EIO     a device failed
 *
 * Loop thread; any thread without @p cb. See sendfile(2), copy_file_range(2). */
UV_EXTERN int uv_fs_sendfile(uv_loop_t* loop, uv_fs_t* req, uv_file out_fd, uv_file in_fd,
                             int64_t in_offset, size_t length, uv_fs_cb cb);

/** Copies a file's contents, permissions and, where allowed, owner. An existing target is
 * overwritten; copying a file onto itself does nothing. Holes stay holes. If it fails once the
 * target is open, the target is removed, even one that existed before.
 *
 * @param loop      the loop, or NULL if @p cb is NULL
 * @param req       the request
 * @param path      the file to copy
 * @param new_path  the copy, a file name and not a directory
 * @param flags     0 or an OR of UV_FS_COPYFILE_EXCL, UV_FS_COPYFILE_FICLONE and
 *                  UV_FS_COPYFILE_FICLONE_FORCE
 * @param cb        called when done, or NULL to wait
 * @retval 0          copied
 * @retval UV_EINVAL  another flag, or the target is there and no regular file: it is left alone
 * @retval UV_EEXIST  the target exists, with UV_FS_COPYFILE_EXCL
 * @retval UV_ENOENT  no such source, or no such directory on the way
 * @retval UV_EACCES  not allowed, also UV_EPERM
 * @retval UV_EISDIR  one is a directory
 * @retval UV_ENOSPC  no space left
 * @retval UV_ENOSYS  UV_FS_COPYFILE_FICLONE_FORCE on a system that cannot share data; UV_ENOTSUP
 *                    or UV_EXDEV if the file system cannot
 *
 * Loop thread; any thread without @p cb. Since libuv 1.14. See ioctl_ficlone(2). */
UV_EXTERN int uv_fs_copyfile(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                             int flags, uv_fs_cb cb);

/** Removes a name of a file; a symbolic link is removed, not followed. On Windows read-only files
 * are removed too.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the name
 * @param cb    called when done, or NULL to wait
 * @retval 0          removed
 * @retval UV_ENOENT  no such name
 * @retval UV_EISDIR  a directory (Linux), UV_EPERM elsewhere
 * @retval UV_EACCES  the directory may not be changed, also UV_EPERM
 *
 * Loop thread; any thread without @p cb. See unlink(2). */
UV_EXTERN int uv_fs_unlink(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** Renames or moves within a file system. An existing file of the new name is replaced.
 *
 * @param loop      the loop, or NULL if @p cb is NULL
 * @param req       the request
 * @param path      the old name
 * @param new_path  the new name
 * @param cb        called when done, or NULL to wait
 * @retval 0             renamed
 * @retval UV_ENOENT     no such name, or no such directory on the way
 * @retval UV_EXDEV      the names are on different file systems
 * @retval UV_EACCES     not allowed, also UV_EPERM
 * @retval UV_ENOTEMPTY  the new name is a directory that is not empty, also UV_EEXIST
 * @retval UV_EISDIR     the new name is a directory, the old one is not; UV_ENOTDIR the other way
 *                       round
 * @retval UV_EINVAL     into a directory below itself
 *
 * Loop thread; any thread without @p cb. See rename(2). */
UV_EXTERN int uv_fs_rename(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                           uv_fs_cb cb);

/** Gives a file a second name (hard link). On Linux a symbolic link is not followed.
 *
 * @param loop      the loop, or NULL if @p cb is NULL
 * @param req       the request
 * @param path      the file
 * @param new_path  the further name, which must not exist
 * @param cb        called when done, or NULL to wait
 * @retval 0          linked
 * @retval UV_EEXIST  the new name exists
 * @retval UV_ENOENT  no such file, or no such directory on the way
 * @retval UV_EXDEV   the names are on different file systems
 * @retval UV_EPERM   a directory, or the file system has no such links
 * @retval UV_EACCES  not allowed
 * @retval UV_EMLINK  too many names
 *
 * Loop thread; any thread without @p cb. See link(2). */
UV_EXTERN int uv_fs_link(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                         uv_fs_cb cb);

/** Makes a symbolic link.
 *
 * @param loop      the loop, or NULL if @p cb is NULL
 * @param req       the request
 * @param path      where it points to; need not exist on POSIX
 * @param new_path  the name of the link, which must not exist
 * @param flags     POSIX: ignored. Windows: 0, UV_FS_SYMLINK_DIR or UV_FS_SYMLINK_JUNCTION
 * @param cb        called when done, or NULL to wait
 * @retval 0          made
 * @retval UV_EEXIST  the name exists
 * @retval UV_ENOENT  no such directory on the way
 * @retval UV_EACCES  not allowed
 * @retval UV_EPERM   the file system has no such links, or (Windows) no privilege
 * @retval UV_EINVAL  Windows: a junction with a relative target
 *
 * Loop thread; any thread without @p cb. See symlink(2). */
UV_EXTERN int uv_fs_symlink(uv_loop_t* loop, uv_fs_t* req, const char* path, const char* new_path,
                            int flags, uv_fs_cb cb);

/** Reads where a symbolic link points to: `ptr` is the text, NUL-terminated, of any length.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the link
 * @param cb    called when done, or NULL to wait
 * @retval 0          read
 * @retval UV_EINVAL  not a symbolic link
 * @retval UV_ENOENT  no such name
 * @retval UV_EACCES  not allowed
 *
 * Loop thread; any thread without @p cb. See readlink(2). */
UV_EXTERN int uv_fs_readlink(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** Resolves a path: `ptr` is the absolute one, NUL-terminated, without symbolic links, "." and
 * "..".
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  an existing file or directory
 * @param cb    called when done, or NULL to wait
 * @retval 0                resolved
 * @retval UV_ENOENT        a part does not exist
 * @retval UV_ENOTDIR       a part on the way is not a directory
 * @retval UV_EACCES        not allowed
 * @retval UV_ELOOP         too many symbolic links
 * @retval UV_ENAMETOOLONG  the path or a part of it is too long
 *
 * Loop thread; any thread without @p cb. Since libuv 1.8. See realpath(3). */
UV_EXTERN int uv_fs_realpath(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** Makes a directory.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  its name
 * @param mode  permissions, before the umask; ignored on Windows
 * @param cb    called when done, or NULL to wait
 * @retval 0           made
 * @retval UV_EEXIST   the name exists
 * @retval UV_ENOENT   no such directory on the way
 * @retval UV_ENOTDIR  a part on the way is not a directory
 * @retval UV_EACCES   not allowed
 * @retval UV_EINVAL   Windows: not a name for a file
 *
 * Loop thread; any thread without @p cb. See mkdir(2). */
UV_EXTERN int uv_fs_mkdir(uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb);

/** Removes an empty directory.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  its name
 * @param cb    called when done, or NULL to wait
 * @retval 0             removed
 * @retval UV_ENOTEMPTY  not empty; UV_EEXIST on some systems
 * @retval UV_ENOENT     no such name
 * @retval UV_ENOTDIR    not a directory (UV_ENOENT on Windows)
 * @retval UV_EBUSY      in use by the system
 * @retval UV_EACCES     not allowed, also UV_EPERM
 *
 * Loop thread; any thread without @p cb. See rmdir(2). */
UV_EXTERN int uv_fs_rmdir(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** Makes a directory with a name that is not taken yet, for the owner alone (0700). `path` is its
 * name.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param tpl   the name, ending in "XXXXXX", which is replaced in the copy at `path`; @p tpl
 *              itself is not changed
 * @param cb    called when done, or NULL to wait
 * @retval 0          made
 * @retval UV_EINVAL  @p tpl does not end in "XXXXXX"
 * @retval UV_ENOENT  no such directory on the way, also UV_ENOTDIR
 * @retval UV_EACCES  not allowed
 *
 * Loop thread; any thread without @p cb. See mkdtemp(3). */
UV_EXTERN int uv_fs_mkdtemp(uv_loop_t* loop, uv_fs_t* req, const char* tpl, uv_fs_cb cb);

/** Makes and opens a file with a name that is not taken yet, for the owner alone (0600). `path` is
 * its name, "" after a failure.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param tpl   the name, ending in "XXXXXX", which is replaced in the copy at `path`; @p tpl
 *              itself is not changed
 * @param cb    called when done, or NULL to wait
 * @return the descriptor, open for reading and writing
 * @retval UV_EINVAL  @p tpl does not end in "XXXXXX"
 * @retval UV_ENOENT  no such directory on the way, also UV_ENOTDIR
 * @retval UV_EACCES  not allowed
 * @retval UV_EMFILE  too many descriptors, also UV_ENFILE
 *
 * Loop thread; any thread without @p cb. Since libuv 1.34. See mkstemp(3). */
UV_EXTERN int uv_fs_mkstemp(uv_loop_t* loop, uv_fs_t* req, const char* tpl, uv_fs_cb cb);

/** Reads a whole directory; uv_fs_scandir_next() then hands out the entries. They are sorted by the
 * bytes of their names (Windows: in the file system's order), "." and ".." left out.
 *
 * @param loop   the loop, or NULL if @p cb is NULL
 * @param req    the request
 * @param path   the directory
 * @param flags  ignored; pass 0
 * @param cb     called when done, or NULL to wait
 * @return the number of entries
 * @retval UV_ENOENT   no such directory
 * @retval UV_ENOTDIR  not a directory
 * @retval UV_EACCES   not allowed
 * @retval UV_ENOMEM   out of memory
 *
 * Loop thread; any thread without @p cb. See scandir(3). */
UV_EXTERN int uv_fs_scandir(uv_loop_t* loop, uv_fs_t* req, const char* path, int flags,
                            uv_fs_cb cb);

/** Hands out the next entry of a uv_fs_scandir() that has ended. One may stop early.
 *
 * @param req  the request of uv_fs_scandir()
 * @param ent  receives the entry; its name lives until the next call or uv_fs_req_cleanup()
 * @retval 0       an entry
 * @retval UV_EOF  there are no more
 * @retval UV_E*   the result of the scan, if that failed
 *
 * Any thread, one at a time per request. */
UV_EXTERN int uv_fs_scandir_next(uv_fs_t* req, uv_dirent_t* ent);

/** Opens a directory to be read piece by piece: `ptr` is a uv_dir_t, the caller's, to be given to
 * uv_fs_closedir(). uv_fs_req_cleanup() sets `ptr` to NULL but leaves the directory open: take it
 * first.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the directory
 * @param cb    called when done, or NULL to wait
 * @retval 0           open
 * @retval UV_ENOENT   no such directory
 * @retval UV_ENOTDIR  not a directory
 * @retval UV_EACCES   not allowed
 * @retval UV_EMFILE   too many descriptors, also UV_ENFILE
 * @retval UV_ENOMEM   out of memory
 *
 * Loop thread; any thread without @p cb. Since libuv 1.28. See opendir(3). */
UV_EXTERN int uv_fs_opendir(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** Reads the next entries of a directory into `dir->dirents`, at most `dir->nentries`, in the
 * directory's order, without "." and "..". The names live until this request's
 * uv_fs_req_cleanup(), which must come before the array is changed, and before the directory is
 * closed. `ptr` is @p dir.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param dir   from uv_fs_opendir(), with `dirents` and `nentries` set; one call at a time
 * @param cb    called when done, or NULL to wait
 * @return how many entries were filled, 0 at the end
 * @retval UV_EINVAL  @p dir or `dirents` is NULL
 * @retval UV_E*      the error of reading; no names are left
 *
 * Loop thread; any thread without @p cb. Since libuv 1.28. See readdir(3). */
UV_EXTERN int uv_fs_readdir(uv_loop_t* loop, uv_fs_t* req, uv_dir_t* dir, uv_fs_cb cb);

/** Closes a directory and frees it. If that is cancelled, uv_fs_req_cleanup() does both.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param dir   from uv_fs_opendir()
 * @param cb    called when done, or NULL to wait
 * @retval 0          closed
 * @retval UV_EINVAL  @p dir is NULL
 *
 * Loop thread; any thread without @p cb. Since libuv 1.28. See closedir(3). */
UV_EXTERN int uv_fs_closedir(uv_loop_t* loop, uv_fs_t* req, uv_dir_t* dir, uv_fs_cb cb);

/** Tells what is known about a file: `statbuf`, and `ptr` points to it. Symbolic links are
 * followed.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the file
 * @param cb    called when done, or NULL to wait
 * @retval 0                told
 * @retval UV_ENOENT        no such file
 * @retval UV_ENOTDIR       a part on the way is not a directory
 * @retval UV_EACCES        not allowed
 * @retval UV_ELOOP         too many symbolic links
 * @retval UV_ENAMETOOLONG  the path or a part of it is too long
 *
 * Loop thread; any thread without @p cb. See stat(2), statx(2). */
UV_EXTERN int uv_fs_stat(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** As uv_fs_stat(), but tells about a symbolic link itself instead of following it.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the file or link
 * @param cb    called when done, or NULL to wait
 * @retval 0                told
 * @retval UV_ENOENT        no such file
 * @retval UV_ENOTDIR       a part on the way is not a directory
 * @retval UV_EACCES        not allowed
 * @retval UV_ELOOP         too many symbolic links on the way
 * @retval UV_ENAMETOOLONG  the path or a part of it is too long
 *
 * Loop thread; any thread without @p cb. See lstat(2), statx(2). */
UV_EXTERN int uv_fs_lstat(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** As uv_fs_stat(), of an open descriptor of any kind.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param file  the descriptor
 * @param cb    called when done, or NULL to wait
 * @retval 0         told
 * @retval UV_EBADF  not an open descriptor
 *
 * Loop thread; any thread without @p cb. See fstat(2), statx(2). */
UV_EXTERN int uv_fs_fstat(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_fs_cb cb);

/** Tells what is known about a file system: `ptr` is a uv_statfs_t, freed by uv_fs_req_cleanup().
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  any file or directory on it
 * @param cb    called when done, or NULL to wait
 * @retval 0          told
 * @retval UV_ENOENT  no such file
 * @retval UV_EACCES  not allowed
 * @retval UV_ENOSYS  the file system does not tell
 * @retval UV_ENOMEM  out of memory
 *
 * Loop thread; any thread without @p cb. Since libuv 1.31. See statfs(2). */
UV_EXTERN int uv_fs_statfs(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_fs_cb cb);

/** Tells whether the process may use a file, by its real and not its effective ids. Windows looks
 * only at existence, and for W_OK at the read-only attribute (UV_EPERM).
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the file
 * @param mode  F_OK (exists), or an OR of R_OK, W_OK and X_OK
 * @param cb    called when done, or NULL to wait
 * @retval 0          it may
 * @retval UV_ENOENT  no such file
 * @retval UV_EACCES  it may not
 * @retval UV_EROFS   W_OK on a read-only file system
 *
 * Loop thread; any thread without @p cb. See access(2). */
UV_EXTERN int uv_fs_access(uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb);

/** Sets a file's permissions. Symbolic links are followed. On Windows only S_IWUSR counts: it sets
 * or clears the read-only attribute.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the file
 * @param mode  all of the permission bits; the umask is not applied
 * @param cb    called when done, or NULL to wait
 * @retval 0          set
 * @retval UV_ENOENT  no such file
 * @retval UV_EPERM   the file is somebody else's
 * @retval UV_EACCES  a directory on the way may not be searched
 * @retval UV_EROFS   a read-only file system
 *
 * Loop thread; any thread without @p cb. See chmod(2). */
UV_EXTERN int uv_fs_chmod(uv_loop_t* loop, uv_fs_t* req, const char* path, int mode, uv_fs_cb cb);

/** As uv_fs_chmod(), of an open descriptor.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param file  the descriptor
 * @param mode  all of the permission bits; the umask is not applied
 * @param cb    called when done, or NULL to wait
 * @retval 0         set
 * @retval UV_EBADF  not an open descriptor
 * @retval UV_EPERM  the file is somebody else's
 * @retval UV_EROFS  a read-only file system
 *
 * Loop thread; any thread without @p cb. See fchmod(2). */
UV_EXTERN int uv_fs_fchmod(uv_loop_t* loop, uv_fs_t* req, uv_file file, int mode, uv_fs_cb cb);

/** Sets a file's owner and group. Symbolic links are followed. Does nothing on Windows.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the file
 * @param uid   the owner; (uv_uid_t) -1 leaves it
 * @param gid   the group; (uv_gid_t) -1 leaves it
 * @param cb    called when done, or NULL to wait
 * @retval 0          set
 * @retval UV_ENOENT  no such file
 * @retval UV_EPERM   needs privilege
 * @retval UV_EACCES  a directory on the way may not be searched
 * @retval UV_EROFS   a read-only file system
 *
 * Loop thread; any thread without @p cb. See chown(2). */
UV_EXTERN int uv_fs_chown(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_uid_t uid,
                          uv_gid_t gid, uv_fs_cb cb);

/** As uv_fs_chown(), of an open descriptor.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param file  the descriptor
 * @param uid   the owner; (uv_uid_t) -1 leaves it
 * @param gid   the group; (uv_gid_t) -1 leaves it
 * @param cb    called when done, or NULL to wait
 * @retval 0         set
 * @retval UV_EBADF  not an open descriptor
 * @retval UV_EPERM  needs privilege
 * @retval UV_EROFS  a read-only file system
 *
 * Loop thread; any thread without @p cb. See fchown(2). */
UV_EXTERN int uv_fs_fchown(uv_loop_t* loop, uv_fs_t* req, uv_file file, uv_uid_t uid, uv_gid_t gid,
                           uv_fs_cb cb);

/** As uv_fs_chown(), but of a symbolic link itself instead of following it.
 *
 * @param loop  the loop, or NULL if @p cb is NULL
 * @param req   the request
 * @param path  the file or link
 * @param uid   the owner; (uv_uid_t) -1 leaves it
 * @param gid   the group; (uv_gid_t) -1 leaves it
 * @param cb    called when done, or NULL to wait
 * @retval 0          set
 * @retval UV_ENOENT  no such file
 * @retval UV_EPERM   needs privilege
 * @retval UV_EACCES  a directory on the way may not be searched
 * @retval UV_EROFS   a read-only file system
 *
 * Loop thread; any thread without @p cb. Since libuv 1.21. See lchown(2). */
UV_EXTERN int uv_fs_lchown(uv_loop_t* loop, uv_fs_t* req, const char* path, uv_uid_t uid,
                           uv_gid_t gid, uv_fs_cb cb);

/** Sets a file's times. Symbolic links are followed. Fractions are kept to a nanosecond (Windows:
 * 100 ns).
 *
 * @param loop   the loop, or NULL if @p cb is NULL
 * @param req    the request
 * @param path   the file
 * @param atime  last read, in seconds since 1970-01-01 UTC, may be negative; UV_FS_UTIME_NOW or
 *               UV_FS_UTIME_OMIT
 * @param mtime  last change of the contents, likewise
 * @param cb     called when done, or NULL to wait
 * @retval 0          set
 * @retval UV_ENOENT  no such file
 * @retval UV_EACCES  not allowed, also UV_EPERM
 * @retval UV_EINVAL  a time that the system has no number for
 * @retval UV_EROFS   a read-only file system
 *
 * Loop thread; any thread without @p cb. See utimensat(2). */
UV_EXTERN int uv_fs_utime(uv_loop_t* loop, uv_fs_t* req, const char* path, double atime,
                          double mtime, uv_fs_cb cb);

/** As uv_fs_utime(), of an open descriptor.
 *
 * @param loop   the loop, or NULL if @p cb is NULL
 * @param req    the request
 * @param file   the descriptor
 * @param atime  last read, in seconds since 1970-01-01 UTC, may be negative; UV_FS_UTIME_NOW or
 *               UV_FS_UTIME_OMIT
 * @param mtime  last change of the contents, likewise
 * @param cb     called when done, or NULL to wait
 * @retval 0          set
 * @retval UV_EBADF   not an open descriptor
 * @retval UV_EACCES  not allowed, also UV_EPERM
 * @retval UV_EINVAL  a time that the system has no number for
 * @retval UV_EROFS   a read-only file system
 *
 * Loop thread; any thread without @p cb. See futimens(3). */
UV_EXTERN int uv_fs_futime(uv_loop_t* loop, uv_fs_t* req, uv_file file, double atime, double mtime,
                           uv_fs_cb cb);

/** As uv_fs_utime(), but of a symbolic link itself instead of following it.
 *
 * @param loop   the loop, or NULL if @p cb is NULL
 * @param req    the request
 * @param path   the file or link
 * @param atime  last read, in seconds since 1970-01-01 UTC, may be negative; UV_FS_UTIME_NOW or
 *               UV_FS_UTIME_OMIT
 * @param mtime  last change of the contents, likewise
 * @param cb     called when done, or NULL to wait
 * @retval 0          set
 * @retval UV_ENOENT  no such file
 * @retval UV_EACCES  not allowed, also UV_EPERM
 * @retval UV_EINVAL  a time that the system has no number for
 * @retval UV_EROFS   a read-only file system
 * @retval UV_ENOSYS  not on this system (z/OS, older AIX)
 *
 * Loop thread; any thread without @p cb. Since libuv 1.36. See utimensat(2) (AT_SYMLINK_NOFOLLOW).
 */
UV_EXTERN int uv_fs_lutime(uv_loop_t* loop, uv_fs_t* req, const char* path, double atime,
                           double mtime, uv_fs_cb cb);

/** Tells the system's handle behind a descriptor, which stays its owner.
 *
 * @param fd  a descriptor of uv_fs_open()
 * @return POSIX: @p fd, unchecked. Windows: the HANDLE, or INVALID_HANDLE_VALUE
 *
 * Thread-safe. Since libuv 1.12. See _get_osfhandle() of the Windows C runtime. */
UV_EXTERN uv_os_fd_t uv_get_osfhandle(int fd);

/** Makes a descriptor for a handle of the system, and its owner.
 *
 * @param os_fd  the handle; closed with the descriptor
 * @return POSIX: @p os_fd, unchecked. Windows: a new descriptor, or -1
 *
 * Thread-safe. Since libuv 1.23. See _open_osfhandle() of the Windows C runtime. */
UV_EXTERN int uv_open_osfhandle(uv_os_fd_t os_fd);

/* -- Watching files ---------------------------------------------------------------------------- */

/** What happened to a watched file or directory. Both may be set. */
enum uv_fs_event {
  UV_RENAME = 1, /**< made, renamed, moved or removed */
  UV_CHANGE = 2  /**< contents or attributes changed */
};

/** Flags of uv_fs_event_start(). */
enum uv_fs_event_flags {
  /** Accepted, no effect. */
  UV_FS_EVENT_WATCH_ENTRY = 1,
  /** Accepted, no effect. */
  UV_FS_EVENT_STAT = 2,
  /** Watch a directory with all below it (Linux, macOS, Windows; ignored elsewhere). Symbolic links
   * are not followed; on Linux subdirectories that cannot be watched are left out silently. */
  UV_FS_EVENT_RECURSIVE = 4
};

/** Called from the loop when a watched file or directory has changed. May stop or close any handle.
 *
 * @param handle    the watching handle
 * @param filename  what changed, valid during the call only. Directory watched: the entry's name,
 *                  relative to the directory; for the directory itself its own last component.
 *                  File watched: the last component of the path given. NULL if unknown
 * @param events    an OR of UV_RENAME and UV_CHANGE
 * @param status    0, or a UV_E* code (Windows: UV_ENOENT when the watched directory is gone)
 *
 * Events that the system lost are told as @p filename NULL, UV_CHANGE and status 0: anything may
 * have changed. */
typedef void (*uv_fs_event_cb)(uv_fs_event_t* handle, const char* filename, int events, int status);

/** Called from the loop when a polled file has changed, appeared or disappeared.
 *
 * @param handle  the polling handle
 * @param status  0, or the UV_E* code of stat(2): told once, and again only when the code changes
 * @param prev    what was last known, zeros if nothing; valid during the call only, never NULL
 * @param curr    what is known now, zeros on error; valid during the call only, never NULL */
typedef void (*uv_fs_poll_cb)(uv_fs_poll_t* handle, int status, const uv_stat_t* prev,
                              const uv_stat_t* curr);

/** Watches a file or directory by the system's notices; the struct behind uv_fs_event_t. Active
 * while started. */
struct uv_fs_event_s {
  UV_HANDLE_FIELDS
  char* path;
  UV_FS_EVENT_PRIVATE_FIELDS
};

/** Watches a file by asking at an interval; the struct behind uv_fs_poll_t. Active while started.
 */
struct uv_fs_poll_s {
  UV_HANDLE_FIELDS
  void* poll_ctx;
};

/** Initialises a handle.
 *
 * @param loop    the loop that the handle will belong to
 * @param handle  uninitialised memory; `data` is left alone
 * @retval 0          initialised
 * @retval UV_ENOSYS  not on this system
 *
 * Loop thread only. */
UV_EXTERN int uv_fs_event_init(uv_loop_t* loop, uv_fs_event_t* handle);

/** Starts to watch a file or directory. The watch is of the file, not of its name: it follows a
 * rename, and is silent after removal even if the name comes back. Of a directory the entries are
 * watched, and with UV_FS_EVENT_RECURSIVE all below.
 *
 * Recursive on Linux: a large tree is walked after the call, on the thread pool. What is made or
 * moved meanwhile where the walk has not been is told when it comes there; other changes there are
 * not. Of a directory that appears, each entry is told; in rare cases an entry is told twice. With
 * a kqueue, what a directory lost or got is found by comparing, and nothing below it is watched;
 * macOS has FSEvents for directories.
 *
 * @param handle  an initialised handle that is not active
 * @param cb      runs from the loop for each change
 * @param path    the file or directory, copied; symbolic links are followed
 * @param flags   0 or an OR of uv_fs_event_flags; unknown ones are ignored
 * @retval 0          watching
 * @retval UV_EINVAL  the handle is active or closing, or @p cb or @p path is NULL
 * @retval UV_ENOENT  no such file, also UV_ENOTDIR
 * @retval UV_EACCES  not allowed
 * @retval UV_ENOSPC  too many watches (Linux)
 * @retval UV_EMFILE  too many descriptors or instances
 * @retval UV_ENOMEM  out of memory
 * @retval UV_ENOSYS  not on this system
 *
 * Loop thread only. See inotify(7), kqueue(2), FSEvents, ReadDirectoryChangesW(). */
UV_EXTERN int uv_fs_event_start(uv_fs_event_t* handle, uv_fs_event_cb cb, const char* path,
                                unsigned int flags);

/** Stops to watch. No callback follows, pending changes are dropped; the handle may be started
 * again.
 *
 * @param handle  an initialised handle, active or not
 * @retval 0          stopped
 * @retval UV_ENOSYS  not on this system
 *
 * Loop thread only; allowed inside callbacks. */
UV_EXTERN int uv_fs_event_stop(uv_fs_event_t* handle);

/** Tells the path that is watched, as it was given.
 *
 * @param handle  an active handle
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   the handle is not active (*size is then 0), @p buffer or @p size is NULL, or
 *                     *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 *
 * Loop thread only. */
UV_EXTERN int uv_fs_event_getpath(uv_fs_event_t* handle, char* buffer, size_t* size);

/** Initialises a handle.
 *
 * @param loop    the loop that the handle will belong to
 * @param handle  uninitialised memory; `data` is left alone
 * @retval 0  always
 *
 * Loop thread only. */
UV_EXTERN int uv_fs_poll_init(uv_loop_t* loop, uv_fs_poll_t* handle);

/** Starts to ask for a file's state at an interval, on the thread pool. A change is one of size,
 * mode, owner, group, device, inode, flags, generation, or the times of change and creation. Works
 * where uv_fs_event_start() cannot, such as on network file systems, at the price of delay.
 *
 * @param handle    an initialised handle
 * @param poll_cb   runs from the loop for each change; for the first answer only if that is an
 *                  error
 * @param path      the file, copied; need not exist; symbolic links are followed
 * @param interval  milliseconds from one question to the next; 0 counts as 1
 * @retval 0          polling; an active handle goes on with its old arguments
 * @retval UV_EINVAL  the handle is closing, or @p poll_cb or @p path is NULL
 * @retval UV_ENOMEM  out of memory
 *
 * Loop thread only. See stat(2). */
UV_EXTERN int uv_fs_poll_start(uv_fs_poll_t* handle, uv_fs_poll_cb poll_cb, const char* path,
                               unsigned int interval);

/** Stops to ask. No callback follows, not even for a question that is under way; the handle may be
 * started again.
 *
 * @param handle  an initialised handle, active or not
 * @retval 0  always
 *
 * Loop thread only; allowed inside callbacks. */
UV_EXTERN int uv_fs_poll_stop(uv_fs_poll_t* handle);

/** Tells the path that is polled, as it was given.
 *
 * @param handle  an active handle
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   the handle is not active (*size is then 0), @p buffer or @p size is NULL, or
 *                     *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 *
 * Loop thread only. */
UV_EXTERN int uv_fs_poll_getpath(uv_fs_poll_t* handle, char* buffer, size_t* size);

/* -- Names and addresses, random bytes --------------------------------------------------------- */

/** Called from the loop, once, when a uv_getaddrinfo() has ended.
 *
 * @param req     the request; free to be reused or released from here on
 * @param status  0, or a UV_EAI_* code, or a UV_E* code of the system; UV_EAI_CANCELED after
 *                uv_cancel()
 * @param res     the addresses, the caller's: uv_freeaddrinfo() frees them. NULL on error */
typedef void (*uv_getaddrinfo_cb)(uv_getaddrinfo_t* req, int status, struct addrinfo* res);

/** Called from the loop, once, when a uv_getnameinfo() has ended.
 *
 * @param req       the request; free to be reused or released from here on
 * @param status    0, or a UV_EAI_* code, or a UV_E* code of the system; UV_EAI_CANCELED after
 *                  uv_cancel()
 * @param hostname  the host, held in @p req; NULL on error
 * @param service   the service, held in @p req; NULL on error */
typedef void (*uv_getnameinfo_cb)(uv_getnameinfo_t* req, int status, const char* hostname,
                                  const char* service);

/** Called from the loop, once, when a uv_random() has ended.
 *
 * @param req     the request; free to be reused or released from here on
 * @param status  0, or a UV_E* code; UV_ECANCELED after uv_cancel()
 * @param buf     the buffer given, filled if @p status is 0
 * @param buflen  its length in bytes */
typedef void (*uv_random_cb)(uv_random_t* req, int status, void* buf, size_t buflen);

/** A look-up of addresses; the struct behind uv_getaddrinfo_t. After a synchronous call its member
 * `struct addrinfo* addrinfo` is the list, NULL on error. */
struct uv_getaddrinfo_s {
  UV_REQ_FIELDS
  uv_loop_t* loop; /**< the loop given; read-only */
  UV_GETADDRINFO_PRIVATE_FIELDS
};

/** A look-up of a name; the struct behind uv_getnameinfo_t. After success its members `host` and
 * `service` are the answers, as text. */
struct uv_getnameinfo_s {
  UV_REQ_FIELDS
  uv_loop_t* loop; /**< the loop given; read-only */
  UV_GETNAMEINFO_PRIVATE_FIELDS
};

/** A wish for random bytes; the struct behind uv_random_t. */
struct uv_random_s {
  UV_REQ_FIELDS
  uv_loop_t* loop; /**< the loop given; read-only */
  int status;
  void* buf;
  size_t buflen;
  uv_random_cb cb;
  struct uv__work work_req;
};

/** Looks up the addresses of a host and the port of a service, on the thread pool. A name that is
 * ASCII is looked up as it is; another one is mapped and normalised as UTS #46 has it (capitals
 * become small, for one), and its labels that are still not ASCII are turned into the form of RFC
 * 3492 ("xn--"). libuv does only the latter.
 *
 * @param loop            the loop; may be NULL if @p getaddrinfo_cb is (since libuv 1.52.1)
 * @param req             the request
 * @param getaddrinfo_cb  called when done; NULL to wait, the list is then at `req->addrinfo`
 * @param node            the host as name or address, copied; at most 255 bytes after that. May be
 *                        NULL if @p service is not
 * @param service         the service as name or port number, copied. May be NULL if @p node is not
 * @param hints           what kind of addresses, copied; may be NULL
 * @retval 0          under way, or done
 * @retval UV_EINVAL  @p req is NULL, so are both names, or @p node is empty, too long or not
 *                    UTF-8; a callback without a loop
 * @retval UV_ENOMEM  out of memory
 * @retval UV_EAGAIN  no threads for the pool
 * @retval UV_EAI_*   without a callback: the answer
 *
 * After an error there is no callback. Loop thread; any thread without a callback. See
 * getaddrinfo(3), RFC 3493 6.1. */
UV_EXTERN int uv_getaddrinfo(uv_loop_t* loop, uv_getaddrinfo_t* req,
                             uv_getaddrinfo_cb getaddrinfo_cb, const char* node,
                             const char* service, const struct addrinfo* hints);

/** Frees the addresses of a uv_getaddrinfo().
 *
 * @param ai  the list, in full; NULL has no effect
 *
 * Thread-safe. */
UV_EXTERN void uv_freeaddrinfo(struct addrinfo* ai);

/** Looks up the names of an address and a port, on the thread pool.
 *
 * @param loop            the loop; may be NULL if @p getnameinfo_cb is (libuv needs it all the
 * same)
 * @param req             the request
 * @param getnameinfo_cb  called when done; NULL to wait, the answers are then at `req->host` and
 *                        `req->service`
 * @param addr            a sockaddr_in or sockaddr_in6, copied
 * @param flags           0 or an OR of NI_* flags
 * @retval 0          under way, or done
 * @retval UV_EINVAL  @p req or @p addr is NULL, or another family; a callback without a loop
 * @retval UV_ENOMEM  out of memory
 * @retval UV_EAGAIN  no threads for the pool
 * @retval UV_EAI_*   without a callback: the answer
 *
 * After an error there is no callback. Loop thread; any thread without a callback. See
 * getnameinfo(3), RFC 3493 6.2. */
UV_EXTERN int uv_getnameinfo(uv_loop_t* loop, uv_getnameinfo_t* req,
                             uv_getnameinfo_cb getnameinfo_cb, const struct sockaddr* addr,
                             int flags);

/** Fills a buffer with random bytes from the system, fit for cryptography. All of it or an error.
 *
 * @param loop    the loop; may be NULL if @p cb is
 * @param req     the request; may be NULL if @p cb is
 * @param buf     receives the bytes; must stay until the end
 * @param buflen  how many, at most 0x7fffffff; 0 is allowed
 * @param flags   0
 * @param cb      called when done; NULL to wait
 * @retval 0          under way, or done
 * @retval UV_E2BIG   @p buflen is too large
 * @retval UV_EINVAL  @p flags is not 0, or a callback without loop or request
 * @retval UV_ENOMEM  out of memory
 * @retval UV_EAGAIN  no threads for the pool
 * @retval UV_EIO     without a callback: the system's source failed; UV_ENOSYS: it has none
 *
 * May wait for the system to gather randomness after a boot. Loop thread; any thread without @p
 * cb. Since libuv 1.33. See getrandom(2), getentropy(3). */
UV_EXTERN int uv_random(uv_loop_t* loop, uv_random_t* req, void* buf, size_t buflen,
                        unsigned int flags, uv_random_cb cb);

/** Makes a socket address from an IPv4 address in text form. The rest of @p addr is zeroed; family
 * and port are set on error too.
 *
 * @param ip    four decimal numbers with dots, such as "127.0.0.1"
 * @param port  the port in host byte order; only the low 16 bits count
 * @param addr  receives the address
 * @retval 0          made
 * @retval UV_EINVAL  not an IPv4 address
 *
 * Thread-safe. See uv_inet_pton(). */
UV_EXTERN int uv_ip4_addr(const char* ip, int port, struct sockaddr_in* addr);

/** Makes a socket address from an IPv6 address in text form. The rest of @p addr is zeroed; family
 * and port are set on error too.
 *
 * @param ip    the address (RFC 4291 2.2); "%zone" may follow, an interface's name (Windows: its
 *              number). An unknown zone counts as none
 * @param port  the port in host byte order; only the low 16 bits count
 * @param addr  receives the address
 * @retval 0          made
 * @retval UV_EINVAL  not an IPv6 address
 *
 * Thread-safe. See uv_inet_pton(), RFC 4007 11. */
UV_EXTERN int uv_ip6_addr(const char* ip, int port, struct sockaddr_in6* addr);

/** Writes the address of an IPv4 socket address as text, without the port.
 *
 * @param src   the address
 * @param dst   receives the text and a NUL; untouched on error
 * @param size  bytes at @p dst; INET_ADDRSTRLEN always suffices
 * @retval 0          written
 * @retval UV_ENOSPC  too small
 *
 * Thread-safe. See uv_inet_ntop(). */
UV_EXTERN int uv_ip4_name(const struct sockaddr_in* src, char* dst, size_t size);

/** Writes the address of an IPv6 socket address as text, without port and zone.
 *
 * @param src   the address
 * @param dst   receives the text and a NUL; untouched on error
 * @param size  bytes at @p dst; INET6_ADDRSTRLEN always suffices
 * @retval 0          written
 * @retval UV_ENOSPC  too small
 *
 * Thread-safe. See uv_inet_ntop(). */
UV_EXTERN int uv_ip6_name(const struct sockaddr_in6* src, char* dst, size_t size);

/** Writes the address of an IPv4 or IPv6 socket address as text: uv_ip4_name() or uv_ip6_name().
 *
 * @param src   the address
 * @param dst   receives the text and a NUL; untouched on error
 * @param size  bytes at @p dst; INET6_ADDRSTRLEN always suffices
 * @retval 0                written
 * @retval UV_ENOSPC        too small
 * @retval UV_EAFNOSUPPORT  another family
 *
 * Thread-safe. Since libuv 1.43. */
UV_EXTERN int uv_ip_name(const struct sockaddr* src, char* dst, size_t size);

/** Writes an address as text, as inet_ntop(3): IPv6 in lower case, its longest run of two or more
 * zero groups as "::" (RFC 5952).
 *
 * @param af    AF_INET or AF_INET6
 * @param src   an in_addr or in6_addr
 * @param dst   receives the text and a NUL; untouched on error
 * @param size  bytes at @p dst; INET6_ADDRSTRLEN always suffices
 * @retval 0                written
 * @retval UV_EAFNOSUPPORT  another family
 * @retval UV_ENOSPC        too small
 *
 * Thread-safe. */
UV_EXTERN int uv_inet_ntop(int af, const void* src, char* dst, size_t size);

/** Reads an address from text, as inet_pton(3).
 *
 * @param af   AF_INET or AF_INET6
 * @param src  IPv4: four decimal numbers 0..255 with dots, without leading zeros. IPv6: the text
 *             form of RFC 4291 2.2; what follows a '%' is ignored
 * @param dst  receives an in_addr or in6_addr; untouched on error
 * @retval 0                read
 * @retval UV_EINVAL        not an address, or a pointer is NULL
 * @retval UV_EAFNOSUPPORT  another family
 *
 * Thread-safe. */
UV_EXTERN int uv_inet_pton(int af, const char* src, void* dst);

/** Bytes that suffice for uv_if_indextoname() and uv_if_indextoiid(), NUL included. */
#define UV_IF_NAMESIZE (UV__IF_NAMESIZE + 1)

/** Tells the name of a network interface.
 *
 * @param ifindex  number of the interface, the scope id of an IPv6 address
 * @param buffer   receives the text and a NUL
 * @param size     in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 * @retval UV_ENXIO    no such interface
 *
 * Thread-safe. Since libuv 1.16. See if_indextoname(3). */
UV_EXTERN int uv_if_indextoname(unsigned int ifindex, char* buffer, size_t* size);

/** Tells what stands for a network interface behind the '%' of an IPv6 address: its name, on
 * Windows its number.
 *
 * @param ifindex  number of the interface, the scope id of an IPv6 address
 * @param buffer   receives the text and a NUL
 * @param size     in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 * @retval UV_ENXIO    no such interface (POSIX)
 *
 * Thread-safe. Since libuv 1.16. See RFC 4007 11. */
UV_EXTERN int uv_if_indextoiid(unsigned int ifindex, char* buffer, size_t* size);

/** One address of a network interface: see uv_interface_addresses(). */
typedef struct uv_interface_address_s {
  char* name;        /**< name of the interface */
  char phys_addr[6]; /**< its hardware (MAC) address, zeros if it has none */
  int is_internal;   /**< 1 for a loopback interface, else 0 */
  union {
    struct sockaddr_in address4;  /**< if its sin_family is AF_INET */
    struct sockaddr_in6 address6; /**< if its sin6_family is AF_INET6 */
  } address;                      /**< the address */
  union {
    struct sockaddr_in netmask4;  /**< if the address is IPv4 */
    struct sockaddr_in6 netmask6; /**< if the address is IPv6 */
  } netmask;                      /**< its network mask, zeros if unknown */
} uv_interface_address_t;

/** Lists the addresses of all network interfaces that are up and running.
 *
 * @param addresses  receives the array, to be freed with uv_free_interface_addresses(); NULL if
 *                   there are none or on error
 * @param count      receives how many entries it has, 0 on error
 * @retval 0          listed
 * @retval UV_ENOMEM  out of memory
 * @retval UV_E*      other errors of getifaddrs(3)
 *
 * Thread-safe. */
UV_EXTERN int uv_interface_addresses(uv_interface_address_t** addresses, int* count);

/** Frees the array of uv_interface_addresses().
 *
 * @param addresses  the array; NULL has no effect
 * @param count      its number of entries
 *
 * Thread-safe. */
UV_EXTERN void uv_free_interface_addresses(uv_interface_address_t* addresses, int count);

/* -- Threads ----------------------------------------------------------------------------------- */

/* Threads and what they need are usable without any loop. On POSIX the types are those of
 * pthreads(7). */

/** What a thread does; the thread ends when it returns.
 *
 * @param arg  the argument given to uv_thread_create() */
typedef void (*uv_thread_cb)(void* arg);

/** Which members of uv_thread_options_t count. */
typedef enum {
  UV_THREAD_NO_FLAGS = 0x00,      /**< none */
  UV_THREAD_HAS_STACK_SIZE = 0x01 /**< `stack_size` */
} uv_thread_create_flags;

/** How to make a thread: see uv_thread_create_ex(). */
typedef struct uv_thread_options_s {
  unsigned int flags; /**< an OR of uv_thread_create_flags */
  size_t stack_size;  /**< bytes; rounded up to what the system allows; 0 for the default */
} uv_thread_options_t;

/** Priorities for uv_thread_setpriority(). */
enum {
  UV_THREAD_PRIORITY_HIGHEST = 2,       /**< above all others */
  UV_THREAD_PRIORITY_ABOVE_NORMAL = 1,  /**< above most others */
  UV_THREAD_PRIORITY_NORMAL = 0,        /**< like most others */
  UV_THREAD_PRIORITY_BELOW_NORMAL = -1, /**< below most others */
  UV_THREAD_PRIORITY_LOWEST = -2        /**< below all others */
};

/** Starts a thread. On Linux and macOS its stack has the size of the soft limit of RLIMIT_STACK.
 *
 * @param tid    receives the thread
 * @param entry  runs in the new thread
 * @param arg    given to @p entry
 * @retval 0          started; uv_thread_join() or uv_thread_detach() must follow
 * @retval UV_EAGAIN  too many threads or no memory
 * @retval UV_ENOMEM  out of memory (Windows)
 *
 * Thread-safe. See pthread_create(3). */
UV_EXTERN int uv_thread_create(uv_thread_t* tid, uv_thread_cb entry, void* arg);

/** Starts a thread with options.
 *
 * @param tid     receives the thread
 * @param params  the options, needed during the call only
 * @param entry   runs in the new thread
 * @param arg     given to @p entry
 * @retval 0          started; uv_thread_join() or uv_thread_detach() must follow
 * @retval UV_EAGAIN  too many threads or no memory
 * @retval UV_EINVAL  a stack size that the system refuses
 * @retval UV_EPERM   not allowed
 * @retval UV_ENOMEM  out of memory (Windows)
 *
 * Thread-safe. Since libuv 1.26. See pthread_attr_setstacksize(3). */
UV_EXTERN int uv_thread_create_ex(uv_thread_t* tid, const uv_thread_options_t* params,
                                  uv_thread_cb entry, void* arg);

/** Lets a thread go: what it holds is freed when it ends. It cannot be joined any more.
 *
 * @param tid  a thread that is neither joined nor detached
 * @retval 0          detached
 * @retval UV_EINVAL  it cannot be joined
 *
 * Thread-safe. Since libuv 1.50. See pthread_detach(3). */
UV_EXTERN int uv_thread_detach(uv_thread_t* tid);

/** Waits until a thread has ended. What it did before is visible afterwards.
 *
 * @param tid  a thread that is neither joined nor detached
 * @retval 0          ended
 * @retval -EDEADLK   it is the caller, or waits for the caller
 *
 * Any other thread is a mistake that the system need not notice. Thread-safe, once per thread. See
 * pthread_join(3). */
UV_EXTERN int uv_thread_join(uv_thread_t* tid);

/** Tells which thread this is.
 *
 * @return the calling thread, also if it was not made by this library
 *
 * Thread-safe. See pthread_self(3). */
UV_EXTERN uv_thread_t uv_thread_self(void);

/** Compares two threads.
 *
 * @param t1  a thread
 * @param t2  a thread
 * @return non-zero if they are the same, else 0
 *
 * Thread-safe. See pthread_equal(3). */
UV_EXTERN int uv_thread_equal(const uv_thread_t* t1, const uv_thread_t* t2);

/** Names the calling thread, for debuggers and the like.
 *
 * @param name  the name; cut without notice to what the system takes, with the NUL 16 bytes on
 *              Linux and 64 on macOS
 * @retval 0          named
 * @retval UV_EINVAL  @p name is NULL
 * @retval UV_ENOSYS  not on this system
 *
 * Thread-safe. Since libuv 1.50. See pthread_setname_np(3). */
UV_EXTERN int uv_thread_setname(const char* name);

/** Tells a thread's name.
 *
 * @param tid   a thread that has not been joined
 * @param name  receives the name and a NUL, cut without notice
 * @param size  bytes at @p name
 * @retval 0          told
 * @retval UV_EINVAL  @p name is NULL or @p size is 0
 * @retval UV_ENOENT  the thread has ended
 * @retval UV_ENOSYS  not on this system
 *
 * Thread-safe. Since libuv 1.50. See pthread_getname_np(3). */
UV_EXTERN int uv_thread_getname(uv_thread_t* tid, char* name, size_t size);

/** Chooses the CPUs that a thread may run on.
 *
 * @param tid        a thread that has not ended
 * @param cpumask    a byte per CPU, non-zero for those allowed
 * @param oldmask    receives the former mask, read before the new one is set; may be NULL
 * @param mask_size  bytes at both, at least uv_cpumask_size()
 * @retval 0           set
 * @retval UV_EINVAL   @p mask_size is too small, or none of the CPUs exists (Windows: or one does
 *                     not)
 * @retval UV_ENOTSUP  not on this system
 *
 * Thread-safe. Since libuv 1.45. See sched_setaffinity(2). */
UV_EXTERN int uv_thread_setaffinity(uv_thread_t* tid, char* cpumask, char* oldmask,
                                    size_t mask_size);

/** Tells the CPUs that a thread may run on.
 *
 * @param tid        a thread that has not ended
 * @param cpumask    receives a byte per CPU, 0 or 1; only uv_cpumask_size() bytes are written
 * @param mask_size  bytes at @p cpumask, at least uv_cpumask_size()
 * @retval 0           told
 * @retval UV_EINVAL   @p mask_size is too small
 * @retval UV_ENOTSUP  not on this system
 *
 * Thread-safe. Since libuv 1.45. See sched_getaffinity(2). */
UV_EXTERN int uv_thread_getaffinity(uv_thread_t* tid, char* cpumask, size_t mask_size);

/** Tells which CPU the calling thread is running on; it may have moved by the time of the answer.
 *
 * @return the CPU's number, from 0
 * @retval UV_ENOTSUP  not on this system
 *
 * Thread-safe. Since libuv 1.45. See sched_getcpu(3). */
UV_EXTERN int uv_thread_getcpu(void);

/** Sets a thread's priority. On Linux, under the normal policy, that is the nice value -2 * @p
 * priority of the calling thread; for another thread nothing changes.
 *
 * @param tid       the thread
 * @param priority  one of UV_THREAD_PRIORITY_*
 * @retval 0          set (Windows: also for another number, which has no effect)
 * @retval UV_EINVAL  another number
 * @retval UV_EACCES  needs privilege, also UV_EPERM
 * @retval UV_ESRCH   the thread has ended
 *
 * Thread-safe. See setpriority(2), pthread_setschedparam(3). */
UV_EXTERN int uv_thread_setpriority(uv_thread_t tid, int priority);

/** Tells a thread's priority, as a number of the system: on Linux, under the normal policy, the
 * nice value of the calling thread and 0 for another one.
 *
 * @param tid       the thread
 * @param priority  receives the number
 * @retval 0          told
 * @retval UV_EINVAL  @p priority is NULL
 * @retval UV_ESRCH   the thread has ended
 *
 * Thread-safe. See getpriority(2), pthread_getschedparam(3). */
UV_EXTERN int uv_thread_getpriority(uv_thread_t tid, int* priority);

/** Tells how large the masks of uv_thread_setaffinity() must be.
 *
 * @return bytes, one per CPU: 1024 on Linux
 * @retval UV_ENOTSUP  not on this system
 *
 * Thread-safe. Since libuv 1.45. */
UV_EXTERN int uv_cpumask_size(void);

/* -- Locks and other things between threads ---------------------------------------------------- */

/* Each is made in the caller's memory by its init function, the only one that can want for memory,
 * and must not be moved. The functions without a result abort the process if the system refuses:
 * the object was not made, or is used against its rules. */

/** Makes a mutex. To lock it twice in one thread is an error (Windows: allowed).
 *
 * @param handle  uninitialised memory
 * @retval 0          made
 * @retval UV_ENOMEM  out of memory, also UV_EAGAIN
 *
 * Thread-safe. See pthread_mutex_init(3). */
UV_EXTERN int uv_mutex_init(uv_mutex_t* handle);

/** Makes a mutex that its owner may lock again; it takes as many unlocks.
 *
 * @param handle  uninitialised memory
 * @retval 0          made
 * @retval UV_ENOMEM  out of memory, also UV_EAGAIN
 *
 * Thread-safe. See pthread_mutexattr_settype(3). */
UV_EXTERN int uv_mutex_init_recursive(uv_mutex_t* handle);

/** Ends a mutex that is not locked. Aborts if the system finds it is.
 *
 * @param handle  the mutex, which nobody uses any more
 *
 * Not thread-safe. See pthread_mutex_destroy(3). */
UV_EXTERN void uv_mutex_destroy(uv_mutex_t* handle);

/** Locks a mutex, waiting while another thread holds it.
 *
 * @param handle  the mutex
 *
 * Thread-safe. See pthread_mutex_lock(3). */
UV_EXTERN void uv_mutex_lock(uv_mutex_t* handle);

/** Locks a mutex if that needs no waiting.
 *
 * @param handle  the mutex
 * @retval 0         locked
 * @retval UV_EBUSY  held, by another thread or by this one (Windows, or a recursive mutex: 0 by
 *                   this one)
 *
 * Thread-safe. See pthread_mutex_trylock(3). */
UV_EXTERN int uv_mutex_trylock(uv_mutex_t* handle);

/** Unlocks a mutex.
 *
 * @param handle  the mutex, held by the calling thread
 *
 * Thread-safe. See pthread_mutex_unlock(3). */
UV_EXTERN void uv_mutex_unlock(uv_mutex_t* handle);

/** Makes a lock that many readers or one writer can hold. A holder can neither become a writer nor
 * a reader without unlocking.
 *
 * @param rwlock  uninitialised memory
 * @retval 0          made
 * @retval UV_ENOMEM  out of memory, also UV_EAGAIN
 *
 * Thread-safe. See pthread_rwlock_init(3). */
UV_EXTERN int uv_rwlock_init(uv_rwlock_t* rwlock);

/** Ends a lock that nobody holds.
 *
 * @param rwlock  the lock, which nobody uses any more
 *
 * Not thread-safe. See pthread_rwlock_destroy(3). */
UV_EXTERN void uv_rwlock_destroy(uv_rwlock_t* rwlock);

/** Locks for reading, waiting while a writer holds the lock.
 *
 * @param rwlock  the lock
 *
 * Thread-safe. See pthread_rwlock_rdlock(3). */
UV_EXTERN void uv_rwlock_rdlock(uv_rwlock_t* rwlock);

/** Locks for reading if that needs no waiting.
 *
 * @param rwlock  the lock
 * @retval 0         locked
 * @retval UV_EBUSY  a writer holds it, or there are too many readers
 *
 * Thread-safe. See pthread_rwlock_tryrdlock(3). */
UV_EXTERN int uv_rwlock_tryrdlock(uv_rwlock_t* rwlock);

/** Unlocks what was locked for reading.
 *
 * @param rwlock  the lock, held by the calling thread
 *
 * Thread-safe. See pthread_rwlock_unlock(3). */
UV_EXTERN void uv_rwlock_rdunlock(uv_rwlock_t* rwlock);

/** Locks for writing, waiting while anybody else holds the lock.
 *
 * @param rwlock  the lock
 *
 * Thread-safe. See pthread_rwlock_wrlock(3). */
UV_EXTERN void uv_rwlock_wrlock(uv_rwlock_t* rwlock);

/** Locks for writing if that needs no waiting.
 *
 * @param rwlock  the lock
 * @retval 0         locked
 * @retval UV_EBUSY  somebody holds it
 *
 * Thread-safe. See pthread_rwlock_trywrlock(3). */
UV_EXTERN int uv_rwlock_trywrlock(uv_rwlock_t* rwlock);

/** Unlocks what was locked for writing.
 *
 * @param rwlock  the lock, held by the calling thread
 *
 * Thread-safe. See pthread_rwlock_unlock(3). */
UV_EXTERN void uv_rwlock_wrunlock(uv_rwlock_t* rwlock);

/** Makes a counting semaphore.
 *
 * @param sem    uninitialised memory
 * @param value  its count to begin with, at most INT_MAX
 * @retval 0          made
 * @retval UV_EINVAL  @p value is too large
 * @retval UV_ENOMEM  out of memory
 *
 * Thread-safe. See sem_init(3). */
UV_EXTERN int uv_sem_init(uv_sem_t* sem, unsigned int value);

/** Ends a semaphore that nobody waits for.
 *
 * @param sem  the semaphore, which nobody uses any more
 *
 * Not thread-safe. See sem_destroy(3). */
UV_EXTERN void uv_sem_destroy(uv_sem_t* sem);

/** Adds 1 to the count, which lets one waiter go on. Aborts if the count overflows.
 *
 * @param sem  the semaphore
 *
 * Thread-safe. See sem_post(3). */
UV_EXTERN void uv_sem_post(uv_sem_t* sem);

/** Takes 1 from the count, waiting while it is 0. Signals do not end the wait.
 *
 * @param sem  the semaphore
 *
 * Thread-safe. See sem_wait(3). */
UV_EXTERN void uv_sem_wait(uv_sem_t* sem);

/** Takes 1 from the count if it is not 0.
 *
 * @param sem  the semaphore
 * @retval 0          taken
 * @retval UV_EAGAIN  the count is 0
 *
 * Thread-safe. See sem_trywait(3). */
UV_EXTERN int uv_sem_trywait(uv_sem_t* sem);

/** Makes a condition variable.
 *
 * @param cond  uninitialised memory
 * @retval 0          made
 * @retval UV_ENOMEM  out of memory, also UV_EAGAIN
 *
 * Thread-safe. See pthread_cond_init(3). */
UV_EXTERN int uv_cond_init(uv_cond_t* cond);

/** Ends a condition variable that nobody waits for.
 *
 * @param cond  the condition variable, which nobody uses any more
 *
 * Not thread-safe. See pthread_cond_destroy(3). */
UV_EXTERN void uv_cond_destroy(uv_cond_t* cond);

/** Wakes one of the waiting threads, if any.
 *
 * @param cond  the condition variable
 *
 * Thread-safe. See pthread_cond_signal(3). */
UV_EXTERN void uv_cond_signal(uv_cond_t* cond);

/** Wakes all waiting threads.
 *
 * @param cond  the condition variable
 *
 * Thread-safe. See pthread_cond_broadcast(3). */
UV_EXTERN void uv_cond_broadcast(uv_cond_t* cond);

/** Unlocks the mutex, waits to be woken and locks it again. It may also wake without a reason:
 * check the condition in a loop.
 *
 * @param cond   the condition variable
 * @param mutex  held by the calling thread; the same one for all waiters
 *
 * Thread-safe. See pthread_cond_wait(3). */
UV_EXTERN void uv_cond_wait(uv_cond_t* cond, uv_mutex_t* mutex);

/** As uv_cond_wait(), but not for longer than a time.
 *
 * @param cond     the condition variable
 * @param mutex    held by the calling thread, also afterwards
 * @param timeout  nanoseconds from now, by the monotonic clock; very large values mean for ever
 *                 (Windows: whole milliseconds)
 * @retval 0             woken, perhaps without a reason
 * @retval UV_ETIMEDOUT  the time is over
 *
 * Thread-safe. See pthread_cond_timedwait(3). */
UV_EXTERN int uv_cond_timedwait(uv_cond_t* cond, uv_mutex_t* mutex, uint64_t timeout);

/** Makes a barrier: a point where threads wait for each other.
 *
 * @param barrier  uninitialised memory
 * @param count    how many threads make a round
 * @retval 0          made
 * @retval UV_EINVAL  @p count is 0
 * @retval UV_ENOMEM  out of memory, also UV_EAGAIN
 *
 * Thread-safe. See pthread_barrier_init(3). */
UV_EXTERN int uv_barrier_init(uv_barrier_t* barrier, unsigned int count);

/** Ends a barrier at which nobody waits for a round. Waits for threads that are still leaving the
 * last one.
 *
 * @param barrier  the barrier, which nobody enters any more
 *
 * Not thread-safe. See pthread_barrier_destroy(3). */
UV_EXTERN void uv_barrier_destroy(uv_barrier_t* barrier);

/** Waits until as many threads as the barrier counts are here. The next round begins by itself.
 *
 * @param barrier  the barrier
 * @return 1 in one thread of the round, which may destroy the barrier at once; 0 in the others
 *
 * Thread-safe. See pthread_barrier_wait(3). */
UV_EXTERN int uv_barrier_wait(uv_barrier_t* barrier);

/** Calls a function once, whoever comes first; the others wait until it has returned.
 *
 * @param guard     a static variable, initialised with UV_ONCE_INIT
 * @param callback  runs in the first caller's thread, inside this call
 *
 * Thread-safe. See pthread_once(3). */
UV_EXTERN void uv_once(uv_once_t* guard, void (*callback)(void));

/** Makes a key: a variable with a value of its own in each thread. No destructor is ever run.
 *
 * @param key  receives the key
 * @retval 0          made
 * @retval UV_EAGAIN  too many keys
 * @retval UV_ENOMEM  out of memory
 *
 * Thread-safe. See pthread_key_create(3). */
UV_EXTERN int uv_key_create(uv_key_t* key);

/** Gives a key back. The values are the caller's to free.
 *
 * @param key  the key, which nobody uses any more
 *
 * Not thread-safe. See pthread_key_delete(3). */
UV_EXTERN void uv_key_delete(uv_key_t* key);

/** Tells the calling thread's value of a key.
 *
 * @param key  the key
 * @return the value, NULL before the first uv_key_set() in this thread
 *
 * Thread-safe. See pthread_getspecific(3). */
UV_EXTERN void* uv_key_get(uv_key_t* key);

/** Sets the calling thread's value of a key.
 *
 * @param key    the key
 * @param value  the value, may be NULL
 *
 * Thread-safe. See pthread_setspecific(3). */
UV_EXTERN void uv_key_set(uv_key_t* key, void* value);

/* -- Shared libraries -------------------------------------------------------------------------- */

/** Opens a shared library, its symbols resolved when needed and not offered to other libraries.
 *
 * @param filename  the library, searched for as dlopen(3) does; NULL is the program itself on
 *                  POSIX
 * @param lib       uninitialised memory or a closed library; uv_dlclose() must follow, after a
 *                  failure too
 * @retval 0   open
 * @retval -1  failed (no error code): uv_dlerror() says why
 *
 * Thread-safe, one at a time per @p lib. See dlopen(3), LoadLibraryExW(). */
UV_EXTERN int uv_dlopen(const char* filename, uv_lib_t* lib);

/** Closes a library and frees its message. A second call has no effect.
 *
 * @param lib  an object that uv_dlopen() was given; both members are NULL afterwards
 *
 * Thread-safe, one at a time per @p lib. See dlclose(3). */
UV_EXTERN void uv_dlclose(uv_lib_t* lib);

/** Finds a symbol of a library.
 *
 * @param lib   an open library
 * @param name  the symbol
 * @param ptr   receives its address, NULL if there is none
 * @retval 0   found; the address may be NULL on POSIX
 * @retval -1  not found (no error code): uv_dlerror() says why
 *
 * Thread-safe, one at a time per @p lib. See dlsym(3), GetProcAddress(). */
UV_EXTERN int uv_dlsym(uv_lib_t* lib, const char* name, void** ptr);

/** Tells the last error of a library.
 *
 * @param lib  an object that uv_dlopen() was given, or with both members NULL
 * @return the message, owned by @p lib, or "no error"; asking again tells it again
 *
 * Thread-safe, one at a time per @p lib. See dlerror(3). */
UV_EXTERN const char* uv_dlerror(const uv_lib_t* lib);

/* -- Clocks ------------------------------------------------------------------------------------ */

/** A time, with 64-bit seconds on every system. */
typedef struct {
  int64_t tv_sec;  /**< whole seconds */
  int32_t tv_nsec; /**< nanoseconds, 0..999,999,999 */
} uv_timespec64_t;

/** A time, with 64-bit seconds on every system. */
typedef struct {
  int64_t tv_sec;  /**< whole seconds */
  int32_t tv_usec; /**< microseconds, 0..999,999 */
} uv_timeval64_t;

/** A span of time, as struct timeval; `long` has 32 bits on Windows. */
typedef struct {
  long tv_sec;  /**< whole seconds */
  long tv_usec; /**< microseconds, 0..999,999 */
} uv_timeval_t;

/** Clocks for uv_clock_gettime(). */
typedef enum {
  UV_CLOCK_MONOTONIC, /**< time since some moment; never set back */
  UV_CLOCK_REALTIME   /**< time since 1970-01-01 UTC; may be set */
} uv_clock_id;

/** Tells the time since some moment in the past. It never goes back and is not set with the wall
 * clock. For measuring; unlike uv_now() it is not kept by a loop.
 *
 * @return nanoseconds, as exact as the system's clock
 *
 * Thread-safe. See clock_gettime(2) (CLOCK_MONOTONIC). */
UV_EXTERN uint64_t uv_hrtime(void);

/** Tells the time of a clock.
 *
 * @param clock_id  UV_CLOCK_MONOTONIC, which is uv_hrtime()'s, or UV_CLOCK_REALTIME
 * @param ts        receives the time
 * @retval 0          told
 * @retval UV_EFAULT  @p ts is NULL
 * @retval UV_EINVAL  another clock
 *
 * Thread-safe. Since libuv 1.45. See clock_gettime(2). */
UV_EXTERN int uv_clock_gettime(uv_clock_id clock_id, uv_timespec64_t* ts);

/** Tells the wall clock's time.
 *
 * @param tv  receives the time since 1970-01-01 UTC
 * @retval 0          told
 * @retval UV_EINVAL  @p tv is NULL
 *
 * Thread-safe. Since libuv 1.28. See gettimeofday(2). */
UV_EXTERN int uv_gettimeofday(uv_timeval64_t* tv);

/** Has the calling thread sleep; signals do not end it. A loop in this thread stands still
 * meanwhile.
 *
 * @param msec  milliseconds, may be 0; Windows is up to 20 inexact
 *
 * Thread-safe. Since libuv 1.34. See nanosleep(2). */
UV_EXTERN void uv_sleep(unsigned int msec);

/* -- The process ------------------------------------------------------------------------------- */

/* The functions that take `buffer` and `size` here and below write text with a NUL. *size says how
 * many bytes there are, and then how long the text is without its NUL. After UV_ENOBUFS it says how
 * many bytes are needed, NUL included. */

/** Prepares for uv_set_process_title() and uv_get_process_title(). Call it first of all, before
 * there are threads, and use its result in place of @p argv, whose memory becomes the room for the
 * title.
 *
 * @param argc  the argument count of main()
 * @param argv  the arguments of main()
 * @return the arguments to go on with: a copy that uv_library_shutdown() frees, or @p argv itself
 *         where nothing is needed or there is no memory (titles are then not available)
 *
 * Not thread-safe. */
UV_EXTERN char** uv_setup_args(int argc, char** argv);

/** Tells the title of the process: what uv_set_process_title() set, at first the first argument
 * (Windows: the program's path). "" where the system has no titles.
 *
 * @param buffer  receives the title and a NUL
 * @param size    bytes at @p buffer
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer is NULL or @p size is 0
 * @retval UV_ENOBUFS  too small, or (Linux, macOS) uv_setup_args() was not called
 *
 * Thread-safe. */
UV_EXTERN int uv_get_process_title(char* buffer, size_t size);

/** Sets the title of the process, as ps(1) shows it. On Linux and macOS it is cut without notice to
 * the room that the arguments had, and names the calling thread too; on Windows it is the
 * console's.
 *
 * @param title  the title
 * @retval 0           set
 * @retval UV_ENOBUFS  uv_setup_args() was not called (Linux, macOS)
 * @retval UV_ENOMEM   out of memory (Windows)
 * @retval UV_EINVAL   @p title is NULL or not WTF-8 (Windows)
 *
 * Thread-safe. */
UV_EXTERN int uv_set_process_title(const char* title);

/** Tells the absolute path of the running program. Text that does not fit is cut without notice.
 *
 * @param buffer  receives the path and a NUL
 * @param size    in: bytes at @p buffer; out: bytes written, without NUL
 * @retval 0          told, perhaps cut
 * @retval UV_EINVAL  @p buffer or @p size is NULL, or *size is 0
 * @retval UV_E*      the system does not tell, for example UV_ENOENT without /proc
 *
 * Thread-safe. OpenBSD and AIX need uv_setup_args() for it. See proc(5) (/proc/self/exe). */
UV_EXTERN int uv_exepath(char* buffer, size_t* size);

/** Tells the working directory, without a '/' at the end but for the root.
 *
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 * @retval UV_ENOENT   the directory has been removed
 *
 * Thread-safe. See getcwd(3). */
UV_EXTERN int uv_cwd(char* buffer, size_t* size);

/** Changes the working directory, of all threads.
 *
 * @param dir  the new one
 * @retval 0           changed
 * @retval UV_ENOENT   no such directory
 * @retval UV_ENOTDIR  not a directory
 * @retval UV_EACCES   not allowed
 * @retval UV_E*       other errors of chdir(2)
 *
 * Thread-safe, but other threads may be using relative paths. */
UV_EXTERN int uv_chdir(const char* dir);

/** Tells the id of this process.
 *
 * @return the id
 *
 * Thread-safe. Since libuv 1.18. See getpid(2). */
UV_EXTERN uv_pid_t uv_os_getpid(void);

/** Tells the id of the parent of this process.
 *
 * @return the id; Windows: -1 if it is unknown
 *
 * Thread-safe. Since libuv 1.16. See getppid(2). */
UV_EXTERN uv_pid_t uv_os_getppid(void);

/** uv_os_setpriority(): when nothing else runs. Since libuv 1.23. */
#define UV_PRIORITY_LOW 19
/** uv_os_setpriority(): less than normal. Since libuv 1.23. */
#define UV_PRIORITY_BELOW_NORMAL 10
/** uv_os_setpriority(): what a process starts with, as a rule. Since libuv 1.23. */
#define UV_PRIORITY_NORMAL 0
/** uv_os_setpriority(): more than normal; needs privilege on POSIX. Since libuv 1.23. */
#define UV_PRIORITY_ABOVE_NORMAL -7
/** uv_os_setpriority(): high; needs privilege on POSIX. Since libuv 1.23. */
#define UV_PRIORITY_HIGH -14
/** uv_os_setpriority(): the highest; needs privilege. Since libuv 1.23. */
#define UV_PRIORITY_HIGHEST -20

/** Tells the scheduling priority (nice value) of a process.
 *
 * @param pid       the process; 0 is the caller
 * @param priority  receives it: -20 (highest) to 19 (lowest); Windows: one of UV_PRIORITY_*
 * @retval 0          told
 * @retval UV_EINVAL  @p priority is NULL
 * @retval UV_ESRCH   no such process
 *
 * Thread-safe. Since libuv 1.23. See getpriority(2). */
UV_EXTERN int uv_os_getpriority(uv_pid_t pid, int* priority);

/** Sets the scheduling priority (nice value) of a process. Windows has six classes, of which the
 * fitting one is taken.
 *
 * @param pid       the process; 0 is the caller
 * @param priority  -20 (highest) to 19 (lowest), for example one of UV_PRIORITY_*
 * @retval 0          set
 * @retval UV_EINVAL  @p priority is out of range
 * @retval UV_ESRCH   no such process
 * @retval UV_EACCES  a higher priority needs privilege, also UV_EPERM
 *
 * Thread-safe. Since libuv 1.23. See setpriority(2). */
UV_EXTERN int uv_os_setpriority(uv_pid_t pid, int priority);

/** What a process or thread has used: see getrusage(2). 0 for what the system does not count. */
typedef struct {
  uv_timeval_t ru_utime; /**< CPU time in the program */
  uv_timeval_t ru_stime; /**< CPU time in the system */
  uint64_t ru_maxrss;    /**< most memory resident at a time, in KiB on every system */
  uint64_t ru_ixrss;     /**< shared memory, integral */
  uint64_t ru_idrss;     /**< unshared data, integral */
  uint64_t ru_isrss;     /**< unshared stack, integral */
  uint64_t ru_minflt;    /**< page faults without I/O */
  uint64_t ru_majflt;    /**< page faults with I/O; Windows: all */
  uint64_t ru_nswap;     /**< times swapped out */
  uint64_t ru_inblock;   /**< reads from devices */
  uint64_t ru_oublock;   /**< writes to devices */
  uint64_t ru_msgsnd;    /**< messages sent */
  uint64_t ru_msgrcv;    /**< messages received */
  uint64_t ru_nsignals;  /**< signals received */
  uint64_t ru_nvcsw;     /**< context switches because it waited */
  uint64_t ru_nivcsw;    /**< context switches because its time was over */
} uv_rusage_t;

/** Tells what the process has used.
 *
 * @param rusage  receives it
 * @retval 0      told
 * @retval UV_E*  the system does not tell
 *
 * Thread-safe. See getrusage(2) (RUSAGE_SELF). */
UV_EXTERN int uv_getrusage(uv_rusage_t* rusage);

/** Tells what the calling thread has used. On macOS and Windows only the two times.
 *
 * @param rusage  receives it
 * @retval 0           told
 * @retval UV_ENOTSUP  not on this system
 *
 * Thread-safe. Since libuv 1.50. See getrusage(2) (RUSAGE_THREAD). */
UV_EXTERN int uv_getrusage_thread(uv_rusage_t* rusage);

/** Tells how much memory of the process is resident.
 *
 * @param rss  receives the bytes
 * @retval 0          told
 * @retval UV_EINVAL  the system's answer cannot be read
 * @retval UV_E*      the system does not tell, for example UV_ENOENT without /proc
 *
 * Thread-safe. See proc(5) (/proc/self/stat). */
UV_EXTERN int uv_resident_set_memory(size_t* rss);

/* -- Environment and users --------------------------------------------------------------------- */

/* The environment is the process's own, not the library's: calls that read it may run in any thread
 * as long as no thread changes it, by these functions, setenv(3) or otherwise. */

/** One variable of the environment. */
typedef struct uv_env_item_s {
  char* name;  /**< what stands before the '=' */
  char* value; /**< what stands behind it */
} uv_env_item_t;

/** Lists the environment; entries without '=' are left out.
 *
 * @param envitems  receives the array, to be freed with uv_os_free_environ(); NULL on error
 * @param count     receives how many items it has, 0 on error
 * @retval 0          listed
 * @retval UV_ENOMEM  out of memory
 *
 * Thread-safe while nobody changes the environment. Since libuv 1.31. See environ(7). */
UV_EXTERN int uv_os_environ(uv_env_item_t** envitems, int* count);

/** Frees the array of uv_os_environ().
 *
 * @param envitems  the array
 * @param count     its number of items
 *
 * Thread-safe. Since libuv 1.31. */
UV_EXTERN void uv_os_free_environ(uv_env_item_t* envitems, int count);

/** Tells a variable of the environment.
 *
 * @param name    the variable
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p name, @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOENT   no such variable
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 *
 * Thread-safe while nobody changes the environment. Since libuv 1.12. See getenv(3). */
UV_EXTERN int uv_os_getenv(const char* name, char* buffer, size_t* size);

/** Sets a variable of the environment, replacing its old value.
 *
 * @param name   the variable
 * @param value  the value; "" does not remove the variable
 * @retval 0          set
 * @retval UV_EINVAL  a pointer is NULL, or @p name is "" or has a '=' in it
 * @retval UV_ENOMEM  out of memory
 *
 * Not thread-safe: no other thread may use the environment. Since libuv 1.12. See setenv(3). */
UV_EXTERN int uv_os_setenv(const char* name, const char* value);

/** Removes a variable from the environment.
 *
 * @param name  the variable
 * @retval 0          removed, or there was none
 * @retval UV_EINVAL  @p name is NULL, "" or has a '=' in it
 *
 * Not thread-safe: no other thread may use the environment. Since libuv 1.12. See unsetenv(3). */
UV_EXTERN int uv_os_unsetenv(const char* name);

/** Tells the user's home directory: HOME (Windows: USERPROFILE) as it is, "" included; if it is not
 * set, what the user database says about the effective user.
 *
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 * @retval UV_ENOENT   none known
 * @retval UV_ENOMEM   out of memory
 *
 * Thread-safe while nobody changes the environment. Since libuv 1.6. See environ(7), getpwuid(3).
 */
UV_EXTERN int uv_os_homedir(char* buffer, size_t* size);

/** Tells the directory for temporary files: the first that is set of TMPDIR, TMP, TEMP and TEMPDIR,
 * else "/tmp"; on Windows what GetTempPath() says. One '/' at the end is taken off. The size after
 * UV_ENOBUFS may be one too many.
 *
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 *
 * Thread-safe while nobody changes the environment. Since libuv 1.9. See environ(7). */
UV_EXTERN int uv_os_tmpdir(char* buffer, size_t* size);

/** A user, as the user database knows it: see passwd(5). */
typedef struct uv_passwd_s {
  char* username;    /**< login name */
  unsigned long uid; /**< user id; Windows: (unsigned long) -1 */
  unsigned long gid; /**< id of the first group; Windows: (unsigned long) -1 */
  char* shell;       /**< login shell; Windows: NULL */
  char* homedir;     /**< home directory */
} uv_passwd_t;

/** A group, as the group database knows it: see group(5). */
typedef struct uv_group_s {
  char* groupname;   /**< name */
  unsigned long gid; /**< group id */
  char** members;    /**< names of its members, ended by NULL */
} uv_group_t;

/** Tells who the effective user of the process is.
 *
 * @param pwd  receives the user, to be freed with uv_os_free_passwd()
 * @retval 0          told
 * @retval UV_EINVAL  @p pwd is NULL
 * @retval UV_ENOENT  the user database does not know
 * @retval UV_ENOMEM  out of memory
 * @retval UV_E*      other errors of getpwuid_r(3)
 *
 * Thread-safe. Since libuv 1.9. See getpwuid_r(3), geteuid(2). */
UV_EXTERN int uv_os_get_passwd(uv_passwd_t* pwd);

/** Tells who a user is.
 *
 * @param pwd  receives the user, to be freed with uv_os_free_passwd()
 * @param uid  the user's id
 * @retval 0           told
 * @retval UV_EINVAL   @p pwd is NULL
 * @retval UV_ENOENT   the user database does not know
 * @retval UV_ENOMEM   out of memory
 * @retval UV_ENOTSUP  Windows
 * @retval UV_E*       other errors of getpwuid_r(3)
 *
 * Thread-safe. Since libuv 1.45. */
UV_EXTERN int uv_os_get_passwd2(uv_passwd_t* pwd, uv_uid_t uid);

/** Frees what uv_os_get_passwd() and uv_os_get_passwd2() filled in; the members are NULL
 * afterwards.
 *
 * @param pwd  the user; NULL and a second call have no effect
 *
 * Thread-safe. Since libuv 1.9. */
UV_EXTERN void uv_os_free_passwd(uv_passwd_t* pwd);

/** Tells what a group is.
 *
 * @param grp  receives the group, to be freed with uv_os_free_group()
 * @param gid  the group's id
 * @retval 0           told
 * @retval UV_EINVAL   @p grp is NULL
 * @retval UV_ENOENT   the group database does not know
 * @retval UV_ENOMEM   out of memory
 * @retval UV_ENOTSUP  Windows; UV_ENOSYS: Android before 7.0
 * @retval UV_E*       other errors of getgrgid_r(3)
 *
 * Thread-safe. Since libuv 1.45. */
UV_EXTERN int uv_os_get_group(uv_group_t* grp, uv_uid_t gid);

/** Frees what uv_os_get_group() filled in; the members are NULL afterwards.
 *
 * @param grp  the group; NULL and a second call have no effect
 *
 * Thread-safe. Since libuv 1.45. */
UV_EXTERN void uv_os_free_group(uv_group_t* grp);

/* -- The machine ------------------------------------------------------------------------------- */

/** What system this is: see uv_os_uname(), uname(2). Text, NUL-terminated. */
typedef struct uv_utsname_s {
  char sysname[256]; /**< the system, such as "Linux"; "Windows_NT" */
  char release[256]; /**< its release, such as "6.1.0" */
  char version[256]; /**< its version, in the system's own words */
  char machine[256]; /**< the kind of processor, such as "x86_64" */
} uv_utsname_t;

/** Tells what system this is.
 *
 * @param buffer  receives it; all fields are "" on error
 * @retval 0          told
 * @retval UV_EINVAL  @p buffer is NULL
 * @retval UV_E2BIG   a field has more than 255 bytes
 * @retval UV_E*      other errors of uname(2)
 *
 * Thread-safe. Since libuv 1.25. */
UV_EXTERN int uv_os_uname(uv_utsname_t* buffer);

/** Tells the name of this machine. UV_MAXHOSTNAMESIZE bytes always suffice.
 *
 * @param buffer  receives the text and a NUL
 * @param size    in: bytes at @p buffer; out: the length without NUL
 * @retval 0           told
 * @retval UV_EINVAL   @p buffer or @p size is NULL, or *size is 0
 * @retval UV_ENOBUFS  too small; *size says how many bytes are needed, NUL included
 * @retval UV_E*       other errors of gethostname(2)
 *
 * After UV_ENOBUFS @p buffer is untouched. Thread-safe. Since libuv 1.12. */
UV_EXTERN int uv_os_gethostname(char* buffer, size_t* size);

/** Tells how long the system has been running.
 *
 * @param uptime  receives the seconds, with fractions where the system tells them
 * @retval 0      told
 * @retval UV_E*  the system does not tell
 *
 * Thread-safe. See proc(5) (/proc/uptime). */
UV_EXTERN int uv_uptime(double* uptime);

/** Tells the load of the system, averaged over 1, 5 and 15 minutes.
 *
 * @param avg  receives the three numbers: zeros on Windows, untouched if the system does not tell
 *
 * Thread-safe. See getloadavg(3). */
UV_EXTERN void uv_loadavg(double avg[3]);

/** What a CPU has done since the system was started, in milliseconds. */
struct uv_cpu_times_s {
  uint64_t user; /**< in programs */
  uint64_t nice; /**< in programs of low priority; 0 on Windows */
  uint64_t sys;  /**< in the system */
  uint64_t idle; /**< doing nothing */
  uint64_t irq;  /**< in interrupts; 0 on macOS */
};

/** One CPU: see uv_cpu_info(). */
typedef struct uv_cpu_info_s {
  const char* model;               /**< what it is called, "unknown" if the system does not tell */
  int speed;                       /**< MHz now, 0 if the system does not tell */
  struct uv_cpu_times_s cpu_times; /**< what it has done */
} uv_cpu_info_t;

/** Lists the CPUs that are in use by the system; CPUs switched off are left out.
 *
 * @param cpu_infos  receives the array, to be freed with uv_free_cpu_info()
 * @param count      receives how many entries it has
 * @retval 0          listed
 * @retval UV_ENOMEM  out of memory
 * @retval UV_E*      the system does not tell, for example UV_ENOENT without /proc; the array is
 *                    then NULL and the count 0
 *
 * Thread-safe. For the number of threads to start see uv_available_parallelism(). See proc(5)
 * (/proc/stat, /proc/cpuinfo). */
UV_EXTERN int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count);

/** Frees the array of uv_cpu_info().
 *
 * @param cpu_infos  the array; NULL has no effect
 * @param count      its number of entries
 *
 * Thread-safe. */
UV_EXTERN void uv_free_cpu_info(uv_cpu_info_t* cpu_infos, int count);

/** Estimates how many threads can run at a time: the CPUs that the calling thread may run on, or
 * fewer if a control group (cgroup) limits its CPU time.
 *
 * @return the number, at least 1
 *
 * Thread-safe. Since libuv 1.44. See sched_getaffinity(2), cgroups(7). */
UV_EXTERN unsigned int uv_available_parallelism(void);

/** Tells how much memory programs can still get: on Linux what is available without swapping.
 *
 * @return bytes, 0 if unknown
 *
 * Thread-safe. See proc(5) (/proc/meminfo, MemAvailable). */
UV_EXTERN uint64_t uv_get_free_memory(void);

/** Tells how much memory the machine has, whatever limits there are.
 *
 * @return bytes, 0 if unknown
 *
 * Thread-safe. See proc(5) (/proc/meminfo, MemTotal). */
UV_EXTERN uint64_t uv_get_total_memory(void);

/** Tells how much memory the process may have: the least of its limits by control group (cgroup),
 * RLIMIT_AS and RLIMIT_DATA.
 *
 * @return bytes; 0 if there is no limit or none can be read (always on Windows), UINT64_MAX if a
 *         control group sets none. May exceed uv_get_total_memory()
 *
 * Thread-safe. Since libuv 1.29. See cgroups(7), getrlimit(2). */
UV_EXTERN uint64_t uv_get_constrained_memory(void);

/** Tells how much memory the process can still get: what its control group (cgroup) leaves to it,
 * or uv_get_free_memory() where there is no such limit.
 *
 * @return bytes, 0 if unknown or used up
 *
 * Thread-safe. Since libuv 1.45. See cgroups(7). */
UV_EXTERN uint64_t uv_get_available_memory(void);

/* -- Text: UTF-16 and WTF-8 -------------------------------------------------------------------- */

/* WTF-8 is UTF-8 (RFC 3629) that also has a form, of three bytes, for the lone surrogates that
 * names on Windows may contain, so every name survives the way there and back. */

/** Tells how long a text will be in UTF-16, and whether it can be converted.
 *
 * @param wtf8  the text, NUL-terminated
 * @return its length in 16-bit units, NUL included
 * @retval UV_EINVAL  not WTF-8
 *
 * Thread-safe. Since libuv 1.47. */
UV_EXTERN ssize_t uv_wtf8_length_as_utf16(const char* wtf8);

/** Converts a text to UTF-16.
 *
 * @param wtf8       the text, NUL-terminated, which uv_wtf8_length_as_utf16() has accepted
 * @param utf16      receives the text and a NUL
 * @param utf16_len  16-bit units at @p utf16: exactly what uv_wtf8_length_as_utf16() said
 *
 * Thread-safe. Since libuv 1.47. */
UV_EXTERN void uv_wtf8_to_utf16(const char* wtf8, uint16_t* utf16, size_t utf16_len);

/** Tells how long a text will be in WTF-8.
 *
 * @param utf16      the text
 * @param utf16_len  its length in 16-bit units, or -1 if it is NUL-terminated
 * @return its length in bytes, without NUL
 *
 * Thread-safe. Since libuv 1.47. */
UV_EXTERN size_t uv_utf16_length_as_wtf8(const uint16_t* utf16, ssize_t utf16_len);

/** Converts a text from UTF-16 to WTF-8, into the caller's memory or new memory.
 *
 * @param utf16         the text
 * @param utf16_len     its length in 16-bit units, or -1 if it is NUL-terminated
 * @param wtf8_ptr      NULL to be told the length only. If *wtf8_ptr is NULL it receives new
 *                      memory, freed by the caller as the allocator's (free(3), see
 *                      uv_replace_allocator()). Else *wtf8_ptr receives the text and a NUL
 * @param wtf8_len_ptr  in: bytes at *wtf8_ptr, not counting one more that must be there for the
 *                      NUL; out: the text's length in bytes, without NUL. May be NULL if no length
 *                      goes in
 * @retval 0           converted
 * @retval UV_ENOBUFS  too small: as much as fits is written, perhaps half a character at the end,
 *                     and a NUL; the length is that of the whole text
 * @retval UV_ENOMEM   out of memory
 *
 * Thread-safe. Since libuv 1.47. */
UV_EXTERN int uv_utf16_to_wtf8(const uint16_t* utf16, ssize_t utf16_len, char** wtf8_ptr,
                               size_t* wtf8_len_ptr);

/* -- The loop's struct, and unions over all ---------------------------------------------------- */

/** An event loop; the struct behind uv_loop_t. Only `data` is the user's. `active_handles`,
 * `active_reqs.count` and `stop_flag` stand where programs written for libuv read them. */
struct uv_loop_s {
  void* data; /**< the user's, left alone by uv_loop_init() and uv_loop_close() */
  unsigned int active_handles;
  struct uv__queue handle_queue;
  union {
    void* unused;
    unsigned int count;
  } active_reqs;
  void* internal_fields;
  unsigned int stop_flag;
  UV_LOOP_PRIVATE_FIELDS
};

/** Room for a handle of any kind: a member for each, named like its type without "uv_" and "_t". */
union uv_any_handle {
#define XX(_, name) uv_##name##_t name;
  UV_HANDLE_TYPE_MAP(XX)
#undef XX
};

/** Room for a request of any kind: a member for each, named like its type without "uv_" and "_t".
 */
union uv_any_req {
#define XX(_, name) uv_##name##_t name;
  UV_REQ_TYPE_MAP(XX)
#undef XX
};

#undef UV_HANDLE_PRIVATE_FIELDS
#undef UV_REQ_PRIVATE_FIELDS
#undef UV_PRIVATE_REQ_TYPES
#undef UV_REQ_TYPE_PRIVATE
#undef UV_TIMER_PRIVATE_FIELDS
#undef UV_PREPARE_PRIVATE_FIELDS
#undef UV_CHECK_PRIVATE_FIELDS
#undef UV_IDLE_PRIVATE_FIELDS
#undef UV_ASYNC_PRIVATE_FIELDS
#undef UV_POLL_PRIVATE_FIELDS
#undef UV_SIGNAL_PRIVATE_FIELDS
#undef UV_STREAM_PRIVATE_FIELDS
#undef UV_CONNECT_PRIVATE_FIELDS
#undef UV_SHUTDOWN_PRIVATE_FIELDS
#undef UV_WRITE_PRIVATE_FIELDS
#undef UV_TCP_PRIVATE_FIELDS
#undef UV_PIPE_PRIVATE_FIELDS
#undef UV_TTY_PRIVATE_FIELDS
#undef UV_UDP_PRIVATE_FIELDS
#undef UV_UDP_SEND_PRIVATE_FIELDS
#undef UV_PROCESS_PRIVATE_FIELDS
#undef UV_WORK_PRIVATE_FIELDS
#undef UV_DIR_PRIVATE_FIELDS
#undef UV_FS_PRIVATE_FIELDS
#undef UV_FS_EVENT_PRIVATE_FIELDS
#undef UV_GETADDRINFO_PRIVATE_FIELDS
#undef UV_GETNAMEINFO_PRIVATE_FIELDS
#undef UV_LOOP_PRIVATE_FIELDS

#ifdef __cplusplus
}
#endif

#endif /* UV_H */
