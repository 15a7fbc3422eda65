/* UDP: membership in multicast groups for what one sender sends to them. */
#include "udp_group.h"

#include <string.h>

static int change_source4(uv_udp_t* udp, const struct sockaddr_in* group,
                          const char* interface_addr, const char* source_addr, bool join) {
  struct ip_mreq_source request;
  int err;

  memset(&request, 0, sizeof(request));
  request.imr_multiaddr = group->sin_addr;
  err = uv__group_interface4(interface_addr, &request.imr_interface);
  if (err == 0)
    err = uv_inet_pton(AF_INET, source_addr, &request.imr_sourceaddr);
  if (err != 0)
    return err;
  return uv__group_change(udp, AF_INET, join ? IP_ADD_SOURCE_MEMBERSHIP : IP_DROP_SOURCE_MEMBERSHIP,
                          &request, sizeof(request));
}

static int change_source6(uv_udp_t* udp, const struct sockaddr_in6* group,
                          const char* interface_addr, const char* source_addr, bool join) {
  struct group_source_req request;
  struct sockaddr_in6 source;
  unsigned int index;
  int err = uv_ip6_addr(source_addr, 0, &source);

  if (err == 0)
    err = uv__group_interface6(interface_addr, group, &index);
  if (err != 0)
    return err;
  memset(&request, 0, sizeof(request));
  request.gsr_interface = index;
  memcpy(&request.gsr_group, group, sizeof(*group));
  memcpy(&request.gsr_source, &source, sizeof(source));
  return uv__group_change(udp, AF_INET6, join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP,
                          &request, sizeof(request));
}

int uv_udp_set_source_membership(uv_udp_t* udp, const char* multicast_addr,
                                 const char* interface_addr, const char* source_addr,
                                 uv_membership membership) {
  struct sockaddr_in group4;
  struct sockaddr_in6 group6;
  bool join = membership == UV_JOIN_GROUP;

  if (!uv__group_is_valid(udp, membership))
    return UV_EINVAL;
  if (uv_ip4_addr(multicast_addr, 0, &group4) == 0)
    return change_source4(udp, &group4, interface_addr, source_addr, join);
  if (uv_ip6_addr(multicast_addr, 0, &group6) == 0)
    return change_source6(udp, &group6, interface_addr, source_addr, join);
  return UV_EINVAL;
}
