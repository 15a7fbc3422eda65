/* An io_uring by raw system calls; see ring.h. */
#define _GNU_SOURCE
#include "ring.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench.h"

static void* map(const struct ring* ring, size_t len, off_t offset) {
  void* memory =
      mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, offset);

  if (memory == MAP_FAILED)
    bench_must(-errno, "mmap of a ring");
  return memory;
}

static unsigned* at(const struct ring* ring, unsigned offset) {
  return (unsigned*) (void*) ((char*) ring->memory[0] + offset);
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

bool ring_open(struct ring* ring, unsigned entries) {
  struct io_uring_params params = {
      .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
  };
  unsigned* array;

  memset(ring, 0, sizeof(*ring));
  ring->fd = (int) syscall(SYS_io_uring_setup, entries, &params);
  if (ring->fd == -1) {
    printf("# skipped: no io_uring: %s\n", strerror(errno));
    return false;
  }

  ring->memory_len[0] = larger(params.cq_off.cqes + params.cq_entries * sizeof(*ring->cqes),
                               params.sq_off.array + params.sq_entries * sizeof(*array));
  ring->memory_len[1] = params.sq_entries * sizeof(struct io_uring_sqe);
  ring->memory[0] = map(ring, ring->memory_len[0], IORING_OFF_SQ_RING);
  ring->memory[1] = map(ring, ring->memory_len[1], IORING_OFF_SQES);
  ring->sq_head = at(ring, params.sq_off.head);
  ring->sq_tail = at(ring, params.sq_off.tail);
  ring->sq_mask = *at(ring, params.sq_off.ring_mask);
  ring->sq_entries = params.sq_entries;
  ring->sqes = ring->memory[1];
  ring->cq_head = at(ring, params.cq_off.head);
  ring->cq_tail = at(ring, params.cq_off.tail);
  ring->cq_mask = *at(ring, params.cq_off.ring_mask);
  ring->cqes = (struct io_uring_cqe*) (void*) at(ring, params.cq_off.cqes);

  array = at(ring, params.sq_off.array);
  for (unsigned i = 0; i < params.sq_entries; i++)
    array[i] = i;
  return true;
}

void ring_close(struct ring* ring) {
  for (int i = 0; i < 2; i++)
    munmap(ring->memory[i], ring->memory_len[i]);
  close(ring->fd);
}

struct io_uring_sqe* ring_next(struct ring* ring) {
  struct io_uring_sqe* entry;

  if (ring->unsubmitted == ring->sq_entries)
    ring_enter(ring, 0);
  entry = &ring->sqes[(*ring->sq_tail + ring->unsubmitted++) & ring->sq_mask];
  memset(entry, 0, sizeof(*entry));
  return entry;
}

void ring_enter(struct ring* ring, unsigned wait_for) {
  unsigned count = ring->unsubmitted;

  __atomic_store_n(ring->sq_tail, *ring->sq_tail + count, __ATOMIC_RELEASE);
  ring->unsubmitted = 0;
  if (syscall(SYS_io_uring_enter, ring->fd, count, wait_for, IORING_ENTER_GETEVENTS, NULL, 0) !=
      (long) count)
    bench_must(-errno, "io_uring_enter");
}

bool ring_take(struct ring* ring, struct io_uring_cqe* completion) {
  unsigned head = *ring->cq_head;

  if (head == __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE))
    return false;
  *completion = ring->cqes[head & ring->cq_mask];
  __atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
  return true;
}
