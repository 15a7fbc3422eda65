/* The addresses of the network interfaces. */
#include "../core.h"

#include <iphlpapi.h>
#include <string.h>

enum { FIRST_SIZE = 15000 /* bytes, as the system's documentation advises */ };

/* -- What the system tells --------------------------------------------------------------------- */

/* All interfaces, for uv__free(); NULL if there are none. */
static int read_adapters(IP_ADAPTER_ADDRESSES** adapters) {
  const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
  ULONG size = FIRST_SIZE;
  ULONG error = ERROR_BUFFER_OVERFLOW;

  *adapters = NULL;
  while (error == ERROR_BUFFER_OVERFLOW) {
    uv__free(*adapters);
    *adapters = uv__malloc(size);
    if (*adapters == NULL)
      return UV_ENOMEM;
    error = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, *adapters, &size);
  }
  if (error == ERROR_SUCCESS)
    return 0;

  uv__free(*adapters);
  *adapters = NULL;
  switch (error) {
    case ERROR_NO_DATA:
      return 0;
    case ERROR_ADDRESS_NOT_ASSOCIATED:
      return UV_EAGAIN;
    case ERROR_INVALID_PARAMETER: /* no room could be large enough */
      return UV_ENOBUFS;
    default:
      return uv_translate_sys_error((int) error);
  }
}

static bool is_listed(const IP_ADAPTER_UNICAST_ADDRESS* unicast) {
  int family = unicast->Address.lpSockaddr->sa_family;
  return family == AF_INET || family == AF_INET6;
}

/* The first of the adapter's addresses to be listed, from `unicast` on; NULL if there is none. */
static const IP_ADAPTER_UNICAST_ADDRESS* listed_from(const IP_ADAPTER_UNICAST_ADDRESS* unicast) {
  while (unicast != NULL && !is_listed(unicast))
    unicast = unicast->Next;
  return unicast;
}

static const IP_ADAPTER_UNICAST_ADDRESS* first_address(const IP_ADAPTER_ADDRESSES* adapter) {
  return adapter->OperStatus == IfOperStatusUp ? listed_from(adapter->FirstUnicastAddress) : NULL;
}

/* -- The list ---------------------------------------------------------------------------------- */

/* Sets the first `bits` of an address that is zero. */
static void set_mask(unsigned char* bytes, size_t size, size_t bits) {
  for (size_t i = 0; i < size && bits > 0; i++) {
    size_t here = bits < 8 ? bits : 8;
    bytes[i] = (unsigned char) (0xFF00 >> here);
    bits -= here;
  }
}

/* The item is zero. */
static void describe(const IP_ADAPTER_ADDRESSES* adapter, const IP_ADAPTER_UNICAST_ADDRESS* unicast,
                     uv_interface_address_t* item) {
  const struct sockaddr* address = unicast->Address.lpSockaddr;
  size_t bits = unicast->OnLinkPrefixLength;

  item->is_internal = adapter->IfType == IF_TYPE_SOFTWARE_LOOPBACK;
  if (adapter->PhysicalAddressLength == sizeof(item->phys_addr))
    memcpy(item->phys_addr, adapter->PhysicalAddress, sizeof(item->phys_addr));

  if (address->sa_family == AF_INET6) {
    memcpy(&item->address.address6, address, sizeof(item->address.address6));
    item->netmask.netmask6.sin6_family = AF_INET6;
    set_mask((unsigned char*) &item->netmask.netmask6.sin6_addr, sizeof(struct in6_addr), bits);
  } else {
    memcpy(&item->address.address4, address, sizeof(item->address.address4));
    item->netmask.netmask4.sin_family = AF_INET;
    set_mask((unsigned char*) &item->netmask.netmask4.sin_addr, sizeof(struct in_addr), bits);
  }
}

/* How many addresses there are, and the bytes of the names of the adapters that have them. */
static size_t measure(const IP_ADAPTER_ADDRESSES* adapters, size_t* names_size) {
  size_t count = 0;

  *names_size = 0;
  for (const IP_ADAPTER_ADDRESSES* a = adapters; a != NULL; a = a->Next) {
    const IP_ADAPTER_UNICAST_ADDRESS* unicast = first_address(a);
    if (unicast != NULL)
      *names_size += uv_utf16_length_as_wtf8(a->FriendlyName, -1) + 1;
    for (; unicast != NULL; unicast = listed_from(unicast->Next))
      count++;
  }
  return count;
}

/* One allocation for the array and, behind it, the names, one for all addresses of an adapter. */
static int copy_list(const IP_ADAPTER_ADDRESSES* adapters, uv_interface_address_t** addresses,
                     int* count) {
  size_t names_size;
  size_t items = measure(adapters, &names_size);
  uv_interface_address_t* item;
  char* name;

  if (items == 0)
    return 0;
  item = uv__calloc(1, items * sizeof(*item) + names_size);
  if (item == NULL)
    return UV_ENOMEM;
  *addresses = item;
  *count = (int) items;

  name = (char*) (item + items);
  for (const IP_ADAPTER_ADDRESSES* a = adapters; a != NULL; a = a->Next) {
    const IP_ADAPTER_UNICAST_ADDRESS* unicast = first_address(a);
    size_t len = names_size;
    if (unicast == NULL)
      continue;
    uv_utf16_to_wtf8(a->FriendlyName, -1, &name, &len);
    for (; unicast != NULL; unicast = listed_from(unicast->Next)) {
      item->name = name;
      describe(a, unicast, item++);
    }
    name += len + 1;
  }
  return 0;
}

int uv_interface_addresses(uv_interface_address_t** addresses, int* count) {
  IP_ADAPTER_ADDRESSES* adapters;

  *addresses = NULL;
  *count = 0;
  int err = read_adapters(&adapters);
  if (err == 0)
    err = copy_list(adapters, addresses, count);
  uv__free(adapters);
  return err;
}
