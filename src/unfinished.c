/* The part of the interface that is not there yet: each function here fails with UV_ENOSYS, or does
 * what comes nearest to nothing, so that every program loads. docs/unfinished.md lists the same
 * functions for users; test/check_unfinished.sh compares the two. */
#include "core.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

/* What a function of that name and with those parameters answers; MISSING() is UV_ENOSYS. */
/* clang-format off */
#define MISSING_AS(type, value, name, parameters) type name parameters { return value; }
#define MISSING(name, parameters) MISSING_AS(int, UV_ENOSYS, name, parameters)
#define MISSING_VOID(name, parameters) void name parameters { }

/* clang-format on */
