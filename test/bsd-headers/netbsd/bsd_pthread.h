#define PTHREAD_MAX_NAMELEN_NP 32

int pthread_getname_np(pthread_t thread, char* name, size_t size);
int pthread_setname_np(pthread_t thread, const char* format, void* arg);

int pthread_getaffinity_np(pthread_t thread, size_t size, cpuset_t* set);
int pthread_setaffinity_np(pthread_t thread, size_t size, cpuset_t* set);
