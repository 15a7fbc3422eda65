/* IP addresses as text and back. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <stdbool.h>
#include <string.h>

/* -- Reading ----------------------------------------------------------------------------------- */

static void assert_ip4(const char* text, unsigned int address) {
  struct in_addr parsed;
  assert_int_equal(uv_inet_pton(AF_INET, text, &parsed), 0);
  assert_int_equal(ntohl(parsed.s_addr), address);
}

static void ip4_is_four_decimal_parts(void** state) {
  (void) state;
  assert_ip4("0.0.0.0", 0);
  assert_ip4("127.0.0.1", 0x7f000001);
  assert_ip4("255.255.255.255", 0xffffffff);
  assert_ip4("1.20.103.254", 0x011467fe);
}

static void nothing_else_is_ip4(void** state) {
  (void) state;
  static const char* const texts[] = {
      "",          "1",          "1.2.3",     "1.2.3.",    "1.2.3.4.",   "1.2.3.4.5",
      ".1.2.3.4",  "1..2.3",     "256.0.0.1", "1.2.3.256", "1.2.3.999",  "1.2.3.1000",
      "01.2.3.4",  "1.2.3.04",   "1.2.3.00",  "001.2.3.4", " 1.2.3.4",   "1.2.3.4 ",
      "1.2. 3.4",  "+1.2.3.4",   "-1.2.3.4",  "0x1.2.3.4", "1.2.3.a",    "1.2.3.4%lo",
      "127.1",     "2130706433", "::1.2.3.4", "1,2,3,4",   "1.2.3.4\n",  "99999999999.0.0.1",
      "1.2.3.4/8", "a.b.c.d",    "...",       "....",      "1.2.3.4:80", "4294967297.1.1.1",
  };

  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    unsigned char untouched[4] = {1, 2, 3, 4};
    assert_int_equal(uv_inet_pton(AF_INET, texts[i], untouched), UV_EINVAL);
    assert_memory_equal(untouched, "\1\2\3\4", 4);
  }
}

static void assert_ip6(const char* text, const char* bytes) {
  unsigned char parsed[16];
  assert_int_equal(uv_inet_pton(AF_INET6, text, parsed), 0);
  assert_memory_equal(parsed, bytes, 16);
}

static void ip6_is_hexadecimal_groups_with_at_most_one_gap(void** state) {
  (void) state;
  assert_ip6("::", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
  assert_ip6("::1", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
  assert_ip6("1::", "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
  assert_ip6("1:2:3:4:5:6:7:8", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\10");
  assert_ip6("1:2:3::6:7:8", "\0\1\0\2\0\3\0\0\0\0\0\6\0\7\0\10");
  assert_ip6("::2:3:4:5:6:7:8", "\0\0\0\2\0\3\0\4\0\5\0\6\0\7\0\10");
  assert_ip6("1:2:3:4:5:6:7::", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\0");
  assert_ip6("FE80::AbCd", "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\xab\xcd");
  assert_ip6("0001::0fff", "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\x0f\xff");
  assert_ip6("::1.2.3.4", "\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4");
  assert_ip6("::ffff:1.2.3.4", "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4");
  assert_ip6("1:2:3:4:5:6:1.2.3.4", "\0\1\0\2\0\3\0\4\0\5\0\6\1\2\3\4");
  assert_ip6("1:2:3:4:5::1.2.3.4", "\0\1\0\2\0\3\0\4\0\5\0\0\1\2\3\4");
  assert_ip6("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255",
             "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
}

static void nothing_else_is_ip6(void** state) {
  (void) state;
  static const char* const texts[] = {
      "",
      ":",
      ":::",
      "::::",
      "1",
      "1:",
      ":1",
      "::1:",
      ":1::",
      "1:::2",
      "1::2::3",
      "::1::",
      "1:2:3:4:5:6:7",
      "1:2:3:4:5:6:7:",
      "1:2:3:4:5:6:7:8:",
      "1:2:3:4:5:6:7:8:9",
      ":1:2:3:4:5:6:7:8",
      "1:2:3:4::5:6:7:8",
      "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8",
      "00001::",
      "12345::",
      "g::",
      "::g",
      "1.2.3.4",
      "::1.2.3",
      "::1.2.3.4.5",
      "::1.2.3.256",
      "::01.2.3.4",
      "::1.2.3.4:5",
      "::1.2.3.4:",
      "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4:5::6:1.2.3.4",
      "::a.2.3.4",
      "::1.2.3.4::",
      " ::1",
      "::1 ",
      "::-1",
      "0x1::",
      "[::1]",
      "::1/64",
      "%lo",
      "%%%%",
      "1:2%lo",
      "::12345.2.3.4",
      ".1.2.3.4",
      "::.1.2.3",
  };

  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    unsigned char untouched[16] = "untouched bytes";
    assert_int_equal(uv_inet_pton(AF_INET6, texts[i], untouched), UV_EINVAL);
    assert_memory_equal(untouched, "untouched bytes", 16);
  }
}

static void what_stands_behind_a_percent_sign_is_not_looked_at(void** state) {
  (void) state;
  assert_ip6("::1%", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
  assert_ip6("::1%%%%", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
  assert_ip6("::1%en1:1.2.3.4", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
  assert_ip6("::1%a zone name that is longer than any address could ever be, by far",
             "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
}

static void reading_needs_text_room_and_a_known_family(void** state) {
  (void) state;
  char bytes[16];
  assert_int_equal(uv_inet_pton(AF_INET, NULL, bytes), UV_EINVAL);
  assert_int_equal(uv_inet_pton(AF_INET6, NULL, bytes), UV_EINVAL);
  assert_int_equal(uv_inet_pton(AF_INET, "1.2.3.4", NULL), UV_EINVAL);
  assert_int_equal(uv_inet_pton(AF_UNIX, NULL, bytes), UV_EINVAL);
  assert_int_equal(uv_inet_pton(AF_UNIX, "1.2.3.4", bytes), UV_EAFNOSUPPORT);
  assert_int_equal(uv_inet_pton(AF_UNSPEC, "bad text", bytes), UV_EAFNOSUPPORT);
}

/* -- Writing ----------------------------------------------------------------------------------- */

static void assert_ip6_text(const char* text, const char* bytes) {
  char buf[46];
  assert_int_equal(uv_inet_ntop(AF_INET6, bytes, buf, sizeof(buf)), 0);
  assert_string_equal(buf, text);
}

static void ip6_is_written_short_and_in_lower_case(void** state) {
  (void) state;
  assert_ip6_text("::", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
  assert_ip6_text("::1", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
  assert_ip6_text("::2", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2");
  assert_ip6_text("1::", "\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
  assert_ip6_text("fe80::abcd", "\xfe\x80\0\0\0\0\0\0\0\0\0\0\0\0\xab\xcd");
  assert_ip6_text("1:2:3:4:5:6:7:8", "\0\1\0\2\0\3\0\4\0\5\0\6\0\7\0\10");
  assert_ip6_text("1:0:3:4:5:6:7:8", "\0\1\0\0\0\3\0\4\0\5\0\6\0\7\0\10");
  assert_ip6_text("0:2:3:4:5:6:7:0", "\0\0\0\2\0\3\0\4\0\5\0\6\0\7\0\0");
  assert_ip6_text("1::4:0:0:7:8", "\0\1\0\0\0\0\0\4\0\0\0\0\0\7\0\10");
  assert_ip6_text("1:0:0:4::8", "\0\1\0\0\0\0\0\4\0\0\0\0\0\0\0\10");
  assert_ip6_text("1:2:3:4:5:6::", "\0\1\0\2\0\3\0\4\0\5\0\6\0\0\0\0");
}

static void addresses_that_hold_an_ip4_address_end_dotted(void** state) {
  (void) state;
  assert_ip6_text("::1.2.3.4", "\0\0\0\0\0\0\0\0\0\0\0\0\1\2\3\4");
  assert_ip6_text("::0.1.0.0", "\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0");
  assert_ip6_text("::ffff:1.2.3.4", "\0\0\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4");
  assert_ip6_text("::ffff:0.0.0.0", "\0\0\0\0\0\0\0\0\0\0\xff\xff\0\0\0\0");
  assert_ip6_text("::fffe:102:304", "\0\0\0\0\0\0\0\0\0\0\xff\xfe\1\2\3\4");
  assert_ip6_text("1::ffff:102:304", "\0\1\0\0\0\0\0\0\0\0\xff\xff\1\2\3\4");
  assert_ip6_text("::102", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\2");
}

static void writing_needs_room_for_the_nul_and_touches_nothing_else(void** state) {
  (void) state;
  const unsigned char ip4[4] = {192, 168, 0, 1};
  const unsigned char ip6[16] = {0xfe, 0x80, [15] = 1};
  char buf[64];

  for (size_t size = 0; size < sizeof(buf); size++) {
    memset(buf, '#', sizeof(buf));
    bool fits = size >= sizeof("192.168.0.1");
    assert_int_equal(uv_inet_ntop(AF_INET, ip4, buf, size), fits ? 0 : UV_ENOSPC);
    assert_int_equal(memchr(buf, '\0', sizeof(buf)) != NULL, fits);
    assert_int_equal(buf[fits ? sizeof("192.168.0.1") : 0], '#');

    memset(buf, '#', sizeof(buf));
    fits = size >= sizeof("fe80::1");
    assert_int_equal(uv_inet_ntop(AF_INET6, ip6, buf, size), fits ? 0 : UV_ENOSPC);
    assert_int_equal(memchr(buf, '\0', sizeof(buf)) != NULL, fits);
    assert_int_equal(buf[fits ? sizeof("fe80::1") : 0], '#');
  }
}

static void writing_needs_a_known_family_first(void** state) {
  (void) state;
  char buf[64] = "#";
  assert_int_equal(uv_inet_ntop(AF_UNIX, "\1\2\3\4", buf, sizeof(buf)), UV_EAFNOSUPPORT);
  assert_int_equal(uv_inet_ntop(AF_UNSPEC, "\1\2\3\4", buf, 0), UV_EAFNOSUPPORT);
  assert_int_equal(buf[0], '#');
}

/* -- Socket addresses -------------------------------------------------------------------------- */

static void an_ip4_socket_address_has_family_port_and_address(void** state) {
  (void) state;
  struct sockaddr_in expected;
  struct sockaddr_in addr;

  memset(&expected, 0, sizeof(expected));
  expected.sin_family = AF_INET;
  expected.sin_port = htons(8080);
  expected.sin_addr.s_addr = htonl(0x7f000001);
  memset(&addr, 0xff, sizeof(addr));
  assert_int_equal(uv_ip4_addr("127.0.0.1", 8080, &addr), 0);
  assert_memory_equal(&addr, &expected, sizeof(addr));
}

static void an_ip6_socket_address_has_family_port_and_address(void** state) {
  (void) state;
  struct sockaddr_in6 expected;
  struct sockaddr_in6 addr;

  memset(&expected, 0, sizeof(expected));
  expected.sin6_family = AF_INET6;
  expected.sin6_port = htons(8080);
  expected.sin6_addr.s6_addr[15] = 1;
  memset(&addr, 0xff, sizeof(addr));
  assert_int_equal(uv_ip6_addr("::1", 8080, &addr), 0);
  assert_memory_equal(&addr, &expected, sizeof(addr));
}

static void bad_text_leaves_a_socket_address_with_family_and_port(void** state) {
  (void) state;
  static const char* const texts[] = {"", "localhost", "1.2.3.4.5", "::1::"};

  for (int i = 0; i < 4; i++) {
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;

    memset(&ip4, 0xff, sizeof(ip4));
    assert_int_equal(uv_ip4_addr(texts[i], 80, &ip4), UV_EINVAL);
    assert_int_equal(ip4.sin_family, AF_INET);
    assert_int_equal(ip4.sin_port, htons(80));
    assert_int_equal(ip4.sin_addr.s_addr, 0);

    memset(&ip6, 0xff, sizeof(ip6));
    assert_int_equal(uv_ip6_addr(texts[i], 80, &ip6), UV_EINVAL);
    assert_int_equal(ip6.sin6_family, AF_INET6);
    assert_int_equal(ip6.sin6_port, htons(80));
    assert_int_equal(ip6.sin6_scope_id, 0);
    assert_memory_equal(&ip6.sin6_addr, &in6addr_any, 16);
  }
}

static void a_port_is_the_low_16_bits(void** state) {
  (void) state;
  struct sockaddr_in ip4;
  struct sockaddr_in6 ip6;

  assert_int_equal(uv_ip4_addr("0.0.0.0", 65536 + 9, &ip4), 0);
  assert_int_equal(ip4.sin_port, htons(9));
  assert_int_equal(uv_ip6_addr("::", -1, &ip6), 0);
  assert_int_equal(ip6.sin6_port, htons(65535));
}

static void a_zone_is_the_name_of_an_interface(void** state) {
  (void) state;
  struct sockaddr_in6 addr;
  char name[UV_IF_NAMESIZE];
  char text[100];
  size_t size = sizeof(name);

  /* 1 is the loopback interface wherever there is one. */
  assert_int_equal(uv_if_indextoiid(1, name, &size), 0);
  snprintf(text, sizeof(text), "fe80::1%%%s", name);
  assert_int_equal(uv_ip6_addr(text, 1, &addr), 0);
  assert_int_equal(addr.sin6_scope_id, 1);
  assert_int_equal(addr.sin6_addr.s6_addr[0], 0xfe);
  assert_int_equal(addr.sin6_addr.s6_addr[15], 1);
}

static void an_unknown_zone_is_no_error(void** state) {
  (void) state;
  static const char* const texts[] = {"fe80::1%no such zone", "fe80::1%", "fe80::1%%"};

  for (int i = 0; i < 3; i++) {
    struct sockaddr_in6 addr;
    memset(&addr, 0xff, sizeof(addr));
    assert_int_equal(uv_ip6_addr(texts[i], 1, &addr), 0);
    assert_int_equal(addr.sin6_scope_id, 0);
    assert_int_equal(addr.sin6_addr.s6_addr[15], 1);
  }
}

#if defined(_WIN32)
enum { ZONE_7 = 7 };
#else
enum { ZONE_7 = 0 }; /* there is no interface of that name */
#endif

static void a_number_is_the_name_of_a_zone_on_windows(void** state) {
  (void) state;
  struct sockaddr_in6 addr;

  memset(&addr, 0xff, sizeof(addr));
  assert_int_equal(uv_ip6_addr("fe80::1%7", 1, &addr), 0);
  assert_int_equal(addr.sin6_scope_id, ZONE_7);
}

static void an_ip4_address_has_no_zone(void** state) {
  (void) state;
  struct sockaddr_in addr;
  assert_int_equal(uv_ip4_addr("127.0.0.1%lo", 1, &addr), UV_EINVAL);
}

static void names_lack_port_and_zone(void** state) {
  (void) state;
  struct sockaddr_in ip4;
  struct sockaddr_in6 ip6;
  char name[64];

  assert_int_equal(uv_ip4_addr("10.20.30.40", 8080, &ip4), 0);
  assert_int_equal(uv_ip4_name(&ip4, name, sizeof(name)), 0);
  assert_string_equal(name, "10.20.30.40");
  assert_int_equal(uv_ip6_addr("fe80::20", 8080, &ip6), 0);
  ip6.sin6_scope_id = 1;
  assert_int_equal(uv_ip6_name(&ip6, name, sizeof(name)), 0);
  assert_string_equal(name, "fe80::20");

  name[0] = '\0';
  assert_int_equal(uv_ip_name((struct sockaddr*) &ip4, name, sizeof(name)), 0);
  assert_string_equal(name, "10.20.30.40");
  assert_int_equal(uv_ip_name((struct sockaddr*) &ip6, name, sizeof(name)), 0);
  assert_string_equal(name, "fe80::20");
}

static void names_that_do_not_fit_are_refused(void** state) {
  (void) state;
  struct sockaddr_in ip4;
  struct sockaddr_in6 ip6;
  struct sockaddr other;
  char name[64] = "#";

  assert_int_equal(uv_ip4_addr("10.20.30.40", 0, &ip4), 0);
  assert_int_equal(uv_ip6_addr("fe80::20", 0, &ip6), 0);
  assert_int_equal(uv_ip4_name(&ip4, name, strlen("10.20.30.40")), UV_ENOSPC);
  assert_int_equal(uv_ip6_name(&ip6, name, strlen("fe80::20")), UV_ENOSPC);
  assert_int_equal(uv_ip_name((struct sockaddr*) &ip4, name, 0), UV_ENOSPC);
  assert_int_equal(uv_ip_name((struct sockaddr*) &ip6, name, 0), UV_ENOSPC);
  memset(&other, 0, sizeof(other));
  other.sa_family = AF_UNIX;
  assert_int_equal(uv_ip_name(&other, name, sizeof(name)), UV_EAFNOSUPPORT);
  assert_string_equal(name, "#");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ip4_is_four_decimal_parts),
      cmocka_unit_test(nothing_else_is_ip4),
      cmocka_unit_test(ip6_is_hexadecimal_groups_with_at_most_one_gap),
      cmocka_unit_test(nothing_else_is_ip6),
      cmocka_unit_test(what_stands_behind_a_percent_sign_is_not_looked_at),
      cmocka_unit_test(reading_needs_text_room_and_a_known_family),
      cmocka_unit_test(ip6_is_written_short_and_in_lower_case),
      cmocka_unit_test(addresses_that_hold_an_ip4_address_end_dotted),
      cmocka_unit_test(writing_needs_room_for_the_nul_and_touches_nothing_else),
      cmocka_unit_test(writing_needs_a_known_family_first),
      cmocka_unit_test(an_ip4_socket_address_has_family_port_and_address),
      cmocka_unit_test(an_ip6_socket_address_has_family_port_and_address),
      cmocka_unit_test(bad_text_leaves_a_socket_address_with_family_and_port),
      cmocka_unit_test(a_port_is_the_low_16_bits),
      cmocka_unit_test(a_zone_is_the_name_of_an_interface),
      cmocka_unit_test(an_unknown_zone_is_no_error),
      cmocka_unit_test(a_number_is_the_name_of_a_zone_on_windows),
      cmocka_unit_test(an_ip4_address_has_no_zone),
      cmocka_unit_test(names_lack_port_and_zone),
      cmocka_unit_test(names_that_do_not_fit_are_refused),
  };
  return cmocka_run_group_tests_name("inet", tests, NULL, NULL);
}
