/* TCP on Windows, between its files: tcp.c has the life of a handle, tcp_socket.c its socket and
 * its operations, and tcp_address.c, tcp_options.c, tcp_read.c, tcp_write.c, tcp_connect.c,
 * tcp_accept.c one subject each.
 *
 * A request counts in `reqs_pending` from its call until its callback has returned; a close is over
 * when none is left. What makes the handle active counts in `activecnt`: reading, listening, and
 * each request of the user's. */
#ifndef RONDO_WIN_TCP_H_
#define RONDO_WIN_TCP_H_

#include "../core.h"

/* Flags of ours in uv_handle_t.flags. */
enum {
  UV__TCP_CONNECTION = 0x00000080,   /* connected, now or once */
  UV__TCP_SERVER = 0x00000400,       /* has accept requests: the unions are the listener's */
  UV__TCP_ANNOUNCED = 0x00000800,    /* the first waiting connection can be taken */
  UV__TCP_READ_PENDING = 0x00010000, /* read_req is out */
  UV__TCP_SKIPS_PORT = 0x00020000,   /* what is done at once sends no packet */
  UV__TCP_READ_FAILED = 0x00040000,  /* read_req has an error that nobody wanted yet */
  UV__TCP_OFF_PORT = 0x00080000,     /* the port is another one: event_packet.h */
  UV__TCP_CONNECTING = 0x00200000,
  UV__TCP_WRITES_WAIT = 0x00800000,   /* for the connection: those in `tcp.writes` */
  UV__TCP_SINGLE_ACCEPT = 0x04000000, /* waits for one connection at a time */
  UV__TCP_DRAINING = 0x08000000,      /* will, once those that wait now have come */
  UV__TCP_SHARED = 0x10000000         /* other processes have the socket too */
};

enum { UV__TCP_ACCEPTS = 32 /* connections waited for at a time */ };

#define uv__tcp_of(handle) ((uv_tcp_t*) (handle))

static inline bool uv__tcp_has_socket(const uv_tcp_t* tcp) {
  return tcp->socket != INVALID_SOCKET;
}

/* Of the socket. */
static inline int uv__tcp_family(const uv_tcp_t* tcp) {
  return tcp->flags & UV_HANDLE_IPV6 ? AF_INET6 : AF_INET;
}

/* -- Counting ---------------------------------------------------------------------------------- */

static inline void uv__tcp_activity_begin(uv_tcp_t* tcp) {
  tcp->activecnt++;
  uv__handle_start(uv__handle(tcp));
}

static inline void uv__tcp_activity_end(uv_tcp_t* tcp) {
  if (--tcp->activecnt == 0)
    uv__handle_stop(uv__handle(tcp));
}

/* The user's requests: from the call, and until just before the callback. */
static inline void uv__tcp_request_begin(uv_tcp_t* tcp, uv_req_t* req, uv_req_type type) {
  uv__req_start(tcp->loop, req, type);
  uv__tcp_activity_begin(tcp);
  tcp->reqs_pending++;
}

static inline void uv__tcp_request_end(uv_tcp_t* tcp) {
  uv__req_stop(tcp->loop);
  uv__tcp_activity_end(tcp);
}

/* -- tcp_socket.c: the socket, and operations on it -------------------------------------------- */

/* Gives the handle a socket, which it owns on success: 0, UV_EBUSY if it has another one, UV_EEXIST
 * if another handle of the loop has this one, or what a system call gave. */
int uv__tcp_set_socket(uv_tcp_t* tcp, SOCKET socket);

/* Makes the socket if there is none yet: 0 or an error. `*made` tells uv__tcp_drop_socket()'s
 * caller. */
int uv__tcp_need_socket(uv_tcp_t* tcp, int family, bool* made);

/* Takes back what uv__tcp_need_socket() made. */
void uv__tcp_drop_socket(uv_tcp_t* tcp);

void uv__tcp_close_socket(uv_tcp_t* tcp);

/* Prepares a request of the handle for one operation: 0 or a Winsock code. The two handles are used
 * where the port is another one, and given back by uv__event_packet_close(). */
DWORD uv__tcp_prepare(uv_tcp_t* tcp, uv_req_t* req, HANDLE* event, HANDLE* wait);

/* Behind the call that began the operation, which says whether it is done: 0 if the request comes
 * back to the loop, or the Winsock code of why it was not begun. */
DWORD uv__tcp_began(uv_tcp_t* tcp, uv_req_t* req, bool is_done);

/* Has a request come back with an error that the kernel does not know of. */
void uv__tcp_fail(uv_tcp_t* tcp, uv_req_t* req, DWORD error);

/* -- tcp_options.c ----------------------------------------------------------------------------- */

/* What uv_tcp_nodelay() and uv_tcp_keepalive() were told before the handle had a socket: 0 or an
 * error. */
int uv__tcp_apply_options(SOCKET socket, unsigned int handle_flags);

/* -- tcp_address.c ----------------------------------------------------------------------------- */

/* Binds the socket to any address of its family, if it is not bound: 0 or an error. */
int uv__tcp_bind_any(uv_tcp_t* tcp);

/* -- tcp_read.c -------------------------------------------------------------------------------- */

/* Waits for data if the handle is reading and does not wait yet. */
void uv__tcp_read_wait(uv_tcp_t* tcp);

void uv__tcp_read_done(uv_tcp_t* tcp);

/* -- tcp_write.c ------------------------------------------------------------------------------- */

/* What was written while the handle was connecting: sends it; has it end with UV_ECANCELED. */
void uv__tcp_send_waiting(uv_tcp_t* tcp);
void uv__tcp_cancel_waiting(uv_tcp_t* tcp);

static inline bool uv__tcp_is_writing(const uv_tcp_t* tcp) {
  return tcp->tcp.writes.begun != tcp->tcp.writes.done;
}

void uv__tcp_write_done(uv_tcp_t* tcp, uv_write_t* req);
void uv__tcp_shutdown_done(uv_tcp_t* tcp, uv_shutdown_t* req);

/* Has a shutdown that waited for writes come to the loop, if there is one. */
void uv__tcp_release_shutdown(uv_tcp_t* tcp);

/* -- tcp_connect.c ----------------------------------------------------------------------------- */

void uv__tcp_connect_done(uv_tcp_t* tcp, uv_connect_t* req);

/* -- tcp_accept.c ------------------------------------------------------------------------------ */

void uv__tcp_accept_done(uv_tcp_t* tcp, uv_tcp_accept_t* slot);

/* For closing: drops the connections that wait, and those to come; frees the requests. */
void uv__tcp_stop_accepting(uv_tcp_t* tcp);
void uv__tcp_free_accepts(uv_tcp_t* tcp);

#endif /* RONDO_WIN_TCP_H_ */
