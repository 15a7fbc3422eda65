/* A list of a loop's handles for people who debug. */
#include "core.h"

static const char* name_of(const uv_handle_t* handle) {
  const char* name = uv_handle_type_name(handle->type);
  return name != NULL ? name : "<unknown>";
}

static void print_handles(uv_loop_t* loop, bool only_active, FILE* stream) {
  if (stream == NULL)
    stream = stderr;
  if (loop == NULL)
    loop = uv_default_loop();
  if (loop == NULL) {
    fprintf(stream, "no default loop\n");
    return;
  }

  for (struct uv__queue* link = loop->handle_queue.next; link != &loop->handle_queue;
       link = link->next) {
    const uv_handle_t* handle = uv__container(link, uv_handle_t, handle_queue);
    if (only_active && !uv__is_active(handle))
      continue;
    fprintf(stream, "[%c%c%c] %-8s %p\n", handle->flags & UV_HANDLE_REF ? 'R' : '-',
            handle->flags & UV_HANDLE_ACTIVE ? 'A' : '-',
            handle->flags & UV_HANDLE_INTERNAL ? 'I' : '-', name_of(handle), (const void*) handle);
  }
}

void uv_print_all_handles(uv_loop_t* loop, FILE* stream) {
  print_handles(loop, false, stream);
}

void uv_print_active_handles(uv_loop_t* loop, FILE* stream) {
  print_handles(loop, true, stream);
}
