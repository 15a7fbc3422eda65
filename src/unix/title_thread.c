/* A title is seen as the name of the thread that sets it. */
#include "title_show.h"

#include "uv.h"

void uv__title_show(const char* title) {
  uv_thread_setname(title);
}
