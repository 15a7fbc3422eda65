/* Which entries a directory has, kept to find out what has changed. */
#ifndef RONDO_UNIX_LISTING_H_
#define RONDO_UNIX_LISTING_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv__listing_entry {
  const char* name;
  size_t at; /* where the name is in `names` */
  uint64_t file;
};

/* Zeros are an empty one. */
struct uv__listing {
  struct uv__listing_entry* entries;
  size_t count;
  size_t room;
  char* names;
  size_t used;
  size_t size;
};

/* Fills an empty listing with the entries of an open directory: 0, or an error and it is empty.
 * They are in the order of their names. UV_E2BIG: there are more than are worth comparing. */
int uv__listing_read(struct uv__listing* listing, int dir_fd);

/* Makes it empty. */
void uv__listing_free(struct uv__listing* listing);

/* Fills an empty listing with the names that are in `before` only, then with those that are in
 * `after` only or are another file there: 0, or UV_ENOMEM and it is empty. */
int uv__listing_compare(const struct uv__listing* before, const struct uv__listing* after,
                        struct uv__listing* changed);

#endif /* RONDO_UNIX_LISTING_H_ */
