/* The interface against libuv's, as static assertions: it needs no run, so that it holds for a
 * system that is only compiled for. test_abi.c says the same in words, and more. */
#include "uv.h"

#include <stddef.h>

#define HAS_TYPE(expression, type) _Generic((expression), type : 1, default : 0)
#define MEMBER(type, member) (((type*) 0)->member)

#define ABI_TYPE(type, size, align) \
  _Static_assert(sizeof(type) == (size), "size of " #type); \
  _Static_assert(_Alignof(type) == (align), "alignment of " #type);

#define ABI_MEMBER(type, member, offset, size) \
  _Static_assert(offsetof(type, member) == (offset), "offset of " #type "." #member); \
  _Static_assert(sizeof(MEMBER(type, member)) == (size), "size of " #type "." #member);

#define ABI_TYPED_MEMBER(type, member, offset, size, member_type) \
  ABI_MEMBER(type, member, offset, size) \
  _Static_assert(HAS_TYPE(&MEMBER(type, member), __typeof__(member_type)*), \
                 "type of " #type "." #member);

#define ABI_SAME_TYPE(type, other) \
  _Static_assert(HAS_TYPE((type*) 0, __typeof__(other)*), "what " #type " stands for");

#define ABI_ENUM(type, size, is_signed) \
  _Static_assert(sizeof(type) == (size), "size of " #type); \
  _Static_assert(((type) -1 < (type) 1) == (is_signed), "sign of " #type);

#define ABI_CONSTANT(name, value) _Static_assert((name) == (value), #name);
#define ABI_ERROR(name, value, err_name, message) ABI_CONSTANT(name, value)

#define ABI_FUNCTION(name, result, parameters) \
  _Static_assert(HAS_TYPE(&name, result(*) parameters), "prototype of " #name);

#include "abi/tables.h"

#include ABI_LAYOUT
#include ABI_CONSTANTS
#include "abi/exports.h"
