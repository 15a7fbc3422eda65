#ifndef BSD_PTHREAD_NP_H_
#define BSD_PTHREAD_NP_H_

#include <pthread.h>
#include <sys/cpuset.h>

int pthread_getaffinity_np(pthread_t thread, size_t size, cpuset_t* set);
void pthread_get_name_np(pthread_t thread, char* name, size_t size);
int pthread_getthreadid_np(void);
int pthread_setaffinity_np(pthread_t thread, size_t size, const cpuset_t* set);
void pthread_set_name_np(pthread_t thread, const char* name);

#endif /* BSD_PTHREAD_NP_H_ */
