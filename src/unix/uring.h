/* An io_uring by raw system calls: the two queues that the kernel shares with the process.
 *
 * Where the kernel, a container or a sandbox refuses, opening fails and the caller does without. A
 * ring belongs to the process that made it: in the child of a fork it is only closed. */
#ifndef RONDO_UNIX_URING_H_
#define RONDO_UNIX_URING_H_

#include "uv.h"

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>

struct uv__uring {
  int fd;
  void* memory; /* both queues' indices and the completions */
  size_t memory_len;
  struct io_uring_sqe* sqes;
  size_t sqes_len;

  unsigned int* sq_head; /* the kernel's */
  unsigned int* sq_tail;
  unsigned int* sq_flags; /* the kernel's */
  unsigned int sq_mask;
  unsigned int tail; /* of what is prepared; behind *sq_tail until it is submitted */

  unsigned int* cq_head;
  unsigned int* cq_tail; /* the kernel's */
  unsigned int cq_mask;
  struct io_uring_cqe* cqes;
};

/* Makes a ring of `entries`, a power of two, with the flags of io_uring_setup(2): 0 or an error. */
int uv__uring_open(struct uv__uring* ring, unsigned int entries, unsigned int flags);
void uv__uring_close(struct uv__uring* ring);

/* The next entry to fill, zeroed; NULL if all are taken. */
struct io_uring_sqe* uv__uring_prepare(struct uv__uring* ring);

/* Whether entries were prepared and not submitted. */
bool uv__uring_has_prepared(const struct uv__uring* ring);

/* The prepared entry with this user_data; NULL if there is none. */
struct io_uring_sqe* uv__uring_find_prepared(const struct uv__uring* ring, uint64_t user_data);

/* Submits what is prepared, and has the kernel do what it put off for this ring: 0, or an error
 * with what the kernel did not take still prepared. */
int uv__uring_enter(struct uv__uring* ring);

/* The oldest completion that has not been taken; NULL if there is none. Taking it gives its place
 * back to the kernel. */
const struct io_uring_cqe* uv__uring_peek(const struct uv__uring* ring);
void uv__uring_take(struct uv__uring* ring);

/* Whether completions wait in the kernel that found no place in the queue. The next enter puts
 * there what fits. */
bool uv__uring_overflows(const struct uv__uring* ring);

/* Whether the ring has news: a completion, or work that the kernel put off until it is entered. */
bool uv__uring_has_news(const struct uv__uring* ring);

#endif /* RONDO_UNIX_URING_H_ */
