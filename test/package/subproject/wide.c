/* Fine under -Wall -Werror; an error if -Wconversion, -Wshadow or -Wextra came with it. */
int narrowed(long value, int unused);

int narrowed(long value, int unused) {
  int result = value;
  {
    int result = 1;
    (void) result;
  }
  return result;
}
