#ifndef BSD_MATH_H_
#define BSD_MATH_H_

#define isnan(number) __builtin_isnan(number)
#define isinf(number) __builtin_isinf(number)

#endif /* BSD_MATH_H_ */
