/* Reading the small text files in which Linux tells about itself. */
#include "linux_text.h"

#include "fd.h"

#include <fcntl.h>
#include <string.h>

int uv__lines_open(struct uv__lines* lines, const char* path) {
  int fd = uv__open(path, O_RDONLY);

  if (fd < 0)
    return fd;
  lines->fd = fd;
  lines->start = 0;
  lines->end = 0;
  lines->cut = false;
  return 0;
}

void uv__lines_close(struct uv__lines* lines) {
  uv__close(lines->fd);
}

/* Reads on behind what is left over: whether there was anything. */
static bool read_more(struct uv__lines* lines) {
  ssize_t n;

  lines->end -= lines->start;
  memmove(lines->text, lines->text + lines->start, lines->end);
  lines->start = 0;
  n = uv__read(lines->fd, lines->text + lines->end, sizeof(lines->text) - 1 - lines->end);
  if (n <= 0)
    return false;
  lines->end += (size_t) n;
  return true;
}

/* Takes the rest of what has been read for a line. */
static char* take_rest(struct uv__lines* lines) {
  char* line = lines->text + lines->start;

  lines->text[lines->end] = '\0';
  lines->start = lines->end;
  return line;
}

char* uv__lines_next(struct uv__lines* lines) {
  bool in_cut_line = lines->cut;

  for (;;) {
    char* line = lines->text + lines->start;
    size_t len = lines->end - lines->start;
    char* newline = memchr(line, '\n', len);

    if (newline != NULL) {
      *newline = '\0';
      lines->start += (size_t) (newline - line) + 1;
      if (!in_cut_line) {
        lines->cut = false;
        return line;
      }
      in_cut_line = false;
    } else if (len == sizeof(lines->text) - 1) {
      line = take_rest(lines);
      if (!in_cut_line) {
        lines->cut = true;
        return line;
      }
    } else if (!read_more(lines)) {
      if (lines->start == lines->end || in_cut_line)
        return NULL;
      return take_rest(lines);
    }
  }
}

int uv__read_text(const char* path, char* text, size_t size) {
  int fd = uv__open(path, O_RDONLY);
  ssize_t len;

  text[0] = '\0';
  if (fd < 0)
    return fd;
  len = uv__read(fd, text, size - 1);
  uv__close(fd);
  if (len < 0)
    return (int) len;
  text[len] = '\0';
  return 0;
}

bool uv__parse_integer(const char** at, uint64_t* number) {
  *at += strspn(*at, " \t");
  const char* start = *at;

  for (*number = 0; **at >= '0' && **at <= '9'; (*at)++)
    *number = *number * 10 + (uint64_t) (**at - '0');
  return *at != start;
}
