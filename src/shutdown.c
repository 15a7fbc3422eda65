/* The end of the library as a whole. */
#include "threadpool.h"
#include "title.h"

void uv_library_shutdown(void) {
  uv__threadpool_shutdown();
  uv__title_shutdown();
}
