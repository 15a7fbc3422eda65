/* Network interfaces by number and by name. An IPv6 zone is an interface's number on Windows. */
#include "../inet.h"

#include "../sized_buffer.h"
#include "text.h"

#include <iphlpapi.h>
#include <stdio.h>

unsigned int uv__zone_to_scope_id(const char* zone) {
  uint64_t number = 0;

  if (*zone == '\0')
    return 0;
  for (; *zone >= '0' && *zone <= '9' && number <= UINT32_MAX; zone++)
    number = number * 10 + (uint64_t) (*zone - '0');
  return *zone == '\0' && number <= UINT32_MAX ? (unsigned int) number : 0;
}

int uv_if_indextoname(unsigned int ifindex, char* buffer, size_t* size) {
  WCHAR name[NDIS_IF_MAX_STRING_SIZE + 1];
  NET_LUID luid;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  DWORD error = ConvertInterfaceIndexToLuid(ifindex, &luid);
  if (error == ERROR_FILE_NOT_FOUND || error == ERROR_INVALID_PARAMETER)
    return UV_ENXIO;
  if (error == ERROR_SUCCESS)
    error = ConvertInterfaceLuidToNameW(&luid, name, NDIS_IF_MAX_STRING_SIZE + 1);
  if (error != ERROR_SUCCESS)
    return uv_translate_sys_error((int) error);
  return uv__text_from_wide_sized(name, -1, buffer, size);
}

int uv_if_indextoiid(unsigned int ifindex, char* buffer, size_t* size) {
  char text[sizeof("4294967295")];

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  size_t len = (size_t) snprintf(text, sizeof(text), "%u", ifindex);
  return uv__sized_buffer_copy(text, len, buffer, size);
}
