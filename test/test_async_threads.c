/* Async handles under fire: many threads send, the loop must miss nothing, and handles are closed
 * and freed meanwhile. */
#include "support/loop_fixture.h"
#include "support/random.h"
#include "support/watchdog.h"

#include <stdbool.h>

/* A lost wake would let a test wait for ever: it ends here. */
enum { WATCHDOG_S = 50 };

#define as_handle(h) ((uv_handle_t*) (h))

/* Data that threads hand over by nothing but the library are plain; what is only counted is read
 * and written by these, which order nothing. */
#define peek(ptr) __atomic_load_n(ptr, __ATOMIC_RELAXED)
#define bump(ptr) __atomic_add_fetch(ptr, 1, __ATOMIC_RELAXED)

static void start_thread(uv_thread_t* thread, uv_thread_cb entry, void* arg) {
  assert_int_equal(uv_thread_create(thread, entry, arg), 0);
}

static void join_thread(uv_thread_t* thread) {
  assert_int_equal(uv_thread_join(thread), 0);
}

/* A handle that counts its callbacks. */
struct counted {
  uv_async_t async;
  int callbacks;
};

static void count_callback(uv_async_t* async) {
  ((struct counted*) async)->callbacks++;
}

static struct counted counted;

static void init_counted(struct loop_fixture* f) {
  counted.callbacks = 0;
  assert_int_equal(uv_async_init(&f->loop, &counted.async, count_callback), 0);
}

/* -- Other threads ----------------------------------------------------------------------------- */

struct ping {
  uv_async_t async;
  uv_sem_t answered;
  uv_thread_t loop_thread;
  int question; /* plain: handed over by the send and the semaphore */
  int answer;
};

enum { PINGS = 2000 };

static void answer(uv_async_t* async) {
  struct ping* ping = (struct ping*) async;
  uv_thread_t self = uv_thread_self();

  assert_true(uv_thread_equal(&self, &ping->loop_thread));
  ping->answer = ping->question;
  if (ping->question == PINGS)
    uv_close(as_handle(async), NULL);
  uv_sem_post(&ping->answered);
}

static void ask(void* arg) {
  struct ping* ping = arg;

  for (int i = 1; i <= PINGS; i++) {
    ping->question = i;
    uv_async_send(&ping->async);
    uv_sem_wait(&ping->answered);
    assert_int_equal(ping->answer, i);
  }
}

static void each_send_is_followed_by_a_callback_in_the_loops_thread(void** state) {
  struct loop_fixture* f = *state;
  struct ping ping = {.loop_thread = uv_thread_self()};
  uv_thread_t thread;

  assert_int_equal(uv_sem_init(&ping.answered, 0), 0);
  assert_int_equal(uv_async_init(&f->loop, &ping.async, answer), 0);
  start_thread(&thread, ask, &ping);
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  join_thread(&thread);
  uv_sem_destroy(&ping.answered);
}

/* Many senders, many handles: a sender counts a handle up, then sends. After the last send to each
 * handle there must be a callback that sees the last count. */
enum { SENDERS = 3, TARGETS = 64, SENDS = 20000 };

struct target {
  uv_async_t async;
  int sent;
  int seen;
  int callbacks;
};

static struct {
  struct target targets[TARGETS];
  uv_async_t finished;
  int senders_done;
} crowd;

static bool crowd_has_seen_all(void) {
  if (peek(&crowd.senders_done) < SENDERS)
    return false;
  for (int i = 0; i < TARGETS; i++)
    if (crowd.targets[i].seen != peek(&crowd.targets[i].sent))
      return false;
  return true;
}

static void close_crowd_at_the_end(void) {
  if (!crowd_has_seen_all())
    return;
  for (int i = 0; i < TARGETS; i++)
    close_handle(as_handle(&crowd.targets[i].async), NULL);
  close_handle(as_handle(&crowd.finished), NULL);
}

static void see_target(uv_async_t* async) {
  struct target* target = (struct target*) async;

  target->seen = peek(&target->sent);
  target->callbacks++;
  close_crowd_at_the_end();
}

static void see_finished(uv_async_t* async) {
  (void) async;
  close_crowd_at_the_end();
}

static void send_to_targets(void* arg) {
  struct test_random random = test_random_seeded((uint64_t) (uintptr_t) arg);

  for (int i = 0; i < SENDS; i++) {
    struct target* target = &crowd.targets[test_random_below(&random, TARGETS)];
    bump(&target->sent);
    uv_async_send(&target->async);
  }
  bump(&crowd.senders_done);
  uv_async_send(&crowd.finished);
}

static void no_send_of_many_threads_to_many_handles_is_lost(void** state) {
  struct loop_fixture* f = *state;
  uv_thread_t threads[SENDERS];
  int callbacks = 0;

  memset(&crowd, 0, sizeof(crowd));
  for (int i = 0; i < TARGETS; i++)
    assert_int_equal(uv_async_init(&f->loop, &crowd.targets[i].async, see_target), 0);
  assert_int_equal(uv_async_init(&f->loop, &crowd.finished, see_finished), 0);
  for (int i = 0; i < SENDERS; i++)
    start_thread(&threads[i], send_to_targets, (void*) (uintptr_t) (i + 1));

  /* Returns only if every last send was followed by a callback. */
  assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);

  for (int i = 0; i < SENDERS; i++)
    join_thread(&threads[i]);
  for (int i = 0; i < TARGETS; i++)
    callbacks += crowd.targets[i].callbacks;
  assert_in_range(callbacks, 1, SENDERS * SENDS);
}

/* Two threads send to one handle before the loop looks: the second send is merged into the first,
 * and yet the callback sees what each wrote. Under ThreadSanitizer this is a proof: the values are
 * plain, and the threads only meet in the library. */
struct merged {
  uv_async_t async;
  int values[2];
  int sent;
  int sum;
};

static void send_value(struct merged* merged, int which) {
  merged->values[which] = which + 1;
  uv_async_send(&merged->async);
  bump(&merged->sent);
}

static void send_first_value(void* arg) {
  send_value(arg, 0);
}

static void send_second_value(void* arg) {
  struct merged* merged = arg;

  while (peek(&merged->sent) < 1)
    uv_sleep(0);
  send_value(merged, 1);
}

static void add_values(uv_async_t* async) {
  struct merged* merged = (struct merged*) async;

  merged->sum += merged->values[0] + merged->values[1];
}

static void the_callback_sees_what_each_of_the_merged_senders_wrote(void** state) {
  struct loop_fixture* f = *state;
  static struct merged merged;

  memset(&merged, 0, sizeof(merged));
  assert_int_equal(uv_async_init(&f->loop, &merged.async, add_values), 0);
  for (int round = 1; round <= 100; round++) {
    uv_thread_t threads[2];
    merged.values[0] = merged.values[1] = 0;
    merged.sent = 0;
    start_thread(&threads[0], send_first_value, &merged);
    start_thread(&threads[1], send_second_value, &merged);
    while (peek(&merged.sent) < 2)
      uv_sleep(0);
    turn(f);
    assert_int_equal(merged.sum, 3 * round);
    join_thread(&threads[0]);
    join_thread(&threads[1]);
  }
}

/* Two loops that send to each other, each in its thread. */
struct player {
  uv_loop_t loop;
  uv_async_t async;
  struct player* other;
  int hits;
};

enum { HITS = 3000 };

static void hit_back(uv_async_t* async) {
  struct player* player = (struct player*) async->data;

  player->hits++;
  uv_async_send(&player->other->async);
  if (player->hits == HITS)
    uv_unref(as_handle(async));
}

static void play(void* arg) {
  struct player* player = arg;
  assert_int_equal(uv_run(&player->loop, UV_RUN_DEFAULT), 0);
}

static void two_loops_send_to_each_other(void** state) {
  (void) state;
  struct player players[2] = {{.other = &players[1]}, {.other = &players[0]}};
  uv_thread_t threads[2];

  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_loop_init(&players[i].loop), 0);
    assert_int_equal(uv_async_init(&players[i].loop, &players[i].async, hit_back), 0);
    players[i].async.data = &players[i];
  }
  uv_async_send(&players[0].async);
  for (int i = 0; i < 2; i++)
    start_thread(&threads[i], play, &players[i]);
  for (int i = 0; i < 2; i++)
    join_thread(&threads[i]);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(players[i].hits, HITS);
    uv_close(as_handle(&players[i].async), NULL);
    uv_run(&players[i].loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&players[i].loop), 0);
  }
}

/* -- Sending while the handle is closed -------------------------------------------------------- */

enum { RACES = 3000 };

/* A thread that sends once to each handle it is given. */
struct single_sender {
  uv_sem_t given;
  uv_async_t* async; /* null: the end */
};

static void send_to_each_once(void* arg) {
  struct single_sender* sender = arg;

  for (;;) {
    uv_sem_wait(&sender->given);
    if (sender->async == NULL)
      return;
    uv_async_send(sender->async);
  }
}

static void free_handle(uv_handle_t* handle) {
  free(handle);
}

static void close_and_free(uv_async_t* async) {
  uv_close(as_handle(async), free_handle);
}

/* The callback comes while its sender may not have left uv_async_send() yet. */
static void a_handle_may_be_closed_and_freed_while_its_sender_leaves(void** state) {
  struct loop_fixture* f = *state;
  struct single_sender sender;
  uv_thread_t thread;

  assert_int_equal(uv_sem_init(&sender.given, 0), 0);
  start_thread(&thread, send_to_each_once, &sender);
  for (int i = 0; i < RACES; i++) {
    sender.async = malloc(sizeof(*sender.async));
    assert_int_equal(uv_async_init(&f->loop, sender.async, close_and_free), 0);
    uv_sem_post(&sender.given);
    assert_int_equal(uv_run(&f->loop, UV_RUN_DEFAULT), 0);
  }
  sender.async = NULL;
  uv_sem_post(&sender.given);
  join_thread(&thread);
  uv_sem_destroy(&sender.given);
}

/* Threads that send all the time to the handle they were given, and leave it when told. */
enum { BUSY_SENDERS = 2 };

struct busy_senders {
  uv_thread_t threads[BUSY_SENDERS];
  uv_sem_t given;
  uv_sem_t left;
  uv_async_t* async; /* null: the end */
  int stop;
  int sends;
  int closing; /* the loop's thread only */
};

static void send_all_the_time(void* arg) {
  struct busy_senders* senders = arg;

  for (;;) {
    uv_sem_wait(&senders->given);
    if (senders->async == NULL)
      return;
    while (!peek(&senders->stop)) {
      uv_async_send(senders->async);
      if (bump(&senders->sends) % 64 == 0)
        uv_sleep(0); /* for tools that run one thread at a time */
    }
    uv_sem_post(&senders->left);
  }
}

static void give(struct busy_senders* senders, uv_async_t* async) {
  senders->async = async;
  for (int i = 0; i < BUSY_SENDERS; i++)
    uv_sem_post(&senders->given);
}

static void expect_open(uv_async_t* async) {
  struct busy_senders* senders = async->data;
  assert_false(senders->closing);
}

static void free_when_senders_have_left(uv_handle_t* handle) {
  struct busy_senders* senders = handle->data;

  __atomic_store_n(&senders->stop, 1, __ATOMIC_RELAXED);
  for (int i = 0; i < BUSY_SENDERS; i++)
    uv_sem_wait(&senders->left);
  free(handle);
}

static void sends_may_race_the_close(void** state) {
  struct loop_fixture* f = *state;
  struct test_random random = test_random_seeded(7);
  struct busy_senders senders = {.stop = 0};

  init_counted(f); /* stays open: its mail is before or behind that of the closed one */
  assert_int_equal(uv_sem_init(&senders.given, 0), 0);
  assert_int_equal(uv_sem_init(&senders.left, 0), 0);
  for (int i = 0; i < BUSY_SENDERS; i++)
    start_thread(&senders.threads[i], send_all_the_time, &senders);

  for (int i = 0; i < RACES; i++) {
    uv_async_t* async = malloc(sizeof(*async));
    int sends = peek(&senders.sends);
    assert_int_equal(uv_async_init(&f->loop, async, expect_open), 0);
    async->data = &senders;
    senders.stop = 0;
    senders.closing = 0;
    counted.callbacks = 0;
    give(&senders, async);
    while (peek(&senders.sends) == sends)
      uv_sleep(0); /* until they are at it */
    for (uint64_t turns = test_random_below(&random, 3); turns > 0; turns--)
      turn(f);
    uv_async_send(&counted.async);
    senders.closing = 1;
    uv_close(as_handle(async), free_when_senders_have_left);
    turn(f);
    assert_int_equal(counted.callbacks, 1);
  }
  give(&senders, NULL);
  for (int i = 0; i < BUSY_SENDERS; i++)
    join_thread(&senders.threads[i]);
  uv_sem_destroy(&senders.given);
  uv_sem_destroy(&senders.left);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      loop_test(each_send_is_followed_by_a_callback_in_the_loops_thread),
      loop_test(no_send_of_many_threads_to_many_handles_is_lost),
      loop_test(the_callback_sees_what_each_of_the_merged_senders_wrote),
      cmocka_unit_test(two_loops_send_to_each_other),
      loop_test(a_handle_may_be_closed_and_freed_while_its_sender_leaves),
      loop_test(sends_may_race_the_close),
  };

  watchdog(WATCHDOG_S);
  return cmocka_run_group_tests_name("async_threads", tests, NULL, NULL);
}
