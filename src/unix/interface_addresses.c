/* The addresses of the network interfaces. */
#include "../core.h"
#include "link.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static bool is_running(const struct ifaddrs* entry) {
  return (entry->ifa_flags & IFF_UP) && (entry->ifa_flags & IFF_RUNNING) && entry->ifa_addr != NULL;
}

static bool is_listed(const struct ifaddrs* entry) {
  return is_running(entry) &&
         (entry->ifa_addr->sa_family == AF_INET || entry->ifa_addr->sa_family == AF_INET6);
}

/* Whether an entry's name is that of a link, or of an alias of it such as "eth0:1". */
static bool is_name_on_link(const char* name, const char* link_name) {
  size_t len = strlen(link_name);

  return strncmp(name, link_name, len) == 0 && (name[len] == '\0' || name[len] == ':');
}

/* The hardware address of the link that has the address, zeros if there is none. */
static void find_phys_addr(const struct ifaddrs* list, const char* name, char phys_addr[6]) {
  memset(phys_addr, 0, 6);
  for (const struct ifaddrs* entry = list; entry != NULL; entry = entry->ifa_next)
    if (is_running(entry) && is_name_on_link(name, entry->ifa_name) &&
        uv__link_address(entry->ifa_addr, phys_addr))
      return;
}

/* Into zeros. A mask is of the family of its address, whatever it says. */
static void copy_address(void* to, const struct sockaddr* from, sa_family_t family) {
  size_t size = family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

  memcpy(to, from, uv__stored_size(from, size));
  ((struct sockaddr*) to)->sa_family = family;
}

static void describe(uv_interface_address_t* item, const struct ifaddrs* list,
                     const struct ifaddrs* entry) {
  item->is_internal = (entry->ifa_flags & IFF_LOOPBACK) != 0;
  find_phys_addr(list, entry->ifa_name, item->phys_addr);
  copy_address(&item->address, entry->ifa_addr, entry->ifa_addr->sa_family);
  if (entry->ifa_netmask != NULL)
    copy_address(&item->netmask, entry->ifa_netmask, entry->ifa_addr->sa_family);
}

/* One allocation for the array and, behind it, the names: NULL if there is no memory. */
static uv_interface_address_t* copy_list(const struct ifaddrs* list, size_t count,
                                         size_t names_size) {
  uv_interface_address_t* items = uv__calloc(1, count * sizeof(*items) + names_size);
  uv_interface_address_t* item = items;
  char* name;

  if (items == NULL)
    return NULL;
  name = (char*) (items + count);
  for (const struct ifaddrs* entry = list; entry != NULL; entry = entry->ifa_next) {
    if (!is_listed(entry))
      continue;
    size_t size = strlen(entry->ifa_name) + 1;
    item->name = memcpy(name, entry->ifa_name, size);
    name += size;
    describe(item++, list, entry);
  }
  return items;
}

int uv_interface_addresses(uv_interface_address_t** addresses, int* count) {
  struct ifaddrs* list;
  size_t items = 0;
  size_t names_size = 0;

  *addresses = NULL;
  *count = 0;
  if (getifaddrs(&list) != 0)
    return UV__ERR(errno);
  for (const struct ifaddrs* entry = list; entry != NULL; entry = entry->ifa_next)
    if (is_listed(entry)) {
      items++;
      names_size += strlen(entry->ifa_name) + 1;
    }
  if (items > 0)
    *addresses = copy_list(list, items, names_size);
  freeifaddrs(list);
  if (items > 0 && *addresses == NULL)
    return UV_ENOMEM;
  *count = (int) items;
  return 0;
}
