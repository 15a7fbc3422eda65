/* Prints what a uv.h says about the types, members and constants of a table, one a line; compiled
 * with two headers, it tells their differences. compare_with_installed.sh makes the table. */
#include <uv.h>

#include <stddef.h>
#include <stdio.h>

#define ABI_TYPE(type, ...) \
  printf("%s: size %zu, alignment %zu\n", #type, sizeof(type), _Alignof(type));

#define ABI_MEMBER(type, member, ...) \
  printf("%s.%s: %zu bytes at %zu\n", #type, #member, sizeof(((type*) 0)->member), \
         offsetof(type, member));

#define ABI_TYPED_MEMBER(type, member, ...) ABI_MEMBER(type, member)

#define ABI_ENUM(type, ...) printf("%s: %zu bytes\n", #type, sizeof(type));

#define ABI_CONSTANT(name, ...) printf("%s = %lld\n", #name, (long long) (name));

#define ABI_ERROR(name, ...) ABI_CONSTANT(name)

#define ABI_SAME_TYPE(...)
#define ABI_HANDLE_NAME(...)
#define ABI_REQ_NAME(...)

int main(void) {
#define XX(name, message) printf("%s: %s\n", #name, message);
  UV_ERRNO_MAP(XX)
#undef XX
#define XX(upper, lower) printf("%s: %s, %d\n", #upper, #lower, UV_##upper);
  UV_HANDLE_TYPE_MAP(XX)
  UV_REQ_TYPE_MAP(XX)
#undef XX
#include "table.h"
  return 0;
}
