/* The part of the interface that is not there yet: each function here fails with UV_ENOSYS, or does
 * what comes nearest to nothing, so that every program loads. docs/unfinished.md lists the same
 * functions for users; test/check_unfinished.sh compares the two. */
#include "core.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"

/* What a function of that name and with those parameters answers; MISSING() is UV_ENOSYS. */
/* clang-format off */
#define MISSING_AS(type, value, name, parameters) type name parameters { return value; }
#define MISSING(name, parameters) MISSING_AS(int, UV_ENOSYS, name, parameters)
#define MISSING_VOID(name, parameters) void name parameters { }

/* UDP */
MISSING(uv_udp_connect, (uv_udp_t* handle, const struct sockaddr* addr))
MISSING(uv_udp_recv_start, (uv_udp_t* handle, uv_alloc_cb alloc_cb, uv_udp_recv_cb recv_cb))
MISSING(uv_udp_recv_stop, (uv_udp_t* handle))
MISSING(uv_udp_send, (uv_udp_send_t* req, uv_udp_t* handle, const uv_buf_t bufs[],
                      unsigned int nbufs, const struct sockaddr* addr, uv_udp_send_cb send_cb))
MISSING(uv_udp_try_send, (uv_udp_t* handle, const uv_buf_t bufs[], unsigned int nbufs,
                          const struct sockaddr* addr))
MISSING(uv_udp_try_send2, (uv_udp_t* handle, unsigned int count, uv_buf_t* bufs[],
                           unsigned int nbufs[], struct sockaddr* addrs[], unsigned int flags))
MISSING(uv_udp_set_broadcast, (uv_udp_t* handle, int on))
MISSING(uv_udp_set_membership, (uv_udp_t* handle, const char* multicast_addr,
                                const char* interface_addr, uv_membership membership))
MISSING(uv_udp_set_source_membership, (uv_udp_t* handle, const char* multicast_addr,
                                       const char* interface_addr, const char* source_addr,
                                       uv_membership membership))
MISSING(uv_udp_set_multicast_interface, (uv_udp_t* handle, const char* interface_addr))
MISSING(uv_udp_set_multicast_loop, (uv_udp_t* handle, int on))
MISSING(uv_udp_set_multicast_ttl, (uv_udp_t* handle, int ttl))
MISSING(uv_udp_set_ttl, (uv_udp_t* handle, int ttl))

/* File watching */
MISSING(uv_fs_event_init, (uv_loop_t* loop, uv_fs_event_t* handle))
MISSING(uv_fs_event_start, (uv_fs_event_t* handle, uv_fs_event_cb cb, const char* path,
                            unsigned int flags))
MISSING(uv_fs_event_stop, (uv_fs_event_t* handle))
MISSING(uv_fs_event_getpath, (uv_fs_event_t* handle, char* buffer, size_t* size))
MISSING(uv_fs_poll_init, (uv_loop_t* loop, uv_fs_poll_t* handle))
MISSING(uv_fs_poll_start, (uv_fs_poll_t* handle, uv_fs_poll_cb poll_cb, const char* path,
                           unsigned int interval))
MISSING(uv_fs_poll_stop, (uv_fs_poll_t* handle))
MISSING(uv_fs_poll_getpath, (uv_fs_poll_t* handle, char* buffer, size_t* size))

/* clang-format on */
