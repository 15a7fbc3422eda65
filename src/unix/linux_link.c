/* Link-layer addresses, as Linux lists them among those of interfaces. */
#include "link.h"

#include <netpacket/packet.h>
#include <string.h>

bool uv__link_address(const struct sockaddr* address, char phys_addr[6]) {
  const struct sockaddr_ll* link = (const struct sockaddr_ll*) address;

  if (address->sa_family != AF_PACKET)
    return false;
  memcpy(phys_addr, link->sll_addr, 6);
  return true;
}

size_t uv__stored_size(const struct sockaddr* address, size_t size) {
  (void) address;
  return size;
}
