/* The end of the library as a whole. */
#include "uv.h"

/* Nothing outlives the loops yet. */
void uv_library_shutdown(void) {
}
