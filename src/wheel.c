/* The timing wheel: see wheel.h for what it is. */
#include "wheel.h"

#include <stddef.h>
#include <string.h>

/* -- Places ------------------------------------------------------------------------------------ */

struct place {
  unsigned int level;
  unsigned int index; /* within the level */
};

/* The lowest bit of a time that chooses a slot of the level. */
static unsigned int shift_of(unsigned int level) {
  return level == 0 ? 0 : UV__WHEEL_NEAR_BITS + (level - 1) * UV__WHEEL_BITS;
}

static uint64_t index_mask(unsigned int level) {
  return (level == 0 ? UV__WHEEL_NEAR_SLOTS : UV__WHEEL_SLOTS) - 1;
}

/* Where a deadline lies as seen from `now`. */
static struct place place_of(const struct uv__wheel* wheel, uint64_t due_ms) {
  uint64_t differing = (due_ms ^ wheel->now) >> UV__WHEEL_NEAR_BITS;
  struct place place = {0, 0};

  if (differing != 0)
    place.level = 1 + (63 - (unsigned int) __builtin_clzll(differing)) / UV__WHEEL_BITS;
  place.index = (unsigned int) (due_ms >> shift_of(place.level) & index_mask(place.level));
  return place;
}

/* The first occupied slot of level 0. */
static unsigned int first_near(const struct uv__wheel* wheel) {
  unsigned int word = (unsigned int) __builtin_ctz(wheel->near_words);

  return word * 64 + (unsigned int) __builtin_ctzll(wheel->near_occupied[word]);
}

/* The occupied slot with the earliest deadlines. Those of a level end where the next slot of the
 * level above begins, and none lies behind `now`: it is the first one of the lowest level. */
static struct place first_place(const struct uv__wheel* wheel) {
  unsigned int level = (unsigned int) __builtin_ctz(wheel->levels);
  struct place place = {level, 0};

  if (level == 0)
    place.index = first_near(wheel);
  else
    place.index = (unsigned int) __builtin_ctzll(wheel->far_occupied[level - 1]);
  return place;
}

/* The first millisecond of a slot; at level 0 the only one. */
static uint64_t start_of(const struct uv__wheel* wheel, struct place place) {
  unsigned int shift = shift_of(place.level);
  uint64_t before = wheel->now >> shift & ~index_mask(place.level);

  return (before | place.index) << shift;
}

/* Where the slot stands among all. */
static size_t slot_number(struct place place) {
  if (place.level == 0)
    return place.index;
  return UV__WHEEL_NEAR_SLOTS + (place.level - 1) * UV__WHEEL_SLOTS + place.index;
}

static uv_timer_t** slot_at(struct uv__wheel* wheel, struct place place) {
  return &wheel->slots[slot_number(place)];
}

/* The first timer of a slot; NULL if it is not occupied. */
static uv_timer_t* head_of(const struct uv__wheel* wheel, struct place place) {
  uint64_t word = place.level == 0 ? wheel->near_occupied[place.index / 64]
                                   : wheel->far_occupied[place.level - 1];

  return word >> place.index % 64 & 1 ? wheel->slots[slot_number(place)] : NULL;
}

static void set_slot(struct uv__wheel* wheel, struct place place, uv_timer_t* head) {
  *slot_at(wheel, place) = head;
  wheel->levels |= 1u << place.level;
  if (place.level == 0) {
    wheel->near_occupied[place.index / 64] |= (uint64_t) 1 << place.index % 64;
    wheel->near_words |= 1u << place.index / 64;
  } else {
    wheel->far_occupied[place.level - 1] |= (uint64_t) 1 << place.index;
  }
}

/* A word, and a level, of which no slot is occupied any more loses its bit. */
static void clear_near(struct uv__wheel* wheel, unsigned int index) {
  unsigned int word = index / 64;

  wheel->near_occupied[word] &= ~((uint64_t) 1 << index % 64);
  if (wheel->near_occupied[word] != 0)
    return;
  wheel->near_words &= ~(1u << word);
  if (wheel->near_words == 0)
    wheel->levels &= ~1u;
}

static void clear_slot(struct uv__wheel* wheel, struct place place) {
  if (place.level == 0) {
    clear_near(wheel, place.index);
    return;
  }
  wheel->far_occupied[place.level - 1] &= ~((uint64_t) 1 << place.index);
  if (wheel->far_occupied[place.level - 1] == 0)
    wheel->levels &= ~(1u << place.level);
}

/* -- Rings ------------------------------------------------------------------------------------- */

static struct uv__moment due_of(const uv_timer_t* timer) {
  struct uv__moment due = {timer->timeout, (unsigned int) (uintptr_t) timer->node.reserved};
  return due;
}

static void make_ring(uv_timer_t* timer) {
  timer->node.next = timer;
  timer->node.prev = timer;
}

/* Inserts the chain `first`..`last` behind all of the ring of `head`. */
static void ring_append(uv_timer_t* head, uv_timer_t* first, uv_timer_t* last) {
  first->node.prev = head->node.prev;
  last->node.next = head;
  head->node.prev->node.next = first;
  head->node.prev = last;
}

static void ring_unlink(uv_timer_t* timer) {
  timer->node.prev->node.next = timer->node.next;
  timer->node.next->node.prev = timer->node.prev;
}

/* Puts the chain `first`..`last`, all due in one millisecond, where it belongs. */
static void place_chain(struct uv__wheel* wheel, uv_timer_t* first, uv_timer_t* last) {
  struct place place = place_of(wheel, first->timeout);
  uv_timer_t* head = head_of(wheel, place);

  if (head != NULL) {
    ring_append(head, first, last);
  } else {
    first->node.prev = last;
    last->node.next = first;
    set_slot(wheel, place, first);
  }
}

/* -- Insert and remove ------------------------------------------------------------------------- */

void uv__wheel_init(struct uv__wheel* wheel, uint64_t now_ms) {
  /* What the slots hold before they are occupied does not matter: most never are. */
  memset(wheel, 0, offsetof(struct uv__wheel, slots));
  wheel->now = now_ms;
  make_ring(&wheel->ready);
}

void uv__wheel_insert(struct uv__wheel* wheel, uv_timer_t* timer, struct uv__moment due) {
  timer->timeout = due.ms;
  timer->node.reserved = (void*) (uintptr_t) due.ns;
  place_chain(wheel, timer, timer);
}

void uv__wheel_remove(struct uv__wheel* wheel, uv_timer_t* timer) {
  struct place place = place_of(wheel, timer->timeout);

  /* An expired timer is never alone in its ring, and never the head of a slot. */
  if (timer->node.next == timer) {
    clear_slot(wheel, place);
  } else {
    if (head_of(wheel, place) == timer)
      *slot_at(wheel, place) = timer->node.next;
    ring_unlink(timer);
  }
  timer->node.next = NULL;
}

/* -- Time passes ------------------------------------------------------------------------------- */

bool uv__wheel_next(const struct uv__wheel* wheel, size_t max_scan, struct uv__deadline* next) {
  if (wheel->levels == 0)
    return false;

  struct place place = first_place(wheel);
  const uv_timer_t* head = wheel->slots[slot_number(place)];
  const uv_timer_t* first = head;
  const uv_timer_t* timer = head->node.next;

  /* At level 0 all are due in the same millisecond, and the head holds back the others. */
  next->exact = true;
  next->at = due_of(head);
  if (place.level == 0)
    return true;

  for (size_t scanned = 1; timer != head; scanned++, timer = timer->node.next) {
    if (scanned >= max_scan) {
      next->exact = false;
      next->at.ms = start_of(wheel, place);
      next->at.ns = 0;
      return true;
    }
    if (timer->timeout < first->timeout)
      first = timer;
  }
  next->at = due_of(first);
  return true;
}

/* Distributes a slot that `now` enters over the levels below. What follows each other and is due in
 * the same millisecond moves as it is: the timers between its ends are read and not written. */
static void open_slot(struct uv__wheel* wheel, struct place place) {
  uv_timer_t* head = *slot_at(wheel, place);
  uv_timer_t* first = head;

  clear_slot(wheel, place);
  do {
    uv_timer_t* last = first;
    uv_timer_t* following = first->node.next;
    while (following != head && following->timeout == first->timeout) {
      last = following;
      following = following->node.next;
    }
    place_chain(wheel, first, last);
    first = following;
  } while (first != head);
}

void uv__wheel_advance(struct uv__wheel* wheel, uint64_t now_ms) {
  while (wheel->levels != 0) {
    struct place place = first_place(wheel);
    uint64_t start = start_of(wheel, place);
    if (place.level == 0 || start > now_ms)
      return;
    wheel->now = start;
    open_slot(wheel, place);
  }
}

/* Moves all timers of a slot to the ring of expired ones. */
static void expire_slot(struct uv__wheel* wheel, struct place place) {
  uv_timer_t* head = *slot_at(wheel, place);

  clear_slot(wheel, place);
  ring_append(&wheel->ready, head, head->node.prev);
}

/* The first timer of a slot that is not due yet; NULL if all are. */
static uv_timer_t* first_not_due(uv_timer_t* head, struct uv__moment now) {
  uv_timer_t* timer = head;

  do {
    if (!uv__moment_reached(due_of(timer), now))
      return timer;
    timer = timer->node.next;
  } while (timer != head);
  return NULL;
}

/* Moves the timers of the present millisecond that come before the first one that is not due. */
static void expire_present(struct uv__wheel* wheel, struct place place, struct uv__moment now) {
  uv_timer_t* head = *slot_at(wheel, place);
  uv_timer_t* rest = first_not_due(head, now);

  if (rest == NULL) {
    expire_slot(wheel, place);
  } else if (rest != head) {
    uv_timer_t* last = rest->node.prev;
    rest->node.prev = head->node.prev;
    head->node.prev->node.next = rest;
    *slot_at(wheel, place) = rest;
    ring_append(&wheel->ready, head, last);
  }
}

void uv__wheel_expire(struct uv__wheel* wheel, struct uv__moment now) {
  for (;;) {
    uv__wheel_advance(wheel, now.ms);
    if ((wheel->levels & 1) == 0)
      break;

    struct place place = first_place(wheel);
    uint64_t due_ms = start_of(wheel, place);
    if (due_ms == now.ms)
      expire_present(wheel, place, now);
    if (due_ms >= now.ms)
      break;
    expire_slot(wheel, place);
  }
  wheel->now = now.ms;
}

uv_timer_t* uv__wheel_pop(struct uv__wheel* wheel) {
  uv_timer_t* timer = wheel->ready.node.next;

  if (timer == &wheel->ready)
    return NULL;
  ring_unlink(timer);
  timer->node.next = NULL;
  return timer;
}
