#ifndef BSD_STDDEF_H_
#define BSD_STDDEF_H_

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __WCHAR_TYPE__ wchar_t;

typedef struct {
  _Alignas(long long) long long integer;
  _Alignas(long double) long double real;
} max_align_t;

#define NULL ((void*) 0)
#define offsetof(type, member) __builtin_offsetof(type, member)

#endif /* BSD_STDDEF_H_ */
