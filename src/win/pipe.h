/* Named pipes, from bottom to top: pipe_gate.c keeps threads apart that work on one file,
 * pipe_file.c has the file of a connection and what counts for it, pipe_ipc.c the frames of IPC
 * pipes, then a file for each subject; pipe.c has the life of the handle. */
#ifndef RONDO_WIN_PIPE_H_
#define RONDO_WIN_PIPE_H_

#include "../core.h"
#include "iocp.h"

/* uv_handle_t.flags of pipes on Windows. */
enum {
  UV__PIPE_CONNECTED = 0x00000080,    /* has or had a connection */
  UV__PIPE_ANNOUNCED = 0x00000800,    /* the first waiting client can be taken */
  UV__PIPE_READ_PENDING = 0x00010000, /* the read request is under way */
  UV__PIPE_NO_PORT = 0x00080000,      /* the file is on another process's port: event_packet.h */
  UV__PIPE_CONNECTING = 0x00200000,   /* a thread waits for an instance */
  UV__PIPE_BLOCKING = 0x01000000,     /* the file is not overlapped: threads wait for it */
  UV__PIPE_SERVER = 0x02000000        /* bound */
};

/* -- pipe_gate.c: one operation at a time ------------------------------------------------------ */

/* Around a thread's operation that waits for data: 0, or why it must not begin. Waits while
 * somebody writes. */
DWORD uv__gate_enter_reader(struct uv__pipe_gate* gate);
void uv__gate_leave_reader(struct uv__pipe_gate* gate);

/* Around one that writes or flushes, by a thread that has been given the writing; a waiting reader
 * is interrupted. */
DWORD uv__gate_enter_writer(struct uv__pipe_gate* gate);
void uv__gate_leave_writer(struct uv__pipe_gate* gate);

/* Takes the writing, for the caller or a thread that it starts; waits for those who have it. */
void uv__gate_begin_writing(struct uv__pipe_gate* gate);
void uv__gate_end_writing(struct uv__pipe_gate* gate);

/* Queues a write. True if the caller has to start a thread for it, which has the writing then. */
bool uv__gate_push_write(struct uv__pipe_gate* gate, uv_write_t* req);

/* Takes that back. */
void uv__gate_drop_writes(struct uv__pipe_gate* gate);

/* The oldest queued write. If there is none, the writing is given back and the gate is not touched
 * any more. */
uv_write_t* uv__gate_pop_write(struct uv__pipe_gate* gate);

/* No reader begins before uv__gate_resume_reader(), and one that waits comes back at once. */
void uv__gate_stop_reader(struct uv__pipe_gate* gate);
void uv__gate_resume_reader(struct uv__pipe_gate* gate);

/* Keeps all others out, for calls that do not wait; a waiting reader is interrupted. False, without
 * waiting, if somebody writes. */
bool uv__gate_hold(struct uv__pipe_gate* gate);
void uv__gate_release(struct uv__pipe_gate* gate);

/* The same, but does not interrupt a reader: for the loop's thread when none is under way. */
bool uv__gate_hold_idle(struct uv__pipe_gate* gate);

/* Has everybody leave: nobody enters any more. */
void uv__gate_close(struct uv__pipe_gate* gate);

/* -- pipe_file.c ------------------------------------------------------------------------------- */

static inline bool uv__pipe_has_file(const uv_pipe_t* pipe) {
  return pipe->handle != INVALID_HANDLE_VALUE;
}

static inline bool uv__pipe_is(const uv_pipe_t* pipe, unsigned int flag) {
  return (pipe->flags & flag) != 0;
}

/* What keeps a pipe active: reading, listening, each request of the user's. */
void uv__pipe_activate(uv_pipe_t* pipe);
void uv__pipe_deactivate(uv_pipe_t* pipe);

/* Counts a request of the user's for the loop and the handle, and takes it off before its callback;
 * for the library's own requests uv_pipe_t.reqs_pending alone is counted. */
void uv__pipe_req_start(uv_pipe_t* pipe, uv_req_t* req, uv_req_type type);
void uv__pipe_req_stop(uv_pipe_t* pipe);

/* Makes an open file the pipe's connection, adding `direction` to the flags: 0 or a UV_E code with
 * the file the caller's. `is_attached`: the file is on the loop's port already. */
int uv__pipe_open_file(uv_pipe_t* pipe, HANDLE file, unsigned int direction, bool is_attached);

/* Whether the handle is neither bound nor connected nor connecting. */
bool uv__pipe_is_unused(const uv_pipe_t* pipe);

/* Connecting, without a file yet: what is asked for waits. */
static inline bool uv__pipe_is_connecting(const uv_pipe_t* pipe) {
  return uv__pipe_is(pipe, UV__PIPE_CONNECTING);
}

/* Ends all that is under way on the file, and closes it; finished requests still arrive. */
void uv__pipe_close_file(uv_pipe_t* pipe);

/* The event of operations that the loop's thread waits for itself, made when first asked for: 0 or
 * a UV_E code. */
int uv__pipe_need_event(uv_pipe_t* pipe);

/* Reads what there is, at most `len`, without waiting: a Win32 code. 0 bytes: nothing there. */
DWORD uv__pipe_read_now(uv_pipe_t* pipe, void* bytes, size_t len, DWORD* got);

/* Begins an overlapped operation's request: 0 or a UV_E code, with nothing begun. `event` and
 * `wait` serve pipes without a port. */
int uv__pipe_prepare(uv_pipe_t* pipe, uv_req_t* req, HANDLE* event, HANDLE* wait);

/* Has another thread of the system's run a function that waits: 0 or a Win32 code. */
DWORD uv__pipe_start_thread(LPTHREAD_START_ROUTINE run, void* arg);

/* A name of `len` bytes in UTF-16 for uv__free(): 0, UV_ENOMEM, or UV_EINVAL for text
 * that is no WTF-8. */
int uv__pipe_wide_name(const char* name, size_t len, WCHAR** wide);

/* Whether a name and flags are what uv_pipe_bind2() and uv_pipe_connect2() take. */
bool uv__pipe_name_valid(const char* name, size_t len, unsigned int flags);

/* The kernel's name of a file, as programs open it: 0 or a UV_E code. */
enum { UV__PIPE_NAME_ROOM = 512 };

int uv__pipe_query_name(HANDLE file, WCHAR name[UV__PIPE_NAME_ROOM], size_t* len);

/* -- pipe_ipc.c -------------------------------------------------------------------------------- */

/* Makes what reading frames needs: 0 or UV_ENOMEM. Idempotent. */
int uv__ipc_need(uv_pipe_t* pipe);

/* Closes all sockets that nobody accepted, and frees it. */
void uv__ipc_free(uv_pipe_t* pipe);

/* How many bytes of a frame's payload are still to come, and that some of them have. */
uint32_t uv__ipc_payload_left(const uv_pipe_t* pipe);
void uv__ipc_payload_came(uv_pipe_t* pipe, DWORD count);

/* Where the next bytes of a header go, and that some of them have come: 0, UV_ECONNABORTED for what
 * is no frame, or UV_ENOMEM, with a socket lost. */
void* uv__ipc_head_room(uv_pipe_t* pipe, size_t* len);
int uv__ipc_head_came(uv_pipe_t* pipe, DWORD count);

/* A frame with a payload and, if not NULL, a handle, in memory for uv__free(): 0 or a UV_E code. */
int uv__ipc_make_frame(uv_pipe_t* pipe, const uv_buf_t* payload, uv_stream_t* send_handle,
                       uv_buf_t* frame);

int uv__ipc_accept(uv_pipe_t* pipe, uv_stream_t* client);

/* -- pipe_read.c ------------------------------------------------------------------------------- */

void uv__pipe_read_done(uv_pipe_t* pipe);

/* Behind connecting: begins what was started meanwhile, or stops it. */
void uv__pipe_read_connected(uv_pipe_t* pipe);

/* After our shutdown: ends the connection if the peer does not while it is read. */
void uv__pipe_expect_end(uv_pipe_t* pipe);

/* Stops reading for good, for closing. */
void uv__pipe_read_close(uv_pipe_t* pipe);

/* -- pipe_shutdown.c --------------------------------------------------------------------------- */

/* Begins what was asked for, if anything was, unless a write or the connect is under way. */
void uv__pipe_shutdown_begin(uv_pipe_t* pipe);
void uv__pipe_shutdown_done(uv_pipe_t* pipe, uv_shutdown_t* req);

/* -- pipe_write.c ------------------------------------------------------------------------------ */

void uv__pipe_write_done(uv_pipe_t* pipe, uv_write_t* req);

/* Behind connecting: begins what waited for it, or has it end with UV_ECANCELED. */
void uv__pipe_write_connected(uv_pipe_t* pipe);

/* -- pipe_connect.c ---------------------------------------------------------------------------- */

void uv__pipe_connect_done(uv_pipe_t* pipe, uv_connect_t* req);

/* Tells those that were refused while nothing was left to do but the close callback. */
void uv__pipe_connect_finish(uv_pipe_t* pipe);

/* Has a thread that waits for an instance give up. */
void uv__pipe_connect_cancel(uv_pipe_t* pipe);

/* -- pipe_server.c ----------------------------------------------------------------------------- */

void uv__pipe_accept_done(uv_pipe_t* pipe, uv_pipe_accept_t* slot);
void uv__pipe_server_close(uv_pipe_t* pipe);
void uv__pipe_server_free(uv_pipe_t* pipe);

/* An instance of a bound pipe; INVALID_HANDLE_VALUE if there is none. */
HANDLE uv__pipe_server_file(const uv_pipe_t* pipe);

#endif /* RONDO_WIN_PIPE_H_ */
