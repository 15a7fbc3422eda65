/* Random bytes: the system's generator, or its older name where that is missing. */
#include "../random.h"

#include "startup.h"

typedef BOOL(WINAPI* process_prng)(PBYTE data, SIZE_T len);
typedef BOOLEAN(WINAPI* gen_random)(PVOID data, ULONG len);

static uv_once_t once = UV_ONCE_INIT;
static process_prng newer;
static gen_random older;

static void find(void) {
  newer = (process_prng) uv__system_function(L"bcryptprimitives.dll", "ProcessPrng");
  if (newer == NULL)
    older = (gen_random) uv__system_function(L"advapi32.dll", "SystemFunction036");
}

int uv__random_source(void* buf, size_t len) {
  if (len == 0)
    return 0;
  uv_once(&once, find);
  if (newer != NULL)
    return newer(buf, len) ? 0 : UV_EIO;
  return older != NULL && older(buf, (ULONG) len) ? 0 : UV_EIO;
}
