/* What only FreeBSD, OpenBSD, NetBSD and DragonFly have in the private parts of handles: see
 * unix.h. What is called reserved is room that libuv uses there and this library does not. */
#ifndef UV_BSD_H
#define UV_BSD_H

#include <semaphore.h>

/** The system's own semaphore. */
#define UV_PLATFORM_SEM_T sem_t

#if defined(__OpenBSD__)
/* Its barriers do not let who leaves first destroy them: this one is memory behind a pointer. */
typedef struct {
  struct uv__barrier* b;
} uv__platform_barrier_t;

#define UV_PLATFORM_BARRIER_T uv__platform_barrier_t
#endif

#define UV_IO_PRIVATE_PLATFORM_FIELDS int io_reserved[2];

/* Together with what other systems have, as large as a uv__io_t. */
#define UV_PLATFORM_FS_EVENT_FIELDS void* fs_event_reserved[sizeof(uv__io_t) / sizeof(void*) - 3];

#endif /* UV_BSD_H */
