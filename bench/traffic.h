/* What servers are measured with: the cases, which are the same for every library and for servers
 * without any, and the part of a run that counts. */
#ifndef TRAFFIC_H_
#define TRAFFIC_H_

#include "bench.h"
#include "load_process.h"

/* As many cases as any kind of load has. */
enum { TRAFFIC_CASES = 24 };

/* Fills in the cases of a kind, "echo", "bursts" or "connect", and returns how many. */
size_t traffic_cases(struct bench_case* cases, const char* kind,
                     void (*run)(const struct bench_case* self));

/* What the load has to do, and which part of it counts. The window is in bytes that the server has
 * received, or, for "connect", in connections that it has closed. */
void traffic_plan(const struct bench_case* self, struct load_plan* plan,
                  struct bench_window* window);

/* Prints the server's CPU time per message or connection and, as "wall", the time between two. */
void traffic_report(const struct bench_case* self, const struct bench_window* window);

#endif /* TRAFFIC_H_ */
