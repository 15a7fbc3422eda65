/* Hash tables of links: chains behind a table that doubles. */
#include "hash.h"

#include "core.h"

#include <stdint.h>

void uv__hash_init(struct uv__hash* table) {
  table->first_slot = NULL;
  table->slots = &table->first_slot;
  table->slot_count = 1;
  table->count = 0;
}

void uv__hash_free(struct uv__hash* table) {
  if (table->slots != &table->first_slot)
    uv__free(table->slots);
  uv__hash_init(table);
}

static struct uv__hash_link** slot_of(const struct uv__hash* table, size_t hash) {
  return &table->slots[hash & (table->slot_count - 1)];
}

static void put(struct uv__hash* table, struct uv__hash_link* link) {
  struct uv__hash_link** slot = slot_of(table, link->hash);

  link->next = *slot;
  *slot = link;
}

static void grow(struct uv__hash* table) {
  struct uv__hash old = *table;
  size_t slot_count = old.slot_count * 2;
  struct uv__hash_link** slots = uv__calloc(slot_count, sizeof(struct uv__hash_link*));

  if (slots == NULL)
    return;
  table->slots = slots;
  table->slot_count = slot_count;
  for (size_t i = 0; i < old.slot_count; i++) {
    struct uv__hash_link* link = old.slots[i];
    while (link != NULL) {
      struct uv__hash_link* next = link->next;
      put(table, link);
      link = next;
    }
  }
  if (old.slots != &table->first_slot)
    uv__free(old.slots);
}

void uv__hash_add(struct uv__hash* table, struct uv__hash_link* link, size_t hash) {
  if (table->count >= table->slot_count)
    grow(table);
  link->hash = hash;
  put(table, link);
  table->count++;
}

void uv__hash_remove(struct uv__hash* table, struct uv__hash_link* link) {
  struct uv__hash_link** place = slot_of(table, link->hash);

  while (*place != link)
    place = &(*place)->next;
  *place = link->next;
  link->next = NULL;
  table->count--;
}

static struct uv__hash_link* first_with(struct uv__hash_link* link, size_t hash) {
  while (link != NULL && link->hash != hash)
    link = link->next;
  return link;
}

struct uv__hash_link* uv__hash_find(const struct uv__hash* table, size_t hash) {
  return first_with(*slot_of(table, hash), hash);
}

struct uv__hash_link* uv__hash_next(const struct uv__hash_link* link) {
  return first_with(link->next, link->hash);
}

/* FNV-1a, and a last step that brings the upper bits down to where the tables look. */
size_t uv__hash_name(const void* owner, const char* name) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ (uint64_t) (uintptr_t) owner;

  for (; *name != '\0'; name++)
    hash = (hash ^ (unsigned char) *name) * UINT64_C(0x100000001b3);
  hash ^= hash >> 32;
  hash *= UINT64_C(0x9e3779b97f4a7c15);
  return (size_t) (hash ^ hash >> 29);
}
