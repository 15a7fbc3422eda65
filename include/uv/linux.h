/* What only Linux has in the private parts of handles and loops: see unix.h. */
#ifndef UV_LINUX_H
#define UV_LINUX_H

#include <semaphore.h>

/** The system's own semaphore. */
#define UV_PLATFORM_SEM_T sem_t

#define UV_PLATFORM_LOOP_FIELDS \
  uv__io_t inotify_read_watcher; \
  void* inotify_watchers; \
  int inotify_fd;

#endif /* UV_LINUX_H */
