/* Network interfaces by number. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <net/if.h>
#include <string.h>

typedef int (*name_func)(unsigned int ifindex, char* buffer, size_t* size);

static const name_func name_funcs[] = {uv_if_indextoname, uv_if_indextoiid};

static void every_interface_has_the_name_that_the_system_gives_it(void** state) {
  (void) state;
  struct if_nameindex* interfaces = if_nameindex();

  assert_non_null(interfaces);
  for (struct if_nameindex* i = interfaces; i->if_index != 0; i++)
    for (int f = 0; f < 2; f++) {
      char name[UV_IF_NAMESIZE];
      size_t size = sizeof(name);
      assert_int_equal(name_funcs[f](i->if_index, name, &size), 0);
      assert_string_equal(name, i->if_name);
      assert_int_equal(size, strlen(i->if_name));
    }
  assert_true(interfaces->if_index != 0);
  if_freenameindex(interfaces);
}

static void an_unknown_number_is_an_error(void** state) {
  (void) state;
  for (int f = 0; f < 2; f++) {
    char name[UV_IF_NAMESIZE] = "#";
    size_t size = sizeof(name);
    assert_int_equal(name_funcs[f](0x7ffffff0, name, &size), UV_ENXIO);
    assert_int_equal(size, sizeof(name));
    assert_string_equal(name, "#");
  }
}

static void a_small_buffer_is_told_the_size_needed(void** state) {
  (void) state;
  char whole[UV_IF_NAMESIZE];
  size_t whole_size = sizeof(whole);

  assert_int_equal(uv_if_indextoname(1, whole, &whole_size), 0);
  for (int f = 0; f < 2; f++)
    for (size_t room = 1; room <= whole_size; room++) {
      char name[UV_IF_NAMESIZE] = "#";
      size_t size = room;
      assert_int_equal(name_funcs[f](1, name, &size), UV_ENOBUFS);
      assert_int_equal(size, whole_size + 1);
      assert_int_equal(name_funcs[f](1, name, &size), 0);
      assert_string_equal(name, whole);
    }
}

static void a_buffer_and_its_size_are_needed(void** state) {
  (void) state;
  for (int f = 0; f < 2; f++) {
    char name[UV_IF_NAMESIZE];
    size_t size = sizeof(name);
    assert_int_equal(name_funcs[f](1, NULL, &size), UV_EINVAL);
    assert_int_equal(name_funcs[f](1, name, NULL), UV_EINVAL);
    size = 0;
    assert_int_equal(name_funcs[f](1, name, &size), UV_EINVAL);
    assert_int_equal(size, 0);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_interface_has_the_name_that_the_system_gives_it),
      cmocka_unit_test(an_unknown_number_is_an_error),
      cmocka_unit_test(a_small_buffer_is_told_the_size_needed),
      cmocka_unit_test(a_buffer_and_its_size_are_needed),
  };
  return cmocka_run_group_tests_name("interface", tests, NULL, NULL);
}
