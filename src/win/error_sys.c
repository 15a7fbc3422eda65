/* Win32 and Winsock codes as UV_E codes.
 *
 * Several codes of the system become one of ours; what is not listed is UV_UNKNOWN. Numbers up to 0
 * are taken for codes that have been translated already. */
#include "error_sys.h"

int uv_translate_sys_error(int sys_errno) {
  if (sys_errno <= 0)
    return sys_errno;

  switch (sys_errno) {
    case ERROR_META_EXPANSION_TOO_LONG:
      return UV_E2BIG;
    case ERROR_CANT_ACCESS_FILE:
    case ERROR_ELEVATION_REQUIRED:
    case WSAEACCES:
      return UV_EACCES;
    case ERROR_ADDRESS_ALREADY_ASSOCIATED:
    case WSAEADDRINUSE:
      return UV_EADDRINUSE;
    case WSAEADDRNOTAVAIL:
      return UV_EADDRNOTAVAIL;
    case WSAEAFNOSUPPORT:
      return UV_EAFNOSUPPORT;
    case ERROR_NO_DATA:
    case WSAEWOULDBLOCK:
      return UV_EAGAIN;
    case WSAEALREADY:
      return UV_EALREADY;
    case ERROR_INVALID_FLAGS:
    case ERROR_INVALID_HANDLE:
      return UV_EBADF;
    case ERROR_LOCK_VIOLATION:
    case ERROR_PIPE_BUSY:
    case ERROR_SHARING_VIOLATION:
      return UV_EBUSY;
    case ERROR_OPERATION_ABORTED:
    case WSAEINTR:
      return UV_ECANCELED;
    case ERROR_NO_UNICODE_TRANSLATION:
      return UV_ECHARSET;
    case ERROR_CONNECTION_ABORTED:
    case WSAECONNABORTED:
      return UV_ECONNABORTED;
    case ERROR_CONNECTION_REFUSED:
    case WSAECONNREFUSED:
      return UV_ECONNREFUSED;
    case ERROR_NETNAME_DELETED:
    case WSAECONNRESET:
      return UV_ECONNRESET;
    case ERROR_ALREADY_EXISTS:
    case ERROR_FILE_EXISTS:
      return UV_EEXIST;
    case ERROR_NOACCESS:
    case WSAEFAULT:
      return UV_EFAULT;
    case ERROR_BAD_EXE_FORMAT:
      return UV_EFTYPE;
    case ERROR_HOST_UNREACHABLE:
    case WSAEHOSTUNREACH:
      return UV_EHOSTUNREACH;
    case ERROR_INSUFFICIENT_BUFFER:
    case ERROR_INVALID_DATA:
    case ERROR_INVALID_PARAMETER:
    case ERROR_SYMLINK_NOT_SUPPORTED:
    case WSAEINVAL:
    case WSAEPFNOSUPPORT:
      return UV_EINVAL;
    case ERROR_BEGINNING_OF_MEDIA:
    case ERROR_BUS_RESET:
    case ERROR_CRC:
    case ERROR_DEVICE_DOOR_OPEN:
    case ERROR_DEVICE_REQUIRES_CLEANING:
    case ERROR_DISK_CORRUPT:
    case ERROR_EOM_OVERFLOW:
    case ERROR_FILEMARK_DETECTED:
    case ERROR_GEN_FAILURE:
    case ERROR_INVALID_BLOCK_LENGTH:
    case ERROR_IO_DEVICE:
    case ERROR_NO_DATA_DETECTED:
    case ERROR_NO_SIGNAL_SENT:
    case ERROR_OPEN_FAILED:
    case ERROR_SETMARK_DETECTED:
    case ERROR_SIGNAL_REFUSED:
      return UV_EIO;
    case WSAEISCONN:
      return UV_EISCONN;
    case ERROR_INVALID_FUNCTION:
      return UV_EISDIR;
    case ERROR_CANT_RESOLVE_FILENAME:
      return UV_ELOOP;
    case ERROR_TOO_MANY_OPEN_FILES:
    case WSAEMFILE:
      return UV_EMFILE;
    case WSAEMSGSIZE:
      return UV_EMSGSIZE;
    case ERROR_BUFFER_OVERFLOW:
    case ERROR_FILENAME_EXCED_RANGE:
      return UV_ENAMETOOLONG;
    case WSAENETDOWN:
      return UV_ENETDOWN;
    case ERROR_NETWORK_UNREACHABLE:
    case WSAENETUNREACH:
      return UV_ENETUNREACH;
    case WSAENOBUFS:
      return UV_ENOBUFS;
    case ERROR_BAD_PATHNAME:
    case ERROR_DIRECTORY:
    case ERROR_ENVVAR_NOT_FOUND:
    case ERROR_FILE_NOT_FOUND:
    case ERROR_INVALID_DRIVE:
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_REPARSE_DATA:
    case ERROR_MOD_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case WSAHOST_NOT_FOUND:
    case WSANO_DATA:
      return UV_ENOENT;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
      return UV_ENOMEM;
    case ERROR_CANNOT_MAKE:
    case ERROR_DISK_FULL:
    case ERROR_EA_TABLE_FULL:
    case ERROR_END_OF_MEDIA:
    case ERROR_HANDLE_DISK_FULL:
      return UV_ENOSPC;
    case WSAENOPROTOOPT:
      return UV_ENOPROTOOPT;
    case ERROR_NOT_CONNECTED:
    case WSAENOTCONN:
      return UV_ENOTCONN;
    case ERROR_DIR_NOT_EMPTY:
      return UV_ENOTEMPTY;
    case WSAENOTSOCK:
      return UV_ENOTSOCK;
    case ERROR_NOT_SUPPORTED:
    case WSAEOPNOTSUPP:
      return UV_ENOTSUP;
    case ERROR_BROKEN_PIPE:
      return UV_EOF;
    case ERROR_ACCESS_DENIED:
    case ERROR_PRIVILEGE_NOT_HELD:
      return UV_EPERM;
    case ERROR_BAD_PIPE:
    case ERROR_PIPE_NOT_CONNECTED:
    case WSAESHUTDOWN:
      return UV_EPIPE;
    case WSAEPROTONOSUPPORT:
      return UV_EPROTONOSUPPORT;
    case ERROR_WRITE_PROTECT:
      return UV_EROFS;
    case WSAESOCKTNOSUPPORT:
      return UV_ESOCKTNOSUPPORT;
    case ERROR_SEM_TIMEOUT:
    case WSAETIMEDOUT:
      return UV_ETIMEDOUT;
    case ERROR_NOT_SAME_DEVICE:
      return UV_EXDEV;
    default:
      return UV_UNKNOWN;
  }
}

int uv__translate_write_error(DWORD code) {
  if (code == ERROR_BROKEN_PIPE || code == ERROR_NO_DATA)
    return UV_EPIPE;
  return uv_translate_sys_error((int) code);
}

int uv__translate_status(NTSTATUS status) {
  return uv_translate_sys_error((int) uv__status_to_win32(status));
}
