/* The timing wheel against a model that looks at all of its timers all the time. */
#include "wheel.h"

#include "support/cmocka_all.h"
#include "support/random.h"

enum { NS_PER_MS = 1000000, ALL = 100000 };

static struct uv__moment moment(uint64_t ms, unsigned int ns) {
  struct uv__moment m = {ms, ns};
  return m;
}

/* -- A model of the wheel ---------------------------------------------------------------------- */

enum { MODEL_TIMERS = 160 };

enum model_state { ABSENT, WAITING, EXPIRED };

struct model_timer {
  uv_timer_t timer;
  enum model_state state;
  struct uv__moment due;
  uint64_t order; /* of insertion */
};

struct model {
  struct uv__wheel wheel;
  struct model_timer timers[MODEL_TIMERS];
  struct test_random random;
  struct uv__moment now;
  uint64_t inserted;
  uint64_t popped;
};

static bool model_before(const struct model_timer* a, const struct model_timer* b) {
  return a->due.ms != b->due.ms ? a->due.ms < b->due.ms : a->order < b->order;
}

/* The first timer in a state by deadline and insertion; NULL if there is none. */
static struct model_timer* model_first(struct model* m, enum model_state state) {
  struct model_timer* first = NULL;

  for (size_t i = 0; i < MODEL_TIMERS; i++) {
    struct model_timer* candidate = &m->timers[i];
    if (candidate->state == state && (first == NULL || model_before(candidate, first)))
      first = candidate;
  }
  return first;
}

static void model_init(struct model* m, struct test_random random, uint64_t now_ms) {
  m->random = random;
  m->now = moment(now_ms, (unsigned int) test_random_below(&m->random, NS_PER_MS));
  m->inserted = 0;
  m->popped = 0;
  uv__wheel_init(&m->wheel, now_ms);
  for (size_t i = 0; i < MODEL_TIMERS; i++) {
    m->timers[i].state = ABSENT;
    uv__wheel_init_timer(&m->timers[i].timer);
  }
}

static uint64_t add_saturating(uint64_t a, uint64_t b) {
  return a < UINT64_MAX - b ? a + b : UINT64_MAX;
}

/* Nothing, a few milliseconds, any power of two and its neighbourhood, or the end of time. */
static uint64_t random_delay(struct model* m) {
  switch (test_random_below(&m->random, 8)) {
    case 0:
      return 0;
    case 1:
    case 2:
    case 3:
      return test_random_below(&m->random, 300);
    case 4:
      return UINT64_MAX - test_random_below(&m->random, 3);
    default: {
      uint64_t power = UINT64_C(1) << test_random_below(&m->random, 63);
      return power - 1 + test_random_below(&m->random, 3);
    }
  }
}

static void model_stop(struct model* m, struct model_timer* t) {
  assert_int_equal(uv__wheel_holds(&t->timer), t->state != ABSENT);
  if (t->state != ABSENT)
    uv__wheel_remove(&m->wheel, &t->timer);
  assert_false(uv__wheel_holds(&t->timer));
  t->state = ABSENT;
}

static void model_start(struct model* m, struct model_timer* t) {
  model_stop(m, t);
  t->due = moment(add_saturating(m->now.ms, random_delay(m)), m->now.ns);
  t->order = m->inserted++;
  t->state = WAITING;
  uv__wheel_insert(&m->wheel, &t->timer, t->due);
}

static void change_random_timer(struct model* m) {
  struct model_timer* t = &m->timers[test_random_below(&m->random, MODEL_TIMERS)];

  if (test_random_below(&m->random, 3) == 0)
    model_stop(m, t);
  else
    model_start(m, t);
}

static void check_next(struct model* m) {
  const struct model_timer* first = model_first(m, WAITING);
  struct uv__deadline exact;
  struct uv__deadline bound;

  assert_int_equal(uv__wheel_next(&m->wheel, ALL, &exact), first != NULL);
  assert_int_equal(uv__wheel_next(&m->wheel, 4, &bound), first != NULL);
  if (first == NULL)
    return;

  assert_true(exact.exact);
  assert_int_equal(exact.at.ms, first->due.ms);
  assert_int_equal(exact.at.ns, first->due.ns);
  assert_true(uv__moment_reached(bound.at, exact.at));
  if (bound.exact)
    assert_true(uv__moment_reached(exact.at, bound.at));
}

static void pass_time(struct model* m) {
  struct uv__deadline next;
  uint64_t ms = m->now.ms;

  switch (test_random_below(&m->random, 4)) {
    case 0:
      break;
    case 1:
      ms = add_saturating(ms, test_random_below(&m->random, 100));
      break;
    case 2:
      ms = add_saturating(ms, UINT64_C(1) << test_random_below(&m->random, 40));
      break;
    default:
      if (uv__wheel_next(&m->wheel, ALL, &next))
        ms = next.at.ms;
      break;
  }
  if (ms != m->now.ms)
    m->now = moment(ms, (unsigned int) test_random_below(&m->random, NS_PER_MS));
  else
    m->now.ns += (unsigned int) test_random_below(&m->random, NS_PER_MS - m->now.ns);
}

static void expire(struct model* m) {
  struct model_timer* first;
  const uv_timer_t* popped;

  uv__wheel_expire(&m->wheel, m->now);
  while ((first = model_first(m, WAITING)) != NULL && uv__moment_reached(first->due, m->now))
    first->state = EXPIRED;

  /* As callbacks do, change timers while the batch is worked through. */
  while ((popped = uv__wheel_pop(&m->wheel)) != NULL) {
    first = model_first(m, EXPIRED);
    assert_ptr_equal(popped, first != NULL ? &first->timer : NULL);
    assert_false(uv__wheel_holds(popped));
    first->state = ABSENT;
    m->popped++;
    if (test_random_below(&m->random, 2) == 0)
      change_random_timer(m);
    if (test_random_below(&m->random, 4) == 0)
      check_next(m);
  }
  assert_null(model_first(m, EXPIRED));
}

static void run_model(struct model* m, size_t steps) {
  for (size_t i = 0; i < steps; i++) {
    for (uint64_t changes = test_random_below(&m->random, 12); changes > 0; changes--)
      change_random_timer(m);
    check_next(m);
    pass_time(m);
    if (test_random_below(&m->random, 3) == 0) {
      uv__wheel_advance(&m->wheel, m->now.ms);
      check_next(m);
    }
    expire(m);
    check_next(m);
  }
}

static void random_operations_agree_with_the_model(void** state) {
  static struct model model;
  struct test_random random = test_random_seeded(20260101);
  uint64_t inserted = 0;
  uint64_t popped = 0;
  (void) state;

  print_message("seed %llu\n", (unsigned long long) random.state);
  for (int round = 0; round < 240; round++) {
    uint64_t start_ms = test_random_bits(&random) >> test_random_below(&random, 64);
    model_init(&model, random, start_ms);
    run_model(&model, 300);
    random = model.random;
    inserted += model.inserted;
    popped += model.popped;
  }
  print_message("%llu starts, %llu firings\n", (unsigned long long) inserted,
                (unsigned long long) popped);
  assert_true(popped > 100000);
}

/* -- One fact each ----------------------------------------------------------------------------- */

static struct uv__wheel wheel;

static void add(uv_timer_t* timer, uint64_t ms, unsigned int ns) {
  uv__wheel_init_timer(timer);
  uv__wheel_insert(&wheel, timer, moment(ms, ns));
}

static void a_timer_expires_exactly_at_its_deadline(void** state) {
  uv_timer_t timer;
  (void) state;

  for (unsigned int start = 0; start < 64; start++)
    for (unsigned int bit = 0; bit < 64; bit++) {
      uint64_t now_ms = (UINT64_C(1) << start) - 1;
      uint64_t due_ms = add_saturating(now_ms, UINT64_C(1) << bit);
      uv__wheel_init(&wheel, now_ms);
      add(&timer, due_ms, 500);

      uv__wheel_expire(&wheel, moment(due_ms - 1, NS_PER_MS - 1));
      assert_null(uv__wheel_pop(&wheel));
      uv__wheel_expire(&wheel, moment(due_ms, 499));
      assert_null(uv__wheel_pop(&wheel));
      uv__wheel_expire(&wheel, moment(due_ms, 500));
      assert_ptr_equal(uv__wheel_pop(&wheel), &timer);
    }
}

static void the_last_millisecond_of_all_is_a_deadline(void** state) {
  struct uv__deadline next;
  uv_timer_t timer;
  (void) state;

  uv__wheel_init(&wheel, 12345);
  assert_false(uv__wheel_next(&wheel, ALL, &next));
  add(&timer, UINT64_MAX, 0);
  assert_true(uv__wheel_next(&wheel, ALL, &next));
  assert_int_equal(next.at.ms, UINT64_MAX);
  uv__wheel_expire(&wheel, moment(UINT64_MAX - 1, 0));
  assert_null(uv__wheel_pop(&wheel));
  uv__wheel_expire(&wheel, moment(UINT64_MAX, 0));
  assert_ptr_equal(uv__wheel_pop(&wheel), &timer);
}

static void equal_deadlines_expire_in_insertion_order(void** state) {
  enum { COUNT = 200, DUE = 1000000 };
  uv_timer_t timers[COUNT];
  (void) state;

  /* Inserted ever nearer to their deadline, they begin at different levels of the wheel. */
  uv__wheel_init(&wheel, 0);
  for (uint64_t i = 0; i < COUNT; i++) {
    uv__wheel_expire(&wheel, moment(DUE - DUE / (i + 1), 0));
    add(&timers[i], DUE, 0);
  }
  uv__wheel_expire(&wheel, moment(DUE + 5, 0));
  for (size_t i = 0; i < COUNT; i++)
    assert_ptr_equal(uv__wheel_pop(&wheel), &timers[i]);
  assert_null(uv__wheel_pop(&wheel));
}

static void one_that_is_not_due_holds_back_its_millisecond(void** state) {
  uv_timer_t late;
  uv_timer_t early;
  uv_timer_t before;
  (void) state;

  uv__wheel_init(&wheel, 100);
  add(&late, 110, 900);
  add(&early, 110, 100);
  add(&before, 109, 950);

  uv__wheel_expire(&wheel, moment(110, 500));
  assert_ptr_equal(uv__wheel_pop(&wheel), &before);
  assert_null(uv__wheel_pop(&wheel));
  uv__wheel_expire(&wheel, moment(110, 900));
  assert_ptr_equal(uv__wheel_pop(&wheel), &late);
  assert_ptr_equal(uv__wheel_pop(&wheel), &early);
}

static void removed_timers_do_not_expire(void** state) {
  uv_timer_t timers[6];
  (void) state;

  /* First, middle and last of a slot; first, middle and last of the expired ones. */
  for (size_t removed = 0; removed < 3; removed++)
    for (size_t expired = 3; expired < 6; expired++) {
      uv__wheel_init(&wheel, 0);
      for (size_t i = 0; i < 6; i++)
        add(&timers[i], i < 3 ? 5000 : 20, 0);
      uv__wheel_expire(&wheel, moment(20, 0));
      uv__wheel_remove(&wheel, &timers[expired]);
      uv__wheel_remove(&wheel, &timers[removed]);
      uv__wheel_expire(&wheel, moment(5000, 0));

      for (size_t i = 3; i < 6; i++)
        if (i != expired)
          assert_ptr_equal(uv__wheel_pop(&wheel), &timers[i]);
      for (size_t i = 0; i < 3; i++)
        if (i != removed)
          assert_ptr_equal(uv__wheel_pop(&wheel), &timers[i]);
      assert_null(uv__wheel_pop(&wheel));
    }
}

static void an_emptied_slot_can_be_used_again(void** state) {
  struct uv__deadline next;
  uv_timer_t timer;
  (void) state;

  uv__wheel_init(&wheel, 0);
  for (int i = 0; i < 3; i++) {
    add(&timer, 100, 0);
    uv__wheel_remove(&wheel, &timer);
    assert_false(uv__wheel_next(&wheel, ALL, &next));
  }
  add(&timer, 100, 7);
  assert_true(uv__wheel_next(&wheel, ALL, &next));
  assert_int_equal(next.at.ms, 100);
  assert_int_equal(next.at.ns, 7);
}

/* How often a loop that asks for a bound wakes up until a deadline comes, its own wake included. */
static int wakes_until(uint64_t due_ms) {
  struct uv__deadline next;
  int wakes = 0;

  do {
    assert_true(uv__wheel_next(&wheel, 32, &next));
    assert_true(next.at.ms <= due_ms);
    uv__wheel_advance(&wheel, next.at.ms);
    wakes++;
  } while (next.at.ms < due_ms);
  return wakes;
}

static void bounds_lead_to_a_far_deadline_in_a_few_steps(void** state) {
  enum { COUNT = 1000 };
  static uv_timer_t timers[COUNT];
  const uint64_t delays_ms[] = {1, 100, 60000, UINT64_C(57600000), UINT64_C(1) << 62};
  (void) state;

  for (size_t d = 0; d < sizeof(delays_ms) / sizeof(delays_ms[0]); d++) {
    uv__wheel_init(&wheel, 987654321);
    for (size_t i = 0; i < COUNT; i++)
      add(&timers[i], 987654321 + delays_ms[d], 0);
    assert_in_range(wakes_until(987654321 + delays_ms[d]), 1, UV__WHEEL_LEVELS);
    assert_null(uv__wheel_pop(&wheel));
  }
}

static void few_timers_need_no_bound(void** state) {
  struct uv__deadline next;
  uv_timer_t timers[3];
  (void) state;

  uv__wheel_init(&wheel, 0);
  add(&timers[0], 60003, 30);
  add(&timers[1], 60001, 10);
  add(&timers[2], 60002, 20);
  assert_true(uv__wheel_next(&wheel, 3, &next));
  assert_true(next.exact);
  assert_int_equal(next.at.ms, 60001);
  assert_int_equal(next.at.ns, 10);

  assert_true(uv__wheel_next(&wheel, 2, &next));
  assert_false(next.exact);
  assert_in_range(next.at.ms, 1, 60001);
}

static void expiring_tells_the_wheel_the_time(void** state) {
  enum { NOW = 1 << 20 };
  struct uv__deadline next;
  uv_timer_t timers[2];
  (void) state;

  /* Both lie in the 64 ms from now on, where no scan is needed. */
  uv__wheel_init(&wheel, 0);
  uv__wheel_expire(&wheel, moment(NOW, 0));
  add(&timers[0], NOW + 63, 0);
  add(&timers[1], NOW + 10, 5);
  assert_true(uv__wheel_next(&wheel, 1, &next));
  assert_true(next.exact);
  assert_int_equal(next.at.ms, NOW + 10);
  assert_int_equal(next.at.ns, 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_operations_agree_with_the_model),
      cmocka_unit_test(a_timer_expires_exactly_at_its_deadline),
      cmocka_unit_test(the_last_millisecond_of_all_is_a_deadline),
      cmocka_unit_test(equal_deadlines_expire_in_insertion_order),
      cmocka_unit_test(one_that_is_not_due_holds_back_its_millisecond),
      cmocka_unit_test(removed_timers_do_not_expire),
      cmocka_unit_test(an_emptied_slot_can_be_used_again),
      cmocka_unit_test(bounds_lead_to_a_far_deadline_in_a_few_steps),
      cmocka_unit_test(few_timers_need_no_bound),
      cmocka_unit_test(expiring_tells_the_wheel_the_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
