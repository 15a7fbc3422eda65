/* How much the process has open, for those who compare it before and after. */
#ifndef RONDO_TEST_OPEN_COUNT_H_
#define RONDO_TEST_OPEN_COUNT_H_

#include "support/descriptors.h"

#if defined(_WIN32)
/* Handles come and go with threads of the system's: only large numbers tell something there, and
 * tests of Windows alone count those. */
static inline int count_open(void) {
  return 0;
}
#else
static inline int count_open(void) {
  return count_descriptors();
}
#endif

#endif /* RONDO_TEST_OPEN_COUNT_H_ */
