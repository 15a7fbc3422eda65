/* A program for the tests of processes to start. Its first argument says what to do. It uses
 * nothing of the library; what only one kind of system can do is in a file of its own. */
#include "child.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(_WIN32)
#include "child_win.h"
#else
#include "child_unix.h"
#endif

/* Copies what comes from one descriptor to another, until its end. */
static int copy(int from, int to) {
  char bytes[4096];
  int n;

  while ((n = (int) read(from, bytes, sizeof(bytes) - 1)) > 0) {
    bytes[n] = '\0';
    put(to, bytes);
  }
  return n == 0 ? 0 : errno;
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "args";
  int value = argc > 2 ? number(argv[2]) : 0;

  begin();
  if (strcmp(what, "exit") == 0)
    return value;
  if (strcmp(what, "args") == 0)
    return print_args(argv);
  if (strcmp(what, "env") == 0)
    return print_env();
  if (strcmp(what, "echo") == 0)
    return copy(STDIN_FILENO, STDOUT_FILENO);
  if (strcmp(what, "copy") == 0)
    return copy(value, number(argv[3]));
  if (strcmp(what, "directory") == 0)
    return print_directory();
  if (strcmp(what, "put") == 0)
    for (int i = 2; i + 1 < argc; i += 2)
      put(number(argv[i]), argv[i + 1]);
  return do_more(what, value, argv);
}
