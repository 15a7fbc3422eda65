/* An allocator for tests: counts blocks and fails on demand. The counts are atomic; what to fail is
 * set while nobody allocates. */
#ifndef RONDO_TEST_ALLOCATOR_H_
#define RONDO_TEST_ALLOCATOR_H_

#include "uv.h"

#include <stdbool.h>
#include <stdlib.h>

static struct {
  long live;    /* blocks that were allocated and not freed */
  long calls;   /* allocations asked for since the last uv_replace_allocator() */
  long fail_at; /* number of the call that fails, 0 for none */
  bool fail_on; /* whether those after it fail too */
} test_allocator;

static inline bool test_allocator_refuses(void) {
  long call = __atomic_add_fetch(&test_allocator.calls, 1, __ATOMIC_RELAXED);
  if (test_allocator.fail_at == 0 || call < test_allocator.fail_at)
    return false;
  return call == test_allocator.fail_at || test_allocator.fail_on;
}

static inline void* test_allocator_count(void* block) {
  if (block != NULL)
    __atomic_add_fetch(&test_allocator.live, 1, __ATOMIC_RELAXED);
  return block;
}

static inline void* counted_malloc(size_t size) {
  return test_allocator_refuses() ? NULL : test_allocator_count(malloc(size));
}

static inline void* counted_calloc(size_t count, size_t size) {
  return test_allocator_refuses() ? NULL : test_allocator_count(calloc(count, size));
}

static inline void* counted_realloc(void* ptr, size_t size) {
  if (test_allocator_refuses())
    return NULL;
  return ptr == NULL ? test_allocator_count(malloc(size)) : realloc(ptr, size);
}

static inline void counted_free(void* ptr) {
  if (ptr != NULL)
    __atomic_sub_fetch(&test_allocator.live, 1, __ATOMIC_RELAXED);
  free(ptr);
}

/* From now on the library allocates here. The `fail_at`th allocation fails, and with `fail_on` all
 * after it; 0: none. */
static inline void test_allocator_install(long fail_at, bool fail_on) {
  test_allocator.live = 0;
  test_allocator.calls = 0;
  test_allocator.fail_at = fail_at;
  test_allocator.fail_on = fail_on;
  uv_replace_allocator(counted_malloc, counted_realloc, counted_calloc, counted_free);
}

/* The library allocates with malloc(3) again. */
static inline void test_allocator_remove(void) {
  uv_replace_allocator(malloc, realloc, calloc, free);
}

#endif /* RONDO_TEST_ALLOCATOR_H_ */
