/* UDP: options of a handle's socket. */
#include "../udp.h"

#include <errno.h>
#include <sys/socket.h>

int uv__udp_set_option(const uv_udp_t* udp, int level, int option, const void* value, size_t len) {
  if (setsockopt(udp->io_watcher.fd, level, option, value, (socklen_t) len) == -1)
    return UV__ERR(errno);
  return 0;
}
