/* UDP: options of the socket that the datagrams themselves carry or that decide where they go. Each
 * has a twin for IPv6: which one counts, the family of the handle's socket says. */
#include "core.h"
#include "udp.h"

#include <string.h>

static int set_number(const uv_udp_t* udp, int level, int option, int value) {
  return uv__udp_set_option(udp, level, option, &value, sizeof(value));
}

/* Sets one of two twins. */
static int set_for_family(const uv_udp_t* udp, int option4, int option6, int value) {
  if (uv__udp_family(udp) == AF_INET6)
    return set_number(udp, IPPROTO_IPV6, option6, value);
  return set_number(udp, IPPROTO_IP, option4, value);
}

int uv_udp_set_ttl(uv_udp_t* udp, int ttl) {
  if (ttl < 1 || ttl > 255)
    return UV_EINVAL;
  return set_for_family(udp, IP_TTL, IPV6_UNICAST_HOPS, ttl);
}

int uv_udp_set_multicast_ttl(uv_udp_t* udp, int ttl) {
  if (ttl < 0 || ttl > 255)
    return UV_EINVAL;
  return set_for_family(udp, IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS, ttl);
}

int uv_udp_set_multicast_loop(uv_udp_t* udp, int on) {
  if (on < 0 || on > 255)
    return UV_EINVAL;
  return set_for_family(udp, IP_MULTICAST_LOOP, IPV6_MULTICAST_LOOP, on != 0);
}

static int set_interface4(const uv_udp_t* udp, const struct sockaddr_in* address) {
  return uv__udp_set_option(udp, IPPROTO_IP, IP_MULTICAST_IF, &address->sin_addr,
                            sizeof(address->sin_addr));
}

static int set_interface6(const uv_udp_t* udp, const struct sockaddr_in6* address) {
  return set_number(udp, IPPROTO_IPV6, IPV6_MULTICAST_IF, (int) address->sin6_scope_id);
}

int uv_udp_set_multicast_interface(uv_udp_t* udp, const char* interface_addr) {
  struct sockaddr_in address4;
  struct sockaddr_in6 address6;

  memset(&address4, 0, sizeof(address4));
  memset(&address6, 0, sizeof(address6));
  if (interface_addr == NULL)
    return uv__udp_family(udp) == AF_INET6 ? set_interface6(udp, &address6)
                                           : set_interface4(udp, &address4);
  if (uv_ip4_addr(interface_addr, 0, &address4) == 0)
    return set_interface4(udp, &address4);
  if (uv_ip6_addr(interface_addr, 0, &address6) == 0)
    return set_interface6(udp, &address6);
  return UV_EINVAL;
}

int uv_udp_set_broadcast(uv_udp_t* udp, int on) {
  return set_number(udp, SOL_SOCKET, SO_BROADCAST, on != 0);
}
