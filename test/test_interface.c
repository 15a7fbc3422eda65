/* Network interfaces by number. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <iphlpapi.h>
#else
#include <net/if.h>
#endif

typedef int (*name_func)(unsigned int ifindex, char* buffer, size_t* size);

static const name_func name_funcs[] = {uv_if_indextoname, uv_if_indextoiid};

#if defined(_WIN32)

/* The system knows them by number; what stands behind '%' in an address is the number, too. */

/* The numbers of the machine's interfaces. */
static int list_interfaces(unsigned int numbers[], int most) {
  ULONG size = 256 << 10;
  IP_ADAPTER_ADDRESSES* list = malloc(size);
  int count = 0;

  assert_int_equal(GetAdaptersAddresses(AF_UNSPEC, 0, NULL, list, &size), ERROR_SUCCESS);
  for (IP_ADAPTER_ADDRESSES* a = list; a != NULL && count < most; a = a->Next)
    numbers[count++] = a->IfIndex != 0 ? a->IfIndex : a->Ipv6IfIndex;
  free(list);
  return count;
}

static unsigned int first_interface(void) {
  unsigned int number = 0;
  assert_int_equal(list_interfaces(&number, 1), 1);
  return number;
}

static void every_interface_has_the_name_that_the_system_gives_it(void** state) {
  (void) state;
  unsigned int numbers[32];
  int count = list_interfaces(numbers, 32);

  assert_true(count > 0);
  for (int i = 0; i < count; i++) {
    char name[NDIS_IF_MAX_STRING_SIZE + 1];
    char iid[UV_IF_NAMESIZE];
    size_t size = sizeof(name);
    size_t iid_size = sizeof(iid);
    NET_LUID luid;
    NET_IFINDEX number;

    assert_int_equal(uv_if_indextoname(numbers[i], name, &size), 0);
    assert_int_equal(size, strlen(name));
    assert_int_equal(ConvertInterfaceNameToLuidA(name, &luid), 0);
    assert_int_equal(ConvertInterfaceLuidToIndex(&luid, &number), 0);
    assert_int_equal(number, numbers[i]);

    assert_int_equal(uv_if_indextoiid(numbers[i], iid, &iid_size), 0);
    assert_int_equal(strtoul(iid, NULL, 10), numbers[i]);
    assert_int_equal(iid_size, strlen(iid));
  }
}

static void an_unknown_number_has_no_name(void** state) {
  (void) state;
  char name[UV_IF_NAMESIZE] = "#";
  size_t size = sizeof(name);
  assert_int_equal(uv_if_indextoname(0x7ffffff0, name, &size), UV_ENXIO);
  assert_int_equal(size, sizeof(name));
  assert_string_equal(name, "#");
}

#else

static unsigned int first_interface(void) {
  return 1;
}

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

static void an_unknown_number_has_no_name(void** state) {
  (void) state;
  for (int f = 0; f < 2; f++) {
    char name[UV_IF_NAMESIZE] = "#";
    size_t size = sizeof(name);
    assert_int_equal(name_funcs[f](0x7ffffff0, name, &size), UV_ENXIO);
    assert_int_equal(size, sizeof(name));
    assert_string_equal(name, "#");
  }
}

#endif

static void a_small_buffer_is_told_the_size_needed(void** state) {
  (void) state;
  unsigned int number = first_interface();

  for (int f = 0; f < 2; f++) {
    char whole[256];
    size_t whole_size = sizeof(whole);
    assert_int_equal(name_funcs[f](number, whole, &whole_size), 0);
    for (size_t room = 1; room <= whole_size; room++) {
      char name[256] = "#";
      size_t size = room;
      assert_int_equal(name_funcs[f](number, name, &size), UV_ENOBUFS);
      assert_int_equal(size, whole_size + 1);
      assert_int_equal(name_funcs[f](number, name, &size), 0);
      assert_string_equal(name, whole);
    }
  }
}

static void an_address_with_a_zone_gives_the_number_back(void** state) {
  (void) state;
  unsigned int number = first_interface();
  char text[256] = "fe80::1%";
  size_t len = strlen(text);
  size_t size = sizeof(text) - len;
  struct sockaddr_in6 addr;

  assert_int_equal(uv_if_indextoiid(number, text + len, &size), 0);
  assert_int_equal(uv_ip6_addr(text, 0, &addr), 0);
  assert_int_equal(addr.sin6_scope_id, number);
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
      cmocka_unit_test(an_unknown_number_has_no_name),
      cmocka_unit_test(a_small_buffer_is_told_the_size_needed),
      cmocka_unit_test(an_address_with_a_zone_gives_the_number_back),
      cmocka_unit_test(a_buffer_and_its_size_are_needed),
  };
  return cmocka_run_group_tests_name("interface", tests, NULL, NULL);
}
