/* What differs on Windows: the system's types, and the private part of each handle and request.
 * Sizes and the offsets of the members that programs use are those of libuv 1.x; test/abi/ holds
 * them. Members without a comment are private. */
#ifndef UV_WIN_H
#define UV_WIN_H

/* Windows 10: what the library needs. It must be said before the first of the system's headers. */
#if !defined(_WIN32_WINNT)
#define _WIN32_WINNT 0x0A00
#endif

/* winsock2.h stands before windows.h, which would include the old winsock.h. */
/* clang-format off */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <windows.h>
/* clang-format on */

#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <process.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "tree.h"

/* -- What POSIX has and Windows' headers lack -------------------------------------------------- */

/* MSVC has SSIZE_T only. The guard is the one of the other libraries that add the type. */
#if !defined(_SSIZE_T_) && !defined(_SSIZE_T_DEFINED)
typedef intptr_t ssize_t;
#define _SSIZE_T_
#define _SSIZE_T_DEFINED
#endif

#if !defined(SSIZE_MAX)
#define SSIZE_MAX INTPTR_MAX
#endif

#if !defined(S_IFIFO)
#define S_IFIFO 0x1000
#endif

#if !defined(S_IFLNK)
#define S_IFLNK 0xA000
#endif

#if !defined(F_OK)
#define F_OK 0
#endif

#if !defined(R_OK)
#define R_OK 4
#endif

#if !defined(W_OK)
#define W_OK 2
#endif

#if !defined(X_OK)
#define X_OK 1
#endif

/* Signals that a uv_signal_t or uv_kill() knows on Windows besides the C library's own. */
#define SIGHUP 1
#define SIGQUIT 3
#define SIGKILL 9
#define SIGWINCH 28

#if !defined(SIGABRT_COMPAT)
#define SIGABRT_COMPAT 6
#endif

/* One more than the largest of them; the C library's own number is too small. */
#undef NSIG
#define NSIG 29

#if !defined(LOCALE_INVARIANT)
#define LOCALE_INVARIANT 0x007f
#endif

/* -- What some versions of the system's headers lack ------------------------------------------- */

/* winsock2.h declares these two only if told to; the same declaration twice does no harm. */
typedef int(WSAAPI* LPFN_WSARECV)(SOCKET socket, LPWSABUF buffers, DWORD buffer_count,
                                  LPDWORD bytes, LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE completion_routine);

typedef int(WSAAPI* LPFN_WSARECVFROM)(SOCKET socket, LPWSABUF buffers, DWORD buffer_count,
                                      LPDWORD bytes, LPDWORD flags, struct sockaddr* addr,
                                      LPINT addr_len, LPWSAOVERLAPPED overlapped,
                                      LPWSAOVERLAPPED_COMPLETION_ROUTINE completion_routine);

/* What the socket driver takes and returns when asked which events a socket has. */
typedef struct uv__afd_poll_handle_info {
  HANDLE Handle;
  ULONG Events;
  LONG Status;
} AFD_POLL_HANDLE_INFO;

typedef struct uv__afd_poll_info {
  LARGE_INTEGER Timeout;
  ULONG NumberOfHandles;
  ULONG Exclusive;
  AFD_POLL_HANDLE_INFO Handles[1];
} AFD_POLL_INFO;

/* How many kinds of socket driver uv_poll_t knows. */
#define UV_MSAFD_PROVIDER_COUNT 4

/* -- Types of the system ----------------------------------------------------------------------- */

/** A piece of memory: `base` and its length in bytes. Laid out like WSABUF. */
typedef struct uv_buf_t {
  ULONG len;
  char* base;
} uv_buf_t;

/** An open file as uv_fs_open() gives it and uv_pipe_open() takes it: a descriptor of the C
 * library. */
typedef int uv_file;

/** What the system has a socket as. See uv_tcp_open(), uv_poll_init_socket(). */
typedef SOCKET uv_os_sock_t;

/** What the system has anything open as. See uv_fileno(), uv_get_osfhandle(). */
typedef HANDLE uv_os_fd_t;

/** The id of a process. */
typedef int uv_pid_t;

/** The id of a user: means nothing on Windows. */
typedef unsigned char uv_uid_t;

/** The id of a group: means nothing on Windows. */
typedef unsigned char uv_gid_t;

/** A thread: see uv_thread_create(). */
typedef HANDLE uv_thread_t;

/** A counter that threads wait on while it is 0: see uv_sem_init(). */
typedef HANDLE uv_sem_t;

/** A lock that one thread holds: see uv_mutex_init(). */
typedef CRITICAL_SECTION uv_mutex_t;

/** What threads wait on for something to become true: see uv_cond_init(). The room behind the
 * variable keeps the size of an interface that had to emulate it. */
typedef union {
  CONDITION_VARIABLE cond_var;
  struct {
    unsigned int words[2];
    CRITICAL_SECTION lock;
    HANDLE events[2];
  } spare;
} uv_cond_t;

/** A lock that many readers or one writer hold: see uv_rwlock_init(). */
typedef struct {
  SRWLOCK read_write_lock_;
#if defined(_WIN64)
  unsigned char spare[72];
#else
  unsigned char spare[44];
#endif
} uv_rwlock_t;

/** Where a number of threads wait for each other: see uv_barrier_init(). */
typedef struct {
  unsigned int threshold;
  unsigned int in;
  uv_mutex_t mutex;
  CONDITION_VARIABLE cond;
  unsigned int out;
} uv_barrier_t;

/** A pointer that each thread has for itself: see uv_key_create(). */
typedef struct {
  DWORD tls_index;
} uv_key_t;

/** The value of a uv_once_t before its first uv_once(). */
#define UV_ONCE_INIT \
  { 0, INIT_ONCE_STATIC_INIT }

/** What runs a function once however many threads ask: see uv_once(). */
typedef struct uv_once_s {
  unsigned char unused;
  INIT_ONCE init_once;
} uv_once_t;

/** A shared library that uv_dlopen() has loaded: the system's handle, and the text of the last
 * error or NULL. Read it by uv_dlerror(). */
typedef struct {
  HMODULE handle;
  char* errmsg;
} uv_lib_t;

/* One entry of a directory listing; the name continues behind the struct. */
typedef struct uv__dirent_s {
  int d_type;
  char d_name[1];
} uv__dirent_t;

#define UV__DT_FILE 1
#define UV__DT_DIR 2
#define UV__DT_LINK 3
#define UV__DT_FIFO 4
#define UV__DT_SOCKET 5
#define UV__DT_CHAR 6
#define UV__DT_BLOCK 7

/* Fixed: IF_NAMESIZE depends on which other headers a program includes. */
#define UV__IF_NAMESIZE 16

/** The largest host name plus its NUL. */
#define UV_MAXHOSTNAMESIZE 256

/** The largest pipe name that the library makes itself, plus its NUL. */
#define MAX_PIPENAME_LEN 256

/* How uv_dlsym() finds functions that only newer systems have. */
#define UV_DYNAMIC FAR WINAPI

/* -- Private parts ----------------------------------------------------------------------------- */

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

/* A started signal handle's links in the list of its signal number, how many signals were caught
 * since the loop last looked, and how many callbacks of those before are left. */
struct uv__signal_links {
  struct uv__queue queue;
  size_t caught;
  int left;
};

typedef struct uv_pipe_accept_s uv_pipe_accept_t;
typedef struct uv_tcp_accept_s uv_tcp_accept_t;
typedef struct uv_read_s uv_read_t;

/* An overlapped operation under way, or a pipe connection that a thread waits for. */
union uv__req_state {
  struct {
    OVERLAPPED overlapped;
    size_t queued_bytes;
  } io;
  struct {
    ULONG_PTR result;
    HANDLE pipeHandle;
    DWORD duplex_flags;
    WCHAR* name;
  } connect;
};

/* What a stream is: a connection or a listener. */
union uv__stream_state {
  struct {
    unsigned int write_reqs_pending;
    uv_shutdown_t* shutdown_req;
  } conn;
  struct {
    void (*connection_cb)(uv_stream_t* server, int status);
  } serv;
};

union uv__tcp_state {
  struct {
    uv_tcp_accept_t* accept_reqs;
    unsigned int processed_accepts;
    uv_tcp_accept_t* pending_accepts;
    LPFN_ACCEPTEX func_acceptex;
  } serv;
  struct {
    uv_buf_t read_buffer;
    LPFN_CONNECTEX func_connectex;
  } conn;
  struct { /* a connection's writes, in order */
    unsigned int begun;
    unsigned int done;
    uv_req_t* first;
    uv_req_t* last;
  } writes;
};

/* Who works on a pipe's file, where threads do: see src/win/pipe_gate.c. */
struct uv__pipe_gate {
  SRWLOCK lock;
  CONDITION_VARIABLE changed;
  HANDLE reader;
  HANDLE writer;
  uv_write_t* writes;
  unsigned char is_writing;
  unsigned char is_read_stopped;
  unsigned char is_closed;
};

/* A console that is read, or written. */
union uv__tty_state {
  struct {
    union {
      int mode;
      HANDLE reserved;
    } mode;
    uv_buf_t read_line_buffer;
    HANDLE read_raw_wait;
    char last_key[8];
    unsigned char last_key_offset;
    unsigned char last_key_len;
    WCHAR last_utf16_high_surrogate;
    INPUT_RECORD last_input_record;
  } rd;
  struct {
    unsigned int utf8_codepoint;
    unsigned char utf8_bytes_left;
    unsigned char previous_eol;
    unsigned short ansi_parser_state;
    unsigned char ansi_csi_argc;
    unsigned short ansi_csi_argv[4];
    COORD saved_position;
    WORD saved_attributes;
  } wr;
};

/* What a file operation works on: a path or a descriptor. */
union uv__fs_file {
  WCHAR* pathw;
  int fd;
};

union uv__fs_args {
  struct {
    int mode;
    WCHAR* new_pathw;
    int file_flags;
    int fd_out;
    unsigned int nbufs;
    uv_buf_t* bufs;
    int64_t offset;
    uv_buf_t bufsml[4];
  } info;
  struct {
    double atime;
    double mtime;
  } time;
};

#define UV_HANDLE_PRIVATE_FIELDS \
  uv_handle_t* endgame_next; \
  unsigned int flags;

#define UV_REQ_PRIVATE_FIELDS \
  union uv__req_state u; \
  struct uv_req_s* next_req;

/* Requests of Windows alone: each is one overlapped operation of a handle. */
#define UV_PRIVATE_REQ_TYPES \
  struct uv_pipe_accept_s { \
    UV_REQ_FIELDS \
    HANDLE pipeHandle; \
    struct uv_pipe_accept_s* next_pending; \
  }; \
\
  struct uv_tcp_accept_s { \
    UV_REQ_FIELDS \
    SOCKET accept_socket; \
    char accept_buffer[sizeof(struct sockaddr_storage) * 2 + 32]; \
    HANDLE event_handle; \
    HANDLE wait_handle; \
    struct uv_tcp_accept_s* next_pending; \
  }; \
\
  struct uv_read_s { \
    UV_REQ_FIELDS \
    HANDLE event_handle; \
    HANDLE wait_handle; \
  }; \
\
  struct uv_fs_event_req_s { \
    UV_REQ_FIELDS \
  }; \
\
  struct uv_process_exit_s { \
    UV_REQ_FIELDS \
  };

#define UV_REQ_TYPE_PRIVATE \
  UV_ACCEPT, UV_FS_EVENT_REQ, UV_POLL_REQ, UV_PROCESS_EXIT, UV_READ, UV_UDP_RECV, UV_WAKEUP, \
      UV_SIGNAL_REQ,

#define UV_TIMER_PRIVATE_FIELDS \
  struct uv__timer_links node; \
  int unused; \
  uint64_t timeout; \
  uint64_t repeat; \
  uint64_t start_id; \
  uv_timer_cb timer_cb;

#define UV_PREPARE_PRIVATE_FIELDS \
  struct uv__queue queue; \
  uv_prepare_cb prepare_cb;

#define UV_CHECK_PRIVATE_FIELDS \
  struct uv__queue queue; \
  uv_check_cb check_cb;

#define UV_IDLE_PRIVATE_FIELDS \
  struct uv__queue queue; \
  uv_idle_cb idle_cb;

/* `spare` fills the room of a request; `reserved` that of a flag behind the callback. */
#define UV_ASYNC_PRIVATE_FIELDS \
  struct uv__mail mail; \
  unsigned int pending; \
  char spare[sizeof(struct uv_req_s) - sizeof(struct uv__mail) - sizeof(unsigned int)]; \
  uv_async_cb async_cb; \
  void* reserved;

#define UV_POLL_PRIVATE_FIELDS \
  SOCKET socket; \
  SOCKET peer_socket; \
  AFD_POLL_INFO afd_poll_info_1; \
  AFD_POLL_INFO afd_poll_info_2; \
  uv_req_t poll_req_1; \
  uv_req_t poll_req_2; \
  unsigned char submitted_events_1; \
  unsigned char submitted_events_2; \
  unsigned char mask_events_1; \
  unsigned char mask_events_2; \
  unsigned char events;

#define UV_SIGNAL_PRIVATE_FIELDS \
  struct uv__signal_links links; \
  struct uv_req_s signal_req; \
  unsigned long pending_signum;

#define UV_STREAM_PRIVATE_FIELDS \
  unsigned int reqs_pending; \
  int activecnt; \
  uv_read_t read_req; \
  union uv__stream_state stream;

#define UV_CONNECT_PRIVATE_FIELDS

#define UV_SHUTDOWN_PRIVATE_FIELDS

#define UV_WRITE_PRIVATE_FIELDS \
  int coalesced; \
  uv_buf_t write_buffer; \
  HANDLE event_handle; \
  HANDLE wait_handle;

#define UV_TCP_PRIVATE_FIELDS \
  SOCKET socket; \
  int delayed_error; \
  union uv__tcp_state tcp;

/* `room` is as large as libuv's connected pipe, which ours is not. */
#define UV_PIPE_PRIVATE_FIELDS \
  HANDLE handle; \
  WCHAR* name; \
  union { \
    struct { \
      int pending_instances; \
      uv_pipe_accept_t* accept_reqs; \
      uv_pipe_accept_t* pending_accepts; \
    } serv; \
    struct { \
      uv_timer_t eof_timer; \
      uv_connect_t* connect_req; \
      HANDLE event; \
      struct uv__pipe_ipc* ipc; \
      DWORD ipc_remote_pid; \
      int connect_cancelled; \
      struct uv__pipe_gate gate; \
    } conn; \
    struct { \
      void* pointers[2]; \
      uv_write_t write; \
      uint64_t frame[2]; \
      struct uv__queue queue; \
      int length; \
      CRITICAL_SECTION lock; \
      HANDLE thread; \
    } room; \
  } pipe;

#define UV_TTY_PRIVATE_FIELDS \
  HANDLE handle; \
  union uv__tty_state tty;

#define UV_UDP_PRIVATE_FIELDS \
  SOCKET socket; \
  unsigned int reqs_pending; \
  int activecnt; \
  uv_req_t recv_req; \
  uv_buf_t recv_buffer; \
  struct sockaddr_storage recv_from; \
  int recv_from_len; \
  uv_udp_recv_cb recv_cb; \
  uv_alloc_cb alloc_cb; \
  LPFN_WSARECV func_wsarecv; \
  LPFN_WSARECVFROM func_wsarecvfrom;

#define UV_UDP_SEND_PRIVATE_FIELDS

#define UV_PROCESS_PRIVATE_FIELDS \
  struct uv_process_exit_s exit_req; \
  void* unused; \
  int exit_signal; \
  HANDLE wait_handle; \
  HANDLE process_handle; \
  volatile char exit_cb_pending;

#define UV_WORK_PRIVATE_FIELDS struct uv__work work_req;

#define UV_DIR_PRIVATE_FIELDS \
  HANDLE dir_handle; \
  WIN32_FIND_DATAW find_data; \
  BOOL need_find_call;

#define UV_FS_PRIVATE_FIELDS \
  struct uv__work work_req; \
  int flags; \
  DWORD sys_errno_; \
  union uv__fs_file file; \
  union uv__fs_args fs;

#define UV_FS_EVENT_PRIVATE_FIELDS \
  struct uv_fs_event_req_s req; \
  HANDLE dir_handle; \
  int req_pending; \
  uv_fs_event_cb cb; \
  WCHAR* filew; \
  WCHAR* short_filew; \
  WCHAR* dirw; \
  char* buffer;

#define UV_GETADDRINFO_PRIVATE_FIELDS \
  struct uv__work work_req; \
  uv_getaddrinfo_cb getaddrinfo_cb; \
  void* alloc; \
  WCHAR* node; \
  WCHAR* service; \
  struct addrinfoW* addrinfow; \
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

/* `spare` is room that libuv's loop uses and ours does not. */
#define UV_LOOP_PRIVATE_FIELDS \
  HANDLE iocp; \
  uint64_t time; \
  uv_req_t* pending_reqs_tail; \
  uv_handle_t* endgame_handles; \
  void* timer_reserved; \
  struct uv__queue prepare_handles; \
  struct uv__queue check_handles; \
  struct uv__queue idle_handles; \
  SOCKET poll_peer_sockets[UV_MSAFD_PROVIDER_COUNT]; \
  unsigned int active_tcp_streams; \
  unsigned int active_udp_streams; \
  uint64_t timer_counter; \
  struct { \
    struct uv__queue queue; \
    uv_mutex_t mutex; \
    uv_async_t async; \
  } spare;

/* -- Flags of uv_fs_open() --------------------------------------------------------------------- */

/* The C library's own, by number: some are declared only under names with an underscore. */

/** For reading. One of this, UV_FS_O_WRONLY and UV_FS_O_RDWR is always given. */
#define UV_FS_O_RDONLY 0x0000

/** For writing. */
#define UV_FS_O_WRONLY 0x0001

/** For reading and writing. */
#define UV_FS_O_RDWR 0x0002

/** Each write goes to the end of the file. */
#define UV_FS_O_APPEND 0x0008

/** Will be read here and there, for the cache to know. */
#define UV_FS_O_RANDOM 0x0010

/** Will be read from the beginning to the end. */
#define UV_FS_O_SEQUENTIAL 0x0020

/** Is deleted when the last one who has it open closes it. */
#define UV_FS_O_TEMPORARY 0x0040

/** Makes the file, with the mode that uv_fs_open() is given, where there is none. */
#define UV_FS_O_CREAT 0x0100

/** Empties an existing file. */
#define UV_FS_O_TRUNC 0x0200

/** With UV_FS_O_CREAT: fails with UV_EEXIST where there is a file already. */
#define UV_FS_O_EXCL 0x0400

/** Will be deleted soon, so it is kept in memory if possible. */
#define UV_FS_O_SHORT_LIVED 0x1000

/* What the C library has no flag for. */

/** Reads and writes go past the cache, with memory and lengths that fit whole sectors. */
#define UV_FS_O_DIRECT 0x02000000

/** A write returns when the data are on the disk. */
#define UV_FS_O_DSYNC 0x04000000

/** A write returns when data and metadata are on the disk. */
#define UV_FS_O_SYNC 0x08000000

/** Nobody else can open the file meanwhile. */
#define UV_FS_O_EXLOCK 0x10000000

/** Read and written through a mapping into memory. */
#define UV_FS_O_FILEMAP 0x20000000

/** POSIX only: fails for what is no directory. */
#define UV_FS_O_DIRECTORY 0

/** POSIX only: reading leaves the time of the last access alone. */
#define UV_FS_O_NOATIME 0

/** POSIX only: a terminal does not become the process's controlling one. */
#define UV_FS_O_NOCTTY 0

/** POSIX only: fails where the path is a symbolic link. */
#define UV_FS_O_NOFOLLOW 0

/** POSIX only: neither the opening nor what follows waits. */
#define UV_FS_O_NONBLOCK 0

/** POSIX only: opens a symbolic link itself. */
#define UV_FS_O_SYMLINK 0

#endif /* UV_WIN_H */
