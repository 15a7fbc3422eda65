/* An io_uring by raw system calls, for one thread, which enters the kernel once per turn. */
#ifndef RING_H_
#define RING_H_

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stddef.h>

struct ring {
  int fd;
  unsigned* sq_head;
  unsigned* sq_tail;
  unsigned sq_mask;
  unsigned sq_entries;
  struct io_uring_sqe* sqes;
  unsigned unsubmitted;
  unsigned* cq_head;
  unsigned* cq_tail;
  unsigned cq_mask;
  struct io_uring_cqe* cqes;
  void* memory[2];
  size_t memory_len[2];
};

/* False, with a remark, where the kernel has no io_uring for this process. */
bool ring_open(struct ring* ring, unsigned entries);
void ring_close(struct ring* ring);

/* An entry to fill in, zeroed; submits if there is no room. */
struct io_uring_sqe* ring_next(struct ring* ring);

/* Submits all entries and waits for a completion, or for none. */
void ring_enter(struct ring* ring, unsigned wait_for);

/* Takes a completion: false if there is none. */
bool ring_take(struct ring* ring, struct io_uring_cqe* completion);

#endif /* RING_H_ */
