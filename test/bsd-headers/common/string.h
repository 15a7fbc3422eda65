#ifndef BSD_STRING_H_
#define BSD_STRING_H_

#include <stddef.h>

void* memchr(const void* memory, int byte, size_t len);
int memcmp(const void* a, const void* b, size_t len);
void* memcpy(void* to, const void* from, size_t len);
void* memmove(void* to, const void* from, size_t len);
void* memset(void* memory, int byte, size_t len);
char* strchr(const char* text, int character);
int strcmp(const char* a, const char* b);
char* strcpy(char* to, const char* from);
size_t strcspn(const char* text, const char* characters);
char* strdup(const char* text);
char* strerror(int number);
size_t strlcpy(char* to, const char* from, size_t size);
size_t strlen(const char* text);
int strncmp(const char* a, const char* b, size_t len);
char* strncpy(char* to, const char* from, size_t len);
size_t strnlen(const char* text, size_t len);
char* strrchr(const char* text, int character);
size_t strspn(const char* text, const char* characters);
char* strstr(const char* text, const char* part);

#endif /* BSD_STRING_H_ */
