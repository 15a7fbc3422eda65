/* UDP: membership in multicast groups. The group's family decides which of the system's calls is
 * meant; an IPv6 socket may be a member of IPv4 groups. */
#include "udp_group.h"

static int change4(uv_udp_t* udp, const struct sockaddr_in* group, const char* interface_addr,
                   bool join) {
  struct ip_mreq request = {.imr_multiaddr = group->sin_addr};
  int err = uv__group_interface4(interface_addr, &request.imr_interface);

  if (err != 0)
    return err;
  return uv__group_change(udp, AF_INET, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
                          sizeof(request));
}

static int change6(uv_udp_t* udp, const struct sockaddr_in6* group, const char* interface_addr,
                   bool join) {
  struct ipv6_mreq request = {.ipv6mr_multiaddr = group->sin6_addr};
  int err = uv__group_interface6(interface_addr, group, &request.ipv6mr_interface);

  if (err != 0)
    return err;
  return uv__group_change(udp, AF_INET6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
                          sizeof(request));
}

int uv_udp_set_membership(uv_udp_t* udp, const char* multicast_addr, const char* interface_addr,
                          uv_membership membership) {
  struct sockaddr_in group4;
  struct sockaddr_in6 group6;
  bool join = membership == UV_JOIN_GROUP;

  if (!uv__group_is_valid(udp, membership))
    return UV_EINVAL;
  if (uv_ip4_addr(multicast_addr, 0, &group4) == 0)
    return change4(udp, &group4, interface_addr, join);
  if (uv_ip6_addr(multicast_addr, 0, &group6) == 0)
    return change6(udp, &group6, interface_addr, join);
  return UV_EINVAL;
}
