#ifndef BSD_INTTYPES_H_
#define BSD_INTTYPES_H_

#include <stdint.h>

#define PRIu64 "lu"

#endif /* BSD_INTTYPES_H_ */
