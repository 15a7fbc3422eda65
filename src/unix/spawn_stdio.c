/* The descriptors of a child, as the parent makes them ready. */
#include "fd.h"
#include "handle_fd.h"
#include "spawn.h"
#include "stream.h"

enum {
  KINDS = UV_CREATE_PIPE | UV_INHERIT_FD | UV_INHERIT_STREAM,
  BUFFER_SIZE = 64 << 10,
};

/* -- Pairs ------------------------------------------------------------------------------------- */

/* Where the system gives more, it stays: a child that does not wait when it writes, such as one
 * that is about to exit, loses what finds no room. Both ends of a new pair have the same. */
static void grow_buffers(const int pair[2], int option) {
  const int least = BUFFER_SIZE;
  int size;
  socklen_t len = sizeof(size);

  if (getsockopt(pair[0], SOL_SOCKET, option, &size, &len) != 0 || size >= least)
    return;
  setsockopt(pair[0], SOL_SOCKET, option, &least, sizeof(least));
  setsockopt(pair[1], SOL_SOCKET, option, &least, sizeof(least));
}

static void close_if_open(int fd) {
  if (fd >= 0)
    uv__close(fd);
}

static int make_pair(const uv_stdio_container_t* container, struct uv__stdio* stdio) {
  const uv_stream_t* stream = container->data.stream;
  int pair[2];
  int err;

  if (stream == NULL || stream->type != UV_NAMED_PIPE ||
      uv__is_closing((const uv_handle_t*) stream))
    return UV_EINVAL;
  err = uv_socketpair(SOCK_STREAM, 0, pair, UV_NONBLOCK_PIPE, 0);
  if (err != 0)
    return err;
  pair[0] = uv__lift(pair[0]);
  pair[1] = uv__lift(pair[1]);
  err = pair[0] < 0 ? pair[0] : pair[1];
  if (err >= 0)
    err = uv__io_reserve(stream->loop, pair[0]); /* the stream must open when the child runs */
  if (err < 0) {
    close_if_open(pair[0]);
    close_if_open(pair[1]);
    return err;
  }
  grow_buffers(pair, SO_SNDBUF);
  grow_buffers(pair, SO_RCVBUF);
  stdio->ours = pair[0];
  stdio->source = pair[1];
  return 0;
}

/* -- All descriptors --------------------------------------------------------------------------- */

static int inherit(int fd, struct uv__stdio* stdio) {
  if (fd < 0)
    return UV_EINVAL;
  stdio->source = fd;
  return 0;
}

static int make_one(const uv_stdio_container_t* container, struct uv__stdio* stdio) {
  switch ((int) container->flags & KINDS) {
    case UV_IGNORE:
      return 0;
    case UV_CREATE_PIPE:
      return make_pair(container, stdio);
    case UV_INHERIT_FD:
      return inherit(container->data.fd, stdio);
    case UV_INHERIT_STREAM:
      return inherit(uv__handle_fd((const uv_handle_t*) container->data.stream), stdio);
    default:
      return UV_EINVAL;
  }
}

static void close_ours(struct uv__spawn_plan* plan) {
  for (int i = 0; i < plan->stdio_count; i++) {
    if (plan->stdio[i].ours != UV__NO_FD)
      uv__close(plan->stdio[i].ours);
    plan->stdio[i].ours = UV__NO_FD;
  }
}

int uv__spawn_stdio_make(struct uv__spawn_plan* plan) {
  for (int i = 0; i < plan->options->stdio_count; i++) {
    int err = make_one(&plan->options->stdio[i], &plan->stdio[i]);
    if (err != 0) {
      uv__spawn_stdio_close_sources(plan);
      close_ours(plan);
      return err;
    }
  }
  return 0;
}

void uv__spawn_stdio_close_sources(struct uv__spawn_plan* plan) {
  for (int i = 0; i < plan->stdio_count; i++)
    if (plan->stdio[i].ours != UV__NO_FD)
      uv__close(plan->stdio[i].source);
}

/* -- Streams ----------------------------------------------------------------------------------- */

static int open_stream(const uv_stdio_container_t* container, int fd) {
  unsigned int flags = 0;

  if (container->flags & UV_READABLE_PIPE)
    flags |= UV_HANDLE_WRITABLE;
  if (container->flags & UV_WRITABLE_PIPE)
    flags |= UV_HANDLE_READABLE;
  return uv__stream_open(container->data.stream, fd, flags);
}

/* Takes their descriptors back from the streams that have one of ours. */
static void close_streams(struct uv__spawn_plan* plan, int end) {
  for (int i = 0; i < end; i++) {
    if (plan->stdio[i].ours == UV__NO_FD)
      continue;
    uv__stream_close(uv__handle(plan->options->stdio[i].data.stream));
    plan->stdio[i].ours = UV__NO_FD;
  }
}

int uv__spawn_stdio_open(struct uv__spawn_plan* plan) {
  for (int i = 0; i < plan->stdio_count; i++) {
    if (plan->stdio[i].ours == UV__NO_FD)
      continue;
    int err = open_stream(&plan->options->stdio[i], plan->stdio[i].ours);
    if (err != 0) {
      close_streams(plan, i);
      close_ours(plan);
      return err;
    }
  }
  return 0;
}
