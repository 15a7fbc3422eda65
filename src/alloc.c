/* Memory: everything the library allocates passes through here, so that a program can bring its own
 * allocator. */
#include "core.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uv_malloc_func malloc_func = malloc;
static uv_realloc_func realloc_func = realloc;
static uv_calloc_func calloc_func = calloc;
static uv_free_func free_func = free;

int uv_replace_allocator(uv_malloc_func new_malloc, uv_realloc_func new_realloc,
                         uv_calloc_func new_calloc, uv_free_func new_free) {
  if (new_malloc == NULL || new_realloc == NULL || new_calloc == NULL || new_free == NULL)
    return UV_EINVAL;

  malloc_func = new_malloc;
  realloc_func = new_realloc;
  calloc_func = new_calloc;
  free_func = new_free;
  return 0;
}

/* Allocators differ in what they answer for 0 bytes, so they are never asked. */

void* uv__malloc(size_t size) {
  return size > 0 ? malloc_func(size) : NULL;
}

void* uv__calloc(size_t count, size_t size) {
  return count > 0 && size > 0 ? calloc_func(count, size) : NULL;
}

void* uv__realloc(void* ptr, size_t size) {
  if (size > 0)
    return realloc_func(ptr, size);
  uv__free(ptr);
  return NULL;
}

/* Cleaning up after an error must not hide it, and some allocators change errno. */
void uv__free(void* ptr) {
  int saved_errno;

  if (ptr == NULL)
    return;
  saved_errno = errno;
  free_func(ptr);
  errno = saved_errno;
}

char* uv__strdup(const char* text) {
  size_t size = strlen(text) + 1;
  char* copy = uv__malloc(size);
  return copy != NULL ? memcpy(copy, text, size) : NULL;
}
