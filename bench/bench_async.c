/* Async handles: what does it cost to fire one of many, the others being idle? One is sent at a
 * time, and the next only after its callback has run. And what does a message cost between two
 * loops? */
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <uv.h>

#include "bench.h"

enum {
  BATCH = 500,
  STRIDE = 7919, /* prime: visits every handle */
};

static struct {
  uv_loop_t loop;
  uv_async_t* handles;
  size_t handle_count;
  size_t at;
  size_t fired;
  size_t stop_at;
  uv_async_t stop;
  sem_t answered;
} bench;

static void send_next(void) {
  bench.at = (bench.at + STRIDE) % bench.handle_count;
  bench_must(uv_async_send(&bench.handles[bench.at]), "uv_async_send");
}

static void open_handles(const struct bench_case* self, uv_async_cb cb) {
  bench.handle_count = (size_t) self->population;
  bench.handles = bench_alloc(bench.handle_count, sizeof(*bench.handles));
  bench.at = 0;
  bench.fired = 0;

  bench_must(uv_loop_init(&bench.loop), "uv_loop_init");
  for (size_t i = 0; i < bench.handle_count; i++)
    bench_must(uv_async_init(&bench.loop, &bench.handles[i], cb), "uv_async_init");
}

static void close_handles(void) {
  for (size_t i = 0; i < bench.handle_count; i++)
    uv_close((uv_handle_t*) &bench.handles[i], NULL);
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  bench_must(uv_loop_close(&bench.loop), "uv_loop_close");
  free(bench.handles);
}

static void on_self(uv_async_t* handle) {
  (void) handle;
  if (++bench.fired == bench.stop_at)
    uv_stop(&bench.loop);
  else
    send_next();
}

/* Each callback sends the next from the loop's own thread. */
static void run_self(const struct bench_case* self) {
  uint64_t start;
  uint64_t end;

  open_handles(self, on_self);
  start = bench_cpu_ns();
  do {
    bench.stop_at = bench.fired + BATCH;
    send_next();
    uv_run(&bench.loop, UV_RUN_DEFAULT);
  } while (!bench_is_enough(start));
  end = bench_cpu_ns();

  bench_report(self, NULL, (double) (end - start) / (double) bench.fired, "ns");
  close_handles();
}

static void on_thread(uv_async_t* handle) {
  (void) handle;
  bench.fired++;
  sem_post(&bench.answered);
}

static void on_stop(uv_async_t* handle) {
  uv_close((uv_handle_t*) handle, NULL);
  uv_stop(&bench.loop);
}

static void send_from_thread(void* unused) {
  uint64_t start = bench_cpu_ns();

  (void) unused;
  do {
    for (int i = 0; i < BATCH; i++) {
      send_next();
      sem_wait(&bench.answered);
    }
  } while (!bench_is_enough(start));
  bench_must(uv_async_send(&bench.stop), "uv_async_send");
}

/* Another thread sends; counted are both threads, on the same CPU. */
static void run_thread(const struct bench_case* self) {
  uv_thread_t sender;
  uint64_t start;
  uint64_t end;

  open_handles(self, on_thread);
  sem_init(&bench.answered, 0, 0);
  bench_must(uv_async_init(&bench.loop, &bench.stop, on_stop), "uv_async_init");

  start = bench_cpu_ns();
  bench_must(uv_thread_create(&sender, send_from_thread, NULL), "uv_thread_create");
  uv_run(&bench.loop, UV_RUN_DEFAULT);
  end = bench_cpu_ns();
  bench_must(uv_thread_join(&sender), "uv_thread_join");

  bench_report(self, NULL, (double) (end - start) / (double) bench.fired, "ns");
  close_handles();
  sem_destroy(&bench.answered);
}

/* -- Two loops --------------------------------------------------------------------------------- */

/* A loop in a thread, and whom its callback sends to. */
struct player {
  uv_loop_t loop;
  uv_async_t ball;
  struct player* other;
  uint64_t received;
};

static struct {
  struct player players[2];
  uint64_t start;
  bool is_over;
} game;

/* The first player ends the game by a last message. */
static void on_ball(uv_async_t* handle) {
  struct player* player = handle->data;
  bool was_over = game.is_over;

  player->received++;
  if (player == &game.players[0] && player->received % BATCH == 0)
    game.is_over = bench_is_enough(game.start);
  if (!was_over)
    bench_must(uv_async_send(&player->other->ball), "uv_async_send");
  if (game.is_over)
    uv_close((uv_handle_t*) handle, NULL);
}

static void open_player(struct player* player, struct player* other) {
  player->other = other;
  player->received = 0;
  player->ball.data = player;
  bench_must(uv_loop_init(&player->loop), "uv_loop_init");
  bench_must(uv_async_init(&player->loop, &player->ball, on_ball), "uv_async_init");
}

static void play(void* player) {
  uv_run(&((struct player*) player)->loop, UV_RUN_DEFAULT);
}

/* Two threads on the same CPU send each other a message to and fro. */
static void run_ping_pong(const struct bench_case* self) {
  struct player* players = game.players;
  uv_thread_t second;
  uint64_t cpu_ns;

  game.is_over = false;
  open_player(&players[0], &players[1]);
  open_player(&players[1], &players[0]);
  bench_must(uv_thread_create(&second, play, &players[1]), "uv_thread_create");
  game.start = bench_cpu_ns();
  bench_must(uv_async_send(&players[0].ball), "uv_async_send");
  play(&players[0]);
  bench_must(uv_thread_join(&second), "uv_thread_join");
  cpu_ns = bench_cpu_ns() - game.start;

  bench_report(self, NULL, (double) cpu_ns / (double) (players[0].received + players[1].received),
               "ns");
  for (int i = 0; i < 2; i++)
    bench_must(uv_loop_close(&players[i].loop), "uv_loop_close");
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {.name = "async/own_thread/1", .run = run_self, .population = 1},
      {.name = "async/own_thread/10000", .run = run_self, .population = 10000},
      {.name = "async/other_thread/1", .run = run_thread, .population = 1},
      {.name = "async/other_thread/10000", .run = run_thread, .population = 10000},
      {.name = "async/ping_pong", .run = run_ping_pong},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
