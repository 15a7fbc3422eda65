/* Keeping what this process inherited from its own children. */
#include "crt_block.h"

static void keep(HANDLE handle) {
  if (handle != NULL && handle != INVALID_HANDLE_VALUE)
    SetHandleInformation(handle, HANDLE_FLAG_INHERIT, 0);
}

void uv_disable_stdio_inheritance(void) {
  STARTUPINFOW info;
  int count;

  keep(GetStdHandle(STD_INPUT_HANDLE));
  keep(GetStdHandle(STD_OUTPUT_HANDLE));
  keep(GetStdHandle(STD_ERROR_HANDLE));

  GetStartupInfoW(&info);
  count = uv__crt_block_count(info.lpReserved2, info.cbReserved2);
  for (int fd = 0; fd < count; fd++)
    keep(uv__crt_block_handle(info.lpReserved2, fd));
}
