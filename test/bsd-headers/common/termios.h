#ifndef BSD_TERMIOS_H_
#define BSD_TERMIOS_H_

typedef unsigned int tcflag_t;
typedef unsigned char cc_t;
typedef unsigned int speed_t;

enum { NCCS = 20, VEOF = 0, VMIN = 16, VTIME = 17 };

struct termios {
  tcflag_t c_iflag;
  tcflag_t c_oflag;
  tcflag_t c_cflag;
  tcflag_t c_lflag;
  cc_t c_cc[NCCS];
  speed_t c_ispeed;
  speed_t c_ospeed;
};

#define IGNBRK 0x0001u
#define BRKINT 0x0002u
#define PARMRK 0x0008u
#define INPCK 0x0010u
#define ISTRIP 0x0020u
#define INLCR 0x0040u
#define IGNCR 0x0080u
#define ICRNL 0x0100u
#define IXON 0x0200u
#define OPOST 0x0001u
#define ONLCR 0x0002u
#define CSIZE 0x0300u
#define CS8 0x0300u
#define PARENB 0x1000u
#define ECHO 0x0008u
#define ECHONL 0x0010u
#define ISIG 0x0080u
#define ICANON 0x0100u
#define IEXTEN 0x0400u

#define TCSANOW 0
#define TCSADRAIN 1

void cfmakeraw(struct termios* attributes);
int tcgetattr(int fd, struct termios* attributes);
int tcsetattr(int fd, int when, const struct termios* attributes);

#endif /* BSD_TERMIOS_H_ */
