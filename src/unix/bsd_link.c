/* Link-layer addresses, as macOS and the BSDs list them among those of interfaces. */
#include "link.h"

#include <net/if_dl.h>
#include <string.h>

enum { ADDRESS_SIZE = 6 };

bool uv__link_address(const struct sockaddr* address, char phys_addr[6]) {
  const struct sockaddr_dl* link = (const struct sockaddr_dl*) (const void*) address;

  if (address->sa_family != AF_LINK || link->sdl_alen != ADDRESS_SIZE)
    return false;
  memcpy(phys_addr, LLADDR(link), ADDRESS_SIZE);
  return true;
}

size_t uv__stored_size(const struct sockaddr* address, size_t size) {
  return address->sa_len < size ? address->sa_len : size;
}
