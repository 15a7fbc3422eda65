#ifndef BSD_STDBOOL_H_
#define BSD_STDBOOL_H_

#define bool _Bool
#define true 1
#define false 0

#endif /* BSD_STDBOOL_H_ */
