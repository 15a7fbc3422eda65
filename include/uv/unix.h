/* What differs on POSIX: the system's types, and the private part of each handle and request. Sizes
 * and the offsets of the members that programs use are those of libuv 1.x; test/test_abi.c holds
 * them. Members without a comment are private. */
#ifndef UV_UNIX_H
#define UV_UNIX_H

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <sys/param.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <termios.h>

/* What a system does not define is as POSIX has it. */
#if defined(__linux__)
#include "uv/linux.h"
#elif defined(__APPLE__)
#include "uv/darwin.h"
#elif defined(__FreeBSD__) || defined(__DragonFly__) || defined(__OpenBSD__) || defined(__NetBSD__)
#include "uv/bsd.h"
#else
#include <semaphore.h>
#define UV_PLATFORM_SEM_T sem_t
#endif

#ifndef UV_PLATFORM_BARRIER_T
#define UV_PLATFORM_BARRIER_T pthread_barrier_t
#endif

#ifndef UV_IO_PRIVATE_PLATFORM_FIELDS
#define UV_IO_PRIVATE_PLATFORM_FIELDS
#endif

#ifndef UV_PLATFORM_LOOP_FIELDS
#define UV_PLATFORM_LOOP_FIELDS
#endif

#ifndef UV_PLATFORM_FS_EVENT_FIELDS
#define UV_PLATFORM_FS_EVENT_FIELDS
#endif

#ifndef UV_STREAM_PRIVATE_PLATFORM_FIELDS
#define UV_STREAM_PRIVATE_PLATFORM_FIELDS
#endif

/* -- Types of the system ----------------------------------------------------------------------- */

/** A piece of memory: `base` and its length in bytes. Laid out like struct iovec. */
typedef struct uv_buf_t {
  char* base;
  size_t len;
} uv_buf_t;

/** An open file as uv_fs_open() gives it and uv_pipe_open() takes it: a descriptor. */
typedef int uv_file;

/** What the system has a socket as: a descriptor. See uv_tcp_open(), uv_poll_init_socket(). */
typedef int uv_os_sock_t;

/** What the system has anything open as: a descriptor. See uv_fileno(). */
typedef int uv_os_fd_t;

/** The id of a process. */
typedef pid_t uv_pid_t;

/** The id of a group. */
typedef gid_t uv_gid_t;

/** The id of a user. */
typedef uid_t uv_uid_t;

/** The value of a uv_once_t before its first uv_once(). */
#define UV_ONCE_INIT PTHREAD_ONCE_INIT

/** What runs a function once however many threads ask: see uv_once(). */
typedef pthread_once_t uv_once_t;

/** A thread: see uv_thread_create(). */
typedef pthread_t uv_thread_t;

/** A lock that one thread holds: see uv_mutex_init(). */
typedef pthread_mutex_t uv_mutex_t;

/** A lock that many readers or one writer hold: see uv_rwlock_init(). */
typedef pthread_rwlock_t uv_rwlock_t;

/** What threads wait on for something to become true: see uv_cond_init(). */
typedef pthread_cond_t uv_cond_t;

/** A pointer that each thread has for itself: see uv_key_create(). */
typedef pthread_key_t uv_key_t;

/** Where a number of threads wait for each other: see uv_barrier_init(). */
typedef UV_PLATFORM_BARRIER_T uv_barrier_t;

/** A counter that threads wait on while it is 0: see uv_sem_init(). */
typedef UV_PLATFORM_SEM_T uv_sem_t;

/** A shared library that uv_dlopen() has loaded: the system's handle, and the text of the last
 * error or NULL. Read it by uv_dlerror(). */
typedef struct {
  void* handle;
  char* errmsg;
} uv_lib_t;

/* An entry of a directory, and its kinds: see uv_dirent_t for what is public. */
typedef struct dirent uv__dirent_t;

#define UV__DT_FILE DT_REG
#define UV__DT_DIR DT_DIR
#define UV__DT_LINK DT_LNK
#define UV__DT_FIFO DT_FIFO
#define UV__DT_SOCKET DT_SOCK
#define UV__DT_CHAR DT_CHR
#define UV__DT_BLOCK DT_BLK

#define UV__IF_NAMESIZE IF_NAMESIZE

/** The largest host name plus its NUL. */
#define UV_MAXHOSTNAMESIZE (MAXHOSTNAMELEN + 1)

/* -- Private parts ----------------------------------------------------------------------------- */

/* One descriptor that a loop watches: see src/unix/io.h. */
typedef struct uv__io_s uv__io_t;

struct uv__io_s {
  void (*cb)(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);
  struct uv__queue pending_queue;
  struct uv__queue watcher_queue;
  unsigned int pevents;
  unsigned int events;
  int fd;
  UV_IO_PRIVATE_PLATFORM_FIELDS
};

/* One piece of work for the thread pool. */
struct uv__work {
  void (*work)(struct uv__work* work);
  void (*done)(struct uv__work* work, int status);
  uv_loop_t* loop;
  union {
    struct uv__queue queue; /* waits for a thread */
    struct uv__mail mail;   /* on its way back to the loop */
  } link;
};

/* An active timer's links in the wheel: see src/wheel.h. */
struct uv__timer_links {
  uv_timer_t* next;
  uv_timer_t* prev;
  void* reserved;
};

/* A started signal handle's links: in the list of its signal number, and on its way to the loop. */
struct uv__signal_links {
  struct uv__queue queue;
  struct uv__mail mail;
};

#define UV_HANDLE_PRIVATE_FIELDS \
  uv_handle_t* next_closing; \
  unsigned int flags;

#define UV_REQ_PRIVATE_FIELDS

#define UV_PRIVATE_REQ_TYPES

#define UV_REQ_TYPE_PRIVATE

#define UV_TIMER_PRIVATE_FIELDS \
  uv_timer_cb timer_cb; \
  struct uv__timer_links node; \
  uint64_t timeout; \
  uint64_t repeat; \
  uint64_t start_id;

#define UV_PREPARE_PRIVATE_FIELDS \
  uv_prepare_cb prepare_cb; \
  struct uv__queue queue;

#define UV_CHECK_PRIVATE_FIELDS \
  uv_check_cb check_cb; \
  struct uv__queue queue;

#define UV_IDLE_PRIVATE_FIELDS \
  uv_idle_cb idle_cb; \
  struct uv__queue queue;

#define UV_ASYNC_PRIVATE_FIELDS \
  uv_async_cb async_cb; \
  struct uv__mail mail; \
  unsigned int pending;

#define UV_POLL_PRIVATE_FIELDS uv__io_t io_watcher;

#define UV_SIGNAL_PRIVATE_FIELDS \
  struct uv__signal_links links; \
  unsigned int caught_signals; \
  unsigned int dispatched_signals;

#define UV_STREAM_PRIVATE_FIELDS \
  uv_connect_t* connect_req; \
  uv_shutdown_t* shutdown_req; \
  uv__io_t io_watcher; \
  struct uv__queue write_queue; \
  struct uv__queue write_completed_queue; \
  uv_connection_cb connection_cb; \
  int delayed_error; \
  int accepted_fd; \
  void* queued_fds; \
  UV_STREAM_PRIVATE_PLATFORM_FIELDS

#define UV_CONNECT_PRIVATE_FIELDS struct uv__queue queue;

#define UV_SHUTDOWN_PRIVATE_FIELDS

#define UV_WRITE_PRIVATE_FIELDS \
  struct uv__queue queue; \
  unsigned int write_index; \
  uv_buf_t* bufs; \
  unsigned int nbufs; \
  int error; \
  uv_buf_t bufsml[4];

#define UV_TCP_PRIVATE_FIELDS

#define UV_PIPE_PRIVATE_FIELDS const char* pipe_fname;

#define UV_TTY_PRIVATE_FIELDS \
  struct termios orig_termios; \
  int mode;

#define UV_UDP_PRIVATE_FIELDS \
  uv_alloc_cb alloc_cb; \
  uv_udp_recv_cb recv_cb; \
  uv__io_t io_watcher; \
  struct uv__queue write_queue; \
  struct uv__queue write_completed_queue;

#define UV_UDP_SEND_PRIVATE_FIELDS \
  struct uv__queue queue; \
  union { \
    struct sockaddr addr; \
    struct sockaddr_storage storage; \
  } u; \
  unsigned int nbufs; \
  uv_buf_t* bufs; \
  ssize_t status; \
  uv_udp_send_cb send_cb; \
  uv_buf_t bufsml[4];

#define UV_PROCESS_PRIVATE_FIELDS \
  struct uv__queue queue; \
  int status;

#define UV_WORK_PRIVATE_FIELDS struct uv__work work_req;

#define UV_DIR_PRIVATE_FIELDS DIR* dir;

#define UV_FS_PRIVATE_FIELDS \
  const char* new_path; \
  uv_file file; \
  int flags; \
  mode_t mode; \
  unsigned int nbufs; \
  uv_buf_t* bufs; \
  off_t off; \
  uv_uid_t uid; \
  uv_gid_t gid; \
  double atime; \
  double mtime; \
  struct uv__work work_req; \
  uv_buf_t bufsml[4];

#define UV_FS_EVENT_PRIVATE_FIELDS \
  uv_fs_event_cb cb; \
  struct uv__queue watchers; \
  struct uv__fs_watch* watch; \
  UV_PLATFORM_FS_EVENT_FIELDS

#define UV_GETADDRINFO_PRIVATE_FIELDS \
  struct uv__work work_req; \
  uv_getaddrinfo_cb cb; \
  struct addrinfo* hints; \
  char* hostname; \
  char* service; \
  struct addrinfo* addrinfo; \
  int retcode;

#define UV_GETNAMEINFO_PRIVATE_FIELDS \
  struct uv__work work_req; \
  uv_getnameinfo_cb getnameinfo_cb; \
  struct sockaddr_storage storage; \
  int flags; \
  char host[NI_MAXHOST]; \
  char service[NI_MAXSERV]; \
  int retcode;

/* `spare` is room that libuv's loop uses and ours does not, kept so that the members behind it stay
 * where programs expect them. */
#define UV_LOOP_PRIVATE_FIELDS \
  unsigned long flags; \
  int backend_fd; \
  struct uv__queue pending_queue; \
  struct uv__queue watcher_queue; \
  uv__io_t** watchers; \
  unsigned int nwatchers; \
  unsigned int nfds; \
  struct { \
    struct uv__queue queue; \
    uv_mutex_t mutex; \
    uv_async_t async; \
    uv_rwlock_t rwlock; \
  } spare; \
  uv_handle_t* closing_handles; \
  struct uv__queue process_handles; \
  struct uv__queue prepare_handles; \
  struct uv__queue check_handles; \
  struct uv__queue idle_handles; \
  struct uv__queue async_handles; \
  void (*async_unused)(void); \
  uv__io_t async_io_watcher; \
  int async_wfd; \
  void* timer_reserved[2]; \
  uint64_t timer_counter; \
  uint64_t time; \
  int signal_pipefd[2]; \
  uv__io_t signal_io_watcher; \
  uv_signal_t child_watcher; \
  int emfile_fd; \
  UV_PLATFORM_LOOP_FIELDS

/* -- Flags of uv_fs_open() --------------------------------------------------------------------- */

/* Each is the O_* of the same name, 0 where the system has none. */

/** Each write goes to the end of the file. */
#define UV_FS_O_APPEND O_APPEND

/** Makes the file, with the mode that uv_fs_open() is given, where there is none. */
#define UV_FS_O_CREAT O_CREAT

/** Fails with UV_ENOTDIR for what is no directory. */
#define UV_FS_O_DIRECTORY O_DIRECTORY

/** With UV_FS_O_CREAT: fails with UV_EEXIST where there is a file already. */
#define UV_FS_O_EXCL O_EXCL

/** A terminal does not become the process's controlling one. */
#define UV_FS_O_NOCTTY O_NOCTTY

/** Neither the opening nor what follows waits. */
#define UV_FS_O_NONBLOCK O_NONBLOCK

/** For reading. One of this, UV_FS_O_WRONLY and UV_FS_O_RDWR is always given. */
#define UV_FS_O_RDONLY O_RDONLY

/** For reading and writing. */
#define UV_FS_O_RDWR O_RDWR

/** A write returns when data and metadata are on the disk. */
#define UV_FS_O_SYNC O_SYNC

/** Empties an existing file. */
#define UV_FS_O_TRUNC O_TRUNC

/** For writing. */
#define UV_FS_O_WRONLY O_WRONLY

/** A write returns when the data are on the disk. */
#if defined(O_DSYNC)
#define UV_FS_O_DSYNC O_DSYNC
#else
#define UV_FS_O_DSYNC 0
#endif

/** Locks the file for this opener alone (macOS and the BSDs). */
#if defined(O_EXLOCK)
#define UV_FS_O_EXLOCK O_EXLOCK
#else
#define UV_FS_O_EXLOCK 0
#endif

/** Reading leaves the time of the last access alone (Linux). */
#if defined(O_NOATIME)
#define UV_FS_O_NOATIME O_NOATIME
#else
#define UV_FS_O_NOATIME 0
#endif

/** Fails with UV_ELOOP where the path is a symbolic link. */
#if defined(O_NOFOLLOW)
#define UV_FS_O_NOFOLLOW O_NOFOLLOW
#else
#define UV_FS_O_NOFOLLOW 0
#endif

/** Opens a symbolic link itself (macOS). */
#if defined(O_SYMLINK)
#define UV_FS_O_SYMLINK O_SYMLINK
#else
#define UV_FS_O_SYMLINK 0
#endif

/** Reads and writes go past the cache, with memory and lengths that fit whole blocks of the file
 * system. O_DIRECT is only declared for _GNU_SOURCE, and its value depends on the processor. */
#if defined(O_DIRECT)
#define UV_FS_O_DIRECT O_DIRECT
#elif defined(__linux__) && (defined(__arm__) || defined(__aarch64__))
#define UV_FS_O_DIRECT 0x10000
#elif defined(__linux__) && defined(__powerpc__)
#define UV_FS_O_DIRECT 0x20000
#elif defined(__linux__) && defined(__mips__)
#define UV_FS_O_DIRECT 0x08000
#elif defined(__linux__)
#define UV_FS_O_DIRECT 0x04000
#else
#define UV_FS_O_DIRECT 0
#endif

/** Windows only: read and written through a mapping into memory. */
#define UV_FS_O_FILEMAP 0

/** Windows only: will be read here and there, for the cache to know. */
#define UV_FS_O_RANDOM 0

/** Windows only: will be read from the beginning to the end. */
#define UV_FS_O_SEQUENTIAL 0

/** Windows only: will be deleted soon, so it is kept in memory if possible. */
#define UV_FS_O_SHORT_LIVED 0

/** Windows only: is deleted when the last one who has it open closes it. */
#define UV_FS_O_TEMPORARY 0

#endif /* UV_UNIX_H */
