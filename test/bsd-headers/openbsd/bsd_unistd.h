int closefrom(int first);
int dup3(int source, int fd, int flags);
int fdatasync(int fd);
int getentropy(void* buf, size_t len);
int ttyname_r(int fd, char* name, size_t size);
