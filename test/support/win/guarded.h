/* Memory that tells who writes to it after it was freed.
 *
 * A freed block is filled with a pattern and kept, so that an operation of the system's that was
 * forgotten does not hit memory of others; guarded_disturbed() looks at what has become of the
 * patterns, and lets the blocks go. */
#ifndef RONDO_TEST_GUARDED_H_
#define RONDO_TEST_GUARDED_H_

#include "uv.h"

#include <stdlib.h>
#include <string.h>

enum { GUARDED_FREED = 0xDB, GUARDED_FRESH = 0xA5 };

struct guarded {
  struct guarded* next; /* of the freed ones */
  size_t size;
  _Alignas(16) unsigned char bytes[];
};

static struct {
  SRWLOCK lock;
  struct guarded* freed;
  long live; /* blocks that are in use */
} guarded = {.lock = SRWLOCK_INIT};

static inline struct guarded* guarded_of(void* bytes) {
  return (struct guarded*) (void*) ((char*) bytes - offsetof(struct guarded, bytes));
}

static inline void* guarded_malloc(size_t size) {
  struct guarded* block = malloc(sizeof(*block) + size);

  if (block == NULL)
    return NULL;
  block->size = size;
  memset(block->bytes, GUARDED_FRESH, size);
  InterlockedIncrement(&guarded.live);
  return block->bytes;
}

static inline void* guarded_calloc(size_t count, size_t size) {
  void* bytes = guarded_malloc(count * size);

  return bytes != NULL ? memset(bytes, 0, count * size) : NULL;
}

static inline void guarded_free(void* bytes) {
  struct guarded* block;

  if (bytes == NULL)
    return;
  block = guarded_of(bytes);
  memset(bytes, GUARDED_FREED, block->size);
  AcquireSRWLockExclusive(&guarded.lock);
  block->next = guarded.freed;
  guarded.freed = block;
  ReleaseSRWLockExclusive(&guarded.lock);
  InterlockedDecrement(&guarded.live);
}

static inline void* guarded_realloc(void* bytes, size_t size) {
  void* moved = guarded_malloc(size);
  size_t kept = bytes != NULL ? guarded_of(bytes)->size : 0;

  if (moved == NULL || bytes == NULL)
    return moved;
  memcpy(moved, bytes, kept < size ? kept : size);
  guarded_free(bytes);
  return moved;
}

/* From now on the library allocates here, until guarded_remove(). */
static inline void guarded_install(void) {
  uv_replace_allocator(guarded_malloc, guarded_realloc, guarded_calloc, guarded_free);
}

static inline void guarded_remove(void) {
  uv_replace_allocator(malloc, realloc, calloc, free);
}

/* How many bytes were written to that had been freed. */
static inline size_t guarded_disturbed(void) {
  struct guarded* block = guarded.freed;
  size_t disturbed = 0;

  guarded.freed = NULL;
  while (block != NULL) {
    struct guarded* next = block->next;
    for (size_t i = 0; i < block->size; i++)
      disturbed += block->bytes[i] != GUARDED_FREED;
    free(block);
    block = next;
  }
  return disturbed;
}

#endif /* RONDO_TEST_GUARDED_H_ */
