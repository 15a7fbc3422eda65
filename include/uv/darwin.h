/* What only macOS has in the private parts of handles and loops: see unix.h. What is called
 * reserved is room that libuv uses there and this library does not. */
#ifndef UV_DARWIN_H
#define UV_DARWIN_H

#include <TargetConditionals.h>
#include <mach/mach.h>
#include <mach/semaphore.h>
#include <mach/task.h>

/** The system's own semaphore: POSIX's without a name is not implemented. */
#define UV_PLATFORM_SEM_T semaphore_t

/* The system has no barriers: this one is memory behind a pointer. */
typedef struct {
  struct uv__barrier* b;
} uv__platform_barrier_t;

#define UV_PLATFORM_BARRIER_T uv__platform_barrier_t

#define UV_IO_PRIVATE_PLATFORM_FIELDS int io_reserved[2];

#define UV_PLATFORM_LOOP_FIELDS \
  uv_thread_t cf_thread; \
  void* cf_reserved; \
  void* cf_state; \
  uv_mutex_t cf_mutex; \
  uv_sem_t cf_sem; \
  void* cf_signals[2];

#define UV_PLATFORM_FS_EVENT_FIELDS \
  void* fs_event_reserved[13]; \
  uv_mutex_t cf_mutex;

#define UV_STREAM_PRIVATE_PLATFORM_FIELDS void* stream_reserved;

#endif /* UV_DARWIN_H */
