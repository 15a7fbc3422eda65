/* What Unicode says of code points in host names. A number in brackets is an element's place; a
 * code point beyond 16 bits stands in 16-bit tables as a number from the range of surrogates, which
 * are no code points. */
#ifndef RONDO_IDNA_TABLE_H_
#define RONDO_IDNA_TABLE_H_

#include <stddef.h>
#include <stdint.h>

/* Code points that are mapped, in ascending order. Even places: the first one << 11, and how many.
 * Odd places: the kind << 24, and its value in 24 bits. */
extern const uint32_t uv__idna_ranges[];
extern const size_t uv__idna_ranges_count;

enum {
  UV__IDNA_IGNORED, /* mapped to nothing */
  UV__IDNA_PAIRS,   /* the first, the third ... to the one that follows */
  UV__IDNA_SHIFTED, /* to the one that is a signed value further */
  UV__IDNA_LISTED   /* to what stands in listed[value] and behind it */
};

/* A code point, or the surrogate UV__IDNA_SURROGATES + n for the text at units[offsets[n]]. */
extern const uint16_t uv__idna_listed[];
extern const uint16_t uv__idna_offsets[];

/* UTF-16 texts, each with a 0 at its end. */
extern const uint16_t uv__idna_units[];

/* Threes: a composed code point and its two parts, in ascending order of the first; the surrogate
 * UV__IDNA_SURROGATES + n stands for beyond[n]. */
extern const uint16_t uv__idna_pairs[];
extern const size_t uv__idna_pairs_count;
extern const uint32_t uv__idna_beyond[];

/* Numbers of threes, in ascending order of their parts. */
extern const uint16_t uv__idna_pairs_by_parts[];
extern const size_t uv__idna_pairs_by_parts_count;

/* Combining classes other than 0, in ascending order: the first code point << 11, how many have the
 * class less one << 8, the class. */
extern const uint32_t uv__idna_classes[];
extern const size_t uv__idna_classes_count;

enum { UV__IDNA_SURROGATES = 0xD800, UV__IDNA_SURROGATES_END = 0xE000 };

#endif /* RONDO_IDNA_TABLE_H_ */
