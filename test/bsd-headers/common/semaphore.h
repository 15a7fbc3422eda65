#ifndef BSD_SEMAPHORE_H_
#define BSD_SEMAPHORE_H_

#include <system.h>
#include <time.h>

typedef BSD_SEM_TYPE sem_t;

int sem_destroy(sem_t* semaphore);
int sem_init(sem_t* semaphore, int shared, unsigned int value);
int sem_post(sem_t* semaphore);
int sem_trywait(sem_t* semaphore);
int sem_wait(sem_t* semaphore);

#endif /* BSD_SEMAPHORE_H_ */
