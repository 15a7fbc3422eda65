/* Streams of what FSEvents tells, from CoreServices. */
#ifndef RONDO_UNIX_DARWIN_FSEVENTS_H_
#define RONDO_UNIX_DARWIN_FSEVENTS_H_

#include "darwin_framework.h"

#include <stdint.h>

/* Bits of an event: see FSEvents.h. */
enum {
  UV__FSEVENT_MUST_SCAN_SUBDIRS = 0x1,
  UV__FSEVENT_USER_DROPPED = 0x2,
  UV__FSEVENT_KERNEL_DROPPED = 0x4,
  UV__FSEVENT_IDS_WRAPPED = 0x8,
  UV__FSEVENT_HISTORY_DONE = 0x10,
  UV__FSEVENT_ROOT_CHANGED = 0x20,
  UV__FSEVENT_MOUNT = 0x40,
  UV__FSEVENT_UNMOUNT = 0x80,
  UV__FSEVENT_CREATED = 0x100,
  UV__FSEVENT_REMOVED = 0x200,
  UV__FSEVENT_INODE_META_MOD = 0x400,
  UV__FSEVENT_RENAMED = 0x800,
  UV__FSEVENT_MODIFIED = 0x1000,
  UV__FSEVENT_FINDER_INFO_MOD = 0x2000,
  UV__FSEVENT_CHANGE_OWNER = 0x4000,
  UV__FSEVENT_XATTR_MOD = 0x8000,
  UV__FSEVENT_IS_DIR = 0x20000,
};

/* From when on events are told, if not from one that is known. */
#define UV__FSEVENTS_SINCE_NOW UINT64_MAX

/* `paths` are texts, absolute. */
typedef void (*uv__fsevents_cb)(void* stream, void* data, size_t count, void* paths,
                                const uint32_t flags[], const uint64_t ids[]);

/* What the functions below need: 0, or UV_ENOSYS or UV_ENOENT. */
int uv__fsevents_load(void);

/* The number of the last event of the whole machine. */
uint64_t uv__fsevents_last(void);

/* Tells of all files below directories, by their real paths, from the run loop of the calling
 * thread: 0, UV_ENOMEM or UV_EMFILE. */
int uv__fsevents_open(void** stream, const char* const paths[], size_t count, uint64_t since,
                      uv__cf_ref loop, uv__cf_ref mode, uv__fsevents_cb cb, void* data);

/* Has all that is known already told now. */
void uv__fsevents_flush(void* stream);

void uv__fsevents_close(void* stream);

#endif /* RONDO_UNIX_DARWIN_FSEVENTS_H_ */
