/* What all parts of the tests' child program use. */
#ifndef RONDO_TEST_HELPERS_CHILD_H_
#define RONDO_TEST_HELPERS_CHILD_H_

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline int number(const char* text) {
  return (int) strtol(text, NULL, 10);
}

static inline void put(int fd, const char* text) {
  size_t len = strlen(text);

  while (len > 0) {
    int n = (int) write(fd, text, (unsigned int) len);
    if (n <= 0)
      _exit(99);
    text += n;
    len -= (size_t) n;
  }
}

#endif /* RONDO_TEST_HELPERS_CHILD_H_ */
