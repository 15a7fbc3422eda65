/* The machine: its name and its system's. */
#include "sized_buffer.h"
#include "uv.h"

#include <errno.h>
#include <sys/utsname.h>
#include <unistd.h>

int uv_os_gethostname(char* buffer, size_t* size) {
  char name[UV_MAXHOSTNAMESIZE];

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (gethostname(name, sizeof(name)) != 0)
    return -errno;
  name[sizeof(name) - 1] = '\0';
  return uv__sized_buffer_copy(name, strlen(name), buffer, size);
}

int uv_os_uname(uv_utsname_t* buffer) {
  struct utsname system;

  if (buffer == NULL)
    return UV_EINVAL;
  memset(buffer, 0, sizeof(*buffer));
  if (uname(&system) < 0)
    return -errno;

  _Static_assert(sizeof(system.version) <= sizeof(buffer->version), "every field fits");
  strcpy(buffer->sysname, system.sysname);
  strcpy(buffer->release, system.release);
  strcpy(buffer->version, system.version);
  strcpy(buffer->machine, system.machine);
  return 0;
}
