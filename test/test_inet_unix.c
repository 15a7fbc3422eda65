/* Internet addresses as text, against the system's own functions: random text and bytes. Windows
 * has such functions too, but writes some addresses otherwise. */
#include "support/c_library.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "uv.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>

/* Pieces that make text which is often nearly an address. */
static void make_text(struct test_random* random, char* text, const char* const pieces[],
                      size_t piece_count) {
  uint64_t count = 1 + test_random_below(random, 18);

  text[0] = '\0';
  for (uint64_t i = 0; i < count; i++)
    strcat(text, pieces[test_random_below(random, piece_count)]);
}

static void reading_agrees_with_the_system(void** state) {
  (void) state;
  skip_on_musl("it reads what is no address");
  static const char* const pieces[] = {":", ":",  ":",    "::",   "1",   "12",
                                       "0", "00", "abcd", "F0",   "1:2", "1:2",
                                       ".", "1.", "25.",  "255.", "g",   "1.2.3.4"};
  static const char* const ip4_pieces[] = {".", "1.", "22.", "255.", "256.", "0.", "0", "1", "99"};
  struct test_random random = test_random_seeded(4);
  int valid = 0;

  for (int i = 0; i < 300000; i++) {
    char text[200];
    unsigned char ours[16] = {0};
    unsigned char theirs[16] = {0};
    int family = i % 4 == 0 ? AF_INET : AF_INET6;

    if (family == AF_INET)
      make_text(&random, text, ip4_pieces, 9);
    else
      make_text(&random, text, pieces, 18);
    bool accepted = inet_pton(family, text, theirs) == 1;
    if ((uv_inet_pton(family, text, ours) == 0) != accepted || memcmp(ours, theirs, 16) != 0)
      fail_msg("\"%s\" is %s for the system", text, accepted ? "valid" : "invalid");
    valid += accepted;
  }
  assert_true(valid > 1000);
}

static void writing_agrees_with_the_system_and_reads_back(void** state) {
  (void) state;
  skip_on_musl("it writes more addresses with dots");
  struct test_random random = test_random_seeded(6);

  for (int i = 0; i < 200000; i++) {
    char ours[64];
    char theirs[64];
    unsigned char bytes[16];
    unsigned char again[16];

    /* Many zero bytes and now and then ff, for all kinds of gaps. */
    uint64_t kind = test_random_below(&random, 4);
    for (int b = 0; b < 16; b++)
      bytes[b] =
          (unsigned char) (test_random_below(&random, 4) < kind ? test_random_bits(&random) >> 40
                                                                : 0);
    if (test_random_below(&random, 8) == 0)
      memcpy(bytes, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    if (test_random_below(&random, 8) == 0)
      memset(bytes, 0, 12);

    assert_int_equal(uv_inet_ntop(AF_INET6, bytes, ours, sizeof(ours)), 0);
    assert_non_null(inet_ntop(AF_INET6, bytes, theirs, sizeof(theirs)));
    assert_string_equal(ours, theirs);
    assert_int_equal(uv_inet_pton(AF_INET6, ours, again), 0);
    assert_memory_equal(again, bytes, 16);

    assert_int_equal(uv_inet_ntop(AF_INET, bytes, ours, sizeof(ours)), 0);
    assert_non_null(inet_ntop(AF_INET, bytes, theirs, sizeof(theirs)));
    assert_string_equal(ours, theirs);
    assert_int_equal(uv_inet_pton(AF_INET, ours, again), 0);
    assert_memory_equal(again, bytes, 4);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reading_agrees_with_the_system),
      cmocka_unit_test(writing_agrees_with_the_system_and_reads_back),
  };
  return cmocka_run_group_tests_name("inet_unix", tests, NULL, NULL);
}
