/* TTY handles: consoles as streams. */
#include "tty.h"

#include "console.h"
#include "stream.h"

#if !defined(ENABLE_VIRTUAL_TERMINAL_INPUT)
#define ENABLE_VIRTUAL_TERMINAL_INPUT 0x0200
#endif

/* -- Life -------------------------------------------------------------------------------------- */

static void close_file(uv_tty_t* tty) {
  HANDLE file = tty->handle;

  tty->handle = INVALID_HANDLE_VALUE;
  if (tty->u.fd != -1)
    _close(tty->u.fd);
  else
    CloseHandle(file);
  tty->u.fd = -1;
}

/* A thread may be reading, so the file goes when all is back. */
static void end(uv_tty_t* tty) {
  if (tty->flags & UV__TTY_INPUT)
    uv__tty_read_free(tty);
  close_file(tty);
}

static enum uv__close_result tty_close(uv_handle_t* handle) {
  uv_tty_t* tty = (uv_tty_t*) handle;

  if (tty->flags & UV_HANDLE_READING)
    uv__tty_read_stop(tty);
  tty->flags &= ~(unsigned int) (UV_HANDLE_READABLE | UV_HANDLE_WRITABLE);
  uv__handle_stop(handle);
  if (tty->reqs_pending > 0)
    return UV__CLOSE_PENDING;
  end(tty);
  return UV__CLOSE_DONE;
}

static void tty_complete(uv_handle_t* handle, uv_req_t* req) {
  uv_tty_t* tty = (uv_tty_t*) handle;

  switch ((int) req->type) {
    case UV_READ:
      uv__tty_read_done(tty);
      break;
    case UV_WRITE:
      uv__tty_write_done(tty, (uv_write_t*) req);
      break;
    default:
      uv__tty_shutdown_done(tty, (uv_shutdown_t*) req);
      break;
  }
  tty->reqs_pending--;
  uv__tty_settle(tty);
  if (tty->reqs_pending == 0 && uv__is_closing(handle)) {
    end(tty);
    uv__handle_closed(handle);
  }
}

static const struct uv__handle_ops tty_ops = {
    .close = tty_close,
    .complete = tty_complete,
};

/* -- Opening ----------------------------------------------------------------------------------- */

/* The standard streams stay open for others. */
static int own_file(uv_tty_t* tty, uv_file fd, HANDLE file) {
  HANDLE process = GetCurrentProcess();

  tty->u.fd = fd;
  tty->handle = file;
  if (fd > 2)
    return 0;
  tty->u.fd = -1;
  if (!DuplicateHandle(process, file, process, &tty->handle, 0, FALSE, DUPLICATE_SAME_ACCESS))
    return uv_translate_sys_error((int) GetLastError());
  return 0;
}

/* Finds out that it is a console's screen. */
static int learn_output(HANDLE file) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  CONSOLE_CURSOR_INFO cursor;

  if (!GetConsoleScreenBufferInfo(file, &info) || !GetConsoleCursorInfo(file, &cursor))
    return uv_translate_sys_error((int) GetLastError());
  uv__console_lock();
  uv__console_learn(file, &info);
  uv__console_follow(&info);
  uv__console_unlock();
  return 0;
}

int uv_tty_init(uv_loop_t* loop, uv_tty_t* tty, uv_file fd, int unused) {
  HANDLE file = uv_get_osfhandle(fd);
  DWORD count;
  bool is_readable;
  int err;

  (void) unused;
  if (file == INVALID_HANDLE_VALUE)
    return UV_EBADF;
  err = uv__console_open();
  is_readable = GetNumberOfConsoleInputEvents(file, &count);
  if (err == 0 && !is_readable)
    err = learn_output(file);
  if (err == 0)
    err = own_file(tty, fd, file);
  if (err != 0)
    return err;

  uv__handle_init(loop, uv__handle(tty), UV_TTY, &tty_ops);
  tty->write_queue_size = 0;
  tty->alloc_cb = NULL;
  tty->read_cb = NULL;
  tty->reqs_pending = 0;
  tty->activecnt = 0;
  tty->stream.conn.write_reqs_pending = 0;
  tty->stream.conn.shutdown_req = NULL;
  if (is_readable) {
    tty->flags |= UV_HANDLE_BOUND | UV_HANDLE_READABLE | UV__TTY_INPUT;
    uv__tty_read_init(tty);
  } else {
    tty->flags |= UV_HANDLE_BOUND | UV_HANDLE_WRITABLE;
    uv__tty_write_init(tty);
  }
  return 0;
}

/* -- Modes ------------------------------------------------------------------------------------- */

static int set_input_mode(HANDLE file, uv_tty_mode_t mode) {
  DWORD bits = ENABLE_WINDOW_INPUT;

  if (mode == UV_TTY_MODE_NORMAL)
    bits = ENABLE_ECHO_INPUT | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT;
  /* Where the console makes no sequences the library does. */
  if (mode == UV_TTY_MODE_RAW_VT && SetConsoleMode(file, bits | ENABLE_VIRTUAL_TERMINAL_INPUT))
    return 0;
  return SetConsoleMode(file, bits) ? 0 : uv_translate_sys_error((int) GetLastError());
}

/* What is read meanwhile has to be read in the new way. */
static int change_mode(uv_tty_t* tty, uv_tty_mode_t mode) {
  bool was_reading = (tty->flags & UV_HANDLE_READING) != 0;
  int restart_err = 0;
  int err;

  if (was_reading)
    uv__tty_read_stop(tty);
  err = set_input_mode(tty->handle, mode);
  if (err == 0) {
    tty->tty.rd.mode.mode = mode;
    if (mode == UV_TTY_MODE_RAW_VT)
      uv__console_mark_input();
  }
  if (was_reading)
    restart_err = uv__tty_read_start(tty, tty->alloc_cb, tty->read_cb);
  return err != 0 ? err : restart_err;
}

int uv_tty_set_mode(uv_tty_t* tty, uv_tty_mode_t mode) {
  if (uv__is_closing(uv__handle(tty)))
    return UV_EBADF;
  if (!(tty->flags & UV_HANDLE_READABLE))
    return UV_EINVAL;
  switch (mode) {
    case UV_TTY_MODE_NORMAL:
    case UV_TTY_MODE_RAW:
    case UV_TTY_MODE_RAW_VT:
      return (int) mode == tty->tty.rd.mode.mode ? 0 : change_mode(tty, mode);
    case UV_TTY_MODE_IO:
      return UV_ENOTSUP;
    default:
      return UV_EINVAL;
  }
}

int uv_tty_get_winsize(uv_tty_t* tty, int* width, int* height) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  struct uv__console_window window;

  if (uv__is_closing(uv__handle(tty)))
    return UV_EBADF;
  if (!GetConsoleScreenBufferInfo(tty->handle, &info))
    return uv_translate_sys_error((int) GetLastError());
  uv__console_lock();
  window = uv__console_follow(&info);
  uv__console_unlock();
  *width = window.width;
  *height = window.height;
  return 0;
}
