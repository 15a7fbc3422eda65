/* Work and files by the least thread pool that there can be: four threads, and for each direction
 * an array of pointers under a lock. It knows one loop and one kind of work, and nothing can be
 * taken back. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_cases.h"

enum { THREADS = 4, MOST_TASKS = 1024, WORK_CASES = 3 };

struct task {
  enum file_step step;
  int fd;
  unsigned block;
  char* path;
  char* memory;
  ssize_t result;
  struct statx status;
};

/* First in, first out. */
struct direction {
  _Alignas(64) pthread_mutex_t lock;
  unsigned head;
  unsigned tail;
  unsigned sleepers; /* nobody has woken them yet */
  struct task* tasks[MOST_TASKS];
};

static struct direction asked;
static struct direction told;
static sem_t for_threads;
static int for_loop;
static int epoll_fd;
static pthread_t threads[THREADS];

static struct test_file file;
static struct file_flow flow;

void bench_print_library(void) {
  puts("# library none\n# version threads");
}

/* -- Handing over ------------------------------------------------------------------------------ */

/* Whether there is a sleeper, whom the caller wakes then. */
static bool push(struct direction* direction, struct task* task) {
  bool must_wake;

  pthread_mutex_lock(&direction->lock);
  direction->tasks[direction->tail++ % MOST_TASKS] = task;
  must_wake = direction->sleepers > 0;
  if (must_wake)
    direction->sleepers--;
  pthread_mutex_unlock(&direction->lock);
  return must_wake;
}

/* Takes up to `most`; if there is nothing, the caller is a sleeper from now on. */
static unsigned pop(struct direction* direction, struct task* tasks[], unsigned most) {
  unsigned count = 0;

  pthread_mutex_lock(&direction->lock);
  while (count < most && direction->head != direction->tail)
    tasks[count++] = direction->tasks[direction->head++ % MOST_TASKS];
  if (count == 0)
    direction->sleepers++;
  pthread_mutex_unlock(&direction->lock);
  return count;
}

/* NULL ends a thread. */
static void ask(struct task* task) {
  if (push(&asked, task))
    sem_post(&for_threads);
}

static void tell(struct task* task) {
  const uint64_t one = 1;

  if (push(&told, task) && write(for_loop, &one, sizeof(one)) != sizeof(one))
    bench_fail("an eventfd");
}

/* -- In the threads ---------------------------------------------------------------------------- */

static ssize_t carry_out(struct task* task) {
  off_t offset = (off_t) task->block * FILE_BLOCK;

  switch (task->step) {
    case FILE_READ:
      return pread(file.fd, task->memory, FILE_BLOCK, offset);
    case FILE_WRITE:
      return pwrite(file.fd, task->memory, FILE_BLOCK, offset);
    case FILE_STAT:
      return statx(AT_FDCWD, task->path, 0, STATX_BASIC_STATS | STATX_BTIME, &task->status);
    case FILE_OPEN:
      return open(task->path, O_RDONLY | O_CLOEXEC);
    case FILE_READ_OPENED:
      return pread(task->fd, task->memory, FILE_BLOCK, 0);
    case FILE_CLOSE:
      return close(task->fd);
    default:
      return 0;
  }
}

static void* thread_main(void* arg) {
  struct task* task;

  for (;;) {
    if (pop(&asked, &task, 1) == 0) {
      sem_wait(&for_threads);
    } else if (task == NULL) {
      return arg;
    } else {
      task->result = carry_out(task);
      tell(task);
    }
  }
}

/* -- In the loop ------------------------------------------------------------------------------- */

static void begin(struct task* task) {
  if (task->step == FILE_STAT || task->step == FILE_OPEN)
    task->path = strdup(file.path);
  task->block = (task->block + 7) % FILE_BLOCKS;
  ask(task);
}

static void on_end(struct task* task) {
  if (task->result < 0)
    bench_fail("an operation");
  free(task->path);
  task->path = NULL;
  if (task->step == FILE_OPEN)
    task->fd = (int) task->result;
  if (file_next_step(&flow, &task->step))
    begin(task);
}

static void wait_for_threads(void) {
  struct epoll_event event;
  bench_must(epoll_wait(epoll_fd, &event, 1, -1), "epoll_wait");
}

static void run_round(struct task* tasks, enum file_step first, long depth, long count) {
  struct task* done[MOST_TASKS];

  flow = (struct file_flow){.begun = depth, .total = count};
  for (long i = 0; i < depth; i++) {
    tasks[i].step = first;
    begin(&tasks[i]);
  }
  while (flow.ended < flow.total) {
    unsigned taken = pop(&told, done, MOST_TASKS);
    for (unsigned i = 0; i < taken; i++)
      on_end(done[i]);
    if (taken == 0)
      wait_for_threads();
  }
}

/* -- Cases ------------------------------------------------------------------------------------- */

static void open_direction(struct direction* direction) {
  memset(direction, 0, sizeof(*direction));
  pthread_mutex_init(&direction->lock, NULL);
}

static void open_pool(void) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};

  open_direction(&asked);
  open_direction(&told);
  sem_init(&for_threads, 0, 0);
  for_loop = bench_must(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
  epoll_fd = bench_must(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
  bench_must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, for_loop, &event), "epoll_ctl");
  for (int i = 0; i < THREADS; i++)
    bench_must(-pthread_create(&threads[i], NULL, thread_main, NULL), "pthread_create");
}

static void close_pool(void) {
  for (int i = 0; i < THREADS; i++)
    ask(NULL);
  for (int i = 0; i < THREADS; i++)
    pthread_join(threads[i], NULL);
  close(epoll_fd);
  close(for_loop);
  sem_destroy(&for_threads);
}

static struct task* make_tasks(long count) {
  struct task* tasks = bench_alloc((size_t) count, sizeof(*tasks));

  for (long i = 0; i < count; i++) {
    tasks[i].memory = bench_alloc(1, FILE_BLOCK);
    tasks[i].block = (unsigned) i;
  }
  return tasks;
}

static void free_tasks(struct task* tasks, long count) {
  for (long i = 0; i < count; i++)
    free(tasks[i].memory);
  free(tasks);
}

static void run(const struct bench_case* self) {
  struct task* tasks = make_tasks(self->depth);
  long count = bench_operations(self->operations);
  uint64_t start;

  if (count < self->depth)
    count = self->depth;
  bench_use_all_cpus();
  open_pool();
  test_file_make(&file);
  run_round(tasks, file_first_step(self->kind), self->depth, self->depth);
  start = bench_cpu_ns();
  run_round(tasks, file_first_step(self->kind), self->depth, count);
  bench_report(self, NULL, (double) (bench_cpu_ns() - start) / (double) count, "ns");
  test_file_remove(&file);
  close_pool();
  free_tasks(tasks, self->depth);
}

int main(int argc, char** argv) {
  static struct bench_case cases[FILE_CASES + WORK_CASES] = {
      [FILE_CASES] = {.name = "work/1", .run = run, .depth = 1, .operations = 40000},
      {.name = "work/64", .run = run, .depth = 64, .operations = 500000},
      {.name = "work/512", .run = run, .depth = 512, .operations = 1000000},
  };

  file_cases(cases, run);
  return bench_main(argc, argv, cases, FILE_CASES + WORK_CASES);
}
