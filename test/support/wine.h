/* Whether the Windows that the tests run on is Wine, which differs here and there. */
#ifndef RONDO_TEST_WINE_H_
#define RONDO_TEST_WINE_H_

#include <stdbool.h>

#if defined(_WIN32)
#include "uv.h"

static inline bool is_wine(void) {
  return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}
#else
static inline bool is_wine(void) {
  return false;
}
#endif

#endif /* RONDO_TEST_WINE_H_ */
