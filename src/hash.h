/* Hash tables of links inside the elements themselves.
 *
 * Adding never fails: a table that gets no memory to grow keeps its size and only becomes slower.
 * The table knows hashes and no keys; who looks something up compares what has the same hash. */
#ifndef RONDO_HASH_H_
#define RONDO_HASH_H_

#include <stddef.h>

struct uv__hash_link {
  struct uv__hash_link* next;
  size_t hash;
};

/* Stays where it was initialised. */
struct uv__hash {
  struct uv__hash_link** slots;
  size_t slot_count; /* a power of 2 */
  size_t count;
  struct uv__hash_link* first_slot; /* the only one until the table grows */
};

void uv__hash_init(struct uv__hash* table);

/* Frees the table, and no elements. */
void uv__hash_free(struct uv__hash* table);

void uv__hash_add(struct uv__hash* table, struct uv__hash_link* link, size_t hash);

/* The link is in the table. */
void uv__hash_remove(struct uv__hash* table, struct uv__hash_link* link);

/* An element with this hash, and the next one that has the same; NULL if there is none. */
struct uv__hash_link* uv__hash_find(const struct uv__hash* table, size_t hash);
struct uv__hash_link* uv__hash_next(const struct uv__hash_link* link);

/* The hash of a name that belongs to something. */
size_t uv__hash_name(const void* owner, const char* name);

#endif /* RONDO_HASH_H_ */
