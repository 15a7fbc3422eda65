/* Errors of Windows: which number becomes which code. The numbers stand here as such, since names
 * would be the same ones that the library uses. */
#include "support/cmocka_all.h"
#include "uv.h"
#include "win/error_sys.h"

#include <limits.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void each_number_of_the_system_has_its_code(void** state) {
  (void) state;
  static const struct {
    int number;
    int code;
    const char* name;
  } cases[] = {
      {10013, UV_EACCES, "WSAEACCES"},
      {740, UV_EACCES, "ERROR_ELEVATION_REQUIRED"},
      {1920, UV_EACCES, "ERROR_CANT_ACCESS_FILE"},
      {1227, UV_EADDRINUSE, "ERROR_ADDRESS_ALREADY_ASSOCIATED"},
      {10048, UV_EADDRINUSE, "WSAEADDRINUSE"},
      {10049, UV_EADDRNOTAVAIL, "WSAEADDRNOTAVAIL"},
      {10047, UV_EAFNOSUPPORT, "WSAEAFNOSUPPORT"},
      {10035, UV_EAGAIN, "WSAEWOULDBLOCK"},
      {232, UV_EAGAIN, "ERROR_NO_DATA"},
      {10037, UV_EALREADY, "WSAEALREADY"},
      {1004, UV_EBADF, "ERROR_INVALID_FLAGS"},
      {6, UV_EBADF, "ERROR_INVALID_HANDLE"},
      {33, UV_EBUSY, "ERROR_LOCK_VIOLATION"},
      {231, UV_EBUSY, "ERROR_PIPE_BUSY"},
      {32, UV_EBUSY, "ERROR_SHARING_VIOLATION"},
      {995, UV_ECANCELED, "ERROR_OPERATION_ABORTED"},
      {10004, UV_ECANCELED, "WSAEINTR"},
      {1113, UV_ECHARSET, "ERROR_NO_UNICODE_TRANSLATION"},
      {1236, UV_ECONNABORTED, "ERROR_CONNECTION_ABORTED"},
      {10053, UV_ECONNABORTED, "WSAECONNABORTED"},
      {1225, UV_ECONNREFUSED, "ERROR_CONNECTION_REFUSED"},
      {10061, UV_ECONNREFUSED, "WSAECONNREFUSED"},
      {64, UV_ECONNRESET, "ERROR_NETNAME_DELETED"},
      {10054, UV_ECONNRESET, "WSAECONNRESET"},
      {183, UV_EEXIST, "ERROR_ALREADY_EXISTS"},
      {80, UV_EEXIST, "ERROR_FILE_EXISTS"},
      {998, UV_EFAULT, "ERROR_NOACCESS"},
      {10014, UV_EFAULT, "WSAEFAULT"},
      {193, UV_EFTYPE, "ERROR_BAD_EXE_FORMAT"},
      {1232, UV_EHOSTUNREACH, "ERROR_HOST_UNREACHABLE"},
      {10065, UV_EHOSTUNREACH, "WSAEHOSTUNREACH"},
      {122, UV_EINVAL, "ERROR_INSUFFICIENT_BUFFER"},
      {13, UV_EINVAL, "ERROR_INVALID_DATA"},
      {87, UV_EINVAL, "ERROR_INVALID_PARAMETER"},
      {1464, UV_EINVAL, "ERROR_SYMLINK_NOT_SUPPORTED"},
      {10022, UV_EINVAL, "WSAEINVAL"},
      {10046, UV_EINVAL, "WSAEPFNOSUPPORT"},
      {1102, UV_EIO, "ERROR_BEGINNING_OF_MEDIA"},
      {1111, UV_EIO, "ERROR_BUS_RESET"},
      {23, UV_EIO, "ERROR_CRC"},
      {1166, UV_EIO, "ERROR_DEVICE_DOOR_OPEN"},
      {1165, UV_EIO, "ERROR_DEVICE_REQUIRES_CLEANING"},
      {1393, UV_EIO, "ERROR_DISK_CORRUPT"},
      {1129, UV_EIO, "ERROR_EOM_OVERFLOW"},
      {1101, UV_EIO, "ERROR_FILEMARK_DETECTED"},
      {31, UV_EIO, "ERROR_GEN_FAILURE"},
      {1106, UV_EIO, "ERROR_INVALID_BLOCK_LENGTH"},
      {1117, UV_EIO, "ERROR_IO_DEVICE"},
      {1104, UV_EIO, "ERROR_NO_DATA_DETECTED"},
      {205, UV_EIO, "ERROR_NO_SIGNAL_SENT"},
      {110, UV_EIO, "ERROR_OPEN_FAILED"},
      {1103, UV_EIO, "ERROR_SETMARK_DETECTED"},
      {156, UV_EIO, "ERROR_SIGNAL_REFUSED"},
      {10056, UV_EISCONN, "WSAEISCONN"},
      {1, UV_EISDIR, "ERROR_INVALID_FUNCTION"},
      {1921, UV_ELOOP, "ERROR_CANT_RESOLVE_FILENAME"},
      {4, UV_EMFILE, "ERROR_TOO_MANY_OPEN_FILES"},
      {10024, UV_EMFILE, "WSAEMFILE"},
      {10040, UV_EMSGSIZE, "WSAEMSGSIZE"},
      {111, UV_ENAMETOOLONG, "ERROR_BUFFER_OVERFLOW"},
      {206, UV_ENAMETOOLONG, "ERROR_FILENAME_EXCED_RANGE"},
      {1231, UV_ENETUNREACH, "ERROR_NETWORK_UNREACHABLE"},
      {10051, UV_ENETUNREACH, "WSAENETUNREACH"},
      {10055, UV_ENOBUFS, "WSAENOBUFS"},
      {161, UV_ENOENT, "ERROR_BAD_PATHNAME"},
      {267, UV_ENOENT, "ERROR_DIRECTORY"},
      {203, UV_ENOENT, "ERROR_ENVVAR_NOT_FOUND"},
      {2, UV_ENOENT, "ERROR_FILE_NOT_FOUND"},
      {123, UV_ENOENT, "ERROR_INVALID_NAME"},
      {15, UV_ENOENT, "ERROR_INVALID_DRIVE"},
      {4392, UV_ENOENT, "ERROR_INVALID_REPARSE_DATA"},
      {126, UV_ENOENT, "ERROR_MOD_NOT_FOUND"},
      {3, UV_ENOENT, "ERROR_PATH_NOT_FOUND"},
      {11001, UV_ENOENT, "WSAHOST_NOT_FOUND"},
      {11004, UV_ENOENT, "WSANO_DATA"},
      {8, UV_ENOMEM, "ERROR_NOT_ENOUGH_MEMORY"},
      {14, UV_ENOMEM, "ERROR_OUTOFMEMORY"},
      {82, UV_ENOSPC, "ERROR_CANNOT_MAKE"},
      {112, UV_ENOSPC, "ERROR_DISK_FULL"},
      {277, UV_ENOSPC, "ERROR_EA_TABLE_FULL"},
      {1100, UV_ENOSPC, "ERROR_END_OF_MEDIA"},
      {39, UV_ENOSPC, "ERROR_HANDLE_DISK_FULL"},
      {2250, UV_ENOTCONN, "ERROR_NOT_CONNECTED"},
      {10057, UV_ENOTCONN, "WSAENOTCONN"},
      {145, UV_ENOTEMPTY, "ERROR_DIR_NOT_EMPTY"},
      {10038, UV_ENOTSOCK, "WSAENOTSOCK"},
      {50, UV_ENOTSUP, "ERROR_NOT_SUPPORTED"},
      {109, UV_EOF, "ERROR_BROKEN_PIPE"},
      {5, UV_EPERM, "ERROR_ACCESS_DENIED"},
      {1314, UV_EPERM, "ERROR_PRIVILEGE_NOT_HELD"},
      {230, UV_EPIPE, "ERROR_BAD_PIPE"},
      {233, UV_EPIPE, "ERROR_PIPE_NOT_CONNECTED"},
      {10058, UV_EPIPE, "WSAESHUTDOWN"},
      {10043, UV_EPROTONOSUPPORT, "WSAEPROTONOSUPPORT"},
      {10044, UV_ESOCKTNOSUPPORT, "WSAESOCKTNOSUPPORT"},
      {19, UV_EROFS, "ERROR_WRITE_PROTECT"},
      {17, UV_EXDEV, "ERROR_NOT_SAME_DEVICE"},
      {10042, UV_ENOPROTOOPT, "WSAENOPROTOOPT"},
      {10045, UV_ENOTSUP, "WSAEOPNOTSUPP"},
      {10050, UV_ENETDOWN, "WSAENETDOWN"},
      {208, UV_E2BIG, "ERROR_META_EXPANSION_TOO_LONG"},
      {121, UV_ETIMEDOUT, "ERROR_SEM_TIMEOUT"},
      {10060, UV_ETIMEDOUT, "WSAETIMEDOUT"},
  };

  for (size_t i = 0; i < COUNT(cases); i++)
    if (uv_translate_sys_error(cases[i].number) != cases[i].code)
      fail_msg("%s became %s", cases[i].name, uv_err_name(uv_translate_sys_error(cases[i].number)));
}

static void numbers_without_a_code_are_unknown(void** state) {
  (void) state;
  /* WSAEDISCON, ERROR_DEVICE_IN_USE, ERROR_NOT_READY, ERROR_BAD_NETPATH, and no number at all */
  const int numbers[] = {10101, 2404, 21, 53, 123456, INT_MAX};

  for (size_t i = 0; i < COUNT(numbers); i++)
    assert_int_equal(uv_translate_sys_error(numbers[i]), UV_UNKNOWN);
}

static void a_write_that_nobody_reads_is_a_broken_pipe(void** state) {
  (void) state;
  assert_int_equal(uv__translate_write_error(109), UV_EPIPE); /* ERROR_BROKEN_PIPE */
  assert_int_equal(uv__translate_write_error(232), UV_EPIPE); /* ERROR_NO_DATA */
  assert_int_equal(uv__translate_write_error(112), UV_ENOSPC);
  assert_int_equal(uv__translate_write_error(0), 0);
}

static void each_status_of_a_socket_has_its_winsock_number(void** state) {
  (void) state;
  static const struct {
    unsigned int status;
    DWORD number;
    const char* name;
  } cases[] = {
      {0xC0000008, 10038, "INVALID_HANDLE"},
      {0xC0000024, 10038, "OBJECT_TYPE_MISMATCH"},
      {0xC000009A, 10055, "INSUFFICIENT_RESOURCES"},
      {0xC0000007, 10055, "PAGEFILE_QUOTA"},
      {0xC000012D, 10055, "COMMITMENT_LIMIT"},
      {0xC00000A1, 10055, "WORKING_SET_QUOTA"},
      {0xC0000017, 10055, "NO_MEMORY"},
      {0xC0000044, 10055, "QUOTA_EXCEEDED"},
      {0xC0000097, 10055, "TOO_MANY_PAGING_FILES"},
      {0xC000013D, 10055, "REMOTE_RESOURCES"},
      {0xC0000209, 10048, "TOO_MANY_ADDRESSES"},
      {0xC0000043, 10048, "SHARING_VIOLATION"},
      {0xC000020A, 10048, "ADDRESS_ALREADY_EXISTS"},
      {0xC000013F, 10060, "LINK_TIMEOUT"},
      {0xC00000B5, 10060, "IO_TIMEOUT"},
      {0x00000102, 10060, "TIMEOUT"},
      {0xC0000237, 10101, "GRACEFUL_DISCONNECT"},
      {0xC000013C, 10054, "REMOTE_DISCONNECT"},
      {0xC000020D, 10054, "CONNECTION_RESET"},
      {0xC000013E, 10054, "LINK_FAILED"},
      {0xC000020C, 10054, "CONNECTION_DISCONNECTED"},
      {0xC000023F, 10054, "PORT_UNREACHABLE"},
      {0xC000A012, 10054, "HOPLIMIT_EXCEEDED"},
      {0xC000013B, 10053, "LOCAL_DISCONNECT"},
      {0xC000020F, 10053, "TRANSACTION_ABORTED"},
      {0xC0000241, 10053, "CONNECTION_ABORTED"},
      {0xC00000BE, 10051, "BAD_NETWORK_PATH"},
      {0xC000023C, 10051, "NETWORK_UNREACHABLE"},
      {0xC000023E, 10051, "PROTOCOL_UNREACHABLE"},
      {0xC000023D, 10065, "HOST_UNREACHABLE"},
      {0xC0000120, 10004, "CANCELLED"},
      {0xC0000240, 10004, "REQUEST_ABORTED"},
      {0x80000005, 10040, "BUFFER_OVERFLOW"},
      {0xC0000206, 10040, "INVALID_BUFFER_SIZE"},
      {0xC0000023, 10014, "BUFFER_TOO_SMALL"},
      {0xC0000005, 10014, "ACCESS_VIOLATION"},
      {0xC00000A3, 10035, "DEVICE_NOT_READY"},
      {0xC00000D0, 10035, "REQUEST_NOT_ACCEPTED"},
      {0xC00000C3, 10050, "INVALID_NETWORK_RESPONSE"},
      {0xC00000BF, 10050, "NETWORK_BUSY"},
      {0xC000000E, 10050, "NO_SUCH_DEVICE"},
      {0xC000000F, 10050, "NO_SUCH_FILE"},
      {0xC000003A, 10050, "OBJECT_PATH_NOT_FOUND"},
      {0xC0000034, 10050, "OBJECT_NAME_NOT_FOUND"},
      {0xC00000C4, 10050, "UNEXPECTED_NETWORK_ERROR"},
      {0xC0000140, 10057, "INVALID_CONNECTION"},
      {0xC00000BC, 10061, "REMOTE_NOT_LISTENING"},
      {0xC0000236, 10061, "CONNECTION_REFUSED"},
      {0xC00000B0, 10058, "PIPE_DISCONNECTED"},
      {0xC0000018, 10049, "CONFLICTING_ADDRESSES"},
      {0xC0000141, 10049, "INVALID_ADDRESS"},
      {0xC0000207, 10049, "INVALID_ADDRESS_COMPONENT"},
      {0xC00000BB, 10045, "NOT_SUPPORTED"},
      {0xC0000002, 10045, "NOT_IMPLEMENTED"},
      {0xC0000022, 10013, "ACCESS_DENIED"},
  };

  for (size_t i = 0; i < COUNT(cases); i++) {
    DWORD number = uv__status_to_winsock((NTSTATUS) cases[i].status);
    if (number != cases[i].number)
      fail_msg("STATUS_%s became %lu", cases[i].name, number);
  }
  assert_int_equal(uv__status_to_winsock(0), 0);
  assert_int_equal(uv__status_to_winsock(0x103), 0); /* STATUS_PENDING */
  /* STATUS_UNSUCCESSFUL becomes WSAEINVAL, as all others do. */
  assert_int_equal(uv__status_to_winsock((NTSTATUS) 0xC0000001), 10022);
}

static void a_number_survives_its_way_through_a_status(void** state) {
  (void) state;
  const DWORD numbers[] = {0, 1, 5, 109, 995, 10035, 10054, 65535};

  for (size_t i = 0; i < COUNT(numbers); i++) {
    NTSTATUS status = uv__status_of_error(numbers[i]);
    assert_int_equal(status >= 0, numbers[i] == 0);
    assert_int_equal(uv__status_to_win32(status), numbers[i]);
    assert_int_equal(uv__status_to_winsock(status), numbers[i]);
  }
}

static void a_status_of_a_file_has_its_win32_number(void** state) {
  (void) state;
  assert_int_equal(uv__status_to_win32(0), 0);
  assert_int_equal(uv__status_to_win32((NTSTATUS) 0xC000014B), 109); /* broken pipe */
  assert_int_equal(uv__status_to_win32((NTSTATUS) 0xC0000120), 995); /* cancelled */
  assert_int_equal(uv__translate_status((NTSTATUS) 0xC0000022), UV_EPERM);
  assert_int_equal(uv__translate_status((NTSTATUS) 0xC0000034), UV_ENOENT);
  assert_int_equal(uv__translate_status(0), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_number_of_the_system_has_its_code),
      cmocka_unit_test(numbers_without_a_code_are_unknown),
      cmocka_unit_test(a_write_that_nobody_reads_is_a_broken_pipe),
      cmocka_unit_test(each_status_of_a_socket_has_its_winsock_number),
      cmocka_unit_test(a_number_survives_its_way_through_a_status),
      cmocka_unit_test(a_status_of_a_file_has_its_win32_number),
  };

  return cmocka_run_group_tests_name("win_error", tests, NULL, NULL);
}
