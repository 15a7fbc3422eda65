/* The interface against libuv's: sizes, offsets and numbers of everything that uv.h declares, from
 * the tables in abi/. Types and prototypes are compared at compile time, in abi/static_check.c. */
#include "uv.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct type_fact {
  const char* name;
  unsigned int size;
  unsigned int align;
  unsigned int wanted_size;
  unsigned int wanted_align;
};

struct member_fact {
  const char* type;
  const char* name;
  unsigned int offset;
  unsigned int size;
  unsigned int wanted_offset;
  unsigned int wanted_size;
};

struct enum_fact {
  const char* name;
  unsigned int size;
  int is_signed;
  unsigned int wanted_size;
  int wanted_signed;
};

struct number_fact {
  const char* name;
  int64_t value;
  int64_t wanted;
};

struct error_fact {
  const char* name;
  int value;
  int wanted;
  const char* err_name;
  const char* message;
};

struct name_fact {
  int value;
  const char* name;
};

static const struct type_fact types[] = {
#define ABI_TYPE(type, size, align) {#type, sizeof(type), _Alignof(type), size, align},
#include "abi/tables.h"

#include ABI_LAYOUT
#undef ABI_TYPE
#define ABI_TYPE(...)
};

static const struct member_fact members[] = {
#undef ABI_MEMBER
#undef ABI_TYPED_MEMBER
#define ABI_MEMBER(type, member, offset, size) \
  {#type, #member, offsetof(type, member), sizeof(((type*) 0)->member), offset, size},
#define ABI_TYPED_MEMBER(type, member, offset, size, ...) ABI_MEMBER(type, member, offset, size)
#include ABI_LAYOUT
#undef ABI_MEMBER
#undef ABI_TYPED_MEMBER
#define ABI_MEMBER(...)
#define ABI_TYPED_MEMBER(...)
};

static const struct enum_fact enums[] = {
#undef ABI_ENUM
#define ABI_ENUM(type, size, is_signed) \
  {#type, sizeof(type), (type) -1 < (type) 1, size, is_signed},
#include ABI_LAYOUT
};

static const struct number_fact numbers[] = {
#undef ABI_CONSTANT
#define ABI_CONSTANT(name, value) {#name, name, value},
#include ABI_CONSTANTS
#undef ABI_CONSTANT
#define ABI_CONSTANT(...)
};

static const struct error_fact errors[] = {
#undef ABI_ERROR
#define ABI_ERROR(name, value, err_name, message) {#name, name, value, err_name, message},
#include ABI_CONSTANTS
#undef ABI_ERROR
#define ABI_ERROR(...)
};

static const struct name_fact handle_names[] = {
#undef ABI_HANDLE_NAME
#define ABI_HANDLE_NAME(type, name) {type, name},
#include ABI_CONSTANTS
#undef ABI_HANDLE_NAME
#define ABI_HANDLE_NAME(...)
};

static const struct name_fact req_names[] = {
#undef ABI_REQ_NAME
#define ABI_REQ_NAME(type, name) {type, name},
#include ABI_CONSTANTS
};

static void types_have_libuvs_size_and_alignment(void** state) {
  int wrong = 0;

  (void) state;
  for (size_t i = 0; i < COUNT(types); i++) {
    const struct type_fact* fact = &types[i];

    if (fact->size == fact->wanted_size && fact->align == fact->wanted_align)
      continue;
    print_error("%s: size %u, alignment %u; libuv has %u and %u\n", fact->name, fact->size,
                fact->align, fact->wanted_size, fact->wanted_align);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

static void members_are_where_libuv_has_them(void** state) {
  int wrong = 0;

  (void) state;
  for (size_t i = 0; i < COUNT(members); i++) {
    const struct member_fact* fact = &members[i];

    if (fact->offset == fact->wanted_offset && fact->size == fact->wanted_size)
      continue;
    print_error("%s.%s: %u bytes at %u; libuv has %u at %u\n", fact->type, fact->name, fact->size,
                fact->offset, fact->wanted_size, fact->wanted_offset);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

static void enumerations_have_libuvs_size_and_sign(void** state) {
  int wrong = 0;

  (void) state;
  for (size_t i = 0; i < COUNT(enums); i++) {
    const struct enum_fact* fact = &enums[i];

    if (fact->size == fact->wanted_size && fact->is_signed == fact->wanted_signed)
      continue;
    print_error("%s: %u bytes, signed %d; libuv has %u and %d\n", fact->name, fact->size,
                fact->is_signed, fact->wanted_size, fact->wanted_signed);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

static void constants_have_libuvs_values(void** state) {
  int wrong = 0;

  (void) state;
  for (size_t i = 0; i < COUNT(numbers); i++) {
    const struct number_fact* fact = &numbers[i];

    if (fact->value == fact->wanted)
      continue;
    print_error("%s: %lld; libuv has %lld\n", fact->name, (long long) fact->value,
                (long long) fact->wanted);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

static void errors_have_libuvs_numbers(void** state) {
  int wrong = 0;

  (void) state;
  for (size_t i = 0; i < COUNT(errors); i++) {
    const struct error_fact* fact = &errors[i];

    if (fact->value == fact->wanted)
      continue;
    print_error("%s: %d; libuv has %d\n", fact->name, fact->value, fact->wanted);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

static void the_error_map_has_libuvs_names_and_messages(void** state) {
  static const struct error_fact mapped[] = {
#define XX(name, message) {"UV_" #name, UV_##name, UV__##name, #name, message},
      UV_ERRNO_MAP(XX)
#undef XX
  };

  (void) state;
  assert_int_equal(COUNT(mapped), COUNT(errors));
  for (size_t i = 0; i < COUNT(errors); i++) {
    size_t found = 0;

    while (found < COUNT(mapped) && strcmp(mapped[found].name, errors[i].name) != 0)
      found++;
    if (found == COUNT(mapped))
      fail_msg("UV_ERRNO_MAP lacks %s", errors[i].name);
    assert_int_equal(mapped[found].value, errors[i].wanted);
    assert_int_equal(mapped[found].wanted, errors[i].wanted);
    assert_string_equal(mapped[found].err_name, errors[i].err_name);
    assert_string_equal(mapped[found].message, errors[i].message);
  }
}

static void the_maps_of_types_have_libuvs_names_in_order(void** state) {
  static const struct name_fact mapped_handles[] = {
#define XX(upper, lower) {UV_##upper, #lower},
      UV_HANDLE_TYPE_MAP(XX)
#undef XX
  };
  static const struct name_fact mapped_reqs[] = {
#define XX(upper, lower) {UV_##upper, #lower},
      UV_REQ_TYPE_MAP(XX)
#undef XX
  };

  (void) state;
  /* UV_FILE has a name and no struct, so it is in no map. */
  assert_int_equal(COUNT(mapped_handles), COUNT(handle_names) - 1);
  for (size_t i = 0; i < COUNT(mapped_handles); i++) {
    assert_int_equal(mapped_handles[i].value, handle_names[i].value);
    assert_string_equal(mapped_handles[i].name, handle_names[i].name);
  }
  assert_int_equal(handle_names[COUNT(mapped_handles)].value, UV_FILE);
  assert_int_equal(COUNT(mapped_reqs), COUNT(req_names));
  for (size_t i = 0; i < COUNT(mapped_reqs); i++) {
    assert_int_equal(mapped_reqs[i].value, req_names[i].value);
    assert_string_equal(mapped_reqs[i].name, req_names[i].name);
  }
}

static void the_version_is_the_release_1_52_1(void** state) {
  (void) state;
  assert_int_equal(UV_VERSION_MAJOR, 1);
  assert_int_equal(UV_VERSION_MINOR, 52);
  assert_int_equal(UV_VERSION_PATCH, 1);
  assert_int_equal(UV_VERSION_HEX, 0x013401);
  assert_int_equal(UV_VERSION_IS_RELEASE, 1);
  assert_string_equal(UV_VERSION_SUFFIX, "");
}

static void what_is_not_a_number_is_libuvs_too(void** state) {
  uv_once_t once = UV_ONCE_INIT;

  (void) state;
  (void) once;
  assert_true(UV_FS_UTIME_NOW > 1e300);
  assert_true(UV_FS_UTIME_OMIT != UV_FS_UTIME_OMIT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(types_have_libuvs_size_and_alignment),
      cmocka_unit_test(members_are_where_libuv_has_them),
      cmocka_unit_test(enumerations_have_libuvs_size_and_sign),
      cmocka_unit_test(constants_have_libuvs_values),
      cmocka_unit_test(errors_have_libuvs_numbers),
      cmocka_unit_test(the_error_map_has_libuvs_names_and_messages),
      cmocka_unit_test(the_maps_of_types_have_libuvs_names_in_order),
      cmocka_unit_test(the_version_is_the_release_1_52_1),
      cmocka_unit_test(what_is_not_a_number_is_libuvs_too),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
