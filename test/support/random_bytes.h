/* Bytes that look random. */
#ifndef RONDO_TEST_RANDOM_BYTES_H_
#define RONDO_TEST_RANDOM_BYTES_H_

#include <stdbool.h>

enum { BYTES = 1000 };

/* Whether each quarter has more than a handful of different values: of all-random bytes, one in
 * 10^300 fills has not. */
static inline bool looks_random(const unsigned char* bytes) {
  for (int quarter = 0; quarter < 4; quarter++) {
    bool seen[256] = {false};
    int different = 0;

    for (int i = 0; i < BYTES / 4; i++) {
      different += !seen[bytes[quarter * BYTES / 4 + i]];
      seen[bytes[quarter * BYTES / 4 + i]] = true;
    }
    if (different < 64)
      return false;
  }
  return true;
}

#endif /* RONDO_TEST_RANDOM_BYTES_H_ */
