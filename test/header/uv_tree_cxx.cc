// uv/tree.h as C++.
#include "uv_tree.c"
