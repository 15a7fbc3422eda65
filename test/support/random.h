/* Random numbers that come again: RONDO_TEST_SEED=n in the environment repeats a run. */
#ifndef RONDO_TEST_RANDOM_H_
#define RONDO_TEST_RANDOM_H_

#include <stdint.h>
#include <stdlib.h>

struct test_random {
  uint64_t state; /* not 0 */
};

static inline struct test_random test_random_seeded(uint64_t fallback) {
  const char* text = getenv("RONDO_TEST_SEED");
  uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : fallback;
  struct test_random random = {seed != 0 ? seed : 1};
  return random;
}

/* Any 64 bits (xorshift64*, Vigna 2016). */
static inline uint64_t test_random_bits(struct test_random* random) {
  random->state ^= random->state >> 12;
  random->state ^= random->state << 25;
  random->state ^= random->state >> 27;
  return random->state * UINT64_C(0x2545F4914F6CDD1D);
}

/* A number below `limit`. */
static inline uint64_t test_random_below(struct test_random* random, uint64_t limit) {
  return test_random_bits(random) % limit;
}

#endif /* RONDO_TEST_RANDOM_H_ */
