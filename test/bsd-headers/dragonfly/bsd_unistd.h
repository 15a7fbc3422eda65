int closefrom(int first);
void setproctitle(const char* format, ...) __attribute__((format(printf, 1, 2)));
int ttyname_r(int fd, char* name, size_t size);
