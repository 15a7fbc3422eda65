/* Streams on POSIX: what TCP, pipes and terminals share.
 *
 * stream.c has the life of a stream, stream_read.c, stream_write.c and stream_accept.c one subject
 * each, and stream_io.c on top of them hands the descriptor's events to the right one. */
#ifndef RONDO_UNIX_STREAM_H_
#define RONDO_UNIX_STREAM_H_

#include "core.h"
#include "io.h"

#include <sys/socket.h>

enum { UV__NO_FD = -1 };

/* Flags of ours. */
enum {
  UV__STREAM_NO_SOCKET = 0x08000000, /* as was found: it takes write(2), not send(2) */
  UV__STREAM_IPC = 0x10000000        /* descriptors may come with the bytes */
};

/* A function that its callers can mostly do without: it stays out of their code, which then has
 * less to save and to restore. */
#define UV__RARE __attribute__((noinline, cold))
#define UV__INLINE __attribute__((always_inline)) static inline

/* Any stream as its base. */
#define uv__stream(s) ((uv_stream_t*) (s))

/* -- stream.c ---------------------------------------------------------------------------------- */

/* Makes an unopened stream. `on_event` is uv__stream_io. */
void uv__stream_init(uv_loop_t* loop, uv_stream_t* stream, uv_handle_type type,
                     const struct uv__handle_ops* ops, uv__io_cb on_event);

/* Gives the stream its descriptor, which it owns on success, and adds `flags` to its own: 0,
 * UV_EBUSY if it has another one, UV_ENOMEM, or what setting remembered options gave. */
int uv__stream_open(uv_stream_t* stream, int fd, unsigned int flags);

/* -- stream_read.c ----------------------------------------------------------------------------- */

/* Reads what is there and hands it to the user, who wants to read. */
void uv__stream_read(uv_stream_t* stream);

/* -- stream_fds.c: descriptors that came through an IPC pipe ----------------------------------- */

/* Queues the descriptors of a message: 0, or UV_ENOMEM with all of them closed. */
int uv__stream_take_fds(uv_stream_t* stream, struct msghdr* message);

/* Moves the next one, if any, to `accepted_fd`. */
void uv__stream_next_fd(uv_stream_t* stream);

/* How many wait for uv_accept(). */
int uv__stream_count_fds(const uv_stream_t* stream);

/* Closes them. */
void uv__stream_drop_fds(uv_stream_t* stream);

/* -- stream_write.c ---------------------------------------------------------------------------- */

/* Writes what is queued until the descriptor would block, and shuts down behind the last byte if
 * asked for; then calls back what is done. */
void uv__stream_flush(uv_stream_t* stream);

/* Sends what was gathered, as if each write had been sent at once; their callbacks are due. */
void uv__stream_send_gathered(uv_stream_t* stream);

/* Ends all writes that are not done with `error`, to be called back. */
void uv__stream_fail_writes(uv_stream_t* stream, int error);

/* Calls back the writes that are done. */
void uv__stream_run_write_callbacks(uv_stream_t* stream);

/* Calls back the shutdown that was asked for, if any. */
void uv__stream_end_shutdown(uv_stream_t* stream, int status);

/* -- stream_accept.c --------------------------------------------------------------------------- */

/* Starts accepting on a listening descriptor: 0 or an error. */
int uv__stream_listen(uv_stream_t* stream, uv_connection_cb cb);

/* Takes the next waiting connection and tells the user. */
void uv__stream_connection(uv_stream_t* stream);

/* Stops for good, for closing. */
void uv__stream_stop_listening(uv_stream_t* stream);

/* -- stream_io.c ------------------------------------------------------------------------------- */

/* The event callback of every stream's watcher. */
void uv__stream_io(uv_loop_t* loop, uv__io_t* watcher, unsigned int events);

/* The life of a connect request, whose descriptor the stream has: either the kernel is still at it,
 * or its outcome is known and the loop is to report it. */
void uv__stream_connect_wait(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb);
void uv__stream_connect_report(uv_stream_t* stream, uv_connect_t* req, uv_connect_cb cb,
                               int status);

/* Parts of every stream's handle operations. */
enum uv__close_result uv__stream_close(uv_handle_t* handle);
void uv__stream_finish(uv_handle_t* handle);

#endif /* RONDO_UNIX_STREAM_H_ */
