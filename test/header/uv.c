/* The public header alone, twice, and what only a use of its macros shows. */
#include <uv.h>

/* The second time it must be empty. */
#include <uv.h>

#define XX(upper, lower) uv_##lower##_t* upper;
struct every_type {
  UV_HANDLE_TYPE_MAP(XX)
  UV_REQ_TYPE_MAP(XX)
};
#undef XX

#define XX(name, message) {UV_##name, #name, message},
struct {
  uv_errno_t code;
  const char* name;
  const char* message;
} every_error[] = {UV_ERRNO_MAP(XX)};
#undef XX

uv_once_t once = UV_ONCE_INIT;
double now = UV_FS_UTIME_NOW;
double omit = UV_FS_UTIME_OMIT;
char version[] = RONDO_VERSION_STRING UV_VERSION_SUFFIX;
char interface_name[UV_IF_NAMESIZE];
char host_name[UV_MAXHOSTNAMESIZE];
union uv_any_handle any_handle;
union uv_any_req any_req;
