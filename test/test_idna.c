/* Host names as ASCII: Punycode against RFC 3492, mapping and normalisation against known names,
 * and against properties that hold for every code point. */
#include "idna.h"
#include "idna_map.h"
#include "punycode.h"
#include "support/cmocka_all.h"
#include "support/utf8_text.h"
#include "uv.h"

#include <stdio.h>
#include <string.h>

struct name_pair {
  const char* name;
  const char* ascii;
};

static void assert_all(const struct name_pair* pairs, size_t count) {
  for (size_t i = 0; i < count; i++) {
    char ascii[UV__HOST_SIZE];

    assert_int_equal(uv__idna_to_ascii(pairs[i].name, ascii), 0);
    assert_string_equal(ascii, pairs[i].ascii);
  }
}

#define ASSERT_ALL(pairs) assert_all(pairs, sizeof(pairs) / sizeof(pairs[0]))

/* -- What passes and what does not ------------------------------------------------------------- */

static void ascii_passes_byte_for_byte(void** state) {
  const char* const names[] = {
      "localhost", "_dmarc.Example.COM.", "127.0.0.1",     "0x7f.1", "fe80::1%eth0", "a..b", ".",
      "-a-",       "xn--bcher-kva",       "XN--\x7f \x01",
  };

  (void) state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    char ascii[UV__HOST_SIZE];

    assert_int_equal(uv__idna_to_ascii(names[i], ascii), 0);
    assert_string_equal(ascii, names[i]);
  }
}

static void text_that_is_no_utf8_is_refused(void** state) {
  const char* const names[] = {
      "\x80",
      "a\xBF",
      "\xC3",
      "\xC3.",
      "\xC0\x80",
      "\xC1\xBF",
      "\xE0\x9F\xBF",
      "\xE2\x82",
      "\xED\xA0\x80",
      "\xED\xBF\xBF",
      "\xF0\x8F\xBF\xBF",
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",
      "\xFE",
      "\xFF",
      "\xF0\x9F\x98",
      "\xE2\x28\xA1",
      "b\xC3\xBC\xC3",
  };

  (void) state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    char ascii[UV__HOST_SIZE];
    assert_int_equal(uv__idna_to_ascii(names[i], ascii), UV_EINVAL);
  }
}

static void what_becomes_nothing_is_refused(void** state) {
  char ascii[UV__HOST_SIZE];

  (void) state;
  assert_int_equal(uv__idna_to_ascii("", ascii), UV_EINVAL);
  assert_int_equal(uv__idna_to_ascii("\u00AD\u200B", ascii), UV_EINVAL);
}

static void names_are_refused_and_not_cut_beyond_255_bytes(void** state) {
  char name[2000];
  char ascii[UV__HOST_SIZE];

  (void) state;
  for (size_t len = 1; len < 600; len++) {
    memset(name, 'a', len);
    name[len] = '\0';
    assert_int_equal(uv__idna_to_ascii(name, ascii), len <= 255 ? 0 : UV_EINVAL);
    if (len <= 255)
      assert_int_equal(strlen(ascii), len);
  }
  /* "xn--tda" and as many labels before it as fit. */
  for (size_t len = 0; len < 600; len++) {
    memset(name, 'a', len);
    strcpy(name + len, ".\u00FC");
    assert_int_equal(uv__idna_to_ascii(name, ascii), len + 8 <= 255 ? 0 : UV_EINVAL);
    if (len + 8 <= 255)
      assert_int_equal(strlen(ascii), len + 8);
  }
  /* A label of which only the ASCII form is too long. */
  for (size_t len = 1; len < 600; len++) {
    for (size_t i = 0; i < len; i++)
      memcpy(name + 2 * i, "\u00FC", 2);
    name[2 * len] = '\0';
    if (uv__idna_to_ascii(name, ascii) == 0)
      assert_in_range(strlen(ascii), len + 4, 255);
    else
      assert_true(len > 100);
  }
}

/* Every byte of the name counts before the mapping, none of the ignored ones after it. */
static void what_is_ignored_does_not_count(void** state) {
  char name[1000 * 2 + 2];
  char ascii[UV__HOST_SIZE];

  (void) state;
  for (size_t i = 0; i < 1000; i++)
    memcpy(name + 2 * i, "\u00AD", 2);
  strcpy(name + 2000, "a");
  assert_int_equal(uv__idna_to_ascii(name, ascii), 0);
  assert_string_equal(ascii, "a");
}

/* 255 code points of four parts each fill the space for a name that is taken apart. */
static void the_longest_decomposition_has_room(void** state) {
  char name[3 * 256 + 1];
  uint32_t points[UV__IDNA_POINTS];
  size_t count;

  (void) state;
  for (size_t i = 0; i < 256; i++)
    memcpy(name + 3 * i, "\u1F02", 3);
  name[3 * 255] = '\0';
  assert_int_equal(uv__idna_map(name, points, &count), 0);
  assert_int_equal(count, 255);
  assert_int_equal(points[254], 0x1F02);
}

static void far_too_long_names_are_refused(void** state) {
  static char name[100000 * 2 + 1];
  char ascii[UV__HOST_SIZE];

  (void) state;
  for (size_t i = 0; i < 100000; i++)
    memcpy(name + 2 * i, "\u00FC", 2);
  assert_int_equal(uv__idna_to_ascii(name, ascii), UV_EINVAL);
}

/* -- Mapping, normalisation, Punycode ---------------------------------------------------------- */

static void names_are_mapped_as_uts_46_has_it(void** state) {
  const struct name_pair pairs[] = {
      {"b\u00FCcher.example", "xn--bcher-kva.example"},
      {"B\u00DCCHER.Example", "xn--bcher-kva.example"},
      {"fa\u00DF.de", "xn--fa-hia.de"},
      {"\u1E9E.de", "xn--zca.de"},
      {"\u03B2\u03CC\u03BB\u03BF\u03C2.com", "xn--nxasmm1c.com"},
      {"\u0392\u038C\u039B\u039F\u03A3.com", "xn--nxasmq6b.com"},
      {"\u65E5\u672C\u8A9E\u3002\uFF2A\uFF30", "xn--wgv71a119e.jp"},
      {"\u65E5\u672C\u8A9E\uFF61jp\uFF0E", "xn--wgv71a119e.jp."},
      {"\u0646\u0627\u0645\u0647\u200C\u0627\u06CC.com", "xn--mgba3gch31f060k.com"},
      {"\u2615.us", "xn--53h.us"},
      {"\U0001F4A9.la", "xn--ls8h.la"},
      {"a\u00ADb\u200B\uFE0F", "ab"},
      {"\u2121", "tel"},
      {"\u2167\uFF11\u00B2", "viii12"},
      {"\U0001D400\U0001D7D9.\u24B6", "a1.a"},
      {"\uFB03x", "ffix"},
      {"\uFF91", "xn--3dk"},
  };

  (void) state;
  ASSERT_ALL(pairs);
}

static void what_is_composed_is_the_same_as_its_parts(void** state) {
  const struct name_pair pairs[] = {
      {"bu\u0308cher", "xn--bcher-kva"},
      {"BU\u0308CHER", "xn--bcher-kva"},
      {"e\u0302\u0323", "xn--qlg"}, /* marks in the other order */
      {"\u1EC7", "xn--qlg"},
      {"\u1112\u1161\u11AB", "xn--6q8b"}, /* a Hangul syllable */
      {"\uD55C", "xn--6q8b"},
      {"\uD558\u11AB", "xn--6q8b"},
      {"\u212B", "xn--5ca"},     /* angstrom sign */
      {"\U0002F800", "xn--viq"}, /* a compatibility ideograph */
      {"\u4E3D", "xn--viq"},
      {"\U00011099\U000110BA", "xn--i40d"}, /* beyond 16 bits */
      {"\U0001109A", "xn--i40d"},
  };

  (void) state;
  ASSERT_ALL(pairs);
}

/* Nothing but the four separators divides labels: not what looks like a dot. */
static void what_is_disallowed_goes_through_unchanged(void** state) {
  const char* const names[] = {"\u2024", "\u2488", "\uFE52", "\u202E", "\U000E0041"};

  (void) state;
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    char ascii[UV__HOST_SIZE];

    assert_int_equal(uv__idna_to_ascii(names[i], ascii), 0);
    assert_memory_equal(ascii, "xn--", 4);
    assert_null(strchr(ascii, '.'));
  }
}

static void punycode_is_that_of_rfc_3492(void** state) {
  const struct name_pair pairs[] = {
      {"\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628"
       "\u064A\u061F",
       "xn--egbpdaj6bu4bxfgehfvwxn"},
      {"\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587", "xn--ihqwcrb4cv8a8dqg056pqjye"},
      {"\u05DC\u05DE\u05D4\u05D4\u05DD\u05E4\u05E9\u05D5\u05D8\u05DC\u05D0\u05DE\u05D3\u05D1\u05E8"
       "\u05D9\u05DD\u05E2\u05D1\u05E8\u05D9\u05EA",
       "xn--4dbcagdahymbxekheh6e0a7fei0b"},
      {"\u043F\u043E\u0447\u0435\u043C\u0443\u0436\u0435\u043E\u043D\u0438\u043D\u0435\u0433\u043E"
       "\u0432\u043E\u0440\u044F\u0442\u043F\u043E\u0440\u0443\u0441\u0441\u043A\u0438",
       "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"},
      {"3\u5E74b\u7D44\u91D1\u516B\u5148\u751F", "xn--3b-ww4c5e180e575a65lsy2b"},
      {"\u305D\u306E\u30B9\u30D4\u30FC\u30C9\u3067", "xn--d9juau41awczczp"},
  };

  (void) state;
  ASSERT_ALL(pairs);
}

static void punycode_says_when_there_is_no_room(void** state) {
  const uint32_t points[] = {'b', 0xFC, 'c', 'h', 'e', 'r'};
  char out[16];

  (void) state;
  memset(out, '!', sizeof(out));
  assert_int_equal(uv__punycode_encode(points, 6, out, 9), 9);
  assert_memory_equal(out, "bcher-kva!", 10);
  for (size_t capacity = 0; capacity < 9; capacity++) {
    memset(out, '!', sizeof(out));
    assert_int_equal(uv__punycode_encode(points, 6, out, capacity), capacity + 1);
    assert_int_equal(out[capacity], '!');
  }
}

static void mapping_twice_changes_nothing_more(void** state) {
  (void) state;
  for (uint32_t point = 1; point < 0x110000; point++) {
    uint32_t once[UV__IDNA_POINTS];
    uint32_t twice[UV__IDNA_POINTS];
    size_t once_count;
    size_t twice_count;
    char name[256];

    if (point >= 0xD800 && point < 0xE000)
      continue;
    encode(&point, 1, name);
    assert_int_equal(uv__idna_map(name, once, &once_count), 0);
    assert_in_range(once_count, 0, 18);
    encode(once, once_count, name);
    assert_int_equal(uv__idna_map(name, twice, &twice_count), 0);
    assert_int_equal(twice_count, once_count);
    assert_memory_equal(twice, once, once_count * sizeof(once[0]));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ascii_passes_byte_for_byte),
      cmocka_unit_test(text_that_is_no_utf8_is_refused),
      cmocka_unit_test(what_becomes_nothing_is_refused),
      cmocka_unit_test(names_are_refused_and_not_cut_beyond_255_bytes),
      cmocka_unit_test(what_is_ignored_does_not_count),
      cmocka_unit_test(the_longest_decomposition_has_room),
      cmocka_unit_test(far_too_long_names_are_refused),
      cmocka_unit_test(names_are_mapped_as_uts_46_has_it),
      cmocka_unit_test(what_is_composed_is_the_same_as_its_parts),
      cmocka_unit_test(what_is_disallowed_goes_through_unchanged),
      cmocka_unit_test(punycode_is_that_of_rfc_3492),
      cmocka_unit_test(punycode_says_when_there_is_no_room),
      cmocka_unit_test(mapping_twice_changes_nothing_more),
  };
  return cmocka_run_group_tests_name("idna", tests, NULL, NULL);
}
