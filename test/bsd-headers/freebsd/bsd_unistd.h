#define SEEK_DATA 3
#define SEEK_HOLE 4
#define CLOSE_RANGE_CLOEXEC 4

void closefrom(int first);
int close_range(unsigned int first, unsigned int last, int flags);
ssize_t copy_file_range(int in, off_t* in_offset, int out, off_t* out_offset, size_t len,
                        unsigned int flags);
int dup3(int source, int fd, int flags);
int fdatasync(int fd);
int getentropy(void* buf, size_t len);
void setproctitle(const char* format, ...) __attribute__((format(printf, 1, 2)));
int ttyname_r(int fd, char* name, size_t size);
