#ifndef BSD_DIRENT_H_
#define BSD_DIRENT_H_

#include <sys/types.h>

struct dirent {
  ino_t d_fileno;
  uint8_t d_type;
  char d_name[256];
};

typedef struct bsd_dir DIR;

/* As POSIX calls it. */
#define d_ino d_fileno

#define DT_UNKNOWN 0
#define DT_FIFO 1
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12

int closedir(DIR* dir);
int dirfd(DIR* dir);
DIR* fdopendir(int fd);
DIR* opendir(const char* path);
struct dirent* readdir(DIR* dir);
void rewinddir(DIR* dir);
void seekdir(DIR* dir, long place);
long telldir(DIR* dir);

#endif /* BSD_DIRENT_H_ */
