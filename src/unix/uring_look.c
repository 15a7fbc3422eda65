/* A ring that polls the loop's epoll descriptor.
 *
 * The poll is armed once and reports once: while a loop is busy there is nothing to arm and nothing
 * to look at. It tells of new events, not of those that epoll would report again because nobody has
 * dealt with them, so looking is enough only after epoll has reported none. */
#include "uring_look.h"

#include "../loop_state.h"
#include "options.h"
#include "uring.h"

#include <poll.h>

enum {
  QUIET_TURNS = 64,    /* so many in a row make it worth to have a ring */
  FEW_QUIET_TURNS = 8, /* and these, once there is one, to arm the poll */
  MOST_LOOKS = 64      /* then epoll is asked all the same */
};

struct uv__look {
  struct uv__uring ring;
  const char* thread; /* whose ring it is */
  unsigned int looks_left;
  bool is_armed;
};

/* Its address tells threads apart. */
static _Thread_local char this_thread;

static int open_ring(struct uv__look* look) {
  int err = uv__uring_open(&look->ring, 2, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
  if (err == UV_EINVAL)
    err = uv__uring_open(&look->ring, 2, 0);
  return err;
}

/* What fails once is not tried again: whoever refuses goes on refusing. */
static struct uv__look* make(uv_loop_t* loop) {
  struct uv__loop_state* state = uv__state(loop);
  struct uv__look* look;

  if (state->look_refused || !uv__option_rings())
    return NULL;
  look = uv__calloc(1, sizeof(*look));
  if (look != NULL && open_ring(look) != 0) {
    uv__free(look);
    look = NULL;
  }
  if (look == NULL) {
    state->look_refused = true;
    return NULL;
  }
  look->thread = &this_thread;
  state->look = look;
  return look;
}

void uv__look_close(uv_loop_t* loop) {
  struct uv__look* look = uv__state(loop)->look;

  if (look == NULL)
    return;
  uv__uring_close(&look->ring);
  uv__free(look);
  uv__state(loop)->look = NULL;
}

static void arm(uv_loop_t* loop, struct uv__look* look) {
  struct io_uring_sqe* sqe = uv__uring_prepare(&look->ring);

  if (sqe != NULL) {
    sqe->opcode = IORING_OP_POLL_ADD;
    sqe->fd = loop->backend_fd;
    sqe->poll32_events = POLLIN;
  }
  if (sqe == NULL || uv__uring_enter(&look->ring) != 0) {
    uv__look_close(loop);
    return;
  }
  look->is_armed = true;
  look->looks_left = MOST_LOOKS;
}

/* Takes the poll's report, after which it is not armed. */
static void disarm(uv_loop_t* loop, struct uv__look* look) {
  if (uv__uring_enter(&look->ring) != 0) {
    uv__look_close(loop);
    return;
  }
  while (uv__uring_peek(&look->ring) != NULL) {
    uv__uring_take(&look->ring);
    look->is_armed = false;
  }
}

bool uv__look_finds_nothing(uv_loop_t* loop) {
  struct uv__look* look = uv__state(loop)->look;

  if (look == NULL || !look->is_armed || uv__state(loop)->quiet_turns == 0)
    return false;
  if (look->thread != &this_thread) {
    uv__look_close(loop);
    return false;
  }
  if (uv__uring_has_news(&look->ring)) {
    disarm(loop, look);
    return false;
  }
  if (look->looks_left == 0) {
    look->looks_left = MOST_LOOKS;
    return false;
  }
  look->looks_left--;
  return true;
}

void uv__look_after_poll(uv_loop_t* loop, int events) {
  struct uv__loop_state* state = uv__state(loop);
  struct uv__look* look = state->look;

  if (events > 0) {
    state->quiet_turns = 0;
    return;
  }
  if (state->quiet_turns < (look == NULL ? QUIET_TURNS : FEW_QUIET_TURNS)) {
    state->quiet_turns++;
    return;
  }
  if (look == NULL)
    look = make(loop);
  if (look != NULL && !look->is_armed)
    arm(loop, look);
}
