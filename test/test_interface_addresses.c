/* The addresses of the network interfaces. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "support/peer.h"
#include "uv.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(_WIN32)
#include <iphlpapi.h>
#else
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

static uv_interface_address_t* addresses;
static int count;

static void list(void) {
  assert_int_equal(uv_interface_addresses(&addresses, &count), 0);
}

static void free_list(void) {
  uv_free_interface_addresses(addresses, count);
  addresses = NULL;
}

/* The entry that has the address, NULL if there is none. */
static const uv_interface_address_t* find(const char* text) {
  for (int i = 0; i < count; i++) {
    char name[64];
    if (uv_ip_name((const struct sockaddr*) &addresses[i].address, name, sizeof(name)) == 0 &&
        strcmp(name, text) == 0)
      return &addresses[i];
  }
  return NULL;
}

#if defined(_WIN32)

/* Names are those that the user gave them. */
static bool is_interface(const char* name) {
  ULONG size = 256 << 10;
  IP_ADAPTER_ADDRESSES* list = malloc(size);
  bool found = false;

  assert_int_equal(GetAdaptersAddresses(AF_UNSPEC, 0, NULL, list, &size), ERROR_SUCCESS);
  for (IP_ADAPTER_ADDRESSES* a = list; a != NULL && !found; a = a->Next) {
    char* its_name = NULL;
    assert_int_equal(uv_utf16_to_wtf8(a->FriendlyName, -1, &its_name, NULL), 0);
    found = strcmp(its_name, name) == 0;
    free(its_name);
  }
  free(list);
  return found;
}

#else

/* Or of an alias, "eth0:1". */
static bool is_interface(const char* name) {
  char link[IF_NAMESIZE];

  snprintf(link, sizeof(link), "%.*s", (int) strcspn(name, ":"), name);
  return if_nametoindex(link) > 0;
}

#endif

static void loopback_is_internal_and_has_no_hardware_address(void** state) {
  (void) state;
  static const char none[6];
  const uv_interface_address_t* loopback;

  list();
  loopback = find("127.0.0.1");
  if (loopback == NULL)
    skip();
  assert_int_equal(loopback->is_internal, 1);
  assert_int_equal(loopback->address.address4.sin_family, AF_INET);
  assert_int_equal(loopback->netmask.netmask4.sin_family, AF_INET);
  assert_int_equal(loopback->netmask.netmask4.sin_addr.s_addr, htonl(0xff000000));
  assert_memory_equal(loopback->phys_addr, none, 6);
  assert_true(is_interface(loopback->name));
  free_list();
}

static void every_entry_is_of_an_interface(void** state) {
  (void) state;
  list();
  for (int i = 0; i < count; i++) {
    int family = addresses[i].address.address4.sin_family;
    assert_true(family == AF_INET || family == AF_INET6);
    assert_true(is_interface(addresses[i].name));
  }
  free_list();
}

static void without_memory_there_is_no_list(void** state) {
  (void) state;
  int err;

  list();
  if (count == 0)
    skip();
  free_list();
  addresses = (uv_interface_address_t*) &count;
  test_allocator_install(1, true);
  err = uv_interface_addresses(&addresses, &count);
  test_allocator_install(0, false);
  assert_int_equal(err, UV_ENOMEM);
  assert_null(addresses);
  assert_int_equal(count, 0);
  list();
  assert_int_equal(test_allocator.live, 1);
  uv_free_interface_addresses(addresses, 12345);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

static void there_is_nothing_to_free_in_nothing(void** state) {
  (void) state;
  uv_free_interface_addresses(NULL, 0);
}

#if !defined(_WIN32)

/* -- In a network of its own ------------------------------------------------------------------- */

enum { PASSED = 0, NOT_ALLOWED = 77 };

/* Runs a check in a child that has a network of its own, without any address. The check answers
 * PASSED, NOT_ALLOWED, or a number that says what was wrong. */
static void check_in_new_network(int (*check)(int control)) {
  int status;
  pid_t pid = fork();

  assert_true(pid >= 0);
  if (pid == 0) {
    alarm(20);
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
      _exit(NOT_ALLOWED);
    _exit(check(socket(AF_INET, SOCK_DGRAM, 0)));
  }
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_true(WIFEXITED(status));
  if (WEXITSTATUS(status) == NOT_ALLOWED)
    skip();
  assert_int_equal(WEXITSTATUS(status), PASSED);
}

static bool set_address(int control, const char* name, const char* address) {
  struct ifreq request;
  struct sockaddr_in in;

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  uv_ip4_addr(address, 0, &in);
  memcpy(&request.ifr_addr, &in, sizeof(in));
  return ioctl(control, SIOCSIFADDR, &request) == 0;
}

static bool set_up(int control, const char* name, bool up) {
  struct ifreq request;

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  if (ioctl(control, SIOCGIFFLAGS, &request) != 0)
    return false;
  request.ifr_flags = (short) (up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

static int nothing_is_up(int control) {
  (void) control;
  addresses = (uv_interface_address_t*) &count;
  count = 99;
  if (uv_interface_addresses(&addresses, &count) != 0)
    return 1;
  return addresses == NULL && count == 0 ? PASSED : 2;
}

static void an_interface_that_is_down_is_left_out(void** state) {
  (void) state;
  check_in_new_network(nothing_is_up);
}

/* An Ethernet that runs as long as its descriptor is open. */
static int make_ethernet(int control, const char* name, const char phys_addr[6]) {
  struct ifreq request;
  int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (fd == -1 || ioctl(fd, TUNSETIFF, &request) != 0)
    return -1;
  memset(&request, 0, sizeof(request));
  strcpy(request.ifr_name, name);
  request.ifr_hwaddr.sa_family = 1; /* ARPHRD_ETHER */
  memcpy(request.ifr_hwaddr.sa_data, phys_addr, 6);
  return ioctl(control, SIOCSIFHWADDR, &request) == 0 ? fd : -1;
}

static int ethernet_with_alias(int control) {
  static const char phys_addr[6] = {2, 17, 34, 51, 68, 85};
  const uv_interface_address_t* first;
  const uv_interface_address_t* second;
  int ethernet = make_ethernet(control, "test0", phys_addr);

  if (ethernet == -1)
    return NOT_ALLOWED;
  if (!set_up(control, "test0", true) || !set_address(control, "test0", "10.1.2.3") ||
      !set_address(control, "test0:1", "10.1.2.4"))
    return 1;
  list();
  first = find("10.1.2.3");
  second = find("10.1.2.4");
  if (first == NULL || strcmp(first->name, "test0") != 0 || first->is_internal)
    return 2;
  if (second == NULL || strcmp(second->name, "test0:1") != 0 || second->is_internal)
    return 3;
  if (memcmp(first->phys_addr, phys_addr, 6) != 0 || memcmp(second->phys_addr, phys_addr, 6) != 0)
    return 4;
  if (first->netmask.netmask4.sin_addr.s_addr != htonl(0xff000000))
    return 5;
  free_list();
  close(ethernet);
  return PASSED;
}

static void an_alias_has_the_hardware_address_of_its_link(void** state) {
  (void) state;
  check_in_new_network(ethernet_with_alias);
}

static int loopback_goes_up_and_down(int control) {
  if (!set_up(control, "lo", true))
    return 1;
  list();
  if (find("127.0.0.1") == NULL || !find("127.0.0.1")->is_internal)
    return 2;
  free_list();
  if (!set_up(control, "lo", false))
    return 3;
  list();
  return count == 0 && addresses == NULL ? PASSED : 4;
}

static void what_is_up_is_listed_until_it_is_down(void** state) {
  (void) state;
  check_in_new_network(loopback_goes_up_and_down);
}

#define PLATFORM_TESTS \
  cmocka_unit_test(an_interface_that_is_down_is_left_out), \
      cmocka_unit_test(an_alias_has_the_hardware_address_of_its_link), \
      cmocka_unit_test(what_is_up_is_listed_until_it_is_down)

#else

/* How many bits of a mask are set; all of them come first. */
static int bits_of(const unsigned char* mask, size_t size) {
  size_t bits = 0;

  while (bits < 8 * size && (mask[bits / 8] & 0x80 >> bits % 8) != 0)
    bits++;
  for (size_t rest = bits; rest < 8 * size; rest++)
    assert_true((mask[rest / 8] & 0x80 >> rest % 8) == 0);
  return (int) bits;
}

static int prefix_of(const uv_interface_address_t* item) {
  const struct sockaddr_in6* netmask6 = &item->netmask.netmask6;
  const struct sockaddr_in* netmask4 = &item->netmask.netmask4;

  assert_int_equal(netmask4->sin_family, item->address.address4.sin_family);
  if (netmask4->sin_family == AF_INET6)
    return bits_of((const unsigned char*) &netmask6->sin6_addr, sizeof(netmask6->sin6_addr));
  return bits_of((const unsigned char*) &netmask4->sin_addr, sizeof(netmask4->sin_addr));
}

/* The system tells lengths of prefixes. */
static void netmasks_have_as_many_bits_as_the_prefix(void** state) {
  (void) state;
  list();
  for (int i = 0; i < count; i++)
    assert_true(prefix_of(&addresses[i]) > 0);
  if (find("::1") != NULL)
    assert_int_equal(prefix_of(find("::1")), 128);
  free_list();
}

#define PLATFORM_TESTS cmocka_unit_test(netmasks_have_as_many_bits_as_the_prefix)

#endif

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(loopback_is_internal_and_has_no_hardware_address),
      cmocka_unit_test(every_entry_is_of_an_interface),
      {"without_memory_there_is_no_list",
       IS_OLDER_PEER ? skipped_on_older_peer : without_memory_there_is_no_list, NULL, NULL, NULL},
      cmocka_unit_test(there_is_nothing_to_free_in_nothing),
      PLATFORM_TESTS,
  };
  return cmocka_run_group_tests_name("interface_addresses", tests, NULL, NULL);
}
