/* Frameworks of macOS that are loaded when they are first needed: programs that do not need them
 * start faster, and none has to link to them. What is loaded stays.
 *
 * In the child of a fork they cannot be used any more. */
#ifndef RONDO_UNIX_DARWIN_FRAMEWORK_H_
#define RONDO_UNIX_DARWIN_FRAMEWORK_H_

#include <stdbool.h>
#include <stddef.h>

/* Any object of CoreFoundation. */
typedef const void* uv__cf_ref;

/* A function or variable, and where its address goes. */
struct uv__framework_symbol {
  const char* name;
  void* to;
};

/* A framework by its name: NULL if there is none. */
void* uv__framework_load(const char* name);

/* Finds all symbols: 0, or UV_ENOENT if there is not one of them. */
int uv__framework_find(void* framework, const struct uv__framework_symbol symbols[], size_t count);

/* Whether this process is the child of one that may have used frameworks; needed to be called once
 * before that. */
bool uv__framework_forked(void);

#endif /* RONDO_UNIX_DARWIN_FRAMEWORK_H_ */
