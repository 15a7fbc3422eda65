/* Which entries a directory has. */
#include "listing.h"

#include "core.h"
#include "fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST_ENTRIES = 10000, /* reading more at every change would keep the loop from its other work */
  FIRST_ROOM = 32,
  FIRST_SIZE = 1024
};

void uv__listing_free(struct uv__listing* listing) {
  uv__free(listing->entries);
  uv__free(listing->names);
  memset(listing, 0, sizeof(*listing));
}

/* -- Filling one ------------------------------------------------------------------------------- */

static bool reserve_entry(struct uv__listing* listing) {
  size_t room = listing->room == 0 ? FIRST_ROOM : listing->room * 2;
  struct uv__listing_entry* entries;

  if (listing->count < listing->room)
    return true;
  entries = uv__realloc(listing->entries, room * sizeof(*entries));
  if (entries == NULL)
    return false;
  listing->entries = entries;
  listing->room = room;
  return true;
}

static bool reserve_name(struct uv__listing* listing, size_t len) {
  size_t size = listing->size == 0 ? FIRST_SIZE : listing->size;
  char* names;

  while (size < listing->used + len)
    size *= 2;
  if (size == listing->size)
    return true;
  names = uv__realloc(listing->names, size);
  if (names == NULL)
    return false;
  listing->names = names;
  listing->size = size;
  return true;
}

static int add(struct uv__listing* listing, const char* name, uint64_t file) {
  size_t len = strlen(name) + 1;
  struct uv__listing_entry* entry;

  if (!reserve_entry(listing) || !reserve_name(listing, len))
    return UV_ENOMEM;
  entry = &listing->entries[listing->count++];
  entry->at = listing->used;
  entry->file = file;
  memcpy(listing->names + listing->used, name, len);
  listing->used += len;
  return 0;
}

/* The names do not move any more. */
static void finish(struct uv__listing* listing) {
  for (size_t i = 0; i < listing->count; i++)
    listing->entries[i].name = listing->names + listing->entries[i].at;
}

static int by_name(const void* a, const void* b) {
  const struct uv__listing_entry* one = a;
  const struct uv__listing_entry* other = b;

  return strcmp(one->name, other->name);
}

/* -- Reading ----------------------------------------------------------------------------------- */

static int read_entries(struct uv__listing* listing, DIR* dir) {
  int err = 0;

  while (err == 0) {
    const struct dirent* entry;

    errno = 0;
    entry = readdir(dir);
    if (entry == NULL)
      return UV__ERR(errno);
    if (listing->count == MOST_ENTRIES)
      return UV_E2BIG;
    err = add(listing, entry->d_name, (uint64_t) entry->d_ino);
  }
  return err;
}

/* Opened again: what is open has a position, which the child of a fork shares. */
static DIR* open_again(int dir_fd) {
  int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* dir = fd != -1 ? fdopendir(fd) : NULL;

  if (fd != -1 && dir == NULL)
    uv__close(fd);
  return dir;
}

int uv__listing_read(struct uv__listing* listing, int dir_fd) {
  DIR* dir = open_again(dir_fd);
  int err;

  if (dir == NULL)
    return UV__ERR(errno);
  err = read_entries(listing, dir);
  closedir(dir);
  if (err != 0) {
    uv__listing_free(listing);
    return err;
  }
  finish(listing);
  if (listing->count > 0)
    qsort(listing->entries, listing->count, sizeof(*listing->entries), by_name);
  return 0;
}

/* -- Comparing --------------------------------------------------------------------------------- */

/* Adds what stands in `listing` and has no counterpart in `other`. */
static int add_missing(struct uv__listing* changed, const struct uv__listing* listing,
                       const struct uv__listing* other, bool is_file_compared) {
  size_t there = 0;
  int err = 0;

  for (size_t i = 0; i < listing->count && err == 0; i++) {
    const struct uv__listing_entry* entry = &listing->entries[i];
    const struct uv__listing_entry* match;

    while (there < other->count && by_name(&other->entries[there], entry) < 0)
      there++;
    match = there < other->count ? &other->entries[there] : NULL;
    if (match == NULL || by_name(match, entry) != 0 ||
        (is_file_compared && match->file != entry->file))
      err = add(changed, entry->name, entry->file);
  }
  return err;
}

int uv__listing_compare(const struct uv__listing* before, const struct uv__listing* after,
                        struct uv__listing* changed) {
  int err = add_missing(changed, before, after, false);

  if (err == 0)
    err = add_missing(changed, after, before, true);
  if (err != 0)
    uv__listing_free(changed);
  else
    finish(changed);
  return err;
}
