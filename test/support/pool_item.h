/* Work that goes to the pool through the library's own door, and a record of what became of it. */
#ifndef RONDO_TEST_POOL_ITEM_H_
#define RONDO_TEST_POOL_ITEM_H_

#include "core.h"
#include "support/loop_fixture.h"
#include "threadpool.h"

#if defined(_WIN32)
#include <tlhelp32.h>
#include <wchar.h>
#else
#include <dirent.h>
#endif

#include <stdio.h>

enum { THREADS = 4 }; /* as many as the pool has if nobody says otherwise */

struct item {
  struct uv__work work;
  uv_loop_t* loop;
  enum uv__work_kind kind;
  char name;
  int status;
};

static char ran[64]; /* the names of items in the order in which they began */
static int ran_count;
static uv_sem_t held;

static inline void item_run(struct uv__work* work) {
  struct item* item = uv__container(work, struct item, work);
  ran[__atomic_fetch_add(&ran_count, 1, __ATOMIC_RELAXED)] = item->name;
}

static inline void item_hold(struct uv__work* work) {
  item_run(work);
  uv_sem_wait(&held);
}

static inline void item_done(struct uv__work* work, int status) {
  struct item* item = uv__container(work, struct item, work);

  item->status = status;
  item->loop->active_reqs.count--;
  test_log(item->loop, item->name);
}

static inline void submit(uv_loop_t* loop, struct item* item, enum uv__work_kind kind,
                          void (*run)(struct uv__work* work), char name) {
  item->loop = loop;
  item->kind = kind;
  item->name = name;
  item->status = 1;
  loop->active_reqs.count++;
  assert_int_equal(uv__work_submit(loop, &item->work, kind, run, item_done), 0);
}

#if defined(_WIN32)

typedef HRESULT(WINAPI* name_function)(HANDLE thread, WCHAR** name);

static inline int is_worker(DWORD id, name_function get_name) {
  HANDLE thread = OpenThread(THREAD_QUERY_LIMITED_INFORMATION, FALSE, id);
  WCHAR* name = NULL;
  int answer = 0;

  if (thread == NULL)
    return 0; /* has ended meanwhile */
  if (SUCCEEDED(get_name(thread, &name))) {
    answer = wcscmp(name, L"libuv-worker") == 0;
    LocalFree(name);
  }
  CloseHandle(thread);
  return answer;
}

/* How many threads of this process are named like the pool's. */
static inline int count_workers(void) {
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  name_function get_name = (name_function) (void (*)(void)) GetProcAddress(
      GetModuleHandleW(L"kernelbase.dll"), "GetThreadDescription");
  THREADENTRY32 entry = {.dwSize = sizeof(entry)};
  int workers = 0;

  assert_true(snapshot != INVALID_HANDLE_VALUE);
  assert_true(get_name != NULL);
  for (BOOL any = Thread32First(snapshot, &entry); any; any = Thread32Next(snapshot, &entry))
    if (entry.th32OwnerProcessID == GetCurrentProcessId())
      workers += is_worker(entry.th32ThreadID, get_name);
  CloseHandle(snapshot);
  return workers;
}

#else

/* How many threads of this process are named like the pool's. */
static inline int count_workers(void) {
  DIR* dir = opendir("/proc/self/task");
  struct dirent* entry;
  int workers = 0;

  assert_non_null(dir);
  while ((entry = readdir(dir)) != NULL) {
    char path[300];
    char name[32] = "";
    FILE* file;

    snprintf(path, sizeof(path), "/proc/self/task/%s/comm", entry->d_name);
    file = fopen(path, "r");
    if (file == NULL)
      continue;
    if (fgets(name, sizeof(name), file) != NULL && strcmp(name, "libuv-worker\n") == 0)
      workers++;
    fclose(file);
  }
  closedir(dir);
  return workers;
}

#endif

/* Whether so many are left soon: a thread that was joined is in the system's list for a moment yet.
 */
static inline bool workers_become(int count) {
  const uint64_t deadline = uv_hrtime() + 10000000000;

  while (count_workers() != count)
    if (uv_hrtime() > deadline)
      return false;
  return true;
}

/* Each test begins without a pool, and with no more threads than the main one. */
static inline int pool_setup(void** state) {
  uv_library_shutdown();
  uv_os_unsetenv("UV_THREADPOOL_SIZE");
  memset(ran, 0, sizeof(ran));
  ran_count = 0;
  return !workers_become(0) || uv_sem_init(&held, 0) != 0 || loop_setup(state) != 0;
}

static inline int pool_teardown(void** state) {
  int err = loop_teardown(state);

  uv_sem_destroy(&held);
  uv_library_shutdown();
  return err;
}

static inline void run_one(uv_loop_t* loop) {
  struct item item;

  submit(loop, &item, UV__WORK_CPU, item_run, 'x');
  uv_run(loop, UV_RUN_DEFAULT);
  assert_int_equal(item.status, 0);
}

/* A test function without a pool at its beginning and at its end. */
#define pool_test(function) cmocka_unit_test_setup_teardown(function, pool_setup, pool_teardown)

#endif /* RONDO_TEST_POOL_ITEM_H_ */
