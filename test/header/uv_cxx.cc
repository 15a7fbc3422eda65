// The public header as C++, and the form of uv_tty_set_mode() that only C++ has.
#include "uv.c"

int set_mode_by_number(uv_tty_t* tty);
int set_mode_by_name(uv_tty_t* tty);

int set_mode_by_number(uv_tty_t* tty) {
  return uv_tty_set_mode(tty, 1);
}

int set_mode_by_name(uv_tty_t* tty) {
  return uv_tty_set_mode(tty, UV_TTY_MODE_RAW);
}
