/* Results of the kernel, NTSTATUS, as Win32 and Winsock codes.
 *
 * The system has a table of its own for the former. It is not right for sockets, whose codes differ
 * and are made inside Winsock's functions, which overlapped operations do not come back to. */
#include "error_sys.h"

#include <stdbool.h>

static bool carries_win32(NTSTATUS status) {
  return ((DWORD) status & UV__NT_FACILITY_MASK) == UV__NT_FACILITY_WIN32;
}

NTSTATUS uv__status_of_error(DWORD error) {
  return error == ERROR_SUCCESS
             ? STATUS_SUCCESS
             : (NTSTATUS) (0xC0000000 | UV__NT_FACILITY_WIN32 | (error & 0xFFFF));
}

DWORD uv__status_to_win32(NTSTATUS status) {
  if (UV__NT_SUCCESS(status))
    return ERROR_SUCCESS;
  return carries_win32(status) ? (DWORD) status & 0xFFFF : RtlNtStatusToDosError(status);
}

DWORD uv__status_to_winsock(NTSTATUS status) {
  if (UV__NT_SUCCESS(status) && status != STATUS_TIMEOUT)
    return ERROR_SUCCESS;

  switch (status) {
    case STATUS_ACCESS_DENIED:
      return WSAEACCES;
    case STATUS_ADDRESS_ALREADY_EXISTS:
    case STATUS_SHARING_VIOLATION:
    case STATUS_TOO_MANY_ADDRESSES:
      return WSAEADDRINUSE;
    case STATUS_CONFLICTING_ADDRESSES:
    case STATUS_INVALID_ADDRESS:
    case STATUS_INVALID_ADDRESS_COMPONENT:
      return WSAEADDRNOTAVAIL;
    case STATUS_CONNECTION_ABORTED:
    case STATUS_LOCAL_DISCONNECT:
    case STATUS_TRANSACTION_ABORTED:
      return WSAECONNABORTED;
    case STATUS_CONNECTION_REFUSED:
    case STATUS_REMOTE_NOT_LISTENING:
      return WSAECONNREFUSED;
    case STATUS_CONNECTION_DISCONNECTED:
    case STATUS_CONNECTION_RESET:
    case STATUS_HOPLIMIT_EXCEEDED:
    case STATUS_LINK_FAILED:
    case STATUS_PORT_UNREACHABLE:
    case STATUS_REMOTE_DISCONNECT:
      return WSAECONNRESET;
    case STATUS_GRACEFUL_DISCONNECT:
      return WSAEDISCON;
    case STATUS_ACCESS_VIOLATION:
    case STATUS_BUFFER_TOO_SMALL:
      return WSAEFAULT;
    case STATUS_HOST_UNREACHABLE:
      return WSAEHOSTUNREACH;
    case STATUS_CANCELLED:
    case STATUS_REQUEST_ABORTED:
      return WSAEINTR;
    case STATUS_BUFFER_OVERFLOW:
    case STATUS_INVALID_BUFFER_SIZE:
      return WSAEMSGSIZE;
    case STATUS_INVALID_NETWORK_RESPONSE:
    case STATUS_NETWORK_BUSY:
    case STATUS_NO_SUCH_DEVICE:
    case STATUS_NO_SUCH_FILE:
    case STATUS_OBJECT_NAME_NOT_FOUND:
    case STATUS_OBJECT_PATH_NOT_FOUND:
    case STATUS_UNEXPECTED_NETWORK_ERROR:
      return WSAENETDOWN;
    case STATUS_BAD_NETWORK_PATH:
    case STATUS_NETWORK_UNREACHABLE:
    case STATUS_PROTOCOL_UNREACHABLE:
      return WSAENETUNREACH;
    case STATUS_COMMITMENT_LIMIT:
    case STATUS_INSUFFICIENT_RESOURCES:
    case STATUS_NO_MEMORY:
    case STATUS_PAGEFILE_QUOTA:
    case STATUS_PAGEFILE_QUOTA_EXCEEDED:
    case STATUS_QUOTA_EXCEEDED:
    case STATUS_REMOTE_RESOURCES:
    case STATUS_TOO_MANY_PAGING_FILES:
    case STATUS_WORKING_SET_QUOTA:
      return WSAENOBUFS;
    case STATUS_INVALID_CONNECTION:
      return WSAENOTCONN;
    case STATUS_INVALID_HANDLE:
    case STATUS_OBJECT_TYPE_MISMATCH:
      return WSAENOTSOCK;
    case STATUS_NOT_IMPLEMENTED:
    case STATUS_NOT_SUPPORTED:
      return WSAEOPNOTSUPP;
    case STATUS_PIPE_DISCONNECTED:
      return WSAESHUTDOWN;
    case STATUS_IO_TIMEOUT:
    case STATUS_LINK_TIMEOUT:
    case STATUS_TIMEOUT:
      return WSAETIMEDOUT;
    case STATUS_DEVICE_NOT_READY:
    case STATUS_REQUEST_NOT_ACCEPTED:
      return WSAEWOULDBLOCK;
    default:
      return carries_win32(status) ? (DWORD) status & 0xFFFF : WSAEINVAL;
  }
}
