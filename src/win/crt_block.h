/* The descriptors of a process as its parent tells the C library, in the startup information's
 * lpReserved2: a count, a byte of flags for each descriptor, a handle for each, nothing aligned. */
#ifndef RONDO_WIN_CRT_BLOCK_H_
#define RONDO_WIN_CRT_BLOCK_H_

#include "uv.h"

#include <stdbool.h>

enum { UV__CRT_MOST_DESCRIPTORS = 256 };

/* Flags of a descriptor; 0 for none. */
enum { UV__CRT_OPEN = 0x01, UV__CRT_PIPE = 0x08, UV__CRT_DEVICE = 0x40 };

size_t uv__crt_block_size(int count);

/* Makes `block`, which has that size, one of descriptors that are not open. */
void uv__crt_block_init(unsigned char* block, int count);

void uv__crt_block_set(unsigned char* block, int fd, unsigned char flags, HANDLE handle);

/* How many descriptors a block of so many bytes tells of; 0 if it makes no sense. */
int uv__crt_block_count(const unsigned char* block, size_t size);

HANDLE uv__crt_block_handle(const unsigned char* block, int fd);

#endif /* RONDO_WIN_CRT_BLOCK_H_ */
