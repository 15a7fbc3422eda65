/* The times in a struct stat by POSIX's names, which macOS does not have. Included after
 * <sys/stat.h>. */
#ifndef RONDO_UNIX_STAT_TIMES_H_
#define RONDO_UNIX_STAT_TIMES_H_

#if defined(__APPLE__)
#define st_atim st_atimespec
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#endif

#endif /* RONDO_UNIX_STAT_TIMES_H_ */
