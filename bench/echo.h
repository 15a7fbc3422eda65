/* The echo server that is measured: the same for TCP and pipes. */
#ifndef ECHO_H_
#define ECHO_H_

#include <uv.h>

#include "bench.h"

/* Serves the case's connections and messages; prints the server's CPU time per message and, as
 * "wall", the time between two messages. */
void echo_run(const struct bench_case* self, uv_handle_type type);

#endif /* ECHO_H_ */
