// rondo.h as C++.
#include "rondo.c"
