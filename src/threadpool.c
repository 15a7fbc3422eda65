/* The thread pool.
 *
 * What waits for a thread stands in one queue, first come first served. New work comes into an
 * inbox, which takes no lock; from there it is moved to the end of the queue, under the lock, when
 * the queue is empty or its order matters. Slow work has a queue of its own; `slow_turn` stands in
 * the first queue for all of it, and only while another of its kind may start.
 *
 * A thread without work parks on its own semaphore; the one that parked last wakes first. At most
 * one thread is on its way from waking to the queue, and it wakes the next one if there is more to
 * do: a burst of work wakes as many threads as it keeps busy. `may_wake` tells those who submit
 * whether there is a thread to wake. They push their work and then look there; a thread that parks
 * or arrives writes there and then looks into the inbox: one of them sees the other.
 *
 * Finished work travels by the mailbox of its loop: one wake for all that the loop has not seen. */
#include "threadpool.h"

#include "atomic.h"
#include "core.h"
#include "mailbox.h"
#include "metrics.h"
#include "process_hooks.h"

#include <stdlib.h>

enum { DEFAULT_THREADS = 4, MOST_THREADS = 1024, STACK_SIZE = 8 << 20 };

struct worker {
  uv_thread_t thread;
  uv_sem_t wake; /* posted once by the thread itself when it is ready */
  struct worker* next_parked;
};

static struct {
  int err;                   /* why there can be no pool */
  unsigned int worker_count; /* 0: no threads yet */
  bool may_wake;             /* a thread is parked and none is on its way */

  /* Linked by `next`, the newest first; without the lock. */
  _Alignas(UV__CACHE_LINE) struct uv__queue* inbox;

  _Alignas(UV__CACHE_LINE) uv_mutex_t lock;
  struct uv__queue queue;
  struct uv__queue slow;
  struct uv__queue slow_turn;
  unsigned int slow_running;
  unsigned int slow_limit;

  struct worker* workers;
  struct worker* parked; /* last parked first */
  bool waking;           /* one was woken and has not come to the queue yet */
  bool stopping;
  bool stops_at_exit;
} pool;

static uv_once_t once = UV_ONCE_INIT;

/* Whoever has the lock gives it back within a few memory accesses, sooner than a thread falls
 * asleep and wakes; unless it was interrupted. */
static void lock_pool(void) {
  enum { TRIES = 100 };

  for (int i = 0; i < TRIES; i++) {
    if (uv_mutex_trylock(&pool.lock) == 0)
      return;
    uv__cpu_relax();
  }
  uv_mutex_lock(&pool.lock);
}

/* -- Queues: all with the lock held ------------------------------------------------------------ */

/* Moves what the inbox has to the end of the queue, in order. */
static void collect(void) {
  struct uv__queue* place = &pool.queue;
  struct uv__queue* newest = uv__exchange_acquire(&pool.inbox, NULL);

  while (newest != NULL) {
    struct uv__queue* older = newest->next;
    uv__queue_insert_before(place, newest);
    place = newest;
    newest = older;
  }
}

static bool slow_is_queued(void) {
  return !uv__queue_empty(&pool.slow_turn);
}

/* Gives slow work its turn, if there is any and it may have another thread. At the end: it comes
 * after what waits already, so a single thread serves both kinds. */
static void offer_slow(void) {
  if (uv__queue_empty(&pool.slow) || pool.slow_running == pool.slow_limit || slow_is_queued())
    return;
  collect();
  uv__queue_push(&pool.queue, &pool.slow_turn);
}

static struct uv__work* take(bool* is_slow) {
  if (uv__queue_empty(&pool.queue))
    collect();

  struct uv__queue* link = uv__queue_pop(&pool.queue);
  *is_slow = link == &pool.slow_turn;
  if (*is_slow) {
    link = uv__queue_pop(&pool.slow);
    pool.slow_running++;
    offer_slow();
  }
  return link == NULL ? NULL : uv__container(link, struct uv__work, link.queue);
}

static bool has_work(void) {
  return !uv__queue_empty(&pool.queue) || uv__load_ordered(&pool.inbox) != NULL;
}

/* After each change of what it is about. */
static void tell_may_wake(void) {
  uv__store_ordered(&pool.may_wake, pool.parked != NULL && !pool.waking);
}

/* A thread to wake for what is queued: NULL if there is nothing to do, none is parked or one is on
 * its way already. */
static struct worker* worker_to_wake(void) {
  struct worker* worker = pool.parked;

  if (worker == NULL || pool.waking || !has_work())
    return NULL;
  pool.parked = worker->next_parked;
  pool.waking = true;
  tell_may_wake();
  return worker;
}

/* -- Threads ----------------------------------------------------------------------------------- */

/* The mark of cancelled work; never called. */
static void cancelled(struct uv__work* work) {
  (void) work;
}

/* Runs in the loop's thread. */
static void finish(struct uv__mail* mail) {
  struct uv__work* work = uv__container(mail, struct uv__work, link.mail);
  int status = work->work == cancelled ? UV_ECANCELED : 0;

  work->work = NULL;
  uv__metrics_count_work(work->loop);
  work->done(work, status);
}

/* From here on the work is the loop's. */
static void post(struct uv__work* work) {
  work->link.mail.run = finish;
  uv__mailbox_post(work->loop, &work->link.mail);
}

static void park(struct worker* self) {
  self->next_parked = pool.parked;
  pool.parked = self;
  tell_may_wake();
  if (has_work()) { /* and who submitted it may have seen nobody to wake */
    pool.parked = self->next_parked;
    tell_may_wake();
    return;
  }
  uv_mutex_unlock(&pool.lock);
  uv_sem_wait(&self->wake);
  lock_pool();
  pool.waking = false;
  tell_may_wake();
}

static void do_work(struct uv__work* work, bool is_slow) {
  void (*run)(struct uv__work * work) = work->work;
  struct worker* next = worker_to_wake();

  uv__store_relaxed(&work->work, NULL); /* fs.c looks without the lock */
  uv_mutex_unlock(&pool.lock);
  if (next != NULL)
    uv_sem_post(&next->wake);
  run(work);
  post(work);
  lock_pool();
  if (is_slow) {
    pool.slow_running--;
    offer_slow();
  }
}

static void worker_main(void* arg) {
  struct worker* self = arg;
  struct uv__work* work;
  bool is_slow;

  uv_thread_setname("libuv-worker");
  uv_sem_post(&self->wake);

  uv_mutex_lock(&pool.lock);
  for (;;) {
    work = take(&is_slow);
    if (work != NULL)
      do_work(work, is_slow);
    else if (pool.stopping)
      break;
    else
      park(self);
  }
  uv_mutex_unlock(&pool.lock);
}

static int start_worker(struct worker* worker) {
  const uv_thread_options_t options = {
      .flags = UV_THREAD_HAS_STACK_SIZE,
      .stack_size = STACK_SIZE,
  };
  int err = uv_sem_init(&worker->wake, 0);

  if (err != 0)
    return err;
  err = uv_thread_create_ex(&worker->thread, &options, worker_main, worker);
  if (err != 0)
    uv_sem_destroy(&worker->wake);
  return err;
}

/* -- The pool's life: all with the lock held --------------------------------------------------- */

/* What UV_THREADPOOL_SIZE asks for. Text that is too long to be a number that anybody means counts
 * as none, and negative numbers as large ones, as ever. */
static unsigned int wanted_threads(void) {
  char text[16];
  size_t size = sizeof(text);
  long number;

  if (uv_os_getenv("UV_THREADPOOL_SIZE", text, &size) != 0)
    return DEFAULT_THREADS;
  number = strtol(text, NULL, 10);
  if (number == 0)
    return 1;
  return number < 0 || number > MOST_THREADS ? MOST_THREADS : (unsigned int) number;
}

static void reset(void) {
  uv__queue_init(&pool.queue);
  uv__queue_init(&pool.slow);
  uv__queue_init(&pool.slow_turn);
  pool.slow_running = 0;
  pool.parked = NULL;
  pool.waking = false;
  pool.stopping = false;
  tell_may_wake();
  uv__store_release(&pool.worker_count, 0);
}

static void stop_at_exit(void) {
  pool.stops_at_exit = false;
  uv__threadpool_shutdown();
}

/* Makes all threads and waits until they run. Fewer than wanted will do. */
static int make_threads(void) {
  unsigned int wanted = wanted_threads();
  unsigned int count = 0;
  int err = 0;

  uv__free(pool.workers); /* the parent's, in the child of a fork */
  pool.workers = uv__malloc(wanted * sizeof(*pool.workers));
  if (pool.workers == NULL)
    return UV_ENOMEM;
  while (count < wanted && (err = start_worker(&pool.workers[count])) == 0)
    count++;
  if (count == 0) {
    uv__free(pool.workers);
    pool.workers = NULL;
    return err;
  }
  for (unsigned int i = 0; i < count; i++)
    uv_sem_wait(&pool.workers[i].wake);
  pool.slow_limit = (count + 1) / 2;

  /* Without it, work that is queued when the process exits may be lost: no reason to fail. */
  if (!pool.stops_at_exit)
    pool.stops_at_exit = uv__at_exit(stop_at_exit) == 0;
  uv__store_release(&pool.worker_count, count);
  return 0;
}

void uv__threadpool_shutdown(void) {
  uv_thread_t self = uv_thread_self();

  if (uv__load_acquire(&pool.worker_count) == 0)
    return;
  uv_mutex_lock(&pool.lock);
  pool.stopping = true;
  for (struct worker* worker = pool.parked; worker != NULL; worker = worker->next_parked)
    uv_sem_post(&worker->wake);
  pool.parked = NULL;
  tell_may_wake();
  uv_mutex_unlock(&pool.lock);

  /* The caller is one of them where work calls exit(3). */
  for (unsigned int i = 0; i < pool.worker_count; i++)
    if (!uv_thread_equal(&pool.workers[i].thread, &self))
      uv_thread_join(&pool.workers[i].thread);
  for (unsigned int i = 0; i < pool.worker_count; i++)
    uv_sem_destroy(&pool.workers[i].wake);
  uv__free(pool.workers);
  pool.workers = NULL;
  reset();
}

/* -- Forks ------------------------------------------------------------------------------------- */

static void lock_for_fork(void) {
  uv_mutex_lock(&pool.lock);
}

static void unlock_after_fork(void) {
  uv_mutex_unlock(&pool.lock);
}

static void lose_work(struct uv__queue* list) {
  struct uv__queue* link;

  while ((link = uv__queue_pop(list)) != NULL)
    uv__container(link, struct uv__work, link.queue)->work = NULL;
}

/* The child has no threads but the one that forked, and what the parent queued is the parent's: the
 * child cannot cancel it. Nothing is freed here, where the allocator's locks may be anyone's. */
static void forget_after_fork(void) {
  collect();
  uv__queue_remove(&pool.slow_turn);
  lose_work(&pool.queue);
  lose_work(&pool.slow);
  reset();
  uv_mutex_unlock(&pool.lock);
}

static void init(void) {
  reset();
  pool.err = uv_mutex_init(&pool.lock);
  if (pool.err == 0)
    pool.err = uv__at_fork(lock_for_fork, unlock_after_fork, forget_after_fork);
}

/* -- Use --------------------------------------------------------------------------------------- */

static int start(void) {
  int err = 0;

  uv_once(&once, init);
  if (pool.err != 0)
    return pool.err;
  uv_mutex_lock(&pool.lock);
  if (pool.worker_count == 0)
    err = make_threads();
  uv_mutex_unlock(&pool.lock);
  return err;
}

static void push(struct uv__queue* link) {
  struct uv__queue* newest = uv__load_relaxed(&pool.inbox);

  do {
    link->next = newest;
  } while (!uv__replace_ordered(&pool.inbox, &newest, link));
}

static void push_slow(struct uv__queue* link) {
  lock_pool();
  uv__queue_push(&pool.slow, link);
  offer_slow();
  uv_mutex_unlock(&pool.lock);
}

static void wake_worker(void) {
  lock_pool();
  struct worker* worker = worker_to_wake();
  uv_mutex_unlock(&pool.lock);

  if (worker != NULL)
    uv_sem_post(&worker->wake);
}

int uv__work_submit(uv_loop_t* loop, struct uv__work* work, enum uv__work_kind kind,
                    void (*run)(struct uv__work* work),
                    void (*done)(struct uv__work* work, int status)) {
  int err;

  work->work = NULL;
  if (uv__load_acquire(&pool.worker_count) == 0 && (err = start()) != 0)
    return err;
  work->work = run;
  work->done = done;
  work->loop = loop;
  if (kind == UV__WORK_SLOW)
    push_slow(&work->link.queue);
  else
    push(&work->link.queue);
  if (uv__load_ordered(&pool.may_wake))
    wake_worker();
  return 0;
}

int uv__work_cancel(struct uv__work* work) {
  void (*was)(struct uv__work * work);

  uv_once(&once, init);
  if (pool.err != 0)
    return UV_EBUSY;
  uv_mutex_lock(&pool.lock);
  collect();
  was = work->work;
  if (was != NULL && was != cancelled) {
    uv__queue_remove(&work->link.queue);
    if (uv__queue_empty(&pool.slow))
      uv__queue_remove(&pool.slow_turn);
    work->work = cancelled;
    post(work);
  }
  uv_mutex_unlock(&pool.lock);
  return was == NULL ? UV_EBUSY : 0;
}
