/* Red-black trees inside the elements themselves, with the interface of the BSD manual page
 * tree(3).
 *
 * A tree is an RB_HEAD, an element holds an RB_ENTRY, and RB_GENERATE makes the functions for one
 * type of tree from a comparison that answers like strcmp(). Nothing is allocated. Inserting,
 * removing and finding take time proportional to the logarithm of the number of elements.
 *
 * What holds between calls: an element is greater than all on its left and less than all on its
 * right; a red element has no red child; every way down from an element passes the same number of
 * black ones; the root is black. An absent child counts as black. */
#ifndef UV_TREE_H_
#define UV_TREE_H_

#include <stddef.h>

#ifndef UV__UNUSED
#if defined(__GNUC__)
#define UV__UNUSED __attribute__((unused))
#else
#define UV__UNUSED
#endif
#endif

#define RB_BLACK 0
#define RB_RED 1

/* What RB_MIN() and RB_MAX() ask their function for. */
#define RB_NEGINF -1
#define RB_INF 1

/* -- Declaring, and looking at one element ----------------------------------------------------- */

/** A tree's head; `type` is the struct's tag. */
#define RB_HEAD(name, type) \
  struct name { \
    struct type* rbh_root; \
  }

/** The value of an empty tree's head. */
#define RB_INITIALIZER(root) \
  { NULL }

/** Makes a tree empty. */
#define RB_INIT(root) \
  do { \
    (root)->rbh_root = NULL; \
  } while (0)

/** What an element holds for each tree that it can be in. */
#define RB_ENTRY(type) \
  struct { \
    struct type* rbe_left; \
    struct type* rbe_right; \
    struct type* rbe_parent; \
    int rbe_color; \
  }

#define RB_LEFT(elm, field) (elm)->field.rbe_left
#define RB_RIGHT(elm, field) (elm)->field.rbe_right
#define RB_PARENT(elm, field) (elm)->field.rbe_parent
#define RB_COLOR(elm, field) (elm)->field.rbe_color
#define RB_ROOT(head) (head)->rbh_root
#define RB_EMPTY(head) (RB_ROOT(head) == NULL)

/** Called for each element whose subtree changed, lower ones first: a program that keeps a sum over
 * subtrees defines it before RB_GENERATE. */
#ifndef RB_AUGMENT
#define RB_AUGMENT(elm) \
  do { \
  } while (0)
#endif

/* -- What the generated functions are made of -------------------------------------------------- */

/* A new red leaf. */
#define RB_SET(elm, parent, field) \
  do { \
    RB_LEFT(elm, field) = NULL; \
    RB_RIGHT(elm, field) = NULL; \
    RB_PARENT(elm, field) = (parent); \
    RB_COLOR(elm, field) = RB_RED; \
  } while (0)

#define RB_SET_BLACKRED(black, red, field) \
  do { \
    RB_COLOR(black, field) = RB_BLACK; \
    RB_COLOR(red, field) = RB_RED; \
  } while (0)

/* Lets elm's parent, or the head, point to `other` in elm's place; `other` may be absent. */
#define UV__RB_REPLACE(head, elm, other, field) \
  do { \
    if (RB_PARENT(elm, field) == NULL) \
      RB_ROOT(head) = (other); \
    else if (RB_LEFT(RB_PARENT(elm, field), field) == (elm)) \
      RB_LEFT(RB_PARENT(elm, field), field) = (other); \
    else \
      RB_RIGHT(RB_PARENT(elm, field), field) = (other); \
    if ((other) != NULL) \
      RB_PARENT(other, field) = RB_PARENT(elm, field); \
  } while (0)

/* elm's right child takes elm's place and elm becomes its left child; tmp is left at the child. */
#define RB_ROTATE_LEFT(head, elm, tmp, field) \
  do { \
    (tmp) = RB_RIGHT(elm, field); \
    RB_RIGHT(elm, field) = RB_LEFT(tmp, field); \
    if (RB_RIGHT(elm, field) != NULL) \
      RB_PARENT(RB_RIGHT(elm, field), field) = (elm); \
    UV__RB_REPLACE(head, elm, tmp, field); \
    RB_LEFT(tmp, field) = (elm); \
    RB_PARENT(elm, field) = (tmp); \
    RB_AUGMENT(elm); \
    RB_AUGMENT(tmp); \
  } while (0)

/* The mirror image. */
#define RB_ROTATE_RIGHT(head, elm, tmp, field) \
  do { \
    (tmp) = RB_LEFT(elm, field); \
    RB_LEFT(elm, field) = RB_RIGHT(tmp, field); \
    if (RB_LEFT(elm, field) != NULL) \
      RB_PARENT(RB_LEFT(elm, field), field) = (elm); \
    UV__RB_REPLACE(head, elm, tmp, field); \
    RB_RIGHT(tmp, field) = (elm); \
    RB_PARENT(elm, field) = (tmp); \
    RB_AUGMENT(elm); \
    RB_AUGMENT(tmp); \
  } while (0)

#define UV__RB_IS_RED(elm, field) ((elm) != NULL && RB_COLOR(elm, field) == RB_RED)

/* -- Prototypes -------------------------------------------------------------------------------- */

/** Declares the functions of one type of tree: in a header, or before their first use. */
#define RB_PROTOTYPE(name, type, field, cmp) RB_PROTOTYPE_INTERNAL(name, type, field, cmp, )

/** The same for functions of one file only. */
#define RB_PROTOTYPE_STATIC(name, type, field, cmp) \
  RB_PROTOTYPE_INTERNAL(name, type, field, cmp, UV__UNUSED static)

#define RB_PROTOTYPE_INTERNAL(name, type, field, cmp, attr) \
  attr void name##_RB_INSERT_COLOR(struct name* head, struct type* elm); \
  attr void name##_RB_REMOVE_COLOR(struct name* head, struct type* parent, struct type* elm); \
  attr struct type* name##_RB_INSERT(struct name* head, struct type* elm); \
  attr struct type* name##_RB_REMOVE(struct name* head, struct type* elm); \
  attr struct type* name##_RB_FIND(struct name* head, struct type* elm); \
  attr struct type* name##_RB_NFIND(struct name* head, struct type* elm); \
  attr struct type* name##_RB_NEXT(struct type* elm); \
  attr struct type* name##_RB_PREV(struct type* elm); \
  attr struct type* name##_RB_MINMAX(struct name* head, int which)

/* -- Functions --------------------------------------------------------------------------------- */

/** Defines the functions that RB_PROTOTYPE declares; `cmp` takes two pointers to struct `type` and
 * may be a macro. */
#define RB_GENERATE(name, type, field, cmp) RB_GENERATE_INTERNAL(name, type, field, cmp, )

/** The same for functions of one file only. */
#define RB_GENERATE_STATIC(name, type, field, cmp) \
  RB_GENERATE_INTERNAL(name, type, field, cmp, UV__UNUSED static)

#define RB_GENERATE_INTERNAL(name, type, field, cmp, attr) \
  UV__RB_GENERATE_INSERT_COLOR(name, type, field, attr) \
  UV__RB_GENERATE_REMOVE_COLOR(name, type, field, attr) \
  UV__RB_GENERATE_INSERT(name, type, field, cmp, attr) \
  UV__RB_GENERATE_REMOVE(name, type, field, attr) \
  UV__RB_GENERATE_FIND(name, type, field, cmp, attr) \
  UV__RB_GENERATE_STEP(name, type, field, attr)

/* Repairs the tree above a new red element whose parent may be red as well. While it is, the parent
 * has a parent, for the root is black. A red uncle: blacken both, redden the grandparent, go on
 * from there. A black one: turn the element to the outside, then one rotation ends it. */
#define UV__RB_GENERATE_INSERT_COLOR(name, type, field, attr) \
  attr void name##_RB_INSERT_COLOR(struct name* head, struct type* elm) { \
    struct type* parent; \
    struct type* grandparent; \
    struct type* uncle; \
    struct type* tmp; \
\
    while ((parent = RB_PARENT(elm, field)) != NULL && RB_COLOR(parent, field) == RB_RED) { \
      grandparent = RB_PARENT(parent, field); \
      uncle = parent == RB_LEFT(grandparent, field) ? RB_RIGHT(grandparent, field) \
                                                    : RB_LEFT(grandparent, field); \
      if (UV__RB_IS_RED(uncle, field)) { \
        RB_COLOR(uncle, field) = RB_BLACK; \
        RB_SET_BLACKRED(parent, grandparent, field); \
        elm = grandparent; \
      } else if (parent == RB_LEFT(grandparent, field)) { \
        if (elm == RB_RIGHT(parent, field)) { \
          RB_ROTATE_LEFT(head, parent, tmp, field); \
          elm = parent; \
          parent = tmp; \
        } \
        RB_SET_BLACKRED(parent, grandparent, field); \
        RB_ROTATE_RIGHT(head, grandparent, tmp, field); \
      } else { \
        if (elm == RB_LEFT(parent, field)) { \
          RB_ROTATE_RIGHT(head, parent, tmp, field); \
          elm = parent; \
          parent = tmp; \
        } \
        RB_SET_BLACKRED(parent, grandparent, field); \
        RB_ROTATE_LEFT(head, grandparent, tmp, field); \
      } \
    } \
    RB_COLOR(RB_ROOT(head), field) = RB_BLACK; \
  }

/* Repairs the tree where a black element was taken away: every way through elm, which may be absent
 * and hangs below `parent`, lacks one black. The sibling is there, for the ways through it do not.
 * A red sibling is rotated above, so that a black one follows. If that has no red child, redden it
 * and the lack is the parent's. Otherwise turn its red child to the outside, then one rotation ends
 * it, with the colours of all three set for good. */
#define UV__RB_GENERATE_REMOVE_COLOR(name, type, field, attr) \
  attr void name##_RB_REMOVE_COLOR(struct name* head, struct type* parent, struct type* elm) { \
    struct type* sibling; \
    struct type* tmp; \
\
    while (parent != NULL && !UV__RB_IS_RED(elm, field)) { \
      if (elm == RB_LEFT(parent, field)) { \
        sibling = RB_RIGHT(parent, field); \
        if (RB_COLOR(sibling, field) == RB_RED) { \
          RB_SET_BLACKRED(sibling, parent, field); \
          RB_ROTATE_LEFT(head, parent, tmp, field); \
          sibling = RB_RIGHT(parent, field); \
        } \
        if (!UV__RB_IS_RED(RB_LEFT(sibling, field), field) && \
            !UV__RB_IS_RED(RB_RIGHT(sibling, field), field)) { \
          RB_COLOR(sibling, field) = RB_RED; \
          elm = parent; \
          parent = RB_PARENT(elm, field); \
        } else { \
          if (!UV__RB_IS_RED(RB_RIGHT(sibling, field), field)) { \
            RB_ROTATE_RIGHT(head, sibling, tmp, field); \
            sibling = tmp; \
          } \
          RB_COLOR(sibling, field) = RB_COLOR(parent, field); \
          RB_COLOR(parent, field) = RB_BLACK; \
          RB_COLOR(RB_RIGHT(sibling, field), field) = RB_BLACK; \
          RB_ROTATE_LEFT(head, parent, tmp, field); \
          return; \
        } \
      } else { \
        sibling = RB_LEFT(parent, field); \
        if (RB_COLOR(sibling, field) == RB_RED) { \
          RB_SET_BLACKRED(sibling, parent, field); \
          RB_ROTATE_RIGHT(head, parent, tmp, field); \
          sibling = RB_LEFT(parent, field); \
        } \
        if (!UV__RB_IS_RED(RB_LEFT(sibling, field), field) && \
            !UV__RB_IS_RED(RB_RIGHT(sibling, field), field)) { \
          RB_COLOR(sibling, field) = RB_RED; \
          elm = parent; \
          parent = RB_PARENT(elm, field); \
        } else { \
          if (!UV__RB_IS_RED(RB_LEFT(sibling, field), field)) { \
            RB_ROTATE_LEFT(head, sibling, tmp, field); \
            sibling = tmp; \
          } \
          RB_COLOR(sibling, field) = RB_COLOR(parent, field); \
          RB_COLOR(parent, field) = RB_BLACK; \
          RB_COLOR(RB_LEFT(sibling, field), field) = RB_BLACK; \
          RB_ROTATE_RIGHT(head, parent, tmp, field); \
          return; \
        } \
      } \
    } \
    if (elm != NULL) \
      RB_COLOR(elm, field) = RB_BLACK; \
  }

#define UV__RB_GENERATE_INSERT(name, type, field, cmp, attr) \
  attr struct type* name##_RB_INSERT(struct name* head, struct type* elm) { \
    struct type* parent = NULL; \
    struct type* at = RB_ROOT(head); \
    int order = 0; \
\
    while (at != NULL) { \
      parent = at; \
      order = cmp(elm, at); \
      if (order == 0) \
        return at; \
      at = order < 0 ? RB_LEFT(at, field) : RB_RIGHT(at, field); \
    } \
    RB_SET(elm, parent, field); \
    if (parent == NULL) \
      RB_ROOT(head) = elm; \
    else if (order < 0) \
      RB_LEFT(parent, field) = elm; \
    else \
      RB_RIGHT(parent, field) = elm; \
    for (at = elm; at != NULL; at = RB_PARENT(at, field)) \
      RB_AUGMENT(at); \
    name##_RB_INSERT_COLOR(head, elm); \
    return NULL; \
  }

/* An element with two children gives its place and colour to the next one, which has no left child,
 * so that only one with at most one child is ever taken out. */
#define UV__RB_GENERATE_REMOVE(name, type, field, attr) \
  attr struct type* name##_RB_REMOVE(struct name* head, struct type* elm) { \
    struct type* child; \
    struct type* parent; \
    struct type* at; \
    int color = RB_COLOR(elm, field); \
\
    if (RB_LEFT(elm, field) == NULL || RB_RIGHT(elm, field) == NULL) { \
      child = RB_LEFT(elm, field) != NULL ? RB_LEFT(elm, field) : RB_RIGHT(elm, field); \
      parent = RB_PARENT(elm, field); \
      UV__RB_REPLACE(head, elm, child, field); \
    } else { \
      struct type* next = RB_RIGHT(elm, field); \
\
      while (RB_LEFT(next, field) != NULL) \
        next = RB_LEFT(next, field); \
      color = RB_COLOR(next, field); \
      child = RB_RIGHT(next, field); \
      parent = RB_PARENT(next, field); \
      UV__RB_REPLACE(head, next, child, field); \
      if (parent == elm) \
        parent = next; \
      UV__RB_REPLACE(head, elm, next, field); \
      (next)->field = (elm)->field; \
      RB_PARENT(RB_LEFT(next, field), field) = next; \
      if (RB_RIGHT(next, field) != NULL) \
        RB_PARENT(RB_RIGHT(next, field), field) = next; \
    } \
    for (at = parent; at != NULL; at = RB_PARENT(at, field)) \
      RB_AUGMENT(at); \
    if (color == RB_BLACK) \
      name##_RB_REMOVE_COLOR(head, parent, child); \
    return elm; \
  }

#define UV__RB_GENERATE_FIND(name, type, field, cmp, attr) \
  attr struct type* name##_RB_FIND(struct name* head, struct type* elm) { \
    struct type* at = RB_ROOT(head); \
\
    while (at != NULL) { \
      int order = cmp(elm, at); \
\
      if (order == 0) \
        return at; \
      at = order < 0 ? RB_LEFT(at, field) : RB_RIGHT(at, field); \
    } \
    return NULL; \
  } \
\
  attr struct type* name##_RB_NFIND(struct name* head, struct type* elm) { \
    struct type* at = RB_ROOT(head); \
    struct type* found = NULL; \
\
    while (at != NULL) { \
      int order = cmp(elm, at); \
\
      if (order == 0) \
        return at; \
      if (order < 0) \
        found = at; \
      at = order < 0 ? RB_LEFT(at, field) : RB_RIGHT(at, field); \
    } \
    return found; \
  }

#define UV__RB_GENERATE_STEP(name, type, field, attr) \
  attr struct type* name##_RB_NEXT(struct type* elm) { \
    struct type* child = RB_RIGHT(elm, field); \
\
    if (child != NULL) { \
      while (RB_LEFT(child, field) != NULL) \
        child = RB_LEFT(child, field); \
      return child; \
    } \
    do { \
      child = elm; \
      elm = RB_PARENT(elm, field); \
    } while (elm != NULL && child == RB_RIGHT(elm, field)); \
    return elm; \
  } \
\
  attr struct type* name##_RB_PREV(struct type* elm) { \
    struct type* child = RB_LEFT(elm, field); \
\
    if (child != NULL) { \
      while (RB_RIGHT(child, field) != NULL) \
        child = RB_RIGHT(child, field); \
      return child; \
    } \
    do { \
      child = elm; \
      elm = RB_PARENT(elm, field); \
    } while (elm != NULL && child == RB_LEFT(elm, field)); \
    return elm; \
  } \
\
  attr struct type* name##_RB_MINMAX(struct name* head, int which) { \
    struct type* at = RB_ROOT(head); \
    struct type* last = NULL; \
\
    while (at != NULL) { \
      last = at; \
      at = which < 0 ? RB_LEFT(at, field) : RB_RIGHT(at, field); \
    } \
    return last; \
  }

/* -- Use --------------------------------------------------------------------------------------- */

/** Adds `elm` and returns NULL, or returns the equal element that is there already. */
#define RB_INSERT(name, head, elm) name##_RB_INSERT(head, elm)

/** Takes `elm`, which is in the tree, out of it and returns it. */
#define RB_REMOVE(name, head, elm) name##_RB_REMOVE(head, elm)

/** The element that is equal to `elm`, or NULL. */
#define RB_FIND(name, head, elm) name##_RB_FIND(head, elm)

/** The first element that is not less than `elm`, or NULL. */
#define RB_NFIND(name, head, elm) name##_RB_NFIND(head, elm)

/** The element after, or before, `elm`, or NULL. */
#define RB_NEXT(name, head, elm) name##_RB_NEXT(elm)
#define RB_PREV(name, head, elm) name##_RB_PREV(elm)

/** The first, or last, element, or NULL. */
#define RB_MIN(name, head) name##_RB_MINMAX(head, RB_NEGINF)
#define RB_MAX(name, head) name##_RB_MINMAX(head, RB_INF)

/** A loop over all elements in order; the body must not remove `x`. */
#define RB_FOREACH(x, name, head) \
  for ((x) = RB_MIN(name, head); (x) != NULL; (x) = name##_RB_NEXT(x))

/** A loop from `y` on, which is overwritten; the body may remove `x`. */
#define RB_FOREACH_FROM(x, name, y) \
  for ((x) = (y); (x) != NULL && ((y) = name##_RB_NEXT(x), 1); (x) = (y))

/** A loop over all elements in order; the body may remove `x`, `y` keeps the next one. */
#define RB_FOREACH_SAFE(x, name, head, y) \
  for ((x) = RB_MIN(name, head); (x) != NULL && ((y) = name##_RB_NEXT(x), 1); (x) = (y))

/** The same three from the last element to the first. */
#define RB_FOREACH_REVERSE(x, name, head) \
  for ((x) = RB_MAX(name, head); (x) != NULL; (x) = name##_RB_PREV(x))

#define RB_FOREACH_REVERSE_FROM(x, name, y) \
  for ((x) = (y); (x) != NULL && ((y) = name##_RB_PREV(x), 1); (x) = (y))

#define RB_FOREACH_REVERSE_SAFE(x, name, head, y) \
  for ((x) = RB_MAX(name, head); (x) != NULL && ((y) = name##_RB_PREV(x), 1); (x) = (y))

#endif /* UV_TREE_H_ */
