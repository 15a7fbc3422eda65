/* What is watched beside descriptors in the imitation of kqueue(2). */
#include "kqueue.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>

struct note* kqueue_note_find(const struct queue* queue, short filter, uintptr_t ident) {
  struct note* note = queue->notes;

  while (note != NULL && (note->filter != filter || note->ident != ident))
    note = note->next;
  return note;
}

struct note* kqueue_note_add(struct queue* queue, const struct kevent* change) {
  struct note** end = &queue->notes;
  struct note* note = calloc(1, sizeof(*note));

  if (note == NULL)
    return NULL;
  note->filter = change->filter;
  note->ident = change->ident;
  note->source_fd = -1;
  note->watch = -1;
  note->parent_watch = -1;
  while (*end != NULL)
    end = &(*end)->next;
  *end = note;
  return note;
}

void kqueue_note_remove(struct queue* queue, struct note* note) {
  struct note** link = &queue->notes;

  while (*link != note)
    link = &(*link)->next;
  *link = note->next;
  if (note->source_fd != -1)
    kqueue_close_really(note->source_fd);
  free(note);
}

void kqueue_note_tell(struct queue* queue, struct note* note, unsigned int what) {
  what &= note->asked;
  if (what == 0)
    return;
  if (note->told == 0)
    note->turn = ++queue->turn;
  note->told |= what;
}

struct note* kqueue_note_first(const struct queue* queue) {
  struct note* first = NULL;

  for (struct note* note = queue->notes; note != NULL; note = note->next)
    if (note->told != 0 && (first == NULL || note->turn < first->turn))
      first = note;
  return first;
}

int kqueue_watch_source(const struct queue* queue, int fd) {
  struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = SOURCE_BIT | (unsigned int) fd}};

  return epoll_ctl(queue->fd, EPOLL_CTL_ADD, fd, &event) == 0 ? 0 : errno;
}
