/* Numbers of requests carry directions and sizes: made up here. */
#ifndef BSD_SYS_IOCTL_H_
#define BSD_SYS_IOCTL_H_

enum { FIOCLEX = 0x6601, FIONCLEX = 0x6602, FIONBIO = 0x667e, TIOCGWINSZ = 0x7468 };

#include <sys/bsd_ioctl.h>

struct winsize {
  unsigned short ws_row;
  unsigned short ws_col;
  unsigned short ws_xpixel;
  unsigned short ws_ypixel;
};

int ioctl(int fd, unsigned long request, ...);

#endif /* BSD_SYS_IOCTL_H_ */
