/* A command line. Windows gives a program one text, and the program's C library splits it: each
 * argument is quoted so that the splitting gives it back.
 *
 * Between quotes a backslash is one only if it stands before a quote, or before backslashes that
 * do; there each must be doubled. */
#include "../core.h"
#include "spawn.h"
#include "text.h"

#include <string.h>
#include <wchar.h>

/* What the system takes, with the NUL. */
enum { LONGEST_LINE = 32767 };

/* Room for an argument: each byte may get a backslash, and there are two quotes and a blank. */
static size_t most_quoted(const char* arg) {
  return 2 * strlen(arg) + 3;
}

static char* append(char* to, const char* text) {
  size_t len = strlen(text);

  memcpy(to, text, len);
  return to + len;
}

static char* append_backslashes(char* to, size_t count) {
  memset(to, '\\', count);
  return to + count;
}

static char* append_between_quotes(char* to, const char* arg) {
  *to++ = '"';
  for (;;) {
    size_t backslashes = strspn(arg, "\\");
    arg += backslashes;
    if (*arg == '\0') {
      to = append_backslashes(to, 2 * backslashes);
      break;
    }
    to = append_backslashes(to, *arg == '"' ? 2 * backslashes + 1 : backslashes);
    *to++ = *arg++;
  }
  *to++ = '"';
  return to;
}

static char* append_quoted(char* to, const char* arg) {
  if (*arg != '\0' && strpbrk(arg, " \t\"") == NULL)
    return append(to, arg);
  return append_between_quotes(to, arg);
}

int uv__spawn_command_line(char* const* args, bool is_verbatim, WCHAR** line) {
  size_t size = 1;
  char* text;
  char* to;
  int err;

  *line = NULL;
  for (char* const* arg = args; *arg != NULL; arg++)
    size += most_quoted(*arg);
  text = uv__malloc(size);
  if (text == NULL)
    return UV_ENOMEM;

  to = text;
  for (char* const* arg = args; *arg != NULL; arg++) {
    if (arg != args)
      *to++ = ' ';
    to = is_verbatim ? append(to, *arg) : append_quoted(to, *arg);
  }
  *to = '\0';

  err = uv__text_to_wide(text, line);
  uv__free(text);
  if (err == 0 && wcslen(*line) >= LONGEST_LINE) {
    uv__free(*line);
    *line = NULL;
    return UV_E2BIG;
  }
  return err;
}
