/* The mapping and normalisation of UTS #46, sections 4 and 4.4, with UseSTD3ASCIIRules and
 * Transitional_Processing false.
 *
 * What the standard disallows goes through unchanged: the name system answers whether there is such
 * a name. Normal form C is made as chapter 3.11 of the Unicode Standard has it: everything is taken
 * apart while it is mapped, ordered by combining class, and put together again. */
#include "idna_map.h"

#include "idna_table.h"
#include "utf8.h"
#include "uv.h"

#include <stdbool.h>

/* Hangul syllables are composed by arithmetic (Unicode 3.12). */
enum {
  LEADS = 0x1100,
  LEAD_COUNT = 19,
  VOWELS = 0x1161,
  VOWEL_COUNT = 21,
  TAILS = 0x11A7, /* the first one means none */
  TAIL_COUNT = 28,
  SYLLABLES = 0xAC00,
  SYLLABLE_COUNT = LEAD_COUNT * VOWEL_COUNT * TAIL_COUNT
};

/* Nothing below is mapped, composed or combining, but for ASCII's capitals. */
enum { FIRST_MAPPED = 0xA0 };

struct text {
  uint32_t* points;
  size_t count;
  bool overflowed;
};

static bool is_surrogate(uint32_t unit) {
  return unit >= UV__IDNA_SURROGATES && unit < UV__IDNA_SURROGATES_END;
}

/* The last of `count` keys in ascending order that is not above `wanted`; `count` if all are. */
static size_t find(uint32_t (*key_at)(size_t place), size_t count, uint32_t wanted) {
  size_t low = 0;
  size_t high = count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (key_at(middle) <= wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low == 0 ? count : low - 1;
}

/* -- Combining classes ------------------------------------------------------------------------- */

static uint32_t class_key(size_t place) {
  return uv__idna_classes[place] >> 11;
}

static unsigned int combining_class(uint32_t point) {
  size_t place = find(class_key, uv__idna_classes_count, point);

  if (place == uv__idna_classes_count ||
      point > class_key(place) + (uv__idna_classes[place] >> 8 & 7))
    return 0;
  return uv__idna_classes[place] & 0xFF;
}

/* -- Composed code points ---------------------------------------------------------------------- */

/* Which: 0 the whole, 1 and 2 its parts. */
static uint32_t pair_member(size_t pair, int which) {
  uint32_t unit = uv__idna_pairs[3 * pair + (size_t) which];
  return is_surrogate(unit) ? uv__idna_beyond[unit - UV__IDNA_SURROGATES] : unit;
}

static uint32_t pair_key(size_t pair) {
  return pair_member(pair, 0);
}

static void append(struct text* text, uint32_t point) {
  if (text->count == UV__IDNA_POINTS)
    text->overflowed = true;
  else
    text->points[text->count++] = point;
}

static void append_syllable(struct text* text, uint32_t index) {
  append(text, LEADS + index / (VOWEL_COUNT * TAIL_COUNT));
  append(text, VOWELS + index / TAIL_COUNT % VOWEL_COUNT);
  if (index % TAIL_COUNT != 0)
    append(text, TAILS + index % TAIL_COUNT);
}

/* The first part may be composed as well, the second never is. */
static void append_taken_apart(struct text* text, uint32_t point) {
  uint32_t behind[UV__IDNA_POINTS / 255];
  size_t behind_count = 0;

  if (point >= SYLLABLES && point < SYLLABLES + SYLLABLE_COUNT) {
    append_syllable(text, point - SYLLABLES);
    return;
  }
  while (point >= FIRST_MAPPED) {
    size_t pair = find(pair_key, uv__idna_pairs_count / 3, point);
    if (pair == uv__idna_pairs_count / 3 || pair_member(pair, 0) != point)
      break;
    behind[behind_count++] = pair_member(pair, 2);
    point = pair_member(pair, 1);
  }
  append(text, point);
  while (behind_count > 0)
    append(text, behind[--behind_count]);
}

/* 0 if the two do not compose. */
static uint32_t compose_syllable(uint32_t first, uint32_t second) {
  uint32_t lead = first - LEADS;
  uint32_t syllable = first - SYLLABLES;
  uint32_t vowel = second - VOWELS;
  uint32_t tail = second - TAILS;

  if (lead < LEAD_COUNT && vowel < VOWEL_COUNT)
    return SYLLABLES + (lead * VOWEL_COUNT + vowel) * TAIL_COUNT;
  if (syllable < SYLLABLE_COUNT && syllable % TAIL_COUNT == 0 && tail > 0 && tail < TAIL_COUNT)
    return first + tail;
  return 0;
}

static uint32_t compose(uint32_t first, uint32_t second) {
  size_t low = 0;
  size_t high = uv__idna_pairs_by_parts_count;

  while (low < high) {
    size_t middle = low + (high - low) / 2;
    size_t pair = uv__idna_pairs_by_parts[middle];
    uint32_t its_first = pair_member(pair, 1);
    uint32_t its_second = pair_member(pair, 2);

    if (its_first == first && its_second == second)
      return pair_member(pair, 0);
    if (its_first < first || (its_first == first && its_second < second))
      low = middle + 1;
    else
      high = middle;
  }
  return compose_syllable(first, second);
}

/* -- Mapping ----------------------------------------------------------------------------------- */

static void append_units(struct text* text, const uint16_t* units) {
  while (*units != 0) {
    uint32_t point = *units++;
    if (is_surrogate(point))
      point = 0x10000 + ((point & 0x3FF) << 10) + (*units++ & 0x3FFu);
    append_taken_apart(text, point);
  }
}

static void append_listed(struct text* text, uint32_t unit) {
  if (is_surrogate(unit))
    append_units(text, &uv__idna_units[uv__idna_offsets[unit - UV__IDNA_SURROGATES]]);
  else
    append_taken_apart(text, unit);
}

static uint32_t range_key(size_t place) {
  return uv__idna_ranges[2 * place] >> 11;
}

static void append_mapped(struct text* text, uint32_t point) {
  size_t place = find(range_key, uv__idna_ranges_count / 2, point);
  uint32_t offset = place < uv__idna_ranges_count / 2 ? point - range_key(place) : UINT32_MAX;
  uint32_t what;

  if (offset == UINT32_MAX || offset >= (uv__idna_ranges[2 * place] & 0x7FF)) {
    append_taken_apart(text, point);
    return;
  }
  what = uv__idna_ranges[2 * place + 1];
  switch (what >> 24) {
    case UV__IDNA_IGNORED:
      break;
    case UV__IDNA_PAIRS:
      append_taken_apart(text, offset % 2 == 0 ? point + 1 : point);
      break;
    case UV__IDNA_SHIFTED:
      /* Modulo 2^24, which no code point reaches. */
      append_taken_apart(text, (point + what) & 0xFFFFFF);
      break;
    case UV__IDNA_LISTED:
      append_listed(text, uv__idna_listed[(what & 0xFFFFFF) + offset]);
      break;
  }
}

static uint32_t ascii_lower(uint32_t point) {
  return point >= 'A' && point <= 'Z' ? point + ('a' - 'A') : point;
}

/* -- Normal form C ----------------------------------------------------------------------------- */

/* Orders the marks behind each character by class, those of a class as they came. */
static void order_marks(struct text* text) {
  for (size_t i = 1; i < text->count; i++) {
    uint32_t point = text->points[i];
    unsigned int its_class = combining_class(point);
    size_t at = i;

    if (its_class == 0)
      continue;
    while (at > 0 && combining_class(text->points[at - 1]) > its_class) {
      text->points[at] = text->points[at - 1];
      at--;
    }
    text->points[at] = point;
  }
}

/* Puts each mark into the character before it that takes it, unless a mark of the same or a higher
 * class, or a character, stands between. */
static void put_together(struct text* text) {
  uint32_t* starter = NULL;
  unsigned int class_between = 0;
  size_t kept = 0;

  for (size_t i = 0; i < text->count; i++) {
    uint32_t point = text->points[i];
    unsigned int its_class = combining_class(point);
    bool adjacent = starter == text->points + kept - 1;
    uint32_t whole = 0;

    if (starter != NULL && (adjacent || class_between < its_class))
      whole = compose(*starter, point);
    if (whole != 0) {
      *starter = whole;
      continue;
    }
    text->points[kept++] = point;
    class_between = its_class;
    if (its_class == 0)
      starter = text->points + kept - 1;
  }
  text->count = kept;
}

int uv__idna_map(const char* name, uint32_t points[UV__IDNA_POINTS], size_t* count) {
  struct text text = {.points = points};

  while (*name != '\0') {
    uint32_t point = uv__utf8_decode(&name);

    if (point == UV__UTF8_INVALID)
      return UV_EINVAL;
    if (point < FIRST_MAPPED)
      append(&text, ascii_lower(point));
    else
      append_mapped(&text, point);
    if (text.overflowed)
      return UV_EINVAL;
  }
  order_marks(&text);
  put_together(&text);
  *count = text.count;
  return 0;
}
