/* Buffers as values. */
#include "uv.h"

uv_buf_t uv_buf_init(char* base, unsigned int len) {
  uv_buf_t buf;

  /* By name: the order of the members differs between systems. */
  buf.base = base;
  buf.len = len;
  return buf;
}
