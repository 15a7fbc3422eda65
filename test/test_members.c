/* Getters and setters: each reads or writes the public member that it is named after. */
#include "support/cmocka_all.h"
#include "uv.h"

#include <string.h>

static int thing;

static void a_loop_keeps_the_users_pointer(void** state) {
  (void) state;
  uv_loop_t loop;

  loop.data = NULL;
  assert_null(uv_loop_get_data(&loop));
  uv_loop_set_data(&loop, &thing);
  assert_ptr_equal(loop.data, &thing);
  assert_ptr_equal(uv_loop_get_data(&loop), &thing);
}

static void a_handle_tells_its_type_loop_and_data(void** state) {
  (void) state;
  uv_loop_t loop;
  uv_handle_t handle;

  handle.loop = &loop;
  handle.type = UV_TIMER;
  uv_handle_set_data(&handle, &thing);
  assert_ptr_equal(handle.data, &thing);
  assert_ptr_equal(uv_handle_get_data(&handle), &thing);
  assert_ptr_equal(uv_handle_get_loop(&handle), &loop);
  assert_int_equal(uv_handle_get_type(&handle), UV_TIMER);
}

static void queues_tell_their_sizes(void** state) {
  (void) state;
  uv_stream_t stream;
  uv_udp_t udp;

  stream.write_queue_size = SIZE_MAX - 1;
  assert_int_equal(uv_stream_get_write_queue_size(&stream), SIZE_MAX - 1);
  udp.send_queue_size = SIZE_MAX - 2;
  udp.send_queue_count = 3;
  assert_int_equal(uv_udp_get_send_queue_size(&udp), SIZE_MAX - 2);
  assert_int_equal(uv_udp_get_send_queue_count(&udp), 3);
}

static void a_process_tells_its_pid(void** state) {
  (void) state;
  uv_process_t process;
  process.pid = 4321;
  assert_int_equal(uv_process_get_pid(&process), 4321);
}

static void a_request_tells_its_type_and_data(void** state) {
  (void) state;
  uv_req_t req;
  req.type = UV_WRITE;
  uv_req_set_data(&req, &thing);
  assert_ptr_equal(req.data, &thing);
  assert_ptr_equal(uv_req_get_data(&req), &thing);
  assert_int_equal(uv_req_get_type(&req), UV_WRITE);
}

static void a_file_request_tells_its_outcome(void** state) {
  (void) state;
  uv_fs_t req;

  memset(&req, 0, sizeof(req));
  req.fs_type = UV_FS_READLINK;
  req.result = 77;
  req.ptr = &thing;
  req.path = "path";
  assert_int_equal(uv_fs_get_type(&req), UV_FS_READLINK);
  assert_int_equal(uv_fs_get_result(&req), 77);
  assert_ptr_equal(uv_fs_get_ptr(&req), &thing);
  assert_ptr_equal(uv_fs_get_path(&req), req.path);
  assert_ptr_equal(uv_fs_get_statbuf(&req), &req.statbuf);
}

#if defined(_WIN32)

/* The system's number is not that of the result, several of which it may stand for. */
static void a_failed_file_request_tells_the_systems_number(void** state) {
  (void) state;
  uv_fs_t req;

  memset(&req, 0, sizeof(req));
  req.result = UV_ENOENT;
  req.sys_errno_ = ERROR_PATH_NOT_FOUND;
  assert_int_equal(uv_fs_get_result(&req), UV_ENOENT);
  assert_int_equal(uv_fs_get_system_error(&req), ERROR_PATH_NOT_FOUND);
}

#else

static void a_failed_file_request_tells_the_systems_number(void** state) {
  (void) state;
  uv_fs_t req;

  memset(&req, 0, sizeof(req));
  req.result = UV_ENOENT;
  assert_int_equal(uv_fs_get_result(&req), UV_ENOENT);
  assert_int_equal(uv_fs_get_system_error(&req), -UV_ENOENT);
  req.result = 0;
  assert_int_equal(uv_fs_get_system_error(&req), 0);
  req.result = 77;
  assert_int_equal(uv_fs_get_system_error(&req), -77);
}

#endif

static void a_buffer_has_the_base_and_length_given(void** state) {
  (void) state;
  char text[] = "text";
  uv_buf_t buf = uv_buf_init(text, 3);

  assert_ptr_equal(buf.base, text);
  assert_int_equal(buf.len, 3);
  buf = uv_buf_init(NULL, UINT32_MAX);
  assert_null(buf.base);
  assert_int_equal(buf.len, UINT32_MAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_loop_keeps_the_users_pointer),
      cmocka_unit_test(a_handle_tells_its_type_loop_and_data),
      cmocka_unit_test(queues_tell_their_sizes),
      cmocka_unit_test(a_process_tells_its_pid),
      cmocka_unit_test(a_request_tells_its_type_and_data),
      cmocka_unit_test(a_file_request_tells_its_outcome),
      cmocka_unit_test(a_failed_file_request_tells_the_systems_number),
      cmocka_unit_test(a_buffer_has_the_base_and_length_given),
  };
  return cmocka_run_group_tests_name("members", tests, NULL, NULL);
}
