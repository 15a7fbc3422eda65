/* What the system tells of a file, whichever of its functions is asked. Each gives 0 or a Win32
 * code. */
#ifndef RONDO_WIN_FS_FACTS_H_
#define RONDO_WIN_FS_FACTS_H_

#include "uv.h"

struct uv__facts {
  DWORD attributes;
  DWORD volume; /* serial number, 0 if there is none */
  uint64_t links;
  uint64_t id;
  uint64_t size;
  uint64_t allocated;
  int64_t accessed; /* times as in fs_time.h */
  int64_t written;
  int64_t changed;
  int64_t created;
};

DWORD uv__facts_of_handle(HANDLE file, struct uv__facts* facts);

/* From the directory that the file is in, for one that must not be opened. */
DWORD uv__facts_of_entry(const WCHAR* path, struct uv__facts* facts);

/* Without opening the file: a reparse point itself. ERROR_NOT_SUPPORTED where the system cannot. */
DWORD uv__facts_of_name(const WCHAR* path, struct uv__facts* facts);

#endif /* RONDO_WIN_FS_FACTS_H_ */
