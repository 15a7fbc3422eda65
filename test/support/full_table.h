/* Makes a loop's table of descriptors full: the next that it is to watch does not fit, and making
 * room takes memory. */
#ifndef RONDO_TEST_FULL_TABLE_H_
#define RONDO_TEST_FULL_TABLE_H_

#include "support/descriptors.h"
#include "uv.h"

#if defined(_WIN32)

/* There is no such table. */
static inline void fill_table(const uv_loop_t* loop) {
  (void) loop;
}

static inline void empty_table(void) {
}

#else

static struct {
  int fds[MOST_DESCRIPTORS];
  int count;
} spare;

/* Uses up the numbers that fit. */
static inline void fill_table(const uv_loop_t* loop) {
  int fd;

  while ((fd = fcntl(0, F_DUPFD_CLOEXEC, 0)) < (int) loop->nwatchers) {
    assert_true(fd >= 0);
    spare.fds[spare.count++] = fd;
  }
  close(fd);
}

/* Gives them back. */
static inline void empty_table(void) {
  while (spare.count > 0)
    close(spare.fds[--spare.count]);
}

#endif

#endif /* RONDO_TEST_FULL_TABLE_H_ */
