/* TCP: reading.
 *
 * A read of no bytes waits for data, so no buffer is pinned in the kernel while there are none;
 * when it comes back, reads that do not wait take what is there. A stopped handle leaves the
 * waiting read where it is, and a new start finds it again. */
#include "event_packet.h"
#include "iocp.h"
#include "poison.h"
#include "stream.h"
#include "tcp.h"

enum {
  SUGGESTED_SIZE = 65536,
  MOST_READS = 32, /* reads per event, so that one busy peer does not keep the others waiting */
  MAX_BYTES = 0x7ffff000 /* in one read, as on POSIX */
};

/* -- Waiting for data -------------------------------------------------------------------------- */

static void take_out(uv_tcp_t* tcp) {
  tcp->flags |= UV__TCP_READ_PENDING;
  tcp->reqs_pending++;
}

static void begin(uv_tcp_t* tcp) {
  uv_read_t* read = &tcp->read_req;
  char nowhere;
  WSABUF none = {0, &nowhere};
  DWORD flags = 0;
  DWORD bytes;
  DWORD error;

  uv__req_poison_check(uv__req(read));
  take_out(tcp);
  error = uv__tcp_prepare(tcp, uv__req(read), &read->event_handle, &read->wait_handle);
  if (error == 0) {
    bool is_done =
        WSARecv(tcp->socket, &none, 1, &bytes, &flags, &read->u.io.overlapped, NULL) == 0;
    error = is_done ? 0 : (DWORD) WSAGetLastError();
    /* Data that are there already are an event of the next poll phase, however many there are. */
    if (is_done && (tcp->flags & UV__TCP_SKIPS_PORT))
      uv__iocp_post(tcp->loop, uv__req(read));
  }
  if (error != 0 && error != WSA_IO_PENDING) {
    uv__event_packet_close(&read->event_handle, &read->wait_handle);
    uv__tcp_fail(tcp, uv__req(read), error);
  }
}

void uv__tcp_read_wait(uv_tcp_t* tcp) {
  if (!(tcp->flags & UV_HANDLE_READING) ||
      (tcp->flags & (UV__TCP_READ_PENDING | UV__TCP_CONNECTING)))
    return;
  if (!(tcp->flags & UV__TCP_READ_FAILED)) {
    begin(tcp);
    return;
  }
  /* The error that came while nobody read: nobody else would tell it. */
  tcp->flags &= ~(unsigned) UV__TCP_READ_FAILED;
  take_out(tcp);
  uv__iocp_queue(tcp->loop, uv__req(&tcp->read_req));
}

int uv__tcp_read_start(uv_tcp_t* tcp, uv_alloc_cb alloc_cb, uv_read_cb read_cb) {
  /* Some programs set the readable flag themselves. */
  if (!uv__tcp_has_socket(tcp))
    return UV_EINVAL;
  tcp->flags |= UV_HANDLE_READING;
  tcp->alloc_cb = alloc_cb;
  tcp->read_cb = read_cb;
  uv__tcp_activity_begin(tcp);
  uv__tcp_read_wait(tcp);
  return 0;
}

void uv__tcp_read_stop(uv_tcp_t* tcp) {
  tcp->flags &= ~(unsigned) UV_HANDLE_READING;
  uv__tcp_activity_end(tcp);
}

/* -- Reading ----------------------------------------------------------------------------------- */

static void read_ended(uv_tcp_t* tcp, const uv_buf_t* buf) {
  uv__tcp_read_stop(tcp);
  tcp->read_cb((uv_stream_t*) tcp, UV_EOF, buf);
}

static void read_failed(uv_tcp_t* tcp, DWORD error, const uv_buf_t* buf) {
  tcp->flags &= ~(unsigned) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  uv__tcp_read_stop(tcp);
  /* Winsock tells the peer's resets in two ways. */
  if (error == WSAECONNABORTED)
    error = WSAECONNRESET;
  tcp->read_cb((uv_stream_t*) tcp, uv_translate_sys_error((int) error), buf);
}

/* Reads without waiting: 0 or a Winsock code. */
static DWORD receive(SOCKET socket, const uv_buf_t* buf, DWORD* bytes) {
  WSABUF wsabuf = {buf->len, buf->base};
  DWORD flags = 0;

  return WSARecv(socket, &wsabuf, 1, bytes, &flags, NULL, NULL) == 0 ? 0
                                                                     : (DWORD) WSAGetLastError();
}

static void read_available(uv_tcp_t* tcp) {
  /* Each callback may stop reading, start it anew, or close the handle. */
  for (int i = 0; i < MOST_READS; i++) {
    uv_buf_t buf = uv_buf_init(NULL, 0);
    DWORD bytes;
    DWORD error;

    tcp->alloc_cb(uv__handle(tcp), SUGGESTED_SIZE, &buf);
    if (!(tcp->flags & UV_HANDLE_READING))
      return;
    if (buf.base == NULL || buf.len == 0) {
      tcp->read_cb((uv_stream_t*) tcp, UV_ENOBUFS, &buf);
      return;
    }
    if (buf.len > MAX_BYTES)
      buf.len = MAX_BYTES;

    error = receive(tcp->socket, &buf, &bytes);
    if (error == WSAEWOULDBLOCK) {
      tcp->read_cb((uv_stream_t*) tcp, 0, &buf);
      return;
    }
    if (error != 0) {
      read_failed(tcp, error, &buf);
      return;
    }
    if (bytes == 0) {
      read_ended(tcp, &buf);
      return;
    }
    tcp->read_cb((uv_stream_t*) tcp, (ssize_t) bytes, &buf);
    /* Less than asked for was all there was. */
    if (bytes < buf.len || !(tcp->flags & UV_HANDLE_READING) || (tcp->flags & UV__TCP_READ_PENDING))
      return;
  }
}

void uv__tcp_read_done(uv_tcp_t* tcp) {
  uv_read_t* read = &tcp->read_req;
  uv_buf_t none = uv_buf_init(NULL, 0);

  tcp->flags &= ~(unsigned) UV__TCP_READ_PENDING;
  /* They are a connect's now if the read failed at once, before there was a connection. */
  if (!(tcp->flags & UV__TCP_CONNECTING))
    uv__event_packet_close(&read->event_handle, &read->wait_handle);
  if (!(tcp->flags & UV_HANDLE_READING) && !uv__req_succeeded(uv__req(read))) {
    tcp->flags |= UV__TCP_READ_FAILED;
  } else {
    DWORD error = uv__req_socket_error(uv__req(read));
    uv__req_poison(uv__req(read));
    if (error != 0)
      read_failed(tcp, error, &none);
    else if (tcp->flags & UV_HANDLE_READING)
      read_available(tcp);
    uv__tcp_read_wait(tcp);
  }
  tcp->reqs_pending--;
}
