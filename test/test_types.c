/* Sizes and names by type. */
#include "support/cmocka_all.h"
#include "uv.h"

#define UNKNOWN_SIZE ((size_t) -1)

static void every_handle_type_has_the_size_of_its_struct(void** state) {
  (void) state;
  assert_int_equal(uv_handle_size(UV_ASYNC), sizeof(uv_async_t));
  assert_int_equal(uv_handle_size(UV_CHECK), sizeof(uv_check_t));
  assert_int_equal(uv_handle_size(UV_FS_EVENT), sizeof(uv_fs_event_t));
  assert_int_equal(uv_handle_size(UV_FS_POLL), sizeof(uv_fs_poll_t));
  assert_int_equal(uv_handle_size(UV_HANDLE), sizeof(uv_handle_t));
  assert_int_equal(uv_handle_size(UV_IDLE), sizeof(uv_idle_t));
  assert_int_equal(uv_handle_size(UV_NAMED_PIPE), sizeof(uv_pipe_t));
  assert_int_equal(uv_handle_size(UV_POLL), sizeof(uv_poll_t));
  assert_int_equal(uv_handle_size(UV_PREPARE), sizeof(uv_prepare_t));
  assert_int_equal(uv_handle_size(UV_PROCESS), sizeof(uv_process_t));
  assert_int_equal(uv_handle_size(UV_SIGNAL), sizeof(uv_signal_t));
  assert_int_equal(uv_handle_size(UV_STREAM), sizeof(uv_stream_t));
  assert_int_equal(uv_handle_size(UV_TCP), sizeof(uv_tcp_t));
  assert_int_equal(uv_handle_size(UV_TIMER), sizeof(uv_timer_t));
  assert_int_equal(uv_handle_size(UV_TTY), sizeof(uv_tty_t));
  assert_int_equal(uv_handle_size(UV_UDP), sizeof(uv_udp_t));
}

static void every_request_type_has_the_size_of_its_struct(void** state) {
  (void) state;
  assert_int_equal(uv_req_size(UV_REQ), sizeof(uv_req_t));
  assert_int_equal(uv_req_size(UV_CONNECT), sizeof(uv_connect_t));
  assert_int_equal(uv_req_size(UV_WRITE), sizeof(uv_write_t));
  assert_int_equal(uv_req_size(UV_SHUTDOWN), sizeof(uv_shutdown_t));
  assert_int_equal(uv_req_size(UV_UDP_SEND), sizeof(uv_udp_send_t));
  assert_int_equal(uv_req_size(UV_FS), sizeof(uv_fs_t));
  assert_int_equal(uv_req_size(UV_WORK), sizeof(uv_work_t));
  assert_int_equal(uv_req_size(UV_GETADDRINFO), sizeof(uv_getaddrinfo_t));
  assert_int_equal(uv_req_size(UV_GETNAMEINFO), sizeof(uv_getnameinfo_t));
  assert_int_equal(uv_req_size(UV_RANDOM), sizeof(uv_random_t));
}

static void a_loop_has_the_size_of_its_struct(void** state) {
  (void) state;
  assert_int_equal(uv_loop_size(), sizeof(uv_loop_t));
}

#define ABI_HANDLE_NAME(type, name) {type, name},
#define ABI_REQ_NAME(type, name)
#define ABI_ERROR(...)
#include "abi/tables.h"

static const struct {
  uv_handle_type type;
  const char* name;
} handle_names[] = {
#include ABI_CONSTANTS
};

#undef ABI_HANDLE_NAME
#undef ABI_REQ_NAME
#define ABI_HANDLE_NAME(type, name)
#define ABI_REQ_NAME(type, name) {type, name},

static const struct {
  uv_req_type type;
  const char* name;
} req_names[] = {
#include ABI_CONSTANTS
};

static void every_type_has_the_name_that_libuv_gives_it(void** state) {
  (void) state;
  size_t handle_count = sizeof(handle_names) / sizeof(handle_names[0]);
  size_t req_count = sizeof(req_names) / sizeof(req_names[0]);

  assert_true(handle_count >= 17);
  for (size_t i = 0; i < handle_count; i++)
    assert_string_equal(uv_handle_type_name(handle_names[i].type), handle_names[i].name);
  assert_true(req_count >= 10);
  for (size_t i = 0; i < req_count; i++)
    assert_string_equal(uv_req_type_name(req_names[i].type), req_names[i].name);
  assert_string_equal(uv_handle_type_name(UV_NAMED_PIPE), "pipe");
  assert_string_equal(uv_handle_type_name(UV_FILE), "file");
}

static void unknown_types_have_neither_size_nor_name(void** state) {
  (void) state;
  const int handle_types[] = {UV_UNKNOWN_HANDLE, UV_HANDLE_TYPE_MAX, 1000, -1};
  const int req_types[] = {UV_UNKNOWN_REQ, UV_REQ_TYPE_MAX, 1000, -1};

  for (int i = 0; i < 4; i++) {
    assert_int_equal(uv_handle_size((uv_handle_type) handle_types[i]), UNKNOWN_SIZE);
    assert_null(uv_handle_type_name((uv_handle_type) handle_types[i]));
    assert_int_equal(uv_req_size((uv_req_type) req_types[i]), UNKNOWN_SIZE);
    assert_null(uv_req_type_name((uv_req_type) req_types[i]));
  }
  assert_int_equal(uv_handle_size(UV_FILE), UNKNOWN_SIZE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_handle_type_has_the_size_of_its_struct),
      cmocka_unit_test(every_request_type_has_the_size_of_its_struct),
      cmocka_unit_test(a_loop_has_the_size_of_its_struct),
      cmocka_unit_test(every_type_has_the_name_that_libuv_gives_it),
      cmocka_unit_test(unknown_types_have_neither_size_nor_name),
  };
  return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
