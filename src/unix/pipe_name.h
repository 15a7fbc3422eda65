/* The names of unix sockets. */
#ifndef RONDO_UNIX_PIPE_NAME_H_
#define RONDO_UNIX_PIPE_NAME_H_

#include "uv.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct uv__pipe_address {
  struct sockaddr_un name;
  socklen_t len;
};

/* Makes the address of a path or an abstract name, with the flags of uv_pipe_bind2(): 0 or
 * UV_EINVAL. No bytes at all are for bind(2) alone, which then has the kernel choose. */
int uv__pipe_address(const char* name, size_t len, unsigned int flags, bool for_bind,
                     struct uv__pipe_address* address);

/* Whether it is a path in the file system; else the name is abstract or to be chosen. */
static inline bool uv__pipe_is_path(const struct uv__pipe_address* address) {
  return address->name.sun_path[0] != '\0';
}

#endif /* RONDO_UNIX_PIPE_NAME_H_ */
