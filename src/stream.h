/* What each platform does behind the public stream functions, whose arguments have been checked. */
#ifndef RONDO_STREAM_H_
#define RONDO_STREAM_H_

#include "uv.h"

int uv__tcp_listen(uv_tcp_t* tcp, int backlog, uv_connection_cb cb);
int uv__pipe_listen(uv_pipe_t* pipe, int backlog, uv_connection_cb cb);

/* 0, or UV_EINVAL for a stream without a descriptor. */
int uv__stream_read_start(uv_stream_t* stream, uv_alloc_cb alloc_cb, uv_read_cb read_cb);
void uv__stream_read_stop(uv_stream_t* stream);

/* UV_EINVAL, and whatever else the platform finds, for buffers that no operation can carry. */
int uv__stream_write(uv_write_t* req, uv_stream_t* stream, const uv_buf_t bufs[],
                     unsigned int nbufs, uv_stream_t* send_handle, uv_write_cb cb);
int uv__stream_try_write(uv_stream_t* stream, const uv_buf_t bufs[], unsigned int nbufs,
                         uv_stream_t* send_handle);
void uv__stream_shutdown(uv_shutdown_t* req, uv_stream_t* stream, uv_shutdown_cb cb);

#endif /* RONDO_STREAM_H_ */
