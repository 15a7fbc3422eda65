/* Rondo: what this library has beyond libuv's interface.
 *
 * Nothing here is needed by a program that wants libuv; a program that uses it runs with Rondo
 * alone. The conventions are those of uv.h. */
#ifndef RONDO_H
#define RONDO_H

#include "uv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* -- Write gathering ----------------------------------------------------------------------------
 *
 * uv_write() gives its bytes to the system inside the call. A program that answers many requests in
 * one turn of the loop with a write each spends most of its time in system calls. A stream that
 * gathers keeps what is written inside uv_run() until the turn's callbacks have run; then all of it
 * leaves together, before the loop waits.
 *
 * What stays as it was: the order of the bytes of a stream; callbacks, their order and their
 * results; that what the system would have taken at once is taken although the program goes on
 * with
 *
 * - uv_try_write(), which sends what was gathered first,
 * - uv_shutdown(), which comes behind it,
 * - uv_close(), which tries once to send it before it cancels what is left,
 * - uv_stream_set_blocking(), which sends it, and ends gathering if writes are to block,
 * - uv_write2() with a handle, which is sent at once, behind what was gathered,
 * - uv_spawn() on the same loop and fork(2), which send it first: the child writes behind it,
 * - the end of uv_run(), which sends it,
 * - exit(3), also from inside a callback, which sends what the calling thread gathered.
 *
 * Writes outside uv_run() are sent at once, as are those of terminals and of streams whose writes
 * block.
 *
 * The price: until then the bytes count in `write_queue_size`, where they would be gone at once.
 * They are lost where the process ends by _exit(2), by a signal, or by exec(3), or where another
 * thread calls exit(3). Bytes that reach the same file in another way, through stdio(3), another
 * stream or the bare descriptor, may overtake them.
 *
 * The environment variable RONDO_GATHER_WRITES=1 turns it on for all loops of a program that cannot
 * be changed; it is read once, when the first loop is made.
 *
 * On Windows, where a write is an operation that the system carries out on its own, nothing is
 * gathered: the functions answer 0 and change nothing. */

/** Whether the streams that are initialised on a loop from now on gather their writes.
 *
 * It is the default of TCP and pipe handles; those that exist stay as they are.
 *
 * @param loop    the loop
 * @param enable  nonzero for gathering
 * @retval 0          changed
 * @retval UV_ENOMEM  no memory to be told of forks and of the end of the process
 *
 * Loop thread only. */
UV_EXTERN int rondo_loop_gather_writes(uv_loop_t* loop, int enable);

/** Whether a stream gathers its writes. What it has gathered is sent when it ends.
 *
 * @param stream  an initialised stream
 * @param enable  nonzero for gathering
 * @retval 0          changed
 * @retval UV_EINVAL  closing
 * @retval UV_ENOMEM  as of rondo_loop_gather_writes()
 *
 * Loop thread only. */
UV_EXTERN int rondo_stream_gather_writes(uv_stream_t* stream, int enable);

/* -- Datagrams that come joined ----------------------------------------------------------------
 */

/** Whether the system may hand over datagrams of one sender joined (Linux: UDP_GRO in udp(7)).
 *
 * One system call then receives many of equal length. The callback gets each of them by itself and
 * with its own length, by the rules of UV_UDP_RECVMMSG: pieces of a buffer have the flag
 * UV_UDP_MMSG_CHUNK, and a call with UV_UDP_MMSG_FREE gives the buffer back. Together with
 * UV_UDP_RECVMMSG, each piece that this flag makes of a buffer may hold several datagrams.
 *
 * Buffers must have room for 64 KiB, the size that alloc_cb is asked for: what comes joined and
 * does not fit is lost, and the last piece has the flag UV_UDP_PARTIAL. May be changed between
 * datagrams, also while the handle receives, but not from inside the callback.
 *
 * @param handle  a handle with a socket: bound, connected or opened
 * @param enable  nonzero for joined datagrams
 * @retval 0           changed
 * @retval UV_EBADF    no socket
 * @retval UV_EINVAL   closing
 * @retval UV_ENOTSUP  the system cannot
 *
 * Loop thread only. */
UV_EXTERN int rondo_udp_recv_joined(uv_udp_t* handle, int enable);

#ifdef __cplusplus
}
#endif

#endif /* RONDO_H */
