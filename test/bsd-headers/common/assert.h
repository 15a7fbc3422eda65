#ifndef BSD_ASSERT_H_
#define BSD_ASSERT_H_

#include <stdlib.h>

#define assert(expression) ((expression) ? (void) 0 : abort())

#endif /* BSD_ASSERT_H_ */
