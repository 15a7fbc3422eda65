/* A thread that runs a run loop. It is given commands by a source of that loop. */
#include "darwin_runloop.h"

#include <string.h>

/* See CFRunLoop.h: CFRunLoopSourceContext. */
struct source_context {
  long version;
  void* info;
  const void* (*retain)(const void* info);
  void (*release)(const void* info);
  uv__cf_ref (*copy_description)(const void* info);
  unsigned char (*equal)(const void* a, const void* b);
  unsigned long (*hash)(const void* info);
  void (*schedule)(void* info, uv__cf_ref loop, uv__cf_ref mode);
  void (*cancel)(void* info, uv__cf_ref loop, uv__cf_ref mode);
  void (*perform)(void* info);
};

static struct {
  void (*release)(uv__cf_ref object);
  void (*add_source)(uv__cf_ref loop, uv__cf_ref source, uv__cf_ref mode);
  void (*remove_source)(uv__cf_ref loop, uv__cf_ref source, uv__cf_ref mode);
  uv__cf_ref (*get_current)(void);
  void (*run)(void);
  void (*stop)(uv__cf_ref loop);
  void (*wake_up)(uv__cf_ref loop);
  uv__cf_ref (*create_source)(uv__cf_ref allocator, long order, struct source_context* context);
  void (*signal_source)(uv__cf_ref source);
  uv__cf_ref* default_mode;
} cf;

static uv_once_t once = UV_ONCE_INIT;
static int cf_error;

static void find_cf(void) {
  const struct uv__framework_symbol symbols[] = {
      {"CFRelease", &cf.release},
      {"CFRunLoopAddSource", &cf.add_source},
      {"CFRunLoopRemoveSource", &cf.remove_source},
      {"CFRunLoopGetCurrent", &cf.get_current},
      {"CFRunLoopRun", &cf.run},
      {"CFRunLoopStop", &cf.stop},
      {"CFRunLoopWakeUp", &cf.wake_up},
      {"CFRunLoopSourceCreate", &cf.create_source},
      {"CFRunLoopSourceSignal", &cf.signal_source},
      {"kCFRunLoopDefaultMode", &cf.default_mode},
  };
  void* framework = uv__framework_load("CoreFoundation");

  cf_error = UV_ENOSYS;
  if (framework != NULL)
    cf_error = uv__framework_find(framework, symbols, sizeof(symbols) / sizeof(symbols[0]));
}

/* -- In the thread ----------------------------------------------------------------------------- */

static void perform(void* info) {
  struct uv__runloop* runloop = info;

  runloop->command(runloop->data);
  uv_sem_post(&runloop->done);
}

static void thread_main(void* arg) {
  struct uv__runloop* runloop = arg;
  uv__cf_ref loop = cf.get_current();

  runloop->loop = loop;
  cf.add_source(loop, runloop->source, runloop->mode);
  uv_sem_post(&runloop->done);
  cf.run();
  cf.remove_source(loop, runloop->source, runloop->mode);
}

static void end(void* data) {
  cf.stop(((struct uv__runloop*) data)->loop);
}

/* -- From other threads ------------------------------------------------------------------------ */

void uv__runloop_call(struct uv__runloop* runloop, void (*command)(void* data), void* data) {
  runloop->command = command;
  runloop->data = data;
  cf.signal_source(runloop->source);
  cf.wake_up(runloop->loop);
  uv_sem_wait(&runloop->done);
}

static int start_thread(struct uv__runloop* runloop) {
  struct source_context context;
  int err;

  memset(&context, 0, sizeof(context));
  context.info = runloop;
  context.perform = perform;
  runloop->source = cf.create_source(NULL, 0, &context);
  if (runloop->source == NULL)
    return UV_ENOMEM;
  err = uv_thread_create(&runloop->thread, thread_main, runloop);
  if (err != 0)
    cf.release(runloop->source);
  return err;
}

int uv__runloop_start(struct uv__runloop* runloop) {
  int err;

  uv_once(&once, find_cf);
  if (cf_error != 0)
    return cf_error;
  runloop->mode = *cf.default_mode;
  err = uv_sem_init(&runloop->done, 0);
  if (err != 0)
    return err;
  err = start_thread(runloop);
  if (err != 0) {
    uv_sem_destroy(&runloop->done);
    return err;
  }
  uv_sem_wait(&runloop->done);
  return 0;
}

void uv__runloop_stop(struct uv__runloop* runloop) {
  uv__runloop_call(runloop, end, runloop);
  uv_thread_join(&runloop->thread);
  uv_sem_destroy(&runloop->done);
  cf.release(runloop->source);
}
