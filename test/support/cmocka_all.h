/* CMocka and the headers that it needs before it. */
#ifndef RONDO_TEST_CMOCKA_ALL_H_
#define RONDO_TEST_CMOCKA_ALL_H_

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif /* RONDO_TEST_CMOCKA_ALL_H_ */
