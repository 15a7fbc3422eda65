/* Pipes of Windows with one end under test and the other one raw, as another program has it. */
#ifndef RONDO_TEST_WIN_PIPE_H_
#define RONDO_TEST_WIN_PIPE_H_

#include "uv.h"

#include "support/loop_fixture.h"
#include "support/reader.h"
#include "win/pipe_pair.h"

enum { NOT_CALLED = 12345, BOTH_WAYS = UV_READABLE_PIPE | UV_WRITABLE_PIPE };

static inline uv_handle_t* handle_of(void* handle) {
  return handle;
}

static inline uv_stream_t* stream_of(void* handle) {
  return handle;
}

static inline uv_buf_t text_buf(const char* text) {
  return uv_buf_init((char*) (uintptr_t) text, (unsigned int) strlen(text));
}

/* A descriptor for the raw end of a new pair whose other end is `pipe`. */
static inline uv_file make_pair(uv_pipe_t* pipe, unsigned int flags) {
  HANDLE child;
  uv_file fd;

  assert_int_equal(uv__pipe_stdio_pair(pipe, flags, &child), 0);
  fd = uv_open_osfhandle(child);
  assert_true(fd >= 0);
  return fd;
}

/* Two pipes that are connected; the second one's file is overlapped if `flags` say so, or the first
 * one is for IPC. */
static inline void connect_pair(uv_pipe_t* pipe, uv_pipe_t* other, unsigned int flags) {
  assert_int_equal(uv_pipe_open(other, make_pair(pipe, flags)), 0);
}

/* -- The raw end, which is overlapped ---------------------------------------------------------- */

static inline DWORD raw_wait(HANDLE file, BOOL is_done, OVERLAPPED* operation) {
  DWORD count = 0;

  if (!is_done && GetLastError() != ERROR_IO_PENDING)
    fail_msg("error %lu", GetLastError());
  assert_true(GetOverlappedResult(file, operation, &count, TRUE));
  CloseHandle(operation->hEvent);
  return count;
}

static inline void raw_read(uv_file fd, void* bytes, size_t len) {
  HANDLE file = uv_get_osfhandle(fd);
  size_t done = 0;

  while (done < len) {
    OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
    BOOL ok = ReadFile(file, (char*) bytes + done, (DWORD) (len - done), NULL, &operation);
    done += raw_wait(file, ok, &operation);
  }
}

static inline void raw_write(uv_file fd, const void* bytes, size_t len) {
  HANDLE file = uv_get_osfhandle(fd);
  OVERLAPPED operation = {.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL)};
  BOOL ok = WriteFile(file, bytes, (DWORD) len, NULL, &operation);

  assert_int_equal(raw_wait(file, ok, &operation), len);
}

/* How many bytes can be read there. */
static inline DWORD raw_available(uv_file fd) {
  DWORD available = 0;

  PeekNamedPipe(uv_get_osfhandle(fd), NULL, 0, NULL, &available, NULL);
  return available;
}

#endif /* RONDO_TEST_WIN_PIPE_H_ */
