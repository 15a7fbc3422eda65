/* Barriers, where the system has none of which the first to leave may destroy them. A round has a
 * number, so that who enters the next one is not taken for who has not left the last. */
#include "../core.h"

struct uv__barrier {
  uv_mutex_t mutex;
  uv_cond_t changed;
  unsigned int wanted;
  unsigned int arrived; /* in the present round */
  unsigned int inside;  /* who has not left, of any round */
  unsigned int round;
};

int uv_barrier_init(uv_barrier_t* barrier, unsigned int count) {
  struct uv__barrier* b;
  int err;

  if (barrier == NULL || count == 0)
    return UV_EINVAL;
  b = uv__calloc(1, sizeof(*b));
  if (b == NULL)
    return UV_ENOMEM;
  b->wanted = count;
  err = uv_mutex_init(&b->mutex);
  if (err == 0) {
    err = uv_cond_init(&b->changed);
    if (err != 0)
      uv_mutex_destroy(&b->mutex);
  }
  if (err != 0) {
    uv__free(b);
    return err;
  }
  barrier->b = b;
  return 0;
}

static void leave(struct uv__barrier* b) {
  if (--b->inside == 0)
    uv_cond_broadcast(&b->changed);
}

/* Whoever is the last of a round ends it. */
int uv_barrier_wait(uv_barrier_t* barrier) {
  struct uv__barrier* b = barrier->b;
  unsigned int round;
  int is_last;

  uv_mutex_lock(&b->mutex);
  round = b->round;
  b->inside++;
  is_last = ++b->arrived == b->wanted;
  if (is_last) {
    b->arrived = 0;
    b->round++;
    uv_cond_broadcast(&b->changed);
  }
  while (round == b->round)
    uv_cond_wait(&b->changed, &b->mutex);
  leave(b);
  uv_mutex_unlock(&b->mutex);
  return is_last;
}

void uv_barrier_destroy(uv_barrier_t* barrier) {
  struct uv__barrier* b = barrier->b;

  uv_mutex_lock(&b->mutex);
  while (b->inside > 0)
    uv_cond_wait(&b->changed, &b->mutex);
  uv_mutex_unlock(&b->mutex);
  uv_cond_destroy(&b->changed);
  uv_mutex_destroy(&b->mutex);
  uv__free(b);
  barrier->b = NULL;
}
