/* What every file of the library may use: memory, flags, the lives of handles and requests.
 *
 * The core names no handle type. A module hands uv__handle_init() its operations, and uv_close(),
 * uv_loop_fork() and the closing phase find them by the handle's type. */
#ifndef RONDO_CORE_H_
#define RONDO_CORE_H_

#include "queue.h"
#include "uv.h"

#include <stdbool.h>

/* -- Memory (alloc.c) -------------------------------------------------------------------------- */

void* uv__malloc(size_t size);
void* uv__calloc(size_t count, size_t size);
void* uv__realloc(void* ptr, size_t size);
void uv__free(void* ptr);
char* uv__strdup(const char* text);

/* -- Flags of handles -------------------------------------------------------------------------- */

/* uv_handle_t.flags. Programs read and copy some of them, so the values are libuv's. Values that
 * only some types use may serve another meaning for another type. */
enum {
  UV_HANDLE_CLOSING = 0x00000001,
  UV_HANDLE_CLOSED = 0x00000002,
  UV_HANDLE_ACTIVE = 0x00000004,
  UV_HANDLE_REF = 0x00000008,
  UV_HANDLE_INTERNAL = 0x00000010,    /* not the user's: skipped by uv_walk() and uv_loop_close() */
  UV_HANDLE_CLOSE_WAITS = 0x00000020, /* uv__handle_closed() is to come */

  /* Streams. */
  UV_HANDLE_LISTENING = 0x00000040,
  UV_HANDLE_SHUTTING = 0x00000100, /* uv_shutdown() was called */
  UV_HANDLE_SHUT = 0x00000200,     /* and has been done */
  UV_HANDLE_READING = 0x00001000,
  UV_HANDLE_BOUND = 0x00002000,
  UV_HANDLE_READABLE = 0x00004000,
  UV_HANDLE_WRITABLE = 0x00008000,
  UV_HANDLE_BLOCKING_WRITES = 0x00100000,

  /* TCP and UDP. */
  UV_HANDLE_IPV6 = 0x00400000,
  UV_HANDLE_TCP_NODELAY = 0x01000000,
  UV_HANDLE_TCP_KEEPALIVE = 0x02000000,
  UV_HANDLE_UDP_PROCESSING = 0x01000000,
  UV_HANDLE_UDP_CONNECTED = 0x02000000,
  UV_HANDLE_UDP_RECVMMSG = 0x04000000,
};

/* -- Handles (handle.c) ------------------------------------------------------------------------ */

enum uv__close_result {
  UV__CLOSE_DONE,   /* the close callback can come in the next closing phase */
  UV__CLOSE_PENDING /* the module calls uv__handle_closed() later */
};

/* What a module knows of its handles and the core does not. */
struct uv__handle_ops {
  /* Stops everything and gives descriptors back; called once, from uv_close(). */
  enum uv__close_result (*close)(uv_handle_t* handle);
  /* Reports what the close cancelled; runs right before the close callback. May be NULL. */
  void (*finish)(uv_handle_t* handle);
  /* Makes the handle whole again in the child of a fork: 0 or an error. May be NULL. What a close
   * waits for may not come to the child; then this ends the close. */
  int (*fork)(uv_handle_t* handle);
  /* Windows: an overlapped operation of the handle is over (win/iocp.h). NULL for types without. */
  void (*complete)(uv_handle_t* handle, uv_req_t* req);
};

/* Makes memory that nobody zeroed an inactive, referenced handle and links it to its loop; every
 * member that all handles share is set, but `data`. */
void uv__handle_init(uv_loop_t* loop, uv_handle_t* handle, uv_handle_type type,
                     const struct uv__handle_ops* ops);

/* Undoes uv__handle_init() for an init function that fails afterwards. */
void uv__handle_unlink(uv_handle_t* handle);

/* The end of a close that answered UV__CLOSE_PENDING. */
void uv__handle_closed(uv_handle_t* handle);

/* Hands a finished overlapped operation to its handle's `complete`. */
void uv__handle_complete(uv_handle_t* handle, uv_req_t* req);

/* Closing phase: finishes and calls back the handles closed so far, last-closed first. */
void uv__handles_run_closing(uv_loop_t* loop);

/* Calls the `fork` hook of every handle that is open or whose close waits: 0 or the first error. */
int uv__handles_fork(uv_loop_t* loop);

/* Whether a handle that is the user's is still linked. */
bool uv__handles_left(const uv_loop_t* loop);

static inline bool uv__is_active(const uv_handle_t* handle) {
  return (handle->flags & UV_HANDLE_ACTIVE) != 0;
}

static inline bool uv__is_closing(const uv_handle_t* handle) {
  return (handle->flags & (UV_HANDLE_CLOSING | UV_HANDLE_CLOSED)) != 0;
}

/* Active referenced handles keep a loop alive. Starting an active handle changes nothing. */
static inline void uv__handle_start(uv_handle_t* handle) {
  if (handle->flags & UV_HANDLE_ACTIVE)
    return;
  handle->flags |= UV_HANDLE_ACTIVE;
  if (handle->flags & UV_HANDLE_REF)
    handle->loop->active_handles++;
}

static inline void uv__handle_stop(uv_handle_t* handle) {
  if (!(handle->flags & UV_HANDLE_ACTIVE))
    return;
  handle->flags &= ~(unsigned) UV_HANDLE_ACTIVE;
  if (handle->flags & UV_HANDLE_REF)
    handle->loop->active_handles--;
}

/* Any kind of handle as the base that all share. */
#define uv__handle(h) ((uv_handle_t*) (h))

/* The loop's list of closed handles, linked through the handles. Its members have other names on
 * Windows, where programs see them. */
#if defined(_WIN32)
#define uv__next_closing endgame_next
#define uv__closing_handles endgame_handles
#else
#define uv__next_closing next_closing
#define uv__closing_handles closing_handles
#endif

/* -- Requests ---------------------------------------------------------------------------------- */

/* A request counts for its loop from its submission until just before its callback. */
static inline void uv__req_start(uv_loop_t* loop, uv_req_t* req, uv_req_type type) {
  req->type = type;
  loop->active_reqs.count++;
}

static inline void uv__req_stop(uv_loop_t* loop) {
  loop->active_reqs.count--;
}

#define uv__req(r) ((uv_req_t*) (r))

#endif /* RONDO_CORE_H_ */
