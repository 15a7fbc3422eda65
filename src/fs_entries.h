/* A list of directory entries: what uv_fs_scandir() finds. */
#ifndef RONDO_FS_ENTRIES_H_
#define RONDO_FS_ENTRIES_H_

#include "uv.h"

#include <stdbool.h>

struct uv__entries;

/* An empty list, or NULL. */
struct uv__entries* uv__entries_new(void);

/* Appends an entry with a copy of the name: 0 or UV_ENOMEM, with the list as it was. */
int uv__entries_add(struct uv__entries* list, const char* name, uv_dirent_type_t type);

/* Sorts by the bytes of the names. */
void uv__entries_sort(struct uv__entries* list);

size_t uv__entries_count(const struct uv__entries* list);

/* Gives the next entry, whose name lives as long as the list; false after the last. */
bool uv__entries_next(struct uv__entries* list, uv_dirent_t* entry);

void uv__entries_free(struct uv__entries* list);

#endif /* RONDO_FS_ENTRIES_H_ */
