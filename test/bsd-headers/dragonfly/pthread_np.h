#ifndef BSD_PTHREAD_NP_H_
#define BSD_PTHREAD_NP_H_

#include <pthread.h>

void pthread_get_name_np(pthread_t thread, char* name, size_t size);
void pthread_set_name_np(pthread_t thread, const char* name);

#endif /* BSD_PTHREAD_NP_H_ */
