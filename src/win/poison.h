/* In debug builds: memory that the kernel wrote to and has given back is filled with a pattern, and
 * looked at before it is lent again. Who disturbed the pattern was an operation that nobody waited
 * for. */
#ifndef RONDO_WIN_POISON_H_
#define RONDO_WIN_POISON_H_

#include "uv.h"

#if defined(NDEBUG)

static inline void uv__poison(void* memory, size_t size) {
  (void) memory;
  (void) size;
}

static inline void uv__poison_check(const void* memory, size_t size) {
  (void) memory;
  (void) size;
}

#else

#include <assert.h>
#include <string.h>

enum { UV__POISON = 0xDB };

static inline void uv__poison(void* memory, size_t size) {
  memset(memory, UV__POISON, size);
}

static inline void uv__poison_check(const void* memory, size_t size) {
  const unsigned char* bytes = memory;

  for (size_t i = 0; i < size; i++)
    assert(bytes[i] == UV__POISON);
}

#endif

/* The same for the part of a request that an operation writes to. */
static inline void uv__req_poison(uv_req_t* req) {
  uv__poison(&req->u.io.overlapped, sizeof(req->u.io.overlapped));
}

static inline void uv__req_poison_check(const uv_req_t* req) {
  uv__poison_check(&req->u.io.overlapped, sizeof(req->u.io.overlapped));
}

#endif /* RONDO_WIN_POISON_H_ */
