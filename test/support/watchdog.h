/* Ends a test program that hangs. */
#ifndef RONDO_TEST_WATCHDOG_H_
#define RONDO_TEST_WATCHDOG_H_

#if defined(_WIN32)

#include "uv.h"

#include <stdint.h>
#include <stdio.h>

static inline void watchdog_thread(void* seconds) {
  Sleep((DWORD) (uintptr_t) seconds * 1000);
  fprintf(stderr, "the test hangs\n");
  TerminateProcess(GetCurrentProcess(), 14);
}

/* The process is to end within so many seconds, or it is ended. */
static inline void watchdog(unsigned int seconds) {
  uv_thread_t thread;

  if (uv_thread_create(&thread, watchdog_thread, (void*) (uintptr_t) seconds) == 0)
    uv_thread_detach(&thread);
}

#else

#include <unistd.h>

/* The process is to end within so many seconds, or it is ended. */
static inline void watchdog(unsigned int seconds) {
  alarm(seconds);
}

#endif

#endif /* RONDO_TEST_WATCHDOG_H_ */
