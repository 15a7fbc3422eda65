/* The console that this process shares with others: what is the same for every TTY handle. */
#ifndef RONDO_WIN_CONSOLE_H_
#define RONDO_WIN_CONSOLE_H_

#include "uv.h"

#include <stdbool.h>

/* Gets to know the process's console, if it has one; once, whoever comes first. 0 or a UV_E code.
 */
int uv__console_open(void);

/* -- Output ------------------------------------------------------------------------------------ */

/* One thread writes at a time. Another one may unlock. */
void uv__console_lock(void);
void uv__console_unlock(void);

/* The rest is called with the lock held. */

/* Notes what text looked like before anybody wrote, and finds out whether escape sequences are
 * understood; of the first screen that a handle writes to. */
void uv__console_learn(HANDLE screen, const CONSOLE_SCREEN_BUFFER_INFO* info);

/* Whether escape sequences go to the console as they are. */
bool uv__console_has_sequences(void);

/* What text and cursor look like unless somebody wants it otherwise. */
WORD uv__console_attributes(void);
CONSOLE_CURSOR_INFO uv__console_cursor(void);

/* -- The window -------------------------------------------------------------------------------- */

/* What sequences address: as wide as the screen buffer, as high as the visible window, beginning
 * where the cursor was at first, and sliding down with what is written. */
struct uv__console_window {
  int width;
  int height;
  int top; /* in the buffer */
};

/* The window now that the screen is like this. */
struct uv__console_window uv__console_follow(const CONSOLE_SCREEN_BUFFER_INFO* info);

/* -- Input ------------------------------------------------------------------------------------- */

/* The input's mode will have to be put back: uv_tty_reset_mode(). */
void uv__console_mark_input(void);

/* Moves the cursor of the visible screen back to where it was when `info` was taken, although a
 * line has been ended since. */
bool uv__console_save_cursor(CONSOLE_SCREEN_BUFFER_INFO* info);
void uv__console_restore_cursor(const CONSOLE_SCREEN_BUFFER_INFO* info);

#endif /* RONDO_WIN_CONSOLE_H_ */
