#ifndef BSD_STDLIB_H_
#define BSD_STDLIB_H_

#include <stddef.h>
#include <stdint.h>

_Noreturn void abort(void);
void arc4random_buf(void* buf, size_t len);
int atexit(void (*function)(void));
int atoi(const char* text);
void* calloc(size_t count, size_t size);
_Noreturn void exit(int status);
void free(void* memory);
char* getenv(const char* name);
int getloadavg(double averages[], int count);
void* malloc(size_t size);
char* mkdtemp(char* name);
int mkostemp(char* name, int flags);
int mkstemp(char* name);
char* ptsname(int fd);
void qsort(void* base, size_t count, size_t size, int (*compare)(const void* a, const void* b));
void* realloc(void* memory, size_t size);
char* realpath(const char* path, char* resolved);
int setenv(const char* name, const char* value, int overwrite);
long strtol(const char* text, char** end, int base);
unsigned long strtoul(const char* text, char** end, int base);
int unsetenv(const char* name);

#include <bsd_stdlib.h>

#endif /* BSD_STDLIB_H_ */
