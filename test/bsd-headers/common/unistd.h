/* `environ` is declared by nobody. */
#ifndef BSD_UNISTD_H_
#define BSD_UNISTD_H_

#include <stddef.h>
#include <sys/types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#define F_OK 0
#define X_OK 1
#define W_OK 2
#define R_OK 4

#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2

#define _SC_CLK_TCK BSD_SC_CLK_TCK
#define _SC_PAGESIZE BSD_SC_PAGESIZE
#define _SC_NPROCESSORS_ONLN BSD_SC_NPROCESSORS_ONLN

_Noreturn void _exit(int status);
int access(const char* path, int mode);
int chdir(const char* path);
int chown(const char* path, uid_t uid, gid_t gid);
int close(int fd);
int dup(int fd);
int dup2(int source, int fd);
int execve(const char* path, char* const argv[], char* const envp[]);
int fchdir(int fd);
int fchown(int fd, uid_t uid, gid_t gid);
pid_t fork(void);
int fsync(int fd);
int ftruncate(int fd, off_t len);
char* getcwd(char* buffer, size_t size);
gid_t getegid(void);
uid_t geteuid(void);
int gethostname(char* name, size_t size);
gid_t getgid(void);
int getdtablesize(void);
int getpagesize(void);
pid_t getpgrp(void);
pid_t getpid(void);
pid_t getppid(void);
uid_t getuid(void);
int isatty(int fd);
int lchown(const char* path, uid_t uid, gid_t gid);
int link(const char* path, const char* new_path);
off_t lseek(int fd, off_t offset, int whence);
int pipe(int ends[2]);
int pipe2(int ends[2], int flags);
ssize_t pread(int fd, void* buf, size_t len, off_t offset);
ssize_t pwrite(int fd, const void* buf, size_t len, off_t offset);
ssize_t read(int fd, void* buf, size_t len);
ssize_t readlink(const char* path, char* text, size_t size);
int rmdir(const char* path);
int setgid(gid_t gid);
pid_t setsid(void);
int setuid(uid_t uid);
int symlink(const char* target, const char* path);
long sysconf(int name);
pid_t tcgetpgrp(int fd);
int truncate(const char* path, off_t len);
int unlink(const char* path);
pid_t vfork(void) __attribute__((returns_twice));
ssize_t write(int fd, const void* buf, size_t len);

#include <bsd_unistd.h>

#endif /* BSD_UNISTD_H_ */
