/* UDP: options of a handle's socket. Some that are numbers everywhere else have one byte here: see
 * ip(4). */
#include "../udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

static bool is_byte(int level, int option) {
  return level == IPPROTO_IP && (option == IP_MULTICAST_TTL || option == IP_MULTICAST_LOOP);
}

int uv__udp_set_option(const uv_udp_t* udp, int level, int option, const void* value, size_t len) {
  unsigned char byte;

  if (is_byte(level, option)) {
    byte = (unsigned char) *(const int*) value;
    value = &byte;
    len = sizeof(byte);
  }
  if (setsockopt(udp->io_watcher.fd, level, option, value, (socklen_t) len) == -1)
    return UV__ERR(errno);
  return 0;
}
