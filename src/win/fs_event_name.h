/* The names by which changes are told: what a watch knows of its path, and how it reads the
 * system's records. */
#ifndef RONDO_WIN_FS_EVENT_NAME_H_
#define RONDO_WIN_FS_EVENT_NAME_H_

#include "uv.h"

#include <stdbool.h>

/* A file is watched through its directory. Texts are for uv__free(). */
struct uv__watched {
  WCHAR* directory;  /* absolute, in the long form, without a backslash at its end */
  WCHAR* file;       /* long name, NULL where a directory is watched */
  WCHAR* short_file; /* 8.3 name, NULL if there is no other than the long one */
};

/* Looks up a path, following links: 0 or a UV_E code. */
int uv__watched_find(const WCHAR* path, struct uv__watched* watched);

void uv__watched_free(struct uv__watched* watched);

/* Whether a record is about what is watched. */
bool uv__watched_concerns(const struct uv__watched* watched, const FILE_NOTIFY_INFORMATION* record);

/* The name of a record about an entry, for uv__free(): 0 or UV_ENOMEM. */
int uv__watched_name(const struct uv__watched* watched, const FILE_NOTIFY_INFORMATION* record,
                     char** name);

#endif /* RONDO_WIN_FS_EVENT_NAME_H_ */
