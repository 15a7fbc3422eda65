#ifndef BSD_STDIO_H_
#define BSD_STDIO_H_

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct bsd_file FILE;

/* Macros for what is the system's own; taken for variables here. */
extern FILE* stdin;
extern FILE* stdout;
extern FILE* stderr;

#define EOF (-1)

int fflush(FILE* stream);
int fprintf(FILE* stream, const char* format, ...) __attribute__((format(printf, 2, 3)));
int fputs(const char* text, FILE* stream);
/* Compilers put it in place of fputs(). */
size_t fwrite(const void* base, size_t size, size_t count, FILE* stream);

int printf(const char* format, ...) __attribute__((format(printf, 1, 2)));
int rename(const char* path, const char* new_path);
int snprintf(char* text, size_t size, const char* format, ...)
    __attribute__((format(printf, 3, 4)));
int vfprintf(FILE* stream, const char* format, va_list args) __attribute__((format(printf, 2, 0)));
int vsnprintf(char* text, size_t size, const char* format, va_list args)
    __attribute__((format(printf, 3, 0)));

#endif /* BSD_STDIO_H_ */
