/* A pipe that was not opened for overlapped operations carries out one at a time: whoever comes
 * while another waits, waits too, even to ask for its name. So threads wait for data and for room,
 * and this keeps them apart: a thread that waits for data is interrupted by whoever has something
 * to write, and waits again behind it; the loop's thread never waits for either.
 *
 * An operation can only be interrupted once it has begun, and nobody sees when that is. So
 * interrupting is repeated until the thread says that it is out.
 *
 * A gate of zeros is a new one. */
#include "pipe.h"

enum {
  RETRY_MS = 1,
  MOST_CLOSE_TRIES = 1000 /* then the file is closed under the thread's feet, which ends it too */
};

static void lock(struct uv__pipe_gate* gate) {
  AcquireSRWLockExclusive(&gate->lock);
}

static void unlock(struct uv__pipe_gate* gate) {
  ReleaseSRWLockExclusive(&gate->lock);
}

static void wait(struct uv__pipe_gate* gate, DWORD timeout_ms) {
  SleepConditionVariableSRW(&gate->changed, &gate->lock, timeout_ms, 0);
}

/* With the lock held. */
static void interrupt(struct uv__pipe_gate* gate, const HANDLE* thread) {
  for (int i = 0; *thread != NULL && (i < MOST_CLOSE_TRIES || !gate->is_closed); i++) {
    CancelSynchronousIo(*thread);
    wait(gate, RETRY_MS);
  }
}

/* -- Entering and leaving ---------------------------------------------------------------------- */

/* A handle by which others can interrupt this thread, or NULL. */
static HANDLE this_thread(void) {
  HANDLE thread;

  if (!DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &thread, 0,
                       FALSE, DUPLICATE_SAME_ACCESS))
    return NULL;
  return thread;
}

static void leave(struct uv__pipe_gate* gate, HANDLE* slot) {
  HANDLE thread;

  lock(gate);
  thread = *slot;
  *slot = NULL;
  WakeAllConditionVariable(&gate->changed);
  unlock(gate);
  CloseHandle(thread);
}

DWORD uv__gate_enter_reader(struct uv__pipe_gate* gate) {
  HANDLE thread = this_thread();
  bool may_enter;

  if (thread == NULL)
    return GetLastError();
  lock(gate);
  while (gate->is_writing && !gate->is_read_stopped && !gate->is_closed)
    wait(gate, INFINITE);
  may_enter = !gate->is_read_stopped && !gate->is_closed;
  if (may_enter)
    gate->reader = thread;
  unlock(gate);
  if (may_enter)
    return 0;
  CloseHandle(thread);
  return ERROR_OPERATION_ABORTED;
}

void uv__gate_leave_reader(struct uv__pipe_gate* gate) {
  leave(gate, &gate->reader);
}

DWORD uv__gate_enter_writer(struct uv__pipe_gate* gate) {
  HANDLE thread = this_thread();
  bool may_enter;

  if (thread == NULL)
    return GetLastError();
  lock(gate);
  interrupt(gate, &gate->reader);
  may_enter = !gate->is_closed;
  if (may_enter)
    gate->writer = thread;
  unlock(gate);
  if (may_enter)
    return 0;
  CloseHandle(thread);
  return ERROR_OPERATION_ABORTED;
}

void uv__gate_leave_writer(struct uv__pipe_gate* gate) {
  leave(gate, &gate->writer);
}

/* -- Who writes -------------------------------------------------------------------------------- */

void uv__gate_begin_writing(struct uv__pipe_gate* gate) {
  lock(gate);
  while (gate->is_writing)
    wait(gate, INFINITE);
  gate->is_writing = true;
  unlock(gate);
}

static void end_writing(struct uv__pipe_gate* gate) {
  gate->is_writing = false;
  WakeAllConditionVariable(&gate->changed);
}

void uv__gate_end_writing(struct uv__pipe_gate* gate) {
  lock(gate);
  end_writing(gate);
  unlock(gate);
}

/* The queue is a circle with the gate pointing at the last one. */
bool uv__gate_push_write(struct uv__pipe_gate* gate, uv_write_t* req) {
  uv_req_t* added = uv__req(req);
  uv_req_t* last;
  bool is_first;

  lock(gate);
  last = uv__req(gate->writes);
  added->next_req = last == NULL ? added : last->next_req;
  if (last != NULL)
    last->next_req = added;
  gate->writes = req;
  is_first = !gate->is_writing;
  gate->is_writing = true;
  unlock(gate);
  return is_first;
}

void uv__gate_drop_writes(struct uv__pipe_gate* gate) {
  lock(gate);
  gate->writes = NULL;
  end_writing(gate);
  unlock(gate);
}

uv_write_t* uv__gate_pop_write(struct uv__pipe_gate* gate) {
  uv_req_t* last;
  uv_req_t* first = NULL;

  lock(gate);
  last = uv__req(gate->writes);
  if (last == NULL) {
    end_writing(gate);
  } else {
    first = last->next_req;
    last->next_req = first->next_req;
    if (first == last)
      gate->writes = NULL;
  }
  unlock(gate);
  return (uv_write_t*) first;
}

/* -- The loop's thread ------------------------------------------------------------------------- */

void uv__gate_stop_reader(struct uv__pipe_gate* gate) {
  lock(gate);
  gate->is_read_stopped = true;
  WakeAllConditionVariable(&gate->changed);
  interrupt(gate, &gate->reader);
  unlock(gate);
}

void uv__gate_resume_reader(struct uv__pipe_gate* gate) {
  lock(gate);
  gate->is_read_stopped = false;
  unlock(gate);
}

bool uv__gate_hold(struct uv__pipe_gate* gate) {
  lock(gate);
  if (!gate->is_writing)
    interrupt(gate, &gate->reader);
  if (!gate->is_writing)
    return true;
  unlock(gate);
  return false;
}

bool uv__gate_hold_idle(struct uv__pipe_gate* gate) {
  lock(gate);
  if (!gate->is_writing)
    return true;
  unlock(gate);
  return false;
}

void uv__gate_release(struct uv__pipe_gate* gate) {
  unlock(gate);
}

void uv__gate_close(struct uv__pipe_gate* gate) {
  lock(gate);
  gate->is_closed = true;
  WakeAllConditionVariable(&gate->changed);
  interrupt(gate, &gate->reader);
  interrupt(gate, &gate->writer);
  unlock(gate);
}
