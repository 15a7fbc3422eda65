/* UDP: membership in multicast groups for what one sender sends to them, where the system has no
 * such thing. */
#include "udp_group.h"

int uv_udp_set_source_membership(uv_udp_t* udp, const char* multicast_addr,
                                 const char* interface_addr, const char* source_addr,
                                 uv_membership membership) {
  (void) multicast_addr;
  (void) interface_addr;
  (void) source_addr;
  return uv__group_is_valid(udp, membership) ? UV_ENOSYS : UV_EINVAL;
}
