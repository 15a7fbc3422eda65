/* io_uring(7): setup, submission and completion, in terms of io_uring_setup(2) and
 * io_uring_enter(2). */
#include "uring.h"

#include "../atomic.h"
#include "fd.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static int setup(unsigned int entries, struct io_uring_params* params) {
  int fd = (int) syscall(SYS_io_uring_setup, entries, params);
  return fd == -1 ? UV__ERR(errno) : fd;
}

static void* map(int fd, size_t len, off_t what) {
  void* memory = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, what);
  return memory == MAP_FAILED ? NULL : memory;
}

static void* at(const struct uv__uring* ring, unsigned int offset) {
  return (char*) ring->memory + offset;
}

static size_t larger(size_t a, size_t b) {
  return a > b ? a : b;
}

/* One mapping for both queues: kernels since 5.4. Completions are never lost: since 5.5. */
static bool is_new_enough(const struct io_uring_params* params) {
  const unsigned int needed = IORING_FEAT_SINGLE_MMAP | IORING_FEAT_NODROP;
  return (params->features & needed) == needed;
}

static int map_queues(struct uv__uring* ring, const struct io_uring_params* params) {
  size_t sq_len = params->sq_off.array + params->sq_entries * sizeof(unsigned int);
  size_t cq_len = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);

  ring->memory_len = larger(sq_len, cq_len);
  ring->sqes_len = params->sq_entries * sizeof(struct io_uring_sqe);
  ring->memory = map(ring->fd, ring->memory_len, IORING_OFF_SQ_RING);
  ring->sqes = map(ring->fd, ring->sqes_len, IORING_OFF_SQES);
  return ring->memory == NULL || ring->sqes == NULL ? UV_ENOMEM : 0;
}

static void find_queues(struct uv__uring* ring, const struct io_uring_params* params) {
  unsigned int* array = at(ring, params->sq_off.array);

  ring->sq_head = at(ring, params->sq_off.head);
  ring->sq_tail = at(ring, params->sq_off.tail);
  ring->sq_flags = at(ring, params->sq_off.flags);
  ring->sq_mask = params->sq_entries - 1;
  ring->tail = *ring->sq_tail;
  ring->cq_head = at(ring, params->cq_off.head);
  ring->cq_tail = at(ring, params->cq_off.tail);
  ring->cq_mask = params->cq_entries - 1;
  ring->cqes = at(ring, params->cq_off.cqes);

  /* Entries are used in their own order. */
  for (unsigned int i = 0; i < params->sq_entries; i++)
    array[i] = i;
}

int uv__uring_open(struct uv__uring* ring, unsigned int entries, unsigned int flags) {
  struct io_uring_params params;
  int err;

  memset(ring, 0, sizeof(*ring));
  memset(&params, 0, sizeof(params));
  params.flags = flags;
  ring->fd = setup(entries, &params);
  if (ring->fd < 0)
    return ring->fd;

  err = is_new_enough(&params) ? map_queues(ring, &params) : UV_ENOSYS;
  if (err != 0) {
    uv__uring_close(ring);
    return err;
  }
  find_queues(ring, &params);
  return 0;
}

void uv__uring_close(struct uv__uring* ring) {
  if (ring->sqes != NULL)
    munmap(ring->sqes, ring->sqes_len);
  if (ring->memory != NULL)
    munmap(ring->memory, ring->memory_len);
  uv__close(ring->fd);
  ring->fd = -1;
}

/* -- Submission -------------------------------------------------------------------------------- */

struct io_uring_sqe* uv__uring_prepare(struct uv__uring* ring) {
  struct io_uring_sqe* sqe;

  if (ring->tail - uv__load_acquire(ring->sq_head) > ring->sq_mask)
    return NULL;
  sqe = &ring->sqes[ring->tail & ring->sq_mask];
  ring->tail++;
  memset(sqe, 0, sizeof(*sqe));
  return sqe;
}

bool uv__uring_has_prepared(const struct uv__uring* ring) {
  return ring->tail != uv__load_acquire(ring->sq_head);
}

struct io_uring_sqe* uv__uring_find_prepared(const struct uv__uring* ring, uint64_t user_data) {
  for (unsigned int i = uv__load_acquire(ring->sq_head); i != ring->tail; i++)
    if (ring->sqes[i & ring->sq_mask].user_data == user_data)
      return &ring->sqes[i & ring->sq_mask];
  return NULL;
}

int uv__uring_enter(struct uv__uring* ring) {
  unsigned int count = ring->tail - uv__load_acquire(ring->sq_head);
  long r;

  uv__store_release(ring->sq_tail, ring->tail);
  do
    r = syscall(SYS_io_uring_enter, ring->fd, count, 0, IORING_ENTER_GETEVENTS, NULL, 0);
  while (r == -1 && errno == EINTR);
  return r == -1 ? UV__ERR(errno) : 0;
}

/* -- Completion -------------------------------------------------------------------------------- */

const struct io_uring_cqe* uv__uring_peek(const struct uv__uring* ring) {
  unsigned int head = *ring->cq_head;

  if (head == uv__load_acquire(ring->cq_tail))
    return NULL;
  return &ring->cqes[head & ring->cq_mask];
}

void uv__uring_take(struct uv__uring* ring) {
  uv__store_release(ring->cq_head, *ring->cq_head + 1);
}

bool uv__uring_overflows(const struct uv__uring* ring) {
  return (uv__load_relaxed(ring->sq_flags) & IORING_SQ_CQ_OVERFLOW) != 0;
}

bool uv__uring_has_news(const struct uv__uring* ring) {
  const unsigned int put_off = IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW;

  return *ring->cq_head != uv__load_acquire(ring->cq_tail) ||
         (uv__load_relaxed(ring->sq_flags) & put_off) != 0;
}
