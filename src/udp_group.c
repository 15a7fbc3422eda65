/* UDP: what joining and leaving multicast groups have in common. */
#include "udp_group.h"

#include "core.h"

bool uv__group_is_valid(const uv_udp_t* udp, uv_membership membership) {
  return !uv__is_closing(uv__handle(udp)) &&
         (membership == UV_JOIN_GROUP || membership == UV_LEAVE_GROUP);
}

int uv__group_change(uv_udp_t* udp, int family, int option, const void* request, size_t len) {
  int level = family == AF_INET6 ? IPPROTO_IPV6 : IPPROTO_IP;
  int err = uv__udp_bind_any(udp, family, UV_UDP_REUSEADDR);

  return err != 0 ? err : uv__udp_set_option(udp, level, option, request, len);
}

int uv__group_interface4(const char* text, struct in_addr* address) {
  address->s_addr = INADDR_ANY;
  return text == NULL ? 0 : uv_inet_pton(AF_INET, text, address);
}

int uv__group_interface6(const char* text, const struct sockaddr_in6* group, unsigned int* index) {
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
