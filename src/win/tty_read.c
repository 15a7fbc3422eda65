/* TTY handles: reading.
 *
 * In raw mode the system waits for input records, which are then read and turned into bytes here.
 * In line mode a thread of the system's sits in ReadConsoleW(), which nothing can cancel but the
 * end of the line: to stop it, one is typed, and the cursor is put back afterwards.
 *
 * What was read and does not fit the user's buffer stays: bytes of a key, how often it is to be
 * repeated, half of a character, the rest of a line. It survives a stop, and the next start begins
 * with it. */
#include "../atomic.h"
#include "console.h"
#include "iocp.h"
#include "stream.h"
#include "tty.h"
#include "tty_record.h"

enum {
  RAW_SUGGESTED_SIZE = 1024,
  LINE_SUGGESTED_SIZE = 8192,
  MOST_UNITS = LINE_SUGGESTED_SIZE / 3 /* of UTF-16, which take three bytes of UTF-8 each */
};

/* Who has a line: it waits for a thread, the thread is in ReadConsoleW(), it is done; or it was
 * called off before or in ReadConsoleW(). */
enum line_state { LINE_WAITS, LINE_IS_READ, LINE_DONE, LINE_CALLED_OFF, LINE_INTERRUPTED };

/* A line, from when a thread is to read it until all of it is delivered. */
struct line {
  uv_tty_t* tty;
  unsigned int state;               /* enum line_state; atomic */
  CONSOLE_SCREEN_BUFFER_INFO saved; /* of an interrupted one: where the cursor was */
  size_t at;                        /* how much has been delivered */
  size_t len;
  char text[LINE_SUGGESTED_SIZE + 3]; /* a half of a character may come from the line before */
};

static struct line* line_of(const uv_tty_t* tty) {
  return (struct line*) (void*) tty->tty.rd.read_line_buffer.base;
}

static void drop_line(uv_tty_t* tty) {
  uv__free(line_of(tty));
  tty->tty.rd.read_line_buffer.base = NULL;
}

static bool is_reading(const uv_tty_t* tty) {
  return (tty->flags & UV_HANDLE_READING) != 0;
}

void uv__tty_read_init(uv_tty_t* tty) {
  tty->read_req.type = UV_READ;
  tty->read_req.data = tty;
  tty->tty.rd.mode.mode = UV_TTY_MODE_NORMAL;
  tty->tty.rd.read_line_buffer.base = NULL;
  tty->tty.rd.read_raw_wait = NULL;
  uv__tty_forget_keys(tty);
}

void uv__tty_read_free(uv_tty_t* tty) {
  drop_line(tty);
}

/* -- Delivering -------------------------------------------------------------------------------- */

static void fail(uv_tty_t* tty, int err) {
  const uv_buf_t no_memory = uv_buf_init(NULL, 0);
  uv_read_cb read_cb = tty->read_cb;

  uv__tty_read_stop(tty);
  read_cb((uv_stream_t*) tty, err, &no_memory);
}

/* Asks for memory; answers whether there is some and somebody still wants it filled. */
static bool get_buffer(uv_tty_t* tty, size_t suggested_size, uv_buf_t* buf) {
  *buf = uv_buf_init(NULL, 0);
  tty->alloc_cb(uv__handle(tty), suggested_size, buf);
  if (!is_reading(tty))
    return false;
  if (buf->base != NULL && buf->len != 0)
    return true;
  tty->read_cb((uv_stream_t*) tty, UV_ENOBUFS, buf);
  return false;
}

static bool has_line(const uv_tty_t* tty) {
  return line_of(tty) != NULL && line_of(tty)->at < line_of(tty)->len;
}

static void deliver_line(uv_tty_t* tty) {
  while (is_reading(tty) && has_line(tty)) {
    struct line* line = line_of(tty);
    size_t n = line->len - line->at;
    uv_buf_t buf;
    if (!get_buffer(tty, LINE_SUGGESTED_SIZE, &buf))
      return;
    if (n > buf.len)
      n = buf.len;
    for (size_t i = 0; i < n; i++)
      buf.base[i] = line->text[line->at + i];
    line->at += n;
    if (line->at == line->len)
      drop_line(tty);
    tty->read_cb((uv_stream_t*) tty, (ssize_t) n, &buf);
  }
}

/* Reads records until one has typed something; answers whether one has. */
static bool read_key(uv_tty_t* tty, DWORD* error) {
  INPUT_RECORD record;
  DWORD n;

  *error = 0;
  while (!uv__tty_has_key(tty)) {
    if (!GetNumberOfConsoleInputEvents(tty->handle, &n)) {
      *error = GetLastError();
      return false;
    }
    if (n == 0)
      return false;
    if (!ReadConsoleInputW(tty->handle, &record, 1, &n)) {
      *error = GetLastError();
      return false;
    }
    uv__tty_take_record(tty, &record);
  }
  return true;
}

/* Fills one buffer; answers whether there may be more. */
static bool deliver_keys(uv_tty_t* tty, DWORD* error) {
  uv_buf_t buf;
  size_t used = 0;

  if (!read_key(tty, error) || !get_buffer(tty, RAW_SUGGESTED_SIZE, &buf))
    return false;
  while (used < buf.len && read_key(tty, error))
    buf.base[used++] = uv__tty_next_byte(tty);
  tty->read_cb((uv_stream_t*) tty, (ssize_t) used, &buf);
  return used == buf.len;
}

static bool is_raw(const uv_tty_t* tty) {
  return tty->tty.rd.mode.mode != UV_TTY_MODE_NORMAL;
}

/* -- Waiting for input records ----------------------------------------------------------------- */

enum { NOBODY_POSTED, POSTED };

static void CALLBACK post_read(void* arg, BOOLEAN timed_out) {
  uv_tty_t* tty = arg;

  (void) timed_out;
  uv__req_finish((uv_req_t*) &tty->read_req, 0, POSTED);
  uv__iocp_post(tty->loop, (uv_req_t*) &tty->read_req);
}

static int begin_raw(uv_tty_t* tty) {
  if (RegisterWaitForSingleObject(&tty->tty.rd.read_raw_wait, tty->handle, post_read, tty, INFINITE,
                                  WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE))
    return 0;
  tty->tty.rd.read_raw_wait = NULL;
  return uv_translate_sys_error((int) GetLastError());
}

/* Afterwards post_read() neither runs nor will. */
static void end_raw_wait(uv_tty_t* tty) {
  UnregisterWaitEx(tty->tty.rd.read_raw_wait, INVALID_HANDLE_VALUE);
  tty->tty.rd.read_raw_wait = NULL;
}

static void cancel_raw(uv_tty_t* tty) {
  uv_req_t* req = (uv_req_t*) &tty->read_req;

  end_raw_wait(tty);
  if (uv__req_bytes(req) == NOBODY_POSTED)
    uv__iocp_queue(tty->loop, req);
}

/* -- Lines ------------------------------------------------------------------------------------- */

static bool pass_on(struct line* line, enum line_state from, enum line_state to) {
  unsigned int expected = from;

  while (!uv__replace(&line->state, &expected, (unsigned int) to))
    if (expected != (unsigned int) from)
      return false;
  return true;
}

/* Makes UTF-8 of what was read, but for a first half of a character at its end. */
static void convert(uv_tty_t* tty, struct line* line, const WCHAR* units, DWORD count) {
  for (DWORD i = 0; i < count; i++) {
    uint32_t point = uv__tty_take_unit(tty, units[i]);
    if (point != 0 || units[i] == 0)
      line->len += uv__tty_encode(point, line->text + line->len);
  }
}

static DWORD read_line(struct line* line) {
  uv_tty_t* tty = line->tty;
  WCHAR units[MOST_UNITS];
  DWORD count = 0;
  DWORD error = 0;

  if (!pass_on(line, LINE_WAITS, LINE_IS_READ))
    return 0;
  if (!ReadConsoleW(tty->handle, units, MOST_UNITS, &count, NULL))
    error = GetLastError();
  if (pass_on(line, LINE_IS_READ, LINE_DONE)) {
    convert(tty, line, units, count);
    return error;
  }
  /* The console was locked by whoever typed the end of the line. */
  uv__console_restore_cursor(&line->saved);
  uv__console_unlock();
  return 0;
}

static DWORD WINAPI read_line_in_thread(void* arg) {
  struct line* line = arg;
  uv_tty_t* tty = line->tty;

  uv__req_finish((uv_req_t*) &tty->read_req, read_line(line), 0);
  uv__iocp_post(tty->loop, (uv_req_t*) &tty->read_req);
  return 0;
}

static int begin_line(uv_tty_t* tty) {
  struct line* line = uv__malloc(sizeof(*line));

  if (line == NULL)
    return UV_ENOMEM;
  line->tty = tty;
  line->state = LINE_WAITS;
  line->at = 0;
  line->len = 0;
  if (!QueueUserWorkItem(read_line_in_thread, line, WT_EXECUTELONGFUNCTION)) {
    uv__free(line);
    return uv_translate_sys_error((int) GetLastError());
  }
  drop_line(tty);
  tty->tty.rd.read_line_buffer.base = (char*) line;
  return 0;
}

static bool type_return(HANDLE input) {
  const KEY_EVENT_RECORD key = {
      .bKeyDown = TRUE,
      .wRepeatCount = 1,
      .wVirtualKeyCode = VK_RETURN,
      .wVirtualScanCode = (WORD) MapVirtualKeyW(VK_RETURN, MAPVK_VK_TO_VSC),
      .uChar.UnicodeChar = '\r',
  };
  INPUT_RECORD record = {.EventType = KEY_EVENT};
  DWORD written;

  record.Event.KeyEvent = key;
  return WriteConsoleInputW(input, &record, 1, &written) && written == 1;
}

/* While the line's end is typed and echoed nobody writes: the thread unlocks the console. If the
 * console has gone, the thread's call ends by itself, or is cancelled. */
static void cancel_line(uv_tty_t* tty) {
  struct line* line = line_of(tty);

  uv__console_lock();
  uv__console_save_cursor(&line->saved);
  if (pass_on(line, LINE_IS_READ, LINE_INTERRUPTED)) {
    if (!type_return(tty->handle))
      CancelIoEx(tty->handle, NULL);
    return;
  }
  uv__console_unlock();
  pass_on(line, LINE_WAITS, LINE_CALLED_OFF);
}

/* -- Reading ----------------------------------------------------------------------------------- */

static int begin(uv_tty_t* tty) {
  int err = 0;

  uv__req_prepare((uv_req_t*) &tty->read_req);
  if (has_line(tty) || (is_raw(tty) && uv__tty_has_key(tty)))
    uv__iocp_queue(tty->loop, (uv_req_t*) &tty->read_req);
  else
    err = is_raw(tty) ? begin_raw(tty) : begin_line(tty);
  if (err != 0)
    return err;
  tty->flags |= UV__TTY_READ_PENDING;
  tty->reqs_pending++;
  return 0;
}

int uv__tty_read_start(uv_tty_t* tty, uv_alloc_cb alloc_cb, uv_read_cb read_cb) {
  /* One that has been cancelled is followed by the next. */
  int err = tty->flags & UV__TTY_READ_PENDING ? 0 : begin(tty);

  if (err != 0)
    return err;
  tty->alloc_cb = alloc_cb;
  tty->read_cb = read_cb;
  tty->flags |= UV_HANDLE_READING;
  uv__handle_start(uv__handle(tty));
  return 0;
}

void uv__tty_read_stop(uv_tty_t* tty) {
  tty->flags &= ~(unsigned int) UV_HANDLE_READING;
  uv__tty_read_cancel(tty);
  uv__tty_settle(tty);
}

static bool is_line_under_way(const uv_tty_t* tty) {
  const struct line* line = line_of(tty);

  return line != NULL && uv__load_acquire(&line->state) <= LINE_IS_READ;
}

void uv__tty_read_cancel(uv_tty_t* tty) {
  if (!(tty->flags & UV__TTY_READ_PENDING))
    return;
  if (tty->tty.rd.read_raw_wait != NULL)
    cancel_raw(tty);
  else if (is_line_under_way(tty))
    cancel_line(tty);
}

/* Whether the line that has come back was wanted; if not, it is dropped. */
static void take_line(uv_tty_t* tty) {
  struct line* line = line_of(tty);

  if (line != NULL && uv__load_acquire(&line->state) != LINE_DONE)
    drop_line(tty);
}

void uv__tty_read_done(uv_tty_t* tty) {
  DWORD error = uv__req_file_error((uv_req_t*) &tty->read_req);
  int err;

  tty->flags &= ~(unsigned int) UV__TTY_READ_PENDING;
  if (tty->tty.rd.read_raw_wait != NULL)
    end_raw_wait(tty);
  take_line(tty);

  if (is_reading(tty) && error == 0) {
    deliver_line(tty);
    while (is_reading(tty) && is_raw(tty) && !has_line(tty) && deliver_keys(tty, &error))
      continue;
  }
  if (!is_reading(tty) || (tty->flags & UV__TTY_READ_PENDING))
    return;
  err = error != 0 ? uv_translate_sys_error((int) error) : begin(tty);
  if (err != 0)
    fail(tty, err);
}
