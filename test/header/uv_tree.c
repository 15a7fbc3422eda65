/* uv/tree.h alone, twice, as C and (see uv_tree_cxx.cc) as C++. */
#include <uv/tree.h>

/* The second time it must be empty. */
#include <uv/tree.h>

struct number {
  int value;
  RB_ENTRY(number) entry;
};

RB_HEAD(tree, number);

static int compare(struct number* a, struct number* b) {
  return a->value - b->value;
}

RB_PROTOTYPE_STATIC(tree, number, entry, compare);
RB_GENERATE_STATIC(tree, number, entry, compare)

RB_HEAD(other_tree, number);
RB_PROTOTYPE(other_tree, number, entry, compare);
RB_GENERATE(other_tree, number, entry, compare)

int sum(struct tree* tree);

int sum(struct tree* tree) {
  struct number* at;
  struct number* next;
  int total = 0;

  RB_FOREACH(at, tree, tree)
  total += at->value;
  RB_FOREACH_REVERSE(at, tree, tree)
  total += at->value;
  RB_FOREACH_SAFE(at, tree, tree, next)
  RB_REMOVE(tree, tree, at);
  RB_FOREACH_REVERSE_SAFE(at, tree, tree, next)
  RB_REMOVE(tree, tree, at);
  next = RB_MIN(tree, tree);
  RB_FOREACH_FROM(at, tree, next)
  RB_FIND(tree, tree, at);
  next = RB_MAX(tree, tree);
  RB_FOREACH_REVERSE_FROM(at, tree, next)
  RB_NFIND(tree, tree, at);
  return total;
}
