/* TTY handles: writing.
 *
 * Bytes become characters of UTF-16 by a decoder that goes on where the last write ended. A write
 * is done when uv_write() returns, and its callback comes from the loop. */
#include "console.h"
#include "iocp.h"
#include "stream.h"
#include "tty.h"
#include "tty_ansi.h"

enum { MOST_UNITS = 8192, REPLACEMENT = 0xFFFD, LARGEST_POINT = 0x10FFFF };

/* Text on its way to the console. After an error the rest is only decoded, so that the next write
 * begins in the right state. */
struct sink {
  uv_tty_t* tty;
  DWORD error;
  bool has_sequences;
  DWORD len;
  WCHAR text[MOST_UNITS];
};

/* -- Text -------------------------------------------------------------------------------------- */

static void flush(struct sink* sink) {
  DWORD done = 0;

  while (done < sink->len && sink->error == 0) {
    DWORD written = 0;
    if (!WriteConsoleW(sink->tty->handle, sink->text + done, sink->len - done, &written, NULL))
      sink->error = GetLastError();
    done += written;
  }
  sink->len = 0;
}

static void put_unit(struct sink* sink, unsigned int unit) {
  if (sink->len == MOST_UNITS)
    flush(sink);
  sink->text[sink->len++] = (WCHAR) unit;
}

static void put_point(struct sink* sink, uint32_t point) {
  if (point < 0x10000) {
    put_unit(sink, point);
    return;
  }
  if (sink->len + 2 > MOST_UNITS)
    flush(sink); /* a pair stays together */
  point -= 0x10000;
  put_unit(sink, 0xD800 + (point >> 10));
  put_unit(sink, 0xDC00 + (point & 0x3FF));
}

/* A newline goes to the beginning of the next line, with a carriage return before it, behind it or
 * without one. */
static void put_text(struct sink* sink, uint32_t point) {
  unsigned char* previous = &sink->tty->tty.wr.previous_eol;

  if (point == '\n' && *previous != '\r')
    put_unit(sink, '\r');
  if (point != '\r' || *previous != '\n') {
    put_point(sink, point);
    *previous = point == '\n' || point == '\r' ? (unsigned char) point : 0;
  } else {
    *previous = 0; /* the newline before has done it */
  }
}

static void act(struct sink* sink, uint32_t final) {
  enum uv__escape_kind kind = uv__escape_take(sink->tty);

  flush(sink);
  if (sink->error == 0)
    sink->error = uv__ansi_act(sink->tty, kind, final);
}

static void put(struct sink* sink, uint32_t point) {
  enum uv__escape_step step = UV__ESCAPE_TEXT;

  if (!sink->has_sequences)
    step = uv__escape_feed(sink->tty, point);
  if (step == UV__ESCAPE_TEXT)
    put_text(sink, point);
  else if (step == UV__ESCAPE_COMPLETE)
    act(sink, point);
}

/* -- Decoding ---------------------------------------------------------------------------------- */

/* How many bytes follow a first one; -1 if it is none. */
static int bytes_behind(unsigned char byte) {
  if (byte < 0x80)
    return 0;
  if (byte < 0xC0)
    return -1;
  if (byte < 0xE0)
    return 1;
  if (byte < 0xF0)
    return 2;
  return byte < 0xF8 ? 3 : -1;
}

static void begin_point(struct sink* sink, unsigned char byte) {
  uv_tty_t* tty = sink->tty;
  int behind = bytes_behind(byte);

  if (behind <= 0) {
    put(sink, behind == 0 ? byte : REPLACEMENT);
    return;
  }
  tty->tty.wr.utf8_bytes_left = (unsigned char) behind;
  tty->tty.wr.utf8_codepoint = byte & (0x3Fu >> behind);
}

static bool is_character(uint32_t point) {
  return point <= LARGEST_POINT && (point < 0xD800 || point > 0xDFFF);
}

static void decode(struct sink* sink, unsigned char byte) {
  uv_tty_t* tty = sink->tty;

  if (tty->tty.wr.utf8_bytes_left == 0) {
    begin_point(sink, byte);
    return;
  }
  if ((byte & 0xC0) != 0x80) {
    tty->tty.wr.utf8_bytes_left = 0;
    put(sink, REPLACEMENT); /* for what has been cut off */
    begin_point(sink, byte);
    return;
  }
  tty->tty.wr.utf8_codepoint = tty->tty.wr.utf8_codepoint << 6 | (byte & 0x3Fu);
  if (--tty->tty.wr.utf8_bytes_left == 0)
    put(sink, is_character(tty->tty.wr.utf8_codepoint) ? tty->tty.wr.utf8_codepoint : REPLACEMENT);
}

/* Answers 0 or a Win32 code. */
static DWORD write_all(uv_tty_t* tty, const uv_buf_t bufs[], unsigned int nbufs, size_t* len) {
  struct sink sink;

  uv__console_lock();
  sink.tty = tty;
  sink.error = 0;
  sink.has_sequences = uv__console_has_sequences();
  sink.len = 0;
  *len = 0;
  for (unsigned int i = 0; i < nbufs; i++) {
    for (size_t at = 0; at < bufs[i].len; at++)
      decode(&sink, (unsigned char) bufs[i].base[at]);
    *len += bufs[i].len;
  }
  flush(&sink);
  uv__console_unlock();
  return sink.error;
}

/* -- Requests ---------------------------------------------------------------------------------- */

void uv__tty_write_init(uv_tty_t* tty) {
  tty->tty.wr.utf8_codepoint = 0;
  tty->tty.wr.utf8_bytes_left = 0;
  tty->tty.wr.previous_eol = 0;
  tty->tty.wr.ansi_parser_state = 0;
  tty->tty.wr.ansi_csi_argc = 0;
}

/* Has the loop call back a request that is done. */
static void finish(uv_tty_t* tty, uv_req_t* req, uv_req_type type, DWORD error) {
  uv__req_start(tty->loop, req, type);
  uv__req_prepare(req);
  uv__req_finish(req, error, 0);
  tty->reqs_pending++;
  uv__iocp_queue(tty->loop, req);
}

int uv__tty_write(uv_write_t* req, uv_tty_t* tty, const uv_buf_t bufs[], unsigned int nbufs,
                  uv_write_cb cb) {
  size_t len;
  DWORD error = write_all(tty, bufs, nbufs, &len);

  req->handle = (uv_stream_t*) tty;
  req->cb = cb;
  req->send_handle = NULL;
  tty->stream.conn.write_reqs_pending++;
  uv__handle_start(uv__handle(tty));
  finish(tty, uv__req(req), UV_WRITE, error);
  return 0;
}

void uv__tty_write_done(uv_tty_t* tty, uv_write_t* req) {
  DWORD error = uv__req_file_error(uv__req(req));

  tty->stream.conn.write_reqs_pending--;
  uv__req_stop(tty->loop);
  if (req->cb != NULL)
    req->cb(req, error == 0 ? 0 : uv_translate_sys_error((int) error));
}

int uv__tty_try_write(uv_tty_t* tty, const uv_buf_t bufs[], unsigned int nbufs) {
  size_t len;
  DWORD error;

  if (!uv_is_writable((uv_stream_t*) tty))
    return UV_EPIPE;
  if (tty->stream.conn.write_reqs_pending > 0)
    return UV_EAGAIN;
  error = write_all(tty, bufs, nbufs, &len);
  return error == 0 ? (int) len : uv_translate_sys_error((int) error);
}

/* A console has no end to be told. */
void uv__tty_shutdown(uv_shutdown_t* req, uv_tty_t* tty, uv_shutdown_cb cb) {
  req->handle = (uv_stream_t*) tty;
  req->cb = cb;
  tty->flags |= UV_HANDLE_SHUTTING;
  tty->flags &= ~(unsigned int) UV_HANDLE_WRITABLE;
  tty->stream.conn.shutdown_req = req;
  uv__handle_start(uv__handle(tty));
  finish(tty, uv__req(req), UV_SHUTDOWN, 0);
}

void uv__tty_shutdown_done(uv_tty_t* tty, uv_shutdown_t* req) {
  bool is_closing = uv__is_closing(uv__handle(tty));

  tty->flags &= ~(unsigned int) UV_HANDLE_SHUTTING;
  tty->flags |= UV_HANDLE_SHUT;
  tty->stream.conn.shutdown_req = NULL;
  uv__req_stop(tty->loop);
  if (req->cb != NULL)
    req->cb(req, is_closing ? UV_ECANCELED : 0);
}
