#ifndef BSD_NET_IF_DL_H_
#define BSD_NET_IF_DL_H_

#include <sys/socket.h>

struct sockaddr_dl {
  u_char sdl_len;
  sa_family_t sdl_family;
  u_short sdl_index;
  u_char sdl_type;
  u_char sdl_nlen;
  u_char sdl_alen;
  u_char sdl_slen;
  char sdl_data[24];
};

#define LLADDR(address) ((address)->sdl_data + (address)->sdl_nlen)

#endif /* BSD_NET_IF_DL_H_ */
