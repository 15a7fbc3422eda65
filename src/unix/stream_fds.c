/* Descriptors that came through an IPC pipe and wait for uv_accept(): the first one is the stream's
 * `accepted_fd`, further ones are in a list behind `queued_fds`, first received first. */
#include "fd.h"
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

static int take(uv_stream_t* stream, const int* fds, size_t count) {
  size_t i = 0;

  if (count > 1 || stream->accepted_fd != UV__NO_FD) {
    int err = make_room(stream, count);
    if (err != 0)
      return err;
  }
  if (stream->accepted_fd == UV__NO_FD && count > 0)
    stream->accepted_fd = fds[i++];
  for (struct fd_list* list = stream->queued_fds; i < count; i++)
    list->fds[list->end++] = fds[i];
  return 0;
}

int uv__stream_take_fds(uv_stream_t* stream, struct msghdr* message) {
  int result = 0;

  for (struct cmsghdr* header = CMSG_FIRSTHDR(message); header != NULL;
       header = CMSG_NXTHDR(message, header)) {
    int fds[256 / sizeof(int)];
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
      continue;
    memcpy(fds, CMSG_DATA(header), count * sizeof(int));
    if (result == 0)
      result = take(stream, fds, count);
    if (result != 0)
      for (size_t i = 0; i < count; i++)
        uv__close(fds[i]);
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
