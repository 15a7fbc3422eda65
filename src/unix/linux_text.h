/* The small text files in which Linux tells about itself: /proc, /sys. */
#ifndef RONDO_UNIX_LINUX_TEXT_H_
#define RONDO_UNIX_LINUX_TEXT_H_

#include "uv.h"

#include <stdbool.h>

/* A file that is read line by line. */
struct uv__lines {
  int fd;
  size_t start; /* of what has not been given out */
  size_t end;   /* of what has been read */
  bool cut;     /* the last line was longer than there is room for, and lacks its end */
  char text[4096];
};

/* 0 or an error. */
int uv__lines_open(struct uv__lines* lines, const char* path);
void uv__lines_close(struct uv__lines* lines);

/* The next line without its newline, good until the next call; NULL at the end. */
char* uv__lines_next(struct uv__lines* lines);

/* The beginning of a file as a string, empty on error: 0 or the error. */
int uv__read_text(const char* path, char* text, size_t size);

/* Reads digits behind blanks and moves `*at` behind them: whether there are any. Numbers are read
 * by hand, because the locale decides how strtod(3) and the like take them. */
bool uv__parse_integer(const char** at, uint64_t* number);

#endif /* RONDO_UNIX_LINUX_TEXT_H_ */
