/* Network interfaces by number and by name. An IPv6 zone is an interface's name on POSIX. */
#include "inet.h"
#include "sized_buffer.h"

#include <errno.h>
#include <net/if.h>

unsigned int uv__zone_to_scope_id(const char* zone) {
  return if_nametoindex(zone);
}

int uv_if_indextoname(unsigned int ifindex, char* buffer, size_t* size) {
  char name[UV_IF_NAMESIZE];

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (if_indextoname(ifindex, name) == NULL)
    return -errno;
  return uv__sized_buffer_copy(name, strlen(name), buffer, size);
}

int uv_if_indextoiid(unsigned int ifindex, char* buffer, size_t* size) {
  return uv_if_indextoname(ifindex, buffer, size);
}
