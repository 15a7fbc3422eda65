#ifndef BSD_SYS_TYPES_H_
#define BSD_SYS_TYPES_H_

#include <stddef.h>
#include <stdint.h>
#include <system.h>

typedef int64_t off_t;
typedef int64_t blkcnt_t;
typedef int32_t blksize_t;
typedef uint64_t ino_t;
typedef int32_t pid_t;
typedef uint32_t uid_t;
typedef uint32_t gid_t;
typedef long ssize_t;

typedef unsigned char u_char;
typedef unsigned short u_short;
typedef unsigned int u_int;
typedef unsigned long u_long;
typedef uint32_t u_int32_t;
typedef uint64_t u_int64_t;

#endif /* BSD_SYS_TYPES_H_ */
