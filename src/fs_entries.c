/* A list of directory entries. The names stand in blocks that never move, one behind the other. */
#include "fs_entries.h"

#include "core.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ENTRIES = 32, BLOCK_SIZE = 4000 };

struct block {
  struct block* next;
  size_t used;
  size_t size;
  char names[];
};

struct uv__entries {
  uv_dirent_t* entries;
  size_t count;
  size_t room;
  size_t next; /* which one uv__entries_next() gives */
  struct block* blocks;
};

struct uv__entries* uv__entries_new(void) {
  return uv__calloc(1, sizeof(struct uv__entries));
}

static int make_room(struct uv__entries* list) {
  size_t room = list->room == 0 ? FIRST_ENTRIES : list->room * 2;
  uv_dirent_t* entries;

  if (list->count < list->room)
    return 0;
  entries = uv__realloc(list->entries, room * sizeof(*entries));
  if (entries == NULL)
    return UV_ENOMEM;
  list->entries = entries;
  list->room = room;
  return 0;
}

static const char* copy_name(struct uv__entries* list, const char* name) {
  size_t len = strlen(name) + 1;
  struct block* block = list->blocks;

  if (block == NULL || block->size - block->used < len) {
    size_t size = len > BLOCK_SIZE ? len : BLOCK_SIZE;

    block = uv__malloc(sizeof(*block) + size);
    if (block == NULL)
      return NULL;
    block->next = list->blocks;
    block->used = 0;
    block->size = size;
    list->blocks = block;
  }
  block->used += len;
  return memcpy(block->names + block->used - len, name, len);
}

int uv__entries_add(struct uv__entries* list, const char* name, uv_dirent_type_t type) {
  const char* copy;

  if (make_room(list) != 0)
    return UV_ENOMEM;
  copy = copy_name(list, name);
  if (copy == NULL)
    return UV_ENOMEM;
  list->entries[list->count].name = copy;
  list->entries[list->count].type = type;
  list->count++;
  return 0;
}

static int compare(const void* a, const void* b) {
  return strcmp(((const uv_dirent_t*) a)->name, ((const uv_dirent_t*) b)->name);
}

void uv__entries_sort(struct uv__entries* list) {
  if (list->count > 1)
    qsort(list->entries, list->count, sizeof(*list->entries), compare);
}

size_t uv__entries_count(const struct uv__entries* list) {
  return list->count;
}

bool uv__entries_next(struct uv__entries* list, uv_dirent_t* entry) {
  if (list->next == list->count)
    return false;
  *entry = list->entries[list->next++];
  return true;
}

void uv__entries_free(struct uv__entries* list) {
  if (list == NULL)
    return;
  while (list->blocks != NULL) {
    struct block* block = list->blocks;

    list->blocks = block->next;
    uv__free(block);
  }
  uv__free(list->entries);
  uv__free(list);
}
