/* Input records of a console as bytes. */
#ifndef RONDO_WIN_TTY_RECORD_H_
#define RONDO_WIN_TTY_RECORD_H_

#include "../core.h"

/* Nothing has been typed. */
void uv__tty_forget_keys(uv_tty_t* tty);

/* Takes in a record: a key's bytes, or something that types nothing. */
void uv__tty_take_record(uv_tty_t* tty, const INPUT_RECORD* record);

/* Whether bytes of keys are left, and the next of them. */
bool uv__tty_has_key(uv_tty_t* tty);
char uv__tty_next_byte(uv_tty_t* tty);

/* The character that a unit of UTF-16 completes; 0 for the first half of one. */
uint32_t uv__tty_take_unit(uv_tty_t* tty, WCHAR unit);

/* Writes a character's UTF-8, which has four bytes at most: how many. */
size_t uv__tty_encode(uint32_t point, char* bytes);

#endif /* RONDO_WIN_TTY_RECORD_H_ */
