/* The scope of link-local IPv6 addresses. */
#include "link_local.h"

#include "../core.h"

#include <iphlpapi.h>

enum { FIRST_SIZE = 16384, MOST_TRIES = 4 };

/* The list of interfaces, for uv__free(), or NULL. Its size may grow between two calls. */
static IP_ADAPTER_ADDRESSES* list_adapters(void) {
  ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
  ULONG size = FIRST_SIZE;

  for (int i = 0; i < MOST_TRIES; i++) {
    IP_ADAPTER_ADDRESSES* all = uv__malloc(size);
    ULONG error;
    if (all == NULL)
      return NULL;
    error = GetAdaptersAddresses(AF_INET6, flags, NULL, all, &size);
    if (error == NO_ERROR)
      return all;
    uv__free(all);
    if (error != ERROR_BUFFER_OVERFLOW)
      return NULL;
  }
  return NULL;
}

static uint32_t scope_of(const IP_ADAPTER_ADDRESSES* adapter) {
  for (const IP_ADAPTER_UNICAST_ADDRESS* each = adapter->FirstUnicastAddress; each != NULL;
       each = each->Next) {
    const struct sockaddr_in6* address = (const void*) each->Address.lpSockaddr;
    if (address->sin6_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr))
      return address->sin6_scope_id;
  }
  return 0;
}

uint32_t uv__link_local_scope(void) {
  IP_ADAPTER_ADDRESSES* all = list_adapters();
  uint32_t scope = 0;

  for (const IP_ADAPTER_ADDRESSES* each = all; each != NULL && scope == 0; each = each->Next)
    scope = scope_of(each);
  uv__free(all);
  return scope;
}
