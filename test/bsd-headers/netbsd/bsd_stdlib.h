void setproctitle(const char* format, ...) __attribute__((format(printf, 1, 2)));

#include <sys/types.h>

typedef int devmajor_t;
devmajor_t getdevmajor(const char* name, mode_t type);
