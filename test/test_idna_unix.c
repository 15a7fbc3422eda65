/* Host names as ASCII: against libidn2, where it is installed. */
#include "idna.h"
#include "support/cmocka_all.h"
#include "support/random.h"
#include "support/utf8_text.h"
#include "uv.h"

#include <dlfcn.h>
#include <string.h>

/* -- Against libidn2 --------------------------------------------------------------------------- */

enum { IDN2_NFC_INPUT = 1, IDN2_NONTRANSITIONAL = 8, NAMES = 40000, MOST_POINTS = 9 };

/* Letters that Unicode has had for long. */
static uint32_t random_letter(struct test_random* random) {
  static const uint32_t spans[][2] = {
      {0xC0, 0x17F},    {0x300, 0x345},   {0x370, 0x3FF},   {0x400, 0x4FF},   {0x5D0, 0x5EA},
      {0x621, 0x64A},   {0x905, 0x939},   {0x1100, 0x1112}, {0x1161, 0x1175}, {0x11A8, 0x11C2},
      {0x1E00, 0x1EF9}, {0x1F00, 0x1FFE}, {0x3041, 0x3094}, {0x30A1, 0x30FA}, {0x4E00, 0x9FA5},
      {0xAC00, 0xD7A3}, {0xFF01, 0xFF9F}, {'A', 'Z'},       {'a', 'z'},       {0x2F00, 0x2FD5},
  };
  uint64_t span = test_random_below(random, sizeof(spans) / sizeof(spans[0]));

  return spans[span][0] + (uint32_t) test_random_below(random, spans[span][1] - spans[span][0] + 1);
}

static void libidn2_maps_what_it_takes_in_the_same_way(void** state) {
  struct test_random random = test_random_seeded(46);
  void* library = dlopen("libidn2.so.0", RTLD_NOW);
  int (*lookup)(const uint8_t* name, uint8_t** result, int flags);
  void (*release)(void* result);
  int compared = 0;

  (void) state;
  if (library == NULL) {
    print_message("no libidn2 that this program could load\n");
    skip();
  }
  *(void**) &lookup = dlsym(library, "idn2_lookup_u8");
  *(void**) &release = dlsym(library, "idn2_free");
  assert_true(lookup != NULL && release != NULL);

  for (int i = 0; i < NAMES; i++) {
    uint32_t points[MOST_POINTS];
    size_t count = 1 + (size_t) test_random_below(&random, MOST_POINTS);
    char name[4 * MOST_POINTS + 1];
    char ascii[UV__HOST_SIZE];
    uint8_t* theirs = NULL;

    for (size_t p = 0; p < count; p++)
      points[p] = random_letter(&random);
    encode(points, count, name);
    if (lookup((const uint8_t*) name, &theirs, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != 0)
      continue;
    /* It knows the capital sharp s as two letters, as the standard did before version 15.1. */
    if (strstr(name, "\u1E9E") == NULL && *theirs >= 0x21) {
      assert_int_equal(uv__idna_to_ascii(name, ascii), 0);
      if (strncmp(name, ascii, strlen(name)) != 0)
        assert_string_equal(ascii, (const char*) theirs);
      compared++;
    }
    release(theirs);
  }
  assert_true(compared > NAMES / 50);
  dlclose(library);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(libidn2_maps_what_it_takes_in_the_same_way),
  };
  return cmocka_run_group_tests_name("idna_unix", tests, NULL, NULL);
}
