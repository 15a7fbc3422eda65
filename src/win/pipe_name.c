/* Names of pipes, and the rights on them. */
#include "pipe.h"

#include "../sized_buffer.h"
#include "text.h"

#include <aclapi.h>

/* -- Names ------------------------------------------------------------------------------------- */

static int no_name(int err, size_t* size) {
  *size = 0;
  return err;
}

/* Whether there is something that could have a name. */
static bool is_open(const uv_pipe_t* pipe) {
  return !uv__is_closing(uv__handle(pipe)) &&
         (uv__pipe_is(pipe, UV__PIPE_SERVER) || uv__pipe_has_file(pipe));
}

int uv_pipe_getsockname(const uv_pipe_t* pipe, char* buffer, size_t* size) {
  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (!is_open(pipe))
    return no_name(UV_EBADF, size);
  if (uv__pipe_is(pipe, UV__PIPE_SERVER))
    return uv__text_from_wide_sized(pipe->name, -1, buffer, size);
  buffer[0] = '\0';
  return no_name(0, size);
}

int uv_pipe_getpeername(const uv_pipe_t* pipe, char* buffer, size_t* size) {
  WCHAR name[UV__PIPE_NAME_ROOM];
  size_t len;
  int err;

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  if (!is_open(pipe))
    return no_name(UV_EBADF, size);
  if (uv__pipe_is(pipe, UV__PIPE_SERVER))
    return no_name(UV_ENOTCONN, size);
  if (pipe->name != NULL)
    return uv__text_from_wide_sized(pipe->name, -1, buffer, size);
  if (uv__pipe_is(pipe, UV__PIPE_BLOCKING))
    return no_name(UV_ENOMEM, size); /* there was none when it was opened */
  err = uv__pipe_query_name(pipe->handle, name, &len);
  if (err != 0)
    return no_name(err, size);
  return uv__text_from_wide_sized(name, (ssize_t) len, buffer, size);
}

/* -- Rights ------------------------------------------------------------------------------------ */

/* The list of rights of a file with those of `everyone` set to `rights`: a Win32 code. */
static DWORD set_rights(HANDLE file, PSID everyone, DWORD rights) {
  EXPLICIT_ACCESSW entry = {
      .grfAccessPermissions = rights,
      .grfAccessMode = SET_ACCESS,
      .grfInheritance = NO_INHERITANCE,
      .Trustee = {.TrusteeForm = TRUSTEE_IS_SID,
                  .TrusteeType = TRUSTEE_IS_WELL_KNOWN_GROUP,
                  .ptstrName = (LPWSTR) everyone},
  };
  PSECURITY_DESCRIPTOR descriptor = NULL;
  PACL before = NULL;
  PACL after = NULL;
  DWORD error = GetSecurityInfo(file, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL,
                                &before, NULL, &descriptor);

  if (error != 0)
    return error;
  error = SetEntriesInAclW(1, &entry, before, &after);
  if (error == 0)
    error =
        SetSecurityInfo(file, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, after, NULL);
  LocalFree(after);
  LocalFree(descriptor);
  return error;
}

int uv_pipe_chmod(uv_pipe_t* pipe, int flags) {
  const int both = UV_READABLE | UV_WRITABLE;
  SID_IDENTIFIER_AUTHORITY world = {SECURITY_WORLD_SID_AUTHORITY};
  DWORD rights = SYNCHRONIZE;
  PSID everyone;
  DWORD error;

  if (pipe == NULL || !is_open(pipe))
    return UV_EBADF;
  if ((flags & both) == 0 || (flags & ~both) != 0)
    return UV_EINVAL;

  if (flags & UV_READABLE)
    rights |= GENERIC_READ | FILE_WRITE_ATTRIBUTES;
  if (flags & UV_WRITABLE)
    rights |= GENERIC_WRITE | FILE_READ_ATTRIBUTES;
  if (!AllocateAndInitializeSid(&world, 1, SECURITY_WORLD_RID, 0, 0, 0, 0, 0, 0, 0, &everyone))
    return uv_translate_sys_error((int) GetLastError());
  error = set_rights(uv__pipe_is(pipe, UV__PIPE_SERVER) ? uv__pipe_server_file(pipe) : pipe->handle,
                     everyone, rights);
  FreeSid(everyone);
  return uv_translate_sys_error((int) error);
}
