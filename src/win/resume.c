/* Waking of loops when the machine comes back from sleep.
 *
 * The system calls back on a thread of its own. All loops of the process are on a list, linked
 * through the loops. Without the notification timers that became due during the sleep come late,
 * which is no reason to fail. */
#include "resume.h"

#include "../queue.h"
#include "startup.h"

/* From <powrprof.h> and <winuser.h>, by number: some versions lack them. */
enum { NOTIFY_BY_CALLBACK = 2, RESUMED = 7, RESUMED_BY_ITSELF = 18 };

typedef ULONG(CALLBACK* resume_callback)(void* context, ULONG type, void* setting);

struct subscription {
  resume_callback callback;
  void* context;
};

typedef DWORD(WINAPI* register_function)(DWORD flags, HANDLE recipient, void** registration);

static uv_once_t once = UV_ONCE_INIT;
static CRITICAL_SECTION lock;
static struct uv__queue loops;

static ULONG CALLBACK on_resume(void* context, ULONG type, void* setting) {
  (void) context;
  (void) setting;
  if (type != RESUMED && type != RESUMED_BY_ITSELF)
    return ERROR_SUCCESS;

  EnterCriticalSection(&lock);
  for (struct uv__queue* link = loops.next; link != &loops; link = link->next)
    PostQueuedCompletionStatus(uv__container(link, uv_loop_t, spare.queue)->iocp, 0, 0, NULL);
  LeaveCriticalSection(&lock);
  return ERROR_SUCCESS;
}

static void init(void) {
  static struct subscription subscription = {.callback = on_resume};
  register_function subscribe;
  void* registration;

  InitializeCriticalSection(&lock);
  uv__queue_init(&loops);
  subscribe = (register_function) uv__system_function(L"powrprof.dll",
                                                      "PowerRegisterSuspendResumeNotification");
  if (subscribe != NULL)
    subscribe(NOTIFY_BY_CALLBACK, &subscription, &registration);
}

void uv__resume_watch(uv_loop_t* loop) {
  uv_once(&once, init);
  EnterCriticalSection(&lock);
  uv__queue_push(&loops, &loop->spare.queue);
  LeaveCriticalSection(&lock);
}

void uv__resume_forget(uv_loop_t* loop) {
  EnterCriticalSection(&lock);
  uv__queue_remove(&loop->spare.queue);
  LeaveCriticalSection(&lock);
}
