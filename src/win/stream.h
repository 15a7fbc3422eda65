/* What each kind of stream does on Windows behind stream.c, which routes by the stream's type. */
#ifndef RONDO_WIN_STREAM_H_
#define RONDO_WIN_STREAM_H_

#include "uv.h"

#include <stdbool.h>

int uv__tcp_accept(uv_tcp_t* server, uv_tcp_t* client);
int uv__tcp_read_start(uv_tcp_t* tcp, uv_alloc_cb alloc_cb, uv_read_cb read_cb);
void uv__tcp_read_stop(uv_tcp_t* tcp);
int uv__tcp_write(uv_write_t* req, uv_tcp_t* tcp, const uv_buf_t bufs[], unsigned int nbufs,
                  size_t len, uv_write_cb cb);
int uv__tcp_try_write(uv_tcp_t* tcp, const uv_buf_t bufs[], unsigned int nbufs);
void uv__tcp_shutdown(uv_shutdown_t* req, uv_tcp_t* tcp, uv_shutdown_cb cb);

/* The client is a pipe, or, where the server is an IPC pipe, a TCP handle. */
int uv__pipe_accept(uv_pipe_t* server, uv_stream_t* client);
int uv__pipe_read_start(uv_pipe_t* pipe, uv_alloc_cb alloc_cb, uv_read_cb read_cb);
void uv__pipe_read_stop(uv_pipe_t* pipe);
int uv__pipe_write(uv_write_t* req, uv_pipe_t* pipe, const uv_buf_t bufs[], unsigned int nbufs,
                   size_t len, uv_stream_t* send_handle, uv_write_cb cb);
int uv__pipe_try_write(uv_pipe_t* pipe, const uv_buf_t bufs[], unsigned int nbufs);
void uv__pipe_shutdown(uv_shutdown_t* req, uv_pipe_t* pipe, uv_shutdown_cb cb);
int uv__pipe_set_blocking(uv_pipe_t* pipe, bool blocking);

int uv__tty_read_start(uv_tty_t* tty, uv_alloc_cb alloc_cb, uv_read_cb read_cb);
void uv__tty_read_stop(uv_tty_t* tty);
int uv__tty_write(uv_write_t* req, uv_tty_t* tty, const uv_buf_t bufs[], unsigned int nbufs,
                  uv_write_cb cb);
int uv__tty_try_write(uv_tty_t* tty, const uv_buf_t bufs[], unsigned int nbufs);
void uv__tty_shutdown(uv_shutdown_t* req, uv_tty_t* tty, uv_shutdown_cb cb);

#endif /* RONDO_WIN_STREAM_H_ */
