/* uv/tree.h against a model: a sorted array of numbers. After each change of a tree the whole of it
 * is looked at: order, links, colours, and the sums that RB_AUGMENT keeps. */
#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>

#include <cmocka.h>

struct number;
static void count_subtree(struct number* number);

#define RB_AUGMENT(elm) count_subtree(elm)
#include "uv/tree.h"

#define NUMBERS 400
#define STEPS 20000

struct number {
  int value;
  unsigned int in_tree;
  unsigned int subtree_size;
  RB_ENTRY(number) entry;
};

RB_HEAD(tree, number);

static unsigned int subtree_size(const struct number* number) {
  return number == NULL ? 0 : number->subtree_size;
}

static void count_subtree(struct number* number) {
  number->subtree_size =
      1 + subtree_size(RB_LEFT(number, entry)) + subtree_size(RB_RIGHT(number, entry));
}

static int compare(const struct number* a, const struct number* b) {
  return (a->value > b->value) - (a->value < b->value);
}

RB_PROTOTYPE_STATIC(tree, number, entry, compare);
RB_GENERATE_STATIC(tree, number, entry, compare)

/* The same with functions that other files could use, and a comparison that is a macro. */
#define COMPARE(a, b) ((a)->value - (b)->value)
RB_HEAD(extern_tree, number);
RB_PROTOTYPE(extern_tree, number, entry, COMPARE);
RB_GENERATE(extern_tree, number, entry, COMPARE)

/* A fixed sequence (xorshift), so that a failure happens again. */
static uint32_t next_random(uint32_t* seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 17;
  *seed ^= *seed << 5;
  return *seed;
}

/* The black elements on every way down from `number`, which all ways must agree on. */
static int check_subtree(const struct number* number, const struct number* parent) {
  int left;
  int right;

  if (number == NULL)
    return 0;

  assert_ptr_equal(RB_PARENT(number, entry), parent);
  if (RB_COLOR(number, entry) == RB_RED) {
    assert_non_null(parent);
    assert_int_equal(RB_COLOR(parent, entry), RB_BLACK);
  } else {
    assert_int_equal(RB_COLOR(number, entry), RB_BLACK);
  }

  left = check_subtree(RB_LEFT(number, entry), number);
  right = check_subtree(RB_RIGHT(number, entry), number);
  assert_int_equal(left, right);
  assert_int_equal(number->subtree_size, 1 + subtree_size(RB_LEFT(number, entry)) +
                                             subtree_size(RB_RIGHT(number, entry)));
  return left + (RB_COLOR(number, entry) == RB_BLACK);
}

/* `numbers` is the model: sorted, each with a mark that says whether it is in the tree. */
static void check_tree(struct tree* tree, const struct number* numbers, size_t count) {
  struct number* at = RB_MIN(tree, tree);
  struct number* before = NULL;
  unsigned int size = 0;

  check_subtree(RB_ROOT(tree), NULL);
  for (size_t i = 0; i < count; i++) {
    if (!numbers[i].in_tree)
      continue;
    assert_ptr_equal(at, &numbers[i]);
    assert_ptr_equal(RB_PREV(tree, tree, at), before);
    before = at;
    at = RB_NEXT(tree, tree, at);
    size++;
  }
  assert_null(at);
  assert_ptr_equal(RB_MAX(tree, tree), before);
  assert_int_equal(RB_EMPTY(tree), size == 0);
  assert_int_equal(subtree_size(RB_ROOT(tree)), size);
}

/* Odd values, so that there are values between any two of them. */
static void fill(struct number* numbers, size_t count) {
  memset(numbers, 0xA5, count * sizeof(*numbers));
  for (size_t i = 0; i < count; i++) {
    numbers[i].value = (int) (2 * i + 1);
    numbers[i].in_tree = 0;
  }
}

static void insert(struct tree* tree, struct number* number) {
  assert_null(RB_INSERT(tree, tree, number));
  number->in_tree = 1;
}

static void remove_from(struct tree* tree, struct number* number) {
  assert_ptr_equal(RB_REMOVE(tree, tree, number), number);
  number->in_tree = 0;
}

static void an_empty_tree_has_nothing(void** state) {
  struct tree tree = RB_INITIALIZER(&tree);
  struct number key = {.value = 1};
  struct number* at;

  (void) state;
  assert_true(RB_EMPTY(&tree));
  assert_null(RB_ROOT(&tree));
  assert_null(RB_MIN(tree, &tree));
  assert_null(RB_MAX(tree, &tree));
  assert_null(RB_FIND(tree, &tree, &key));
  assert_null(RB_NFIND(tree, &tree, &key));
  RB_FOREACH(at, tree, &tree)
  fail();
  RB_FOREACH_REVERSE(at, tree, &tree)
  fail();
  assert_null(at);
}

static void random_changes_agree_with_a_sorted_array(void** state) {
  static struct number numbers[NUMBERS];
  struct tree tree;
  uint32_t seed = 2463534242u;

  (void) state;
  memset(&tree, 0xA5, sizeof(tree));
  RB_INIT(&tree);
  fill(numbers, NUMBERS);
  for (int step = 0; step < STEPS; step++) {
    /* The range changes, so that the tree is now small, now large. */
    size_t range = 1 + (size_t) (step / 100) * 37 % NUMBERS;
    struct number* number = &numbers[next_random(&seed) % range];

    if (number->in_tree)
      remove_from(&tree, number);
    else
      insert(&tree, number);
    if (range < 40 || step % 16 == 0)
      check_tree(&tree, numbers, NUMBERS);
  }
  check_tree(&tree, numbers, NUMBERS);
}

static void every_order_of_few_elements_works(void** state) {
  struct number numbers[6];

  (void) state;
  /* All orders of inserting times all orders of removing: 720 * 720 trees of six elements. */
  for (int in = 0; in < 720; in++) {
    for (int out = 0; out < 720; out++) {
      struct tree tree = RB_INITIALIZER(&tree);

      fill(numbers, 6);
      for (int left = 6, code = in; left > 0; code /= left, left--) {
        size_t pick = (size_t) (code % left);
        size_t i = 0;

        for (; numbers[i].in_tree || pick > 0; i++)
          pick -= !numbers[i].in_tree;
        insert(&tree, &numbers[i]);
      }
      check_subtree(RB_ROOT(&tree), NULL);
      for (int left = 6, code = out; left > 0; code /= left, left--) {
        size_t pick = (size_t) (code % left);
        size_t i = 0;

        for (; !numbers[i].in_tree || pick > 0; i++)
          pick -= numbers[i].in_tree;
        remove_from(&tree, &numbers[i]);
        check_tree(&tree, numbers, 6);
      }
    }
  }
}

static void rising_and_falling_orders_stay_balanced(void** state) {
  static struct number numbers[NUMBERS];
  struct tree tree = RB_INITIALIZER(&tree);

  (void) state;
  fill(numbers, NUMBERS);
  for (size_t i = 0; i < NUMBERS; i++) {
    insert(&tree, &numbers[i]);
    check_tree(&tree, numbers, NUMBERS);
  }
  for (size_t i = NUMBERS; i-- > 0;) {
    remove_from(&tree, &numbers[i]);
    check_tree(&tree, numbers, NUMBERS);
  }
  for (size_t i = NUMBERS; i-- > 0;)
    insert(&tree, &numbers[i]);
  for (size_t i = 0; i < NUMBERS; i++) {
    remove_from(&tree, &numbers[i]);
    check_tree(&tree, numbers, NUMBERS);
  }
}

static void find_and_nfind_agree_with_a_sorted_array(void** state) {
  static struct number numbers[NUMBERS];
  struct tree tree = RB_INITIALIZER(&tree);
  uint32_t seed = 88172645u;

  (void) state;
  fill(numbers, NUMBERS);
  for (int round = 0; round < 20; round++) {
    for (size_t i = 0; i < NUMBERS; i++) {
      if (next_random(&seed) % 2 == 0)
        continue;
      if (numbers[i].in_tree)
        remove_from(&tree, &numbers[i]);
      else
        insert(&tree, &numbers[i]);
    }
    for (int value = 0; value <= 2 * NUMBERS; value++) {
      struct number key = {.value = value};
      struct number* exact = NULL;
      struct number* next = NULL;

      for (size_t i = NUMBERS; i-- > 0;) {
        if (numbers[i].in_tree && numbers[i].value >= value)
          next = &numbers[i];
      }
      if (next != NULL && next->value == value)
        exact = next;
      assert_ptr_equal(RB_FIND(tree, &tree, &key), exact);
      assert_ptr_equal(RB_NFIND(tree, &tree, &key), next);
    }
  }
}

static void inserting_an_equal_element_returns_the_old_one(void** state) {
  static struct number numbers[9];
  struct tree tree = RB_INITIALIZER(&tree);

  (void) state;
  fill(numbers, 9);
  for (size_t i = 0; i < 9; i++)
    insert(&tree, &numbers[i]);
  for (size_t i = 0; i < 9; i++) {
    struct number twin = {.value = numbers[i].value};

    assert_ptr_equal(RB_INSERT(tree, &tree, &twin), &numbers[i]);
    check_tree(&tree, numbers, 9);
  }
}

static void loops_visit_in_order_and_the_safe_ones_allow_removal(void** state) {
  static struct number numbers[50];
  struct tree tree = RB_INITIALIZER(&tree);
  struct number* at;
  struct number* next;
  size_t visited = 0;

  (void) state;
  fill(numbers, 50);
  for (size_t i = 0; i < 50; i++)
    insert(&tree, &numbers[i * 7 % 50]);

  RB_FOREACH(at, tree, &tree)
  assert_ptr_equal(at, &numbers[visited++]);
  assert_int_equal(visited, 50);
  RB_FOREACH_REVERSE(at, tree, &tree)
  assert_ptr_equal(at, &numbers[--visited]);
  assert_int_equal(visited, 0);

  RB_FOREACH_SAFE(at, tree, &tree, next) {
    assert_ptr_equal(at, &numbers[visited++]);
    if (visited <= 10)
      remove_from(&tree, at);
  }
  assert_int_equal(visited, 50);
  check_tree(&tree, numbers, 50);

  RB_FOREACH_REVERSE_SAFE(at, tree, &tree, next) {
    assert_ptr_equal(at, &numbers[--visited]);
    if (visited >= 40)
      remove_from(&tree, at);
  }
  assert_int_equal(visited, 10);
  check_tree(&tree, numbers, 50);

  next = &numbers[20];
  visited = 20;
  RB_FOREACH_FROM(at, tree, next) {
    assert_ptr_equal(at, &numbers[visited++]);
    if (visited > 30)
      remove_from(&tree, at);
  }
  assert_int_equal(visited, 40);
  check_tree(&tree, numbers, 50);

  next = &numbers[20];
  visited = 21;
  RB_FOREACH_REVERSE_FROM(at, tree, next) {
    assert_ptr_equal(at, &numbers[--visited]);
    remove_from(&tree, at);
  }
  assert_int_equal(visited, 10);
  check_tree(&tree, numbers, 50);
}

static void a_tree_with_external_functions_and_a_macro_to_compare_works(void** state) {
  struct extern_tree tree = RB_INITIALIZER(&tree);
  struct number numbers[100];
  struct number key = {.value = 100};
  int sum = 0;
  struct number* at;

  (void) state;
  fill(numbers, 100);
  for (size_t i = 0; i < 100; i++)
    assert_null(RB_INSERT(extern_tree, &tree, &numbers[i * 37 % 100]));
  RB_FOREACH(at, extern_tree, &tree)
  sum += at->value;
  assert_int_equal(sum, 100 * 100);
  assert_null(RB_FIND(extern_tree, &tree, &key));
  assert_ptr_equal(RB_NFIND(extern_tree, &tree, &key), &numbers[50]);
  assert_ptr_equal(RB_REMOVE(extern_tree, &tree, &numbers[50]), &numbers[50]);
  assert_ptr_equal(RB_NFIND(extern_tree, &tree, &key), &numbers[51]);
  assert_ptr_equal(RB_PREV(extern_tree, &tree, &numbers[51]), &numbers[49]);
}

static void numbers_and_layout_are_those_of_bsd(void** state) {
  (void) state;
  assert_int_equal(RB_BLACK, 0);
  assert_int_equal(RB_RED, 1);
  assert_int_equal(RB_NEGINF, -1);
  assert_int_equal(RB_INF, 1);
  assert_int_equal(offsetof(struct number, entry.rbe_right) - offsetof(struct number, entry),
                   sizeof(void*));
  assert_int_equal(offsetof(struct number, entry.rbe_parent) - offsetof(struct number, entry),
                   2 * sizeof(void*));
  assert_int_equal(offsetof(struct number, entry.rbe_color) - offsetof(struct number, entry),
                   3 * sizeof(void*));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_empty_tree_has_nothing),
      cmocka_unit_test(random_changes_agree_with_a_sorted_array),
      cmocka_unit_test(every_order_of_few_elements_works),
      cmocka_unit_test(rising_and_falling_orders_stay_balanced),
      cmocka_unit_test(find_and_nfind_agree_with_a_sorted_array),
      cmocka_unit_test(inserting_an_equal_element_returns_the_old_one),
      cmocka_unit_test(loops_visit_in_order_and_the_safe_ones_allow_removal),
      cmocka_unit_test(a_tree_with_external_functions_and_a_macro_to_compare_works),
      cmocka_unit_test(numbers_and_layout_are_those_of_bsd),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
