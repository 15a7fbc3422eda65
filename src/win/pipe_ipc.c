/* IPC pipes: bytes and sockets in frames, as libuv's on both ends of such a pipe expect them.
 *
 * A frame has a header, then, if its flags say so, a socket, and then its payload. All numbers are
 * little-endian. What an IPC pipe carries is nothing but frames. */
#include "pipe.h"
#include "tcp_share.h"

#include <string.h>

enum {
  HAS_PAYLOAD = 0x01,
  HAS_SOCKET = 0x02,
  SOCKET_IS_CONNECTION = 0x04, /* with HAS_SOCKET only */
  ALL_FLAGS = HAS_PAYLOAD | HAS_SOCKET | SOCKET_IS_CONNECTION,

  HEADER_LEN = 16,
  FLAGS_AT = 0,
  PAYLOAD_LEN_AT = 8, /* 4 bytes before it mean nothing */
  ZERO_AT = 12,

  INFO_LEN = sizeof(WSAPROTOCOL_INFOW),
  SOCKET_LEN = INFO_LEN + 4, /* and an error of the bind: 0 or a Winsock code */
  HEAD_LEN = HEADER_LEN + SOCKET_LEN
};

_Static_assert(INFO_LEN == 628, "other programs have a socket in so many bytes");

/* A socket that nobody has accepted yet. */
struct waiting_socket {
  struct uv__queue link;
  struct uv__passed_socket socket;
};

/* What is being read. */
struct uv__pipe_ipc {
  struct uv__queue sockets;
  int socket_count;
  uint32_t payload_left;
  size_t head_have; /* bytes of header and socket that have come */
  size_t head_need;
  unsigned char head[HEAD_LEN];
};

static void put(unsigned char* bytes, uint32_t value) {
  for (int i = 0; i < 4; i++)
    bytes[i] = (unsigned char) (value >> (8 * i));
}

static uint32_t get(const unsigned char* bytes) {
  uint32_t value = 0;

  for (int i = 0; i < 4; i++)
    value |= (uint32_t) bytes[i] << (8 * i);
  return value;
}

/* -- Life -------------------------------------------------------------------------------------- */

static struct uv__pipe_ipc* ipc_of(const uv_pipe_t* pipe) {
  return uv__pipe_is(pipe, UV__PIPE_CONNECTED) ? pipe->pipe.conn.ipc : NULL;
}

static void expect_header(struct uv__pipe_ipc* ipc) {
  ipc->head_have = 0;
  ipc->head_need = HEADER_LEN;
}

int uv__ipc_need(uv_pipe_t* pipe) {
  struct uv__pipe_ipc* ipc = pipe->pipe.conn.ipc;

  if (ipc != NULL)
    return 0;
  ipc = uv__malloc(sizeof(*ipc));
  if (ipc == NULL)
    return UV_ENOMEM;
  uv__queue_init(&ipc->sockets);
  ipc->socket_count = 0;
  ipc->payload_left = 0;
  expect_header(ipc);
  pipe->pipe.conn.ipc = ipc;
  return 0;
}

static struct waiting_socket* pop(struct uv__pipe_ipc* ipc) {
  struct uv__queue* link = uv__queue_pop(&ipc->sockets);

  if (link == NULL)
    return NULL;
  ipc->socket_count--;
  return uv__container(link, struct waiting_socket, link);
}

void uv__ipc_free(uv_pipe_t* pipe) {
  struct uv__pipe_ipc* ipc = pipe->pipe.conn.ipc;
  struct waiting_socket* waiting;

  if (ipc == NULL)
    return;
  while ((waiting = pop(ipc)) != NULL) {
    uv__tcp_discard(&waiting->socket);
    uv__free(waiting);
  }
  uv__free(ipc);
  pipe->pipe.conn.ipc = NULL;
}

/* -- Receiving --------------------------------------------------------------------------------- */

uint32_t uv__ipc_payload_left(const uv_pipe_t* pipe) {
  return pipe->pipe.conn.ipc->payload_left;
}

void uv__ipc_payload_came(uv_pipe_t* pipe, DWORD count) {
  pipe->pipe.conn.ipc->payload_left -= count;
}

void* uv__ipc_head_room(uv_pipe_t* pipe, size_t* len) {
  struct uv__pipe_ipc* ipc = pipe->pipe.conn.ipc;

  *len = ipc->head_need - ipc->head_have;
  return ipc->head + ipc->head_have;
}

static bool is_header_valid(const struct uv__pipe_ipc* ipc) {
  uint32_t flags = get(ipc->head + FLAGS_AT);

  if ((flags & ~(uint32_t) ALL_FLAGS) != 0 || get(ipc->head + ZERO_AT) != 0)
    return false;
  if ((flags & SOCKET_IS_CONNECTION) && !(flags & HAS_SOCKET))
    return false;
  return (flags & HAS_PAYLOAD) || get(ipc->head + PAYLOAD_LEN_AT) == 0;
}

static int take_socket(struct uv__pipe_ipc* ipc) {
  const unsigned char* block = ipc->head + HEADER_LEN;
  struct waiting_socket* waiting = uv__malloc(sizeof(*waiting));
  struct uv__passed_socket passed = {
      .delayed_error = get(block + INFO_LEN),
      .is_connection = (get(ipc->head + FLAGS_AT) & SOCKET_IS_CONNECTION) != 0,
  };

  memcpy(&passed.info, block, INFO_LEN);
  if (waiting == NULL) {
    uv__tcp_discard(&passed); /* or it would stay open in this process */
    return UV_ENOMEM;
  }
  waiting->socket = passed;
  uv__queue_push(&ipc->sockets, &waiting->link);
  ipc->socket_count++;
  return 0;
}

int uv__ipc_head_came(uv_pipe_t* pipe, DWORD count) {
  struct uv__pipe_ipc* ipc = pipe->pipe.conn.ipc;
  int err = 0;

  ipc->head_have += count;
  if (ipc->head_have < ipc->head_need)
    return 0;
  if (ipc->head_need == HEADER_LEN) {
    if (!is_header_valid(ipc))
      return UV_ECONNABORTED;
    if (get(ipc->head + FLAGS_AT) & HAS_SOCKET) {
      ipc->head_need = HEAD_LEN;
      return 0;
    }
  } else {
    err = take_socket(ipc);
  }
  ipc->payload_left = get(ipc->head + PAYLOAD_LEN_AT);
  expect_header(ipc);
  return err;
}

int uv_pipe_pending_count(uv_pipe_t* pipe) {
  struct uv__pipe_ipc* ipc = pipe->ipc ? ipc_of(pipe) : NULL;

  return ipc != NULL ? ipc->socket_count : 0;
}

uv_handle_type uv_pipe_pending_type(uv_pipe_t* pipe) {
  return uv_pipe_pending_count(pipe) > 0 ? UV_TCP : UV_UNKNOWN_HANDLE;
}

int uv__ipc_accept(uv_pipe_t* pipe, uv_stream_t* client) {
  struct waiting_socket* waiting;
  int err;

  if (uv_pipe_pending_count(pipe) == 0)
    return UV_EAGAIN;
  if (client->type != UV_TCP || client->loop != pipe->loop || uv__is_closing(uv__handle(client)))
    return UV_EINVAL;
  waiting = pop(pipe->pipe.conn.ipc);
  err = uv__tcp_import((uv_tcp_t*) client, &waiting->socket);
  if (err == UV_EBUSY)
    uv__tcp_discard(&waiting->socket);
  uv__free(waiting);
  return err;
}

/* -- Sending ----------------------------------------------------------------------------------- */

/* The process at the other end, which may be our own. */
static int peer_pid(uv_pipe_t* pipe, DWORD* pid) {
  ULONG found;

  if (pipe->pipe.conn.ipc_remote_pid == 0) {
    if (!GetNamedPipeClientProcessId(pipe->handle, &found))
      return uv_translate_sys_error((int) GetLastError());
    if (found == GetCurrentProcessId() && !GetNamedPipeServerProcessId(pipe->handle, &found))
      return uv_translate_sys_error((int) GetLastError());
    pipe->pipe.conn.ipc_remote_pid = found;
  }
  *pid = pipe->pipe.conn.ipc_remote_pid;
  return 0;
}

static int export_socket(uv_pipe_t* pipe, uv_tcp_t* tcp, struct uv__passed_socket* passed) {
  DWORD pid = 0;
  int err;

  if (tcp->socket == INVALID_SOCKET || uv__is_closing(uv__handle(tcp)))
    return UV_EBADF;
  err = peer_pid(pipe, &pid);
  return err != 0 ? err : uv__tcp_export(tcp, pid, passed);
}

int uv__ipc_make_frame(uv_pipe_t* pipe, const uv_buf_t* payload, uv_stream_t* send_handle,
                       uv_buf_t* frame) {
  size_t len = payload->len;
  size_t head_len = send_handle != NULL ? HEAD_LEN : HEADER_LEN;
  unsigned char* bytes = uv__calloc(1, head_len + len);
  uint32_t flags = len > 0 ? HAS_PAYLOAD : 0;

  if (bytes == NULL)
    return UV_ENOMEM;
  if (send_handle != NULL) {
    struct uv__passed_socket passed;
    int err = export_socket(pipe, (uv_tcp_t*) send_handle, &passed);
    if (err != 0) {
      uv__free(bytes);
      return err;
    }
    flags |= passed.is_connection ? HAS_SOCKET | SOCKET_IS_CONNECTION : HAS_SOCKET;
    memcpy(bytes + HEADER_LEN, &passed.info, INFO_LEN);
    put(bytes + HEADER_LEN + INFO_LEN, passed.delayed_error);
  }
  put(bytes + FLAGS_AT, flags);
  put(bytes + PAYLOAD_LEN_AT, (uint32_t) len);

  if (len > 0)
    memcpy(bytes + head_len, payload->base, len);
  *frame = uv_buf_init((char*) bytes, (unsigned int) (head_len + len));
  return 0;
}
