/* TCP: listening and accepting.
 *
 * A listener has slots, each a request that waits for one connection with a socket at the ready.
 * A connection that has come waits in its slot, first come first taken; the first one is announced,
 * the next one when that has been taken. A slot waits for another connection as soon as its own has
 * been taken, so no more than there are slots are accepted in advance. */
#include "event_packet.h"
#include "iocp.h"
#include "poison.h"
#include "socket.h"
#include "stream.h"
#include "tcp.h"

#include "../stream.h"

#include <string.h>

/* -- Slots ------------------------------------------------------------------------------------- */

/* A slot whose request is not out and that has no connection. */
static bool is_idle(const uv_tcp_accept_t* slot) {
  return slot->data == NULL;
}

static void make_idle(uv_tcp_accept_t* slot) {
  slot->data = NULL;
  slot->accept_socket = INVALID_SOCKET;
}

static void close_accepted(uv_tcp_accept_t* slot) {
  if (slot->accept_socket != INVALID_SOCKET)
    closesocket(slot->accept_socket);
  slot->accept_socket = INVALID_SOCKET;
}

/* Turns the handle's unions to the listener's side: 0 or an error. */
static int make_slots(uv_tcp_t* tcp) {
  const GUID id = WSAID_ACCEPTEX;
  LPFN_ACCEPTEX accept_ex;
  uv_tcp_accept_t* slots;
  int err;

  if (tcp->flags & UV__TCP_SERVER)
    return 0;
  err = uv__socket_function(tcp->socket, id, &accept_ex, sizeof(accept_ex));
  if (err != 0)
    return err;
  slots = uv__malloc(UV__TCP_ACCEPTS * sizeof(*slots));
  if (slots == NULL)
    return UV_ENOMEM;

  for (int i = 0; i < UV__TCP_ACCEPTS; i++) {
    make_idle(&slots[i]);
    slots[i].type = UV_ACCEPT;
    slots[i].event_handle = NULL;
    slots[i].wait_handle = NULL;
    uv__req_poison(uv__req(&slots[i]));
  }
  memset(&tcp->stream, 0, sizeof(tcp->stream));
  tcp->tcp.serv.accept_reqs = slots;
  tcp->tcp.serv.processed_accepts = 0;
  tcp->tcp.serv.pending_accepts = NULL;
  tcp->tcp.serv.func_acceptex = accept_ex;
  tcp->flags |= UV__TCP_SERVER;
  return 0;
}

void uv__tcp_free_accepts(uv_tcp_t* tcp) {
  if (!(tcp->flags & UV__TCP_SERVER))
    return;
  for (int i = 0; i < UV__TCP_ACCEPTS; i++)
    uv__req_poison_check(uv__req(&tcp->tcp.serv.accept_reqs[i]));
  uv__poison(tcp->tcp.serv.accept_reqs, UV__TCP_ACCEPTS * sizeof(uv_tcp_accept_t));
  uv__free(tcp->tcp.serv.accept_reqs);
  memset(&tcp->stream, 0, sizeof(tcp->stream));
  memset(&tcp->tcp, 0, sizeof(tcp->tcp));
  tcp->flags &= ~(unsigned) UV__TCP_SERVER;
}

/* The connections that wait, first come first. */
static void push_waiting(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  uv_tcp_accept_t** link = &tcp->tcp.serv.pending_accepts;

  while (*link != NULL)
    link = &(*link)->next_pending;
  slot->next_pending = NULL;
  *link = slot;
}

static bool is_waiting(const uv_tcp_t* tcp, const uv_tcp_accept_t* slot) {
  const uv_tcp_accept_t* each = tcp->tcp.serv.pending_accepts;

  while (each != NULL && each != slot)
    each = each->next_pending;
  return each != NULL;
}

/* -- Waiting for connections ------------------------------------------------------------------- */

enum { ADDRESS_ROOM = sizeof(struct sockaddr_storage) };

static DWORD begin_accept(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  DWORD bytes;
  DWORD error = uv__tcp_prepare(tcp, uv__req(slot), &slot->event_handle, &slot->wait_handle);

  if (error != 0)
    return error;
  return uv__tcp_began(
      tcp, uv__req(slot),
      tcp->tcp.serv.func_acceptex(tcp->socket, slot->accept_socket, slot->accept_buffer, 0,
                                  ADDRESS_ROOM, ADDRESS_ROOM, &bytes, &slot->u.io.overlapped));
}

/* Has an idle slot wait for a connection: 0 or a Winsock code. */
static DWORD post(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  DWORD error;

  uv__req_poison_check(uv__req(slot));
  if (uv__socket_open(uv__tcp_family(tcp), SOCK_STREAM, &slot->accept_socket) != 0)
    return (DWORD) WSAGetLastError();
  error = begin_accept(tcp, slot);
  /* A peer that has gone before it was accepted. */
  if (error == WSAECONNRESET) {
    uv__tcp_fail(tcp, uv__req(slot), error);
    error = 0;
  }
  if (error != 0) {
    uv__event_packet_close(&slot->event_handle, &slot->wait_handle);
    uv__req_poison(uv__req(slot));
    close_accepted(slot);
    return error;
  }
  slot->data = tcp;
  tcp->reqs_pending++;
  return 0;
}

/* Posts a slot anew; if that fails, the slot comes back without a socket to tell. */
static void repost(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  DWORD error = post(tcp, slot);

  if (error == 0)
    return;
  slot->data = tcp;
  tcp->reqs_pending++;
  uv__tcp_fail(tcp, uv__req(slot), error);
}

/* Posts the idle slots: an error only if none is out then. */
static int post_idle(uv_tcp_t* tcp) {
  int count = tcp->flags & UV__TCP_SINGLE_ACCEPT ? 1 : UV__TCP_ACCEPTS;
  DWORD error = 0;

  for (int i = 0; i < count && error == 0; i++)
    if (is_idle(&tcp->tcp.serv.accept_reqs[i]))
      error = post(tcp, &tcp->tcp.serv.accept_reqs[i]);
  return tcp->reqs_pending > 0 ? 0 : uv_translate_sys_error((int) error);
}

/* -- Listening --------------------------------------------------------------------------------- */

static int check_can_listen(const uv_tcp_t* tcp) {
  if (tcp->delayed_error != 0)
    return uv_translate_sys_error(tcp->delayed_error);
  if (tcp->flags & (UV_HANDLE_READING | UV__TCP_CONNECTION))
    return UV_EISCONN;
  if (tcp->flags & UV__TCP_SERVER)
    return 0;
  /* Requests of a connection that did not come about. */
  return tcp->reqs_pending > 0 ? UV_EINVAL : 0;
}

static int begin_listening(uv_tcp_t* tcp, int backlog) {
  bool was_server = (tcp->flags & UV__TCP_SERVER) != 0;
  int err = uv__tcp_bind_any(tcp);

  /* The socket of another process listens there. */
  if (err == 0 && !(tcp->flags & UV__TCP_SHARED) && listen(tcp->socket, backlog) != 0)
    err = uv__socket_error();
  if (err == 0)
    err = make_slots(tcp);
  if (err != 0)
    return err;
  err = post_idle(tcp);
  if (err != 0 && !was_server)
    uv__tcp_free_accepts(tcp);
  return err;
}

int uv__tcp_listen(uv_tcp_t* tcp, int backlog, uv_connection_cb cb) {
  bool made;
  int err;

  if (tcp->flags & UV_HANDLE_LISTENING) {
    tcp->stream.serv.connection_cb = cb;
    return 0;
  }
  err = check_can_listen(tcp);
  if (err == 0)
    err = uv__tcp_need_socket(tcp, AF_INET, &made);
  if (err != 0)
    return err;
  err = begin_listening(tcp, backlog);
  if (err != 0) {
    if (made)
      uv__tcp_drop_socket(tcp);
    return err;
  }
  tcp->stream.serv.connection_cb = cb;
  tcp->flags |= UV_HANDLE_LISTENING;
  tcp->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  uv__tcp_activity_begin(tcp);
  return 0;
}

/* A slot could not be posted: the listener ends, though what the other slots wait for still comes.
 * uv_listen() may begin it anew. */
static void end_listening(uv_tcp_t* tcp, int error) {
  if (!(tcp->flags & UV_HANDLE_LISTENING))
    return;
  tcp->flags &= ~(unsigned) UV_HANDLE_LISTENING;
  uv__tcp_activity_end(tcp);
  if (tcp->stream.serv.connection_cb != NULL)
    tcp->stream.serv.connection_cb((uv_stream_t*) tcp, error);
}

void uv__tcp_stop_accepting(uv_tcp_t* tcp) {
  if (!(tcp->flags & UV__TCP_SERVER))
    return;
  for (int i = 0; i < UV__TCP_ACCEPTS; i++)
    close_accepted(&tcp->tcp.serv.accept_reqs[i]);
  tcp->tcp.serv.pending_accepts = NULL;
  tcp->flags &= ~(unsigned) (UV_HANDLE_LISTENING | UV__TCP_ANNOUNCED);
}

int uv_tcp_simultaneous_accepts(uv_tcp_t* tcp, int enable) {
  if (tcp->flags & UV__TCP_CONNECTION)
    return UV_EINVAL;
  if ((enable == 0) == ((tcp->flags & UV__TCP_SINGLE_ACCEPT) != 0))
    return 0;
  if (enable)
    return UV_ENOTSUP;
  tcp->flags |= UV__TCP_SINGLE_ACCEPT;
  if (tcp->flags & UV_HANDLE_LISTENING)
    tcp->flags |= UV__TCP_DRAINING;
  return 0;
}

/* -- Connections ------------------------------------------------------------------------------- */

static void announce(uv_tcp_t* tcp) {
  tcp->flags |= UV__TCP_ANNOUNCED;
  if (tcp->stream.serv.connection_cb != NULL)
    tcp->stream.serv.connection_cb((uv_stream_t*) tcp, 0);
}

/* Whether a connection has come that can be used. */
static bool has_connection(const uv_tcp_t* tcp, const uv_tcp_accept_t* slot, DWORD error) {
  return error == 0 && setsockopt(slot->accept_socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                                  (const char*) &tcp->socket, sizeof(tcp->socket)) == 0;
}

/* A slot's request is back. */
static void slot_done(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  DWORD error = uv__req_socket_error(uv__req(slot));

  uv__event_packet_close(&slot->event_handle, &slot->wait_handle);
  uv__req_poison(uv__req(slot));
  if (slot->accept_socket == INVALID_SOCKET) {
    make_idle(slot);
    end_listening(tcp, uv_translate_sys_error((int) error));
  } else if (has_connection(tcp, slot, error)) {
    push_waiting(tcp, slot);
    if (tcp->tcp.serv.pending_accepts == slot)
      announce(tcp);
  } else {
    close_accepted(slot);
    make_idle(slot);
    repost(tcp, slot);
  }
}

void uv__tcp_accept_done(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  /* A connection that waited behind another one comes once more. */
  if (is_waiting(tcp, slot))
    announce(tcp);
  else
    slot_done(tcp, slot);
  tcp->reqs_pending--;
}

/* What a slot does when its connection has been taken. */
static void slot_taken(uv_tcp_t* tcp, uv_tcp_accept_t* slot) {
  make_idle(slot);
  if (!(tcp->flags & UV_HANDLE_LISTENING))
    return;
  if (tcp->flags & UV__TCP_DRAINING) {
    if (++tcp->tcp.serv.processed_accepts < UV__TCP_ACCEPTS)
      return;
    tcp->flags &= ~(unsigned) UV__TCP_DRAINING;
  }
  repost(tcp, slot);
}

int uv__tcp_accept(uv_tcp_t* server, uv_tcp_t* client) {
  uv_tcp_accept_t* slot;
  int err = UV_EBUSY;

  if (!(server->flags & UV__TCP_ANNOUNCED))
    return UV_EAGAIN;
  slot = server->tcp.serv.pending_accepts;
  if (!uv__tcp_has_socket(client))
    err = uv__tcp_set_socket(client, slot->accept_socket);
  if (err == 0)
    client->flags |= UV__TCP_CONNECTION | UV_HANDLE_BOUND | UV_HANDLE_READABLE | UV_HANDLE_WRITABLE;
  else
    close_accepted(slot);

  server->flags &= ~(unsigned) UV__TCP_ANNOUNCED;
  server->tcp.serv.pending_accepts = slot->next_pending;
  if (slot->next_pending != NULL) {
    server->reqs_pending++;
    uv__iocp_queue(server->loop, uv__req(slot->next_pending));
  }
  slot_taken(server, slot);
  return err;
}
