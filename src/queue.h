/* Intrusive circular lists: a struct uv__queue is a link inside an element, or a list's sentinel.
 */
#ifndef RONDO_QUEUE_H_
#define RONDO_QUEUE_H_

#include "uv.h"

#include <stdbool.h>

/* The element of `type` that has `link` as its member `field`. */
#define uv__container(link, type, field) ((type*) (void*) ((char*) (link) -offsetof(type, field)))

static inline void uv__queue_init(struct uv__queue* q) {
  q->next = q;
  q->prev = q;
}

static inline bool uv__queue_empty(const struct uv__queue* q) {
  return q->next == q;
}

static inline void uv__queue_insert_before(struct uv__queue* place, struct uv__queue* link) {
  link->next = place;
  link->prev = place->prev;
  place->prev->next = link;
  place->prev = link;
}

static inline void uv__queue_push(struct uv__queue* list, struct uv__queue* link) {
  uv__queue_insert_before(list, link);
}

static inline void uv__queue_push_front(struct uv__queue* list, struct uv__queue* link) {
  uv__queue_insert_before(list->next, link);
}

/* Takes a link off its list and leaves it as a list of its own, so removing twice is harmless. */
static inline void uv__queue_remove(struct uv__queue* link) {
  link->prev->next = link->next;
  link->next->prev = link->prev;
  uv__queue_init(link);
}

/* The first link, taken off; NULL if the list is empty. */
static inline struct uv__queue* uv__queue_pop(struct uv__queue* list) {
  struct uv__queue* link = list->next;
  if (link == list)
    return NULL;
  uv__queue_remove(link);
  return link;
}

/* All elements, taken off and linked by `next` up to NULL. */
static inline struct uv__queue* uv__queue_take(struct uv__queue* list) {
  struct uv__queue* first = list->next;
  if (first == list)
    return NULL;
  list->prev->next = NULL;
  uv__queue_init(list);
  return first;
}

/* Moves all elements to `to`, an uninitialised or empty list, and leaves `from` empty. Loops over a
 * list whose callbacks may add or remove elements work on such a copy. */
static inline void uv__queue_move(struct uv__queue* from, struct uv__queue* to) {
  if (uv__queue_empty(from)) {
    uv__queue_init(to);
    return;
  }
  to->next = from->next;
  to->prev = from->prev;
  to->next->prev = to;
  to->prev->next = to;
  uv__queue_init(from);
}

#endif /* RONDO_QUEUE_H_ */
