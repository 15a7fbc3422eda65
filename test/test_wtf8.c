/* WTF-8 and UTF-16, both ways. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <stdbool.h>
#include <string.h>

static int restore_allocator(void** state) {
  (void) state;
  test_allocator_remove();
  return 0;
}

/* -- WTF-8 to UTF-16 --------------------------------------------------------------------------- */

/* Says that `wtf8` is the `len` units at `utf16`, both ways; the NUL is not counted. */
static void assert_same(const char* wtf8, const uint16_t* utf16, size_t len) {
  uint16_t units[64];
  char text[64];
  char* text_ptr = text;
  size_t text_len = sizeof(text) - 1;

  assert_int_equal(uv_wtf8_length_as_utf16(wtf8), len + 1);
  memset(units, 0xff, sizeof(units));
  uv_wtf8_to_utf16(wtf8, units, len + 1);
  assert_memory_equal(units, utf16, 2 * len);
  assert_int_equal(units[len], 0);
  assert_int_equal(units[len + 1], 0xffff);

  assert_int_equal(uv_utf16_length_as_wtf8(utf16, (ssize_t) len), strlen(wtf8));
  assert_int_equal(uv_utf16_to_wtf8(utf16, (ssize_t) len, &text_ptr, &text_len), 0);
  assert_int_equal(text_len, strlen(wtf8));
  assert_string_equal(text, wtf8);
}

static void characters_of_every_length_are_converted(void** state) {
  (void) state;
  assert_same("", (uint16_t[]){0}, 0);
  assert_same("a", (uint16_t[]){'a'}, 1);
  assert_same("\x01\x7f", (uint16_t[]){1, 0x7f}, 2);
  assert_same("\xc2\x80\xdf\xbf", (uint16_t[]){0x80, 0x7ff}, 2);
  assert_same("\xe0\xa0\x80\xef\xbf\xbf", (uint16_t[]){0x800, 0xffff}, 2);
  assert_same("\xf0\x90\x80\x80", (uint16_t[]){0xd800, 0xdc00}, 2);
  assert_same("\xf4\x8f\xbf\xbf", (uint16_t[]){0xdbff, 0xdfff}, 2);
  assert_same("z\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80!",
              (uint16_t[]){'z', 0xe4, 0x20ac, 0xd83d, 0xde00, '!'}, 6);
}

static void surrogates_without_their_other_half_are_three_bytes(void** state) {
  (void) state;
  assert_same("\xed\xa0\x80", (uint16_t[]){0xd800}, 1);
  assert_same("\xed\xaf\xbf", (uint16_t[]){0xdbff}, 1);
  assert_same("\xed\xb0\x80", (uint16_t[]){0xdc00}, 1);
  assert_same("\xed\xbf\xbf", (uint16_t[]){0xdfff}, 1);
  /* Two high, two low, low before high. */
  assert_same("\xed\xa0\x80\xed\xa0\x80", (uint16_t[]){0xd800, 0xd800}, 2);
  assert_same("\xed\xb0\x80\xed\xb0\x80", (uint16_t[]){0xdc00, 0xdc00}, 2);
  assert_same("\xed\xb0\x80\xed\xa0\x80", (uint16_t[]){0xdc00, 0xd800}, 2);
  assert_same("a\xed\xa0\xbdz", (uint16_t[]){'a', 0xd83d, 'z'}, 3);
  /* A high one before a pair. */
  assert_same("\xed\xa0\x80\xf0\x90\x80\x80", (uint16_t[]){0xd800, 0xd800, 0xdc00}, 3);
}

static void two_halves_written_apart_become_a_pair(void** state) {
  (void) state;
  uint16_t units[3];
  assert_int_equal(uv_wtf8_length_as_utf16("\xed\xa0\xbd\xed\xb8\x80"), 3);
  uv_wtf8_to_utf16("\xed\xa0\xbd\xed\xb8\x80", units, 3);
  assert_int_equal(units[0], 0xd83d);
  assert_int_equal(units[1], 0xde00);
  assert_int_equal(uv_utf16_length_as_wtf8(units, 2), 4);
}

/* Encodes without asking whether it should: `size` bytes, overlong or too large if so wanted. */
static void encode(uint32_t point, int size, char* text) {
  static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

  for (int i = size - 1; i > 0; i--, point >>= 6)
    text[i] = (char) (0x80 | (point & 0x3f));
  text[0] = (char) (marks[size] | point);
  text[size] = '\0';
}

static void every_code_point_survives_there_and_back(void** state) {
  (void) state;
  for (uint32_t point = 1; point <= 0x10ffff; point++) {
    char text[5];
    uint16_t units[3];
    char again[5];
    char* again_ptr = again;
    size_t again_len = 4;
    int size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    ssize_t len = point < 0x10000 ? 1 : 2;

    encode(point, size, text);
    if (uv_wtf8_length_as_utf16(text) != len + 1)
      fail_msg("length of U+%04X", (unsigned) point);
    uv_wtf8_to_utf16(text, units, (size_t) len + 1);
    uint32_t read =
        len == 1 ? units[0] : 0x10000 + ((units[0] - 0xd800u) << 10) + (units[1] - 0xdc00u);
    if (read != point || units[len] != 0)
      fail_msg("U+%04X became U+%04X", (unsigned) point, (unsigned) read);
    if (uv_utf16_to_wtf8(units, -1, &again_ptr, &again_len) != 0 || strcmp(text, again) != 0)
      fail_msg("U+%04X did not come back", (unsigned) point);
  }
}

static void overlong_forms_are_invalid(void** state) {
  (void) state;
  char text[5];
  for (int size = 2; size <= 4; size++) {
    uint32_t least = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
    for (uint32_t point = 0; point < least; point++) {
      encode(point, size, text);
      if (uv_wtf8_length_as_utf16(text) != UV_EINVAL)
        fail_msg("U+%04X in %d bytes is accepted", (unsigned) point, size);
    }
  }
}

static void what_is_no_wtf8_is_invalid(void** state) {
  (void) state;
  static const char* const texts[] = {
      /* Continuation bytes at the start, or too many of them. */
      "\x80",
      "\xbf",
      "a\x80",
      "\xc3\xa4\x80",
      "\xf0\x9f\x98\x80\x80",
      /* Missing ones, at the end and before something else. */
      "\xc3",
      "\xe2",
      "\xe2\x82",
      "\xf0",
      "\xf0\x9f",
      "\xf0\x9f\x98",
      "\xc3z",
      "\xe2\x82z",
      "\xf0\x9f\x98z",
      "\xe2\xc3\xa4",
      "\xc3\xc3\xa4",
      /* Bytes that start nothing. */
      "\xc0",
      "\xc1",
      "\xc0\x80",
      "\xc1\xbf",
      "\xf5\x80\x80\x80",
      "\xf8\x88\x80\x80\x80",
      "\xfe",
      "\xff",
      /* Beyond U+10FFFF. */
      "\xf4\x90\x80\x80",
      "\xf7\xbf\xbf\xbf",
  };

  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    if (uv_wtf8_length_as_utf16(texts[i]) != UV_EINVAL)
      fail_msg("text %zu is accepted", i);
  for (int byte = 0x80; byte <= 0xff; byte++) {
    const char text[] = {(char) byte, '\0'};
    assert_int_equal(uv_wtf8_length_as_utf16(text), UV_EINVAL);
  }
}

static void text_that_nobody_checked_stays_within_the_array(void** state) {
  (void) state;
  const char* text = "ab\xf0\x9f\x98\x80";

  for (size_t len = 0; len <= 5; len++) {
    uint16_t units[6] = {'#', '#', '#', '#', '#', '#'};
    uv_wtf8_to_utf16(text, units, len);
    assert_int_equal(units[len], '#');
    if (len > 0 && len < 5)
      assert_int_equal(units[len < 3 ? len - 1 : 2], 0);
  }

  uint16_t units[10];
  uv_wtf8_to_utf16("ab\xffz", units, 10);
  assert_int_equal(units[2], 0);
}

/* -- UTF-16 to WTF-8 --------------------------------------------------------------------------- */

static void minus_one_means_up_to_the_nul(void** state) {
  (void) state;
  const uint16_t units[] = {'a', 0xe4, 0xd83d, 0xde00, 0, 'b'};
  char text[20];
  char* text_ptr = text;
  size_t len = sizeof(text) - 1;

  assert_int_equal(uv_utf16_length_as_wtf8(units, -1), 7);
  assert_int_equal(uv_utf16_to_wtf8(units, -1, &text_ptr, &len), 0);
  assert_int_equal(len, 7);
  assert_string_equal(text, "a\xc3\xa4\xf0\x9f\x98\x80");
}

static void with_a_length_a_nul_is_a_character(void** state) {
  (void) state;
  const uint16_t units[] = {'a', 0, 'b', 0};
  char text[20];
  char* text_ptr = text;
  size_t len = sizeof(text) - 1;

  assert_int_equal(uv_utf16_length_as_wtf8(units, 4), 4);
  assert_int_equal(uv_utf16_to_wtf8(units, 4, &text_ptr, &len), 0);
  assert_int_equal(len, 4);
  assert_memory_equal(text, "a\0b\0", 5);
}

static void a_length_may_cut_a_pair(void** state) {
  (void) state;
  /* Nothing may be read behind the length, so the array ends there. */
  uint16_t* units = malloc(2 * sizeof(*units));
  units[0] = 'a';
  units[1] = 0xd83d;
  assert_int_equal(uv_utf16_length_as_wtf8(units, 2), 4);
  assert_int_equal(uv_utf16_length_as_wtf8(units, 1), 1);
  assert_int_equal(uv_utf16_length_as_wtf8(units, 0), 0);
  free(units);
}

static const uint16_t mixed[] = {'z', 0xe4, 0x20ac, 0xd83d, 0xde00, '!', 0};
#define MIXED_TEXT "z\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80!"

static void without_a_place_only_the_length_is_told(void** state) {
  (void) state;
  size_t len = 0;
  assert_int_equal(uv_utf16_to_wtf8(mixed, -1, NULL, &len), 0);
  assert_int_equal(len, strlen(MIXED_TEXT));
  assert_int_equal(uv_utf16_to_wtf8(mixed, -1, NULL, NULL), 0);
}

static void without_a_buffer_one_is_allocated(void** state) {
  (void) state;
  char* text = NULL;
  size_t len = 12345;

  test_allocator_install(0, false);
  assert_int_equal(uv_utf16_to_wtf8(mixed, -1, &text, &len), 0);
  assert_int_equal(test_allocator.live, 1);
  assert_string_equal(text, MIXED_TEXT);
  assert_int_equal(len, strlen(MIXED_TEXT));
  counted_free(text);

  text = NULL;
  assert_int_equal(uv_utf16_to_wtf8(mixed, 0, &text, NULL), 0);
  assert_string_equal(text, "");
  counted_free(text);
}

static void without_memory_nothing_changes(void** state) {
  (void) state;
  char* text = NULL;
  size_t len = 12345;

  test_allocator_install(1, true);
  assert_int_equal(uv_utf16_to_wtf8(mixed, -1, &text, &len), UV_ENOMEM);
  assert_null(text);
  assert_int_equal(len, 12345);
}

static void a_buffer_is_filled_up_to_its_capacity_and_terminated(void** state) {
  (void) state;
  const size_t needed = strlen(MIXED_TEXT);

  for (size_t capacity = 0; capacity <= needed + 3; capacity++) {
    char text[32];
    char* text_ptr = text;
    size_t len = capacity;
    bool fits = capacity >= needed;
    size_t written = fits ? needed : capacity;

    memset(text, '#', sizeof(text));
    assert_int_equal(uv_utf16_to_wtf8(mixed, -1, &text_ptr, &len), fits ? 0 : UV_ENOBUFS);
    assert_ptr_equal(text_ptr, text);
    assert_int_equal(len, needed);
    assert_memory_equal(text, MIXED_TEXT, written);
    assert_int_equal(text[written], '\0');
    assert_int_equal(text[written + 1], '#');
  }
}

static void a_buffer_needs_a_capacity(void** state) {
  (void) state;
  char text[4] = "#";
  char* text_ptr = text;
  assert_int_equal(uv_utf16_to_wtf8(mixed, -1, &text_ptr, NULL), UV_EINVAL);
  assert_string_equal(text, "#");
}

#define test(function) cmocka_unit_test_teardown(function, restore_allocator)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(characters_of_every_length_are_converted),
      test(surrogates_without_their_other_half_are_three_bytes),
      test(two_halves_written_apart_become_a_pair),
      test(every_code_point_survives_there_and_back),
      test(overlong_forms_are_invalid),
      test(what_is_no_wtf8_is_invalid),
      test(text_that_nobody_checked_stays_within_the_array),
      test(minus_one_means_up_to_the_nul),
      test(with_a_length_a_nul_is_a_character),
      test(a_length_may_cut_a_pair),
      test(without_a_place_only_the_length_is_told),
      test(without_a_buffer_one_is_allocated),
      test(without_memory_nothing_changes),
      test(a_buffer_is_filled_up_to_its_capacity_and_terminated),
      test(a_buffer_needs_a_capacity),
  };
  return cmocka_run_group_tests_name("wtf8", tests, NULL, NULL);
}
