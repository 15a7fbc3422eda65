/* The store of active timers: a hierarchical timing wheel.
 *
 * Starting and stopping cost the same however many timers are live, and nothing is allocated. A
 * timer's links are its `node` member, its deadline is `timeout` in milliseconds of the loop's
 * clock, and `node.reserved` holds the nanoseconds behind that millisecond.
 *
 * Level 0 has a slot for each of the 2048 milliseconds around `now`, which is far enough for most
 * timers, level 1 one for each of the 64 times 2048 around it, level 2 for 64 times as many, and so
 * on. A timer lies in the lowest level in whose span `now` and its deadline both are: where the
 * bits above are the same. So its place is computed and need not be stored. When `now` enters a
 * slot of a higher level, its timers move down.
 *
 * Deadlines of one millisecond always share a slot and keep the order of their insertion. */
#ifndef RONDO_WHEEL_H_
#define RONDO_WHEEL_H_

#include "uv.h"

#include <stdbool.h>

enum {
  UV__WHEEL_NEAR_BITS = 11, /* of level 0 */
  UV__WHEEL_NEAR_SLOTS = 1 << UV__WHEEL_NEAR_BITS,
  UV__WHEEL_BITS = 6, /* of each other level */
  UV__WHEEL_SLOTS = 1 << UV__WHEEL_BITS,
  UV__WHEEL_LEVELS = 10, /* 11 + 9 * 6 bits hold any 64-bit time */
};

struct uv__wheel {
  uint64_t now;            /* never ahead of the loop; all before it has expired */
  unsigned int levels;     /* a bit per level: has occupied slots */
  unsigned int near_words; /* a bit per word of near_occupied: is not 0 */
  uint64_t near_occupied[UV__WHEEL_NEAR_SLOTS / 64]; /* a bit per slot: holds timers */
  uint64_t far_occupied[UV__WHEEL_LEVELS - 1];
  uv_timer_t ready; /* head of the ring of expired timers; only its links are used */
  uv_timer_t* slots[UV__WHEEL_NEAR_SLOTS + (UV__WHEEL_LEVELS - 1) * UV__WHEEL_SLOTS]; /* rings */
};

/* A moment of the loop's clock. */
struct uv__moment {
  uint64_t ms;
  unsigned int ns; /* behind ms, less than a million */
};

/* When the next timer is due, or a moment before that. */
struct uv__deadline {
  struct uv__moment at;
  bool exact;
};

static inline bool uv__moment_reached(struct uv__moment moment, struct uv__moment now) {
  return moment.ms < now.ms || (moment.ms == now.ms && moment.ns <= now.ns);
}

/* Makes the wheel empty; nothing is due before `now_ms`. */
void uv__wheel_init(struct uv__wheel* wheel, uint64_t now_ms);

/* Makes memory that nobody zeroed a timer that is in no wheel. */
static inline void uv__wheel_init_timer(uv_timer_t* timer) {
  timer->node.next = NULL;
  timer->node.prev = NULL;
  timer->node.reserved = NULL;
}

/* Whether the timer is in a wheel, waiting or expired. */
static inline bool uv__wheel_holds(const uv_timer_t* timer) {
  return timer->node.next != NULL;
}

/* Adds a timer that is in no wheel. It goes behind those of its millisecond. `due` is not before
 * the loop's time. */
void uv__wheel_insert(struct uv__wheel* wheel, uv_timer_t* timer, struct uv__moment due);

/* Takes out a timer that waits or has expired. */
void uv__wheel_remove(struct uv__wheel* wheel, uv_timer_t* timer);

/* Finds the next deadline: false if no timer waits. To find it exactly it may have to look at all
 * timers of a slot; it looks at `max_scan` and answers the start of the slot if there are more. */
bool uv__wheel_next(const struct uv__wheel* wheel, size_t max_scan, struct uv__deadline* next);

/* Takes note that it is `now_ms`, so that uv__wheel_next() knows better. Nothing expires. */
void uv__wheel_advance(struct uv__wheel* wheel, uint64_t now_ms);

/* Moves the due timers to the ring of expired ones, in the order of their deadlines and, within a
 * millisecond, of their insertion: there one that is not due yet holds back those behind it. */
void uv__wheel_expire(struct uv__wheel* wheel, struct uv__moment now);

/* Takes out the first expired timer; NULL if there is none. */
uv_timer_t* uv__wheel_pop(struct uv__wheel* wheel);

#endif /* RONDO_WHEEL_H_ */
