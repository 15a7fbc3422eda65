/* Sizes and names of the public structs, for bindings that cannot compile the header, and the names
 * that debugging output shows. */
#include "uv.h"

#define UNKNOWN_SIZE ((size_t) -1)

size_t uv_loop_size(void) {
  return sizeof(uv_loop_t);
}

size_t uv_handle_size(uv_handle_type type) {
  switch (type) {
#define XX(upper, lower) \
  case UV_##upper: \
    return sizeof(uv_##lower##_t);
    UV_HANDLE_TYPE_MAP(XX)
#undef XX
    default:
      return UNKNOWN_SIZE;
  }
}

size_t uv_req_size(uv_req_type type) {
  switch (type) {
#define XX(upper, lower) \
  case UV_##upper: \
    return sizeof(uv_##lower##_t);
    UV_REQ_TYPE_MAP(XX)
#undef XX
    default:
      return UNKNOWN_SIZE;
  }
}

const char* uv_handle_type_name(uv_handle_type type) {
  switch (type) {
#define XX(upper, lower) \
  case UV_##upper: \
    return #lower;
    UV_HANDLE_TYPE_MAP(XX)
#undef XX
    case UV_FILE:
      return "file";
    default:
      return NULL;
  }
}

const char* uv_req_type_name(uv_req_type type) {
  switch (type) {
#define XX(upper, lower) \
  case UV_##upper: \
    return #lower;
    UV_REQ_TYPE_MAP(XX)
#undef XX
    default:
      return NULL;
  }
}
