/* Work that holds the threads of the pool until the test lets it go. */
#ifndef RONDO_TEST_POOL_GATE_H_
#define RONDO_TEST_POOL_GATE_H_

#include "uv.h"

#include "support/cmocka_all.h"

enum { POOL_GATE_MOST = 64 };

struct pool_gate {
  uv_loop_t* loop;
  uv_sem_t entered;
  uv_sem_t opened;
  int count;
  int done;
  uv_work_t reqs[POOL_GATE_MOST];
};

static inline void pool_gate_wait(uv_work_t* req) {
  struct pool_gate* gate = req->data;

  uv_sem_post(&gate->entered);
  uv_sem_wait(&gate->opened);
}

static inline void pool_gate_done(uv_work_t* req, int status) {
  struct pool_gate* gate = req->data;

  assert_int_equal(status, 0);
  gate->done++;
}

/* Holds `count` threads; returns when all of them are held. */
static inline void pool_gate_close(struct pool_gate* gate, uv_loop_t* loop, int count) {
  gate->loop = loop;
  gate->count = count;
  gate->done = 0;
  assert_int_equal(uv_sem_init(&gate->entered, 0), 0);
  assert_int_equal(uv_sem_init(&gate->opened, 0), 0);
  for (int i = 0; i < count; i++) {
    gate->reqs[i].data = gate;
    assert_int_equal(uv_queue_work(loop, &gate->reqs[i], pool_gate_wait, pool_gate_done), 0);
  }
  for (int i = 0; i < count; i++)
    uv_sem_wait(&gate->entered);
}

/* Lets the threads go and runs the loop until nothing is left to do. */
static inline void pool_gate_open(struct pool_gate* gate) {
  for (int i = 0; i < gate->count; i++)
    uv_sem_post(&gate->opened);
  assert_int_equal(uv_run(gate->loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(gate->done, gate->count);
  uv_sem_destroy(&gate->entered);
  uv_sem_destroy(&gate->opened);
}

#endif /* RONDO_TEST_POOL_GATE_H_ */
