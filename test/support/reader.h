/* Collects what a stream delivers. */
#ifndef RONDO_TEST_READER_H_
#define RONDO_TEST_READER_H_

#include "support/loop_fixture.h"

/* A stream's `data` while it is being read. */
struct reader {
  char bytes[1 << 16]; /* the first bytes that came */
  size_t len;          /* how many came in all */
  int calls;           /* of the read callback, with or without data */
  int status;          /* what ended it: UV_EOF or an error; 0 before */
};

static inline void reader_alloc(uv_handle_t* handle, size_t suggested_size, uv_buf_t* buf) {
  static char scratch[1 << 16];

  (void) handle;
  (void) suggested_size;
  *buf = uv_buf_init(scratch, sizeof(scratch));
}

static inline void reader_read(uv_stream_t* stream, ssize_t nread, const uv_buf_t* buf) {
  struct reader* reader = stream->data;

  reader->calls++;
  if (nread < 0)
    reader->status = (int) nread;
  for (ssize_t i = 0; i < nread; i++, reader->len++)
    if (reader->len < sizeof(reader->bytes))
      reader->bytes[reader->len] = buf->base[i];
}

static inline void reader_start(struct reader* reader, uv_stream_t* stream) {
  memset(reader, 0, sizeof(*reader));
  stream->data = reader;
  assert_int_equal(uv_read_start(stream, reader_alloc, reader_read), 0);
}

/* Runs the loop until so many bytes have come. */
static inline void reader_wait(const struct reader* reader, uv_loop_t* loop, size_t len) {
  while (reader->len < len && reader->status == 0)
    assert_int_not_equal(uv_run(loop, UV_RUN_ONCE), 0);
  assert_int_equal(reader->len, len);
}

/* Runs the loop until the stream has ended, and answers how. */
static inline int reader_wait_end(const struct reader* reader, uv_loop_t* loop) {
  while (reader->status == 0)
    uv_run(loop, UV_RUN_ONCE);
  return reader->status;
}

#endif /* RONDO_TEST_READER_H_ */
