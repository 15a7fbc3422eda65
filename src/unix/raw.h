/* What a child does between its birth and its program, as directly as the system lets it.
 *
 * Where the child shares its parent's memory (linux_raw.c) these are system calls without the C
 * library around them: the library's setuid(2) and the like tell all threads of the process, its
 * signal functions keep some signals to themselves, and ThreadSanitizer takes what happens to
 * descriptors for the parent's. Where a child is always a plain fork the library will do
 * (raw_by_libc.c). */
#ifndef RONDO_UNIX_RAW_H_
#define RONDO_UNIX_RAW_H_

#include "uv.h"

struct uv__signal_mask {
  unsigned char bits[16];
};

/* Blocks all signals of this thread, also those of the C library; sets its mask. */
void uv__raw_block_signals(struct uv__signal_mask* saved);
void uv__raw_set_signal_mask(const struct uv__signal_mask* mask);

/* Gives each signal its default action. */
void uv__raw_reset_signals(void);

/* As the functions of these names: -1 with errno set if it failed. */
int uv__raw_open(const char* path, int flags);
int uv__raw_close(int fd);
int uv__raw_dup2(int source, int fd); /* two different ones */

/* Of this thread alone: 0, or -1 with errno set. */
int uv__raw_drop_groups(void);
int uv__raw_setgid(uv_gid_t gid);
int uv__raw_setuid(uv_uid_t uid);

#endif /* RONDO_UNIX_RAW_H_ */
