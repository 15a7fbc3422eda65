/* Adds the numbers of the two libraries. */
#include <stdio.h>

#define EACH_NUMBER(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define DECLARE(n) int number##n(void);
#define ADD(n) +number##n()
EACH_NUMBER(DECLARE)

int main(void) {
  printf("sum is %d\n", 0 EACH_NUMBER(ADD));
  return 0;
}
