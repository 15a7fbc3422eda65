/* ISO C's numbers, and those of POSIX that all four have alike. */
#ifndef BSD_LIMITS_H_
#define BSD_LIMITS_H_

#define CHAR_BIT 8
#define SCHAR_MAX __SCHAR_MAX__
#define UCHAR_MAX (SCHAR_MAX * 2 + 1)
#define SHRT_MAX __SHRT_MAX__
#define USHRT_MAX (SHRT_MAX * 2 + 1)
#define INT_MAX __INT_MAX__
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX (INT_MAX * 2u + 1u)
#define LONG_MAX __LONG_MAX__
#define LONG_MIN (-LONG_MAX - 1L)
#define ULONG_MAX (LONG_MAX * 2ul + 1ul)
#define LLONG_MAX __LONG_LONG_MAX__
#define SSIZE_MAX LONG_MAX

#define IOV_MAX 1024
#define NAME_MAX 255
#define PATH_MAX 1024

#endif /* BSD_LIMITS_H_ */
