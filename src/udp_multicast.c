/* UDP: membership in multicast groups. The group's family decides which of the system's calls is
 * meant; an IPv6 socket may be a member of IPv4 groups. */
#include "core.h"
#include "udp.h"

#include <string.h>

/* Makes the request to the handle's socket, for which there may have to be one first. */
static int change(uv_udp_t* udp, int family, int option, const void* request, size_t len) {
  int level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  int err = uv__udp_bind_any(udp, family, UV_UDP_REUSEADDR);

  return err != 0 ? err : uv__udp_set_option(udp, level, option, request, len);
}

static bool is_valid(const uv_udp_t* udp, uv_membership membership) {
  return !uv__is_closing(uv__handle(udp)) &&
         (membership == UV_JOIN_GROUP || membership == UV_LEAVE_GROUP);
}

static int parse_interface4(const char* text, struct in_addr* address) {
  address->s_addr = INADDR_ANY;
  return text == NULL ? 0 : uv_inet_pton(AF_INET, text, address);
}

/* An IPv6 address names an interface by its scope alone. Without one the group's scope counts. */
static int parse_interface6(const char* text, const struct sockaddr_in6* group,
                            unsigned int* index) {
  struct sockaddr_in6 address;
  int err;

  *index = group->sin6_scope_id;
  if (text == NULL)
    return 0;
  err = uv_ip6_addr(text, 0, &address);
  if (err == 0 && address.sin6_scope_id != 0)
    *index = address.sin6_scope_id;
  return err;
}

/* -- From every sender ------------------------------------------------------------------------- */

static int change4(uv_udp_t* udp, const struct sockaddr_in* group, const char* interface_addr,
                   bool join) {
  struct ip_mreq request = {.imr_multiaddr = group->sin_addr};
  int err = parse_interface4(interface_addr, &request.imr_interface);

  if (err != 0)
    return err;
  return change(udp, AF_INET, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request,
                sizeof(request));
}

static int change6(uv_udp_t* udp, const struct sockaddr_in6* group, const char* interface_addr,
                   bool join) {
  struct ipv6_mreq request = {.ipv6mr_multiaddr = group->sin6_addr};
  int err = parse_interface6(interface_addr, group, &request.ipv6mr_interface);

  if (err != 0)
    return err;
  return change(udp, AF_INET6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request,
                sizeof(request));
}

int uv_udp_set_membership(uv_udp_t* udp, const char* multicast_addr, const char* interface_addr,
                          uv_membership membership) {
  struct sockaddr_in group4;
  struct sockaddr_in6 group6;
  bool join = membership == UV_JOIN_GROUP;

  if (!is_valid(udp, membership))
    return UV_EINVAL;
  if (uv_ip4_addr(multicast_addr, 0, &group4) == 0)
    return change4(udp, &group4, interface_addr, join);
  if (uv_ip6_addr(multicast_addr, 0, &group6) == 0)
    return change6(udp, &group6, interface_addr, join);
  return UV_EINVAL;
}

/* -- From one sender --------------------------------------------------------------------------- */

static int change_source4(uv_udp_t* udp, const struct sockaddr_in* group,
                          const char* interface_addr, const char* source_addr, bool join) {
  struct ip_mreq_source request;
  int err;

  memset(&request, 0, sizeof(request));
  request.imr_multiaddr = group->sin_addr;
  err = parse_interface4(interface_addr, &request.imr_interface);
  if (err == 0)
    err = uv_inet_pton(AF_INET, source_addr, &request.imr_sourceaddr);
  if (err != 0)
    return err;
  return change(udp, AF_INET, join ? IP_ADD_SOURCE_MEMBERSHIP : IP_DROP_SOURCE_MEMBERSHIP, &request,
                sizeof(request));
}

static int change_source6(uv_udp_t* udp, const struct sockaddr_in6* group,
                          const char* interface_addr, const char* source_addr, bool join) {
  struct group_source_req request;
  struct sockaddr_in6 source;
  unsigned int index;
  int err = uv_ip6_addr(source_addr, 0, &source);

  if (err == 0)
    err = parse_interface6(interface_addr, group, &index);
  if (err != 0)
    return err;
  memset(&request, 0, sizeof(request));
  request.gsr_interface = index;
  memcpy(&request.gsr_group, group, sizeof(*group));
  memcpy(&request.gsr_source, &source, sizeof(source));
  return change(udp, AF_INET6, join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP, &request,
                sizeof(request));
}

int uv_udp_set_source_membership(uv_udp_t* udp, const char* multicast_addr,
                                 const char* interface_addr, const char* source_addr,
                                 uv_membership membership) {
  struct sockaddr_in group4;
  struct sockaddr_in6 group6;
  bool join = membership == UV_JOIN_GROUP;

  if (!is_valid(udp, membership))
    return UV_EINVAL;
  if (uv_ip4_addr(multicast_addr, 0, &group4) == 0)
    return change_source4(udp, &group4, interface_addr, source_addr, join);
  if (uv_ip6_addr(multicast_addr, 0, &group6) == 0)
    return change_source6(udp, &group6, interface_addr, source_addr, join);
  return UV_EINVAL;
}
