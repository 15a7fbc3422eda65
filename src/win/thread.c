/* Threads: their lives, processors and priorities.
 *
 * A thread is its handle. The thread itself has it in a slot of its own, so it is the same value
 * for whoever asks; a thread that this library did not make gets one when it asks first. */
#include "../thread.h"

#include "../core.h"
#include "nt.h"

#include <errno.h>

struct start {
  uv_thread_cb entry;
  void* arg;
  uv_thread_t self;
};

struct basic_information {
  NTSTATUS exit_status;
  void* block;
  HANDLE ids[2];
  ULONG_PTR affinity;
  LONG priority;
  LONG base_priority;
};

/* Of enum THREADINFOCLASS, which the headers name without it. */
enum { BASIC_INFORMATION = 0 };

static uv_once_t once = UV_ONCE_INIT;
static uv_key_t self_key;
static int key_error;

static void make_key(void) {
  key_error = uv_key_create(&self_key);
}

/* -- Life -------------------------------------------------------------------------------------- */

static unsigned int __stdcall thread_main(void* data) {
  struct start start = *(struct start*) data;

  uv__free(data);
  if (key_error == 0)
    uv_key_set(&self_key, start.self);
  start.entry(start.arg);
  return 0;
}

/* Whole pages; 0 is the default of the program. UV_EINVAL for more than the system can be told. */
static int wanted_stack(const uv_thread_options_t* params, unsigned int* size) {
  SYSTEM_INFO info;
  size_t wanted = params->flags & UV_THREAD_HAS_STACK_SIZE ? params->stack_size : 0;
  size_t page;

  GetSystemInfo(&info);
  page = info.dwPageSize;
  if (wanted > UINT_MAX - (page - 1))
    return UV_EINVAL;
  *size = (unsigned int) ((wanted + page - 1) / page * page);
  return 0;
}

/* What _beginthreadex() says in errno. */
static int creation_error(void) {
  switch (errno) {
    case EINVAL:
      return UV_EINVAL;
    case ENOMEM:
      return UV_ENOMEM;
    default:
      return UV_EAGAIN;
  }
}

/* Runs only when it knows its own handle. */
static int create(uv_thread_t* tid, unsigned int stack_size, struct start* start) {
  uintptr_t thread = _beginthreadex(NULL, stack_size, thread_main, start,
                                    CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);

  if (thread == 0)
    return creation_error();
  start->self = (HANDLE) thread;
  *tid = (HANDLE) thread;
  ResumeThread((HANDLE) thread);
  return 0;
}

int uv_thread_create_ex(uv_thread_t* tid, const uv_thread_options_t* params, uv_thread_cb entry,
                        void* arg) {
  unsigned int stack_size;
  struct start* start;
  int err = wanted_stack(params, &stack_size);

  if (err != 0)
    return err;
  uv_once(&once, make_key);
  start = uv__malloc(sizeof(*start));
  if (start == NULL)
    return UV_ENOMEM;
  start->entry = entry;
  start->arg = arg;
  err = create(tid, stack_size, start);
  if (err != 0)
    uv__free(start);
  return err;
}

int uv_thread_create(uv_thread_t* tid, uv_thread_cb entry, void* arg) {
  const uv_thread_options_t params = {.flags = UV_THREAD_NO_FLAGS};
  return uv_thread_create_ex(tid, &params, entry, arg);
}

int uv_thread_detach(uv_thread_t* tid) {
  if (*tid == NULL)
    return UV_EINVAL;
  if (!CloseHandle(*tid))
    return uv_translate_sys_error((int) GetLastError());
  *tid = NULL;
  return 0;
}

int uv_thread_join(uv_thread_t* tid) {
  if (WaitForSingleObject(*tid, INFINITE) != WAIT_OBJECT_0)
    return uv_translate_sys_error((int) GetLastError());
  CloseHandle(*tid);
  *tid = NULL;
  return 0;
}

uv_thread_t uv_thread_self(void) {
  HANDLE self;

  uv_once(&once, make_key);
  if (key_error != 0)
    return NULL;
  self = uv_key_get(&self_key);
  if (self == NULL && DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(),
                                      &self, 0, FALSE, DUPLICATE_SAME_ACCESS))
    uv_key_set(&self_key, self);
  return self;
}

int uv_thread_equal(const uv_thread_t* t1, const uv_thread_t* t2) {
  return *t1 == *t2;
}

/* More than yielding, which would only let threads of the same or a higher priority run. */
void uv__thread_give_way(void) {
  Sleep(1);
}

/* -- Processors -------------------------------------------------------------------------------- */

/* Those of one group: what a mask can name. */
enum { MASK_SIZE = sizeof(DWORD_PTR) * CHAR_BIT };

int uv_cpumask_size(void) {
  return MASK_SIZE;
}

int uv_thread_getaffinity(uv_thread_t* tid, char* cpumask, size_t mask_size) {
  struct basic_information info;
  NTSTATUS status;

  if (mask_size < MASK_SIZE)
    return UV_EINVAL;
  status = NtQueryInformationThread(*tid, (THREADINFOCLASS) BASIC_INFORMATION, &info, sizeof(info),
                                    NULL);
  if (!UV__NT_SUCCESS(status))
    return uv_translate_sys_error((int) RtlNtStatusToDosError(status));
  for (size_t i = 0; i < MASK_SIZE; i++)
    cpumask[i] = (info.affinity >> i & 1) != 0;
  return 0;
}

int uv_thread_setaffinity(uv_thread_t* tid, char* cpumask, char* oldmask, size_t mask_size) {
  DWORD_PTR wanted = 0;
  DWORD_PTR ours;
  DWORD_PTR all;

  if (mask_size < MASK_SIZE)
    return UV_EINVAL;
  for (size_t i = 0; i < MASK_SIZE; i++)
    if (cpumask[i] != 0)
      wanted |= (DWORD_PTR) 1 << i;
  if (!GetProcessAffinityMask(GetCurrentProcess(), &ours, &all))
    return uv_translate_sys_error((int) GetLastError());
  if (wanted == 0 || (wanted & ~ours) != 0)
    return UV_EINVAL;
  if (oldmask != NULL) {
    int err = uv_thread_getaffinity(tid, oldmask, mask_size);
    if (err != 0)
      return err;
  }
  if (SetThreadAffinityMask(*tid, wanted) == 0)
    return uv_translate_sys_error((int) GetLastError());
  return 0;
}

int uv_thread_getcpu(void) {
  return (int) GetCurrentProcessorNumber();
}

/* -- Priorities -------------------------------------------------------------------------------- */

/* The system's numbers are the same. Others have no effect. */
int uv_thread_setpriority(uv_thread_t tid, int priority) {
  if (priority < UV_THREAD_PRIORITY_LOWEST || priority > UV_THREAD_PRIORITY_HIGHEST)
    return 0;
  return SetThreadPriority(tid, priority) ? 0 : uv_translate_sys_error((int) GetLastError());
}

int uv_thread_getpriority(uv_thread_t tid, int* priority) {
  int value;

  if (priority == NULL)
    return UV_EINVAL;
  value = GetThreadPriority(tid);
  if (value == THREAD_PRIORITY_ERROR_RETURN)
    return uv_translate_sys_error((int) GetLastError());
  *priority = value;
  return 0;
}
