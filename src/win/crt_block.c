/* The descriptors that a process starts with, as its C library reads them. */
#include "crt_block.h"

#include <string.h>

static int count_of(const unsigned char* block) {
  int count;

  memcpy(&count, block, sizeof(count));
  return count;
}

static size_t handle_at(int count, int fd) {
  return sizeof(int) + (size_t) count + (size_t) fd * sizeof(HANDLE);
}

size_t uv__crt_block_size(int count) {
  return handle_at(count, count);
}

void uv__crt_block_init(unsigned char* block, int count) {
  memcpy(block, &count, sizeof(count));
  for (int fd = 0; fd < count; fd++)
    uv__crt_block_set(block, fd, 0, INVALID_HANDLE_VALUE);
}

void uv__crt_block_set(unsigned char* block, int fd, unsigned char flags, HANDLE handle) {
  block[sizeof(int) + (size_t) fd] = flags;
  memcpy(block + handle_at(count_of(block), fd), (const void*) &handle, sizeof(handle));
}

int uv__crt_block_count(const unsigned char* block, size_t size) {
  int count;

  if (block == NULL || size < sizeof(int))
    return 0;
  count = count_of(block);
  if (count < 0 || count > UV__CRT_MOST_DESCRIPTORS || uv__crt_block_size(count) > size)
    return 0;
  return count;
}

HANDLE uv__crt_block_handle(const unsigned char* block, int fd) {
  HANDLE handle;

  memcpy((void*) &handle, block + handle_at(count_of(block), fd), sizeof(handle));
  return handle;
}
