/* Descriptors that came through an IPC pipe and wait for uv_accept(): the first one is the stream's
 * `accepted_fd`, further ones are in a list behind `queued_fds`, first received first. */
#include "fd.h"
#include "message.h"
#include "stream.h"

#include <string.h>

struct fd_list {
  size_t size;
  size_t first;
  size_t end;
  int fds[];
};

/* Makes room for `count` more at the end: 0 or UV_ENOMEM. */
static int make_room(uv_stream_t* stream, size_t count) {
  struct fd_list* list = stream->queued_fds;
  size_t kept = list != NULL ? list->end - list->first : 0;
  struct fd_list* larger;

  if (list != NULL && list->size - list->end >= count)
    return 0;
  larger = uv__malloc(sizeof(*larger) + (kept + count) * 2 * sizeof(int));
  if (larger == NULL)
    return UV_ENOMEM;
  larger->size = (kept + count) * 2;
  larger->first = 0;
  larger->end = kept;
  if (kept > 0)
    memcpy(larger->fds, &list->fds[list->first], kept * sizeof(int));
  uv__free(list);
  stream->queued_fds = larger;
  return 0;
}

/* The descriptors of a control message. They are not aligned. */
struct received {
  const unsigned char* bytes;
  size_t count;
};

static int received_fd(const struct received* received, size_t i) {
  int fd;

  memcpy(&fd, received->bytes + i * sizeof(fd), sizeof(fd));
  return fd;
}

static int take(uv_stream_t* stream, const struct received* received) {
  size_t to_queue = received->count;
  size_t i = 0;

  if (received->count > 0 && stream->accepted_fd == UV__NO_FD)
    to_queue--;
  if (to_queue > 0) {
    int err = make_room(stream, to_queue);
    if (err != 0)
      return err;
  }
  if (to_queue < received->count)
    stream->accepted_fd = received_fd(received, i++);
  for (struct fd_list* list = stream->queued_fds; i < received->count; i++)
    list->fds[list->end++] = received_fd(received, i);
  return 0;
}

int uv__stream_take_fds(uv_stream_t* stream, struct msghdr* message) {
  int result = 0;

  for (struct cmsghdr* header = CMSG_FIRSTHDR(message); header != NULL;
       header = uv__next_control(message, header)) {
    struct received received = {CMSG_DATA(header), (header->cmsg_len - CMSG_LEN(0)) / sizeof(int)};

    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
      continue;
    if (result == 0)
      result = take(stream, &received);
    if (result != 0)
      for (size_t i = 0; i < received.count; i++)
        uv__close(received_fd(&received, i));
  }
  return result;
}

void uv__stream_next_fd(uv_stream_t* stream) {
  struct fd_list* list = stream->queued_fds;

  stream->accepted_fd = UV__NO_FD;
  if (list == NULL)
    return;
  stream->accepted_fd = list->fds[list->first++];
  if (list->first == list->end) {
    uv__free(list);
    stream->queued_fds = NULL;
  }
}

int uv__stream_count_fds(const uv_stream_t* stream) {
  const struct fd_list* list = stream->queued_fds;

  if (stream->accepted_fd == UV__NO_FD)
    return 0;
  return list != NULL ? (int) (list->end - list->first) + 1 : 1;
}

void uv__stream_drop_fds(uv_stream_t* stream) {
  while (stream->accepted_fd != UV__NO_FD) {
    uv__close(stream->accepted_fd);
    uv__stream_next_fd(stream);
  }
}
