/* Accepted connections that are read from and stay quiet, their other ends in another process. */
#ifndef HELD_H_
#define HELD_H_

#include <stdbool.h>
#include <uv.h>

#include "listener.h"
#include "load_process.h"

struct held {
  struct listener listener;
  struct load load;
  union any_stream* clients;
  long count;
  long accepted;
};

/* Prepares the listener and the memory of the handles. Returns false, with a remark, if this
 * process may not have so many descriptors. */
bool held_open(struct held* held, uv_loop_t* loop, long count);

/* Runs the loop until all connections are there. */
void held_connect(struct held* held);

/* Closes all of it, and runs the loop until that is done. */
void held_close(struct held* held);

#endif /* HELD_H_ */
