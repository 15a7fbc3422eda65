/* The escape sequences of keys that type no character. */
#ifndef RONDO_WIN_TTY_KEYS_H_
#define RONDO_WIN_TTY_KEYS_H_

#include "uv.h"

#include <stdbool.h>

/* The sequence of a key by its virtual code, NULL if it has none. */
const char* uv__tty_key_sequence(WORD key, bool shift, bool ctrl);

/* Whether the key, held with Alt, makes up the number of a character: not by itself then. */
bool uv__tty_key_composes(WORD key);

#endif /* RONDO_WIN_TTY_KEYS_H_ */
