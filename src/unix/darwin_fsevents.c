/* Streams of what FSEvents tells. */
#include "darwin_fsevents.h"

#include "../core.h"

#include <string.h>

/* See FSEvents.h: FSEventStreamContext, FSEventStreamCreateFlags. */
struct stream_context {
  long version;
  void* info;
  const void* (*retain)(const void* info);
  void (*release)(const void* info);
  uv__cf_ref (*copy_description)(const void* info);
};

enum { NO_DEFER = 0x2, FILE_EVENTS = 0x10 };

static const double latency_s = 0.05;

static struct {
  void (*release)(uv__cf_ref object);
  uv__cf_ref (*create_path)(uv__cf_ref allocator, const char* path);
  uv__cf_ref (*create_array)(uv__cf_ref allocator, const uv__cf_ref values[], long count,
                             const void* callbacks);
  const void* array_callbacks;
} cf;

static struct {
  void* (*create)(uv__cf_ref allocator, uv__fsevents_cb cb, struct stream_context* context,
                  uv__cf_ref paths, uint64_t since, double latency_s, uint32_t flags);
  void (*schedule)(void* stream, uv__cf_ref loop, uv__cf_ref mode);
  unsigned char (*start)(void* stream);
  void (*stop)(void* stream);
  void (*invalidate)(void* stream);
  void (*release)(void* stream);
  void (*flush)(void* stream);
  uint64_t (*last)(void);
} fs;

static uv_once_t once = UV_ONCE_INIT;
static int load_error;

static int find_cf(void) {
  const struct uv__framework_symbol symbols[] = {
      {"CFRelease", &cf.release},
      {"CFStringCreateWithFileSystemRepresentation", &cf.create_path},
      {"CFArrayCreate", &cf.create_array},
      {"kCFTypeArrayCallBacks", &cf.array_callbacks},
  };
  void* framework = uv__framework_load("CoreFoundation");

  if (framework == NULL)
    return UV_ENOSYS;
  return uv__framework_find(framework, symbols, sizeof(symbols) / sizeof(symbols[0]));
}

static int find_fs(void) {
  const struct uv__framework_symbol symbols[] = {
      {"FSEventStreamCreate", &fs.create},
      {"FSEventStreamScheduleWithRunLoop", &fs.schedule},
      {"FSEventStreamStart", &fs.start},
      {"FSEventStreamStop", &fs.stop},
      {"FSEventStreamInvalidate", &fs.invalidate},
      {"FSEventStreamRelease", &fs.release},
      {"FSEventStreamFlushSync", &fs.flush},
      {"FSEventsGetCurrentEventId", &fs.last},
  };
  void* framework = uv__framework_load("CoreServices");

  if (framework == NULL)
    return UV_ENOSYS;
  return uv__framework_find(framework, symbols, sizeof(symbols) / sizeof(symbols[0]));
}

static void load(void) {
  load_error = find_cf();
  if (load_error == 0)
    load_error = find_fs();
}

int uv__fsevents_load(void) {
  uv_once(&once, load);
  return load_error;
}

uint64_t uv__fsevents_last(void) {
  return fs.last();
}

/* -- Streams ----------------------------------------------------------------------------------- */

static void release_all(const uv__cf_ref objects[], size_t count) {
  for (size_t i = 0; i < count; i++)
    cf.release(objects[i]);
}

/* An array of texts, to be released; NULL: no memory. */
static uv__cf_ref array_of(const char* const paths[], size_t count) {
  uv__cf_ref* texts = uv__calloc(count, sizeof(*texts));
  uv__cf_ref array = NULL;
  size_t made = 0;

  if (texts == NULL)
    return NULL;
  while (made < count && (texts[made] = cf.create_path(NULL, paths[made])) != NULL)
    made++;
  if (made == count)
    array = cf.create_array(NULL, texts, (long) count, cf.array_callbacks);
  release_all(texts, made);
  uv__free(texts);
  return array;
}

static int start(void* stream, uv__cf_ref loop, uv__cf_ref mode) {
  fs.schedule(stream, loop, mode);
  if (fs.start(stream))
    return 0;
  fs.invalidate(stream);
  fs.release(stream);
  return UV_EMFILE;
}

int uv__fsevents_open(void** stream, const char* const paths[], size_t count, uint64_t since,
                      uv__cf_ref loop, uv__cf_ref mode, uv__fsevents_cb cb, void* data) {
  uv__cf_ref array = array_of(paths, count);
  struct stream_context context;

  if (array == NULL)
    return UV_ENOMEM;
  memset(&context, 0, sizeof(context));
  context.info = data;
  *stream = fs.create(NULL, cb, &context, array, since, latency_s, NO_DEFER | FILE_EVENTS);
  cf.release(array);
  return *stream != NULL ? start(*stream, loop, mode) : UV_ENOMEM;
}

void uv__fsevents_flush(void* stream) {
  fs.flush(stream);
}

void uv__fsevents_close(void* stream) {
  fs.stop(stream);
  fs.invalidate(stream);
  fs.release(stream);
}
