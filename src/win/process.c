/* Processes: starting programs, noticing their ends, killing them, closing their handles.
 *
 * A thread of the system waits for a child's end and posts the handle's exit request to the loop.
 * The child does not run before all that could fail has been done. */
#include "../core.h"
#include "iocp.h"
#include "job.h"
#include "kill.h"
#include "spawn.h"
#include "text.h"

#include <wchar.h>

enum { EXIT_CODE_OF_NONE = 1 };

static int last_error(void) {
  return uv_translate_sys_error((int) GetLastError());
}

/* -- The end ----------------------------------------------------------------------------------- */

/* In a thread of the system, at most once. */
static void CALLBACK on_end(void* arg, BOOLEAN is_timeout) {
  uv_process_t* process = arg;

  (void) is_timeout;
  process->exit_cb_pending = 1;
  uv__iocp_post(process->loop, uv__req(&process->exit_req));
}

static int watch(uv_process_t* process) {
  if (RegisterWaitForSingleObject(&process->wait_handle, process->process_handle, on_end, process,
                                  INFINITE, WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE))
    return 0;
  process->wait_handle = NULL;
  return last_error();
}

/* on_end() has returned then, or never begins. */
static void stop_watching(uv_process_t* process) {
  if (process->wait_handle != NULL)
    UnregisterWaitEx(process->wait_handle, INVALID_HANDLE_VALUE);
  process->wait_handle = NULL;
}

static void forget(uv_process_t* process) {
  stop_watching(process);
  if (process->process_handle != NULL)
    CloseHandle(process->process_handle);
  process->process_handle = NULL;
}

static void process_complete(uv_handle_t* handle, uv_req_t* req) {
  uv_process_t* process = (uv_process_t*) handle;
  DWORD status = EXIT_CODE_OF_NONE;

  (void) req;
  process->exit_cb_pending = 0;
  if (uv__is_closing(handle)) {
    uv__handle_closed(handle);
    return;
  }
  GetExitCodeProcess(process->process_handle, &status);
  forget(process);
  uv__handle_stop(handle);
  if (process->exit_cb != NULL)
    process->exit_cb(process, (int64_t) status, process->exit_signal);
}

/* The child goes on without us. Its end may have been posted already. */
static enum uv__close_result process_close(uv_handle_t* handle) {
  uv_process_t* process = (uv_process_t*) handle;

  forget(process);
  uv__handle_stop(handle);
  return process->exit_cb_pending ? UV__CLOSE_PENDING : UV__CLOSE_DONE;
}

static const struct uv__handle_ops process_ops = {
    .close = process_close,
    .complete = process_complete,
};

static void process_init(uv_loop_t* loop, uv_process_t* process) {
  uv__handle_init(loop, uv__handle(process), UV_PROCESS, &process_ops);
  process->exit_cb = NULL;
  process->pid = 0;
  process->exit_signal = 0;
  process->wait_handle = NULL;
  process->process_handle = NULL;
  process->exit_cb_pending = 0;
  process->exit_req.type = UV_PROCESS_EXIT;
  process->exit_req.data = process;
  uv__req_prepare(uv__req(&process->exit_req));
}

/* -- The plan ---------------------------------------------------------------------------------- */

static int current_directory(WCHAR** directory) {
  DWORD size = GetCurrentDirectoryW(0, NULL);
  DWORD len;

  *directory = NULL;
  if (size == 0)
    return last_error();
  *directory = uv__malloc(size * sizeof(**directory));
  if (*directory == NULL)
    return UV_ENOMEM;
  len = GetCurrentDirectoryW(size, *directory);
  return len > 0 && len < size ? 0 : UV_ENOENT; /* another thread has changed it */
}

/* The system starts no program in a directory whose path is longer than it ever was. */
static int shorten(WCHAR** directory) {
  WCHAR* path;
  DWORD len;

  if (wcslen(*directory) < MAX_PATH)
    return 0;
  path = uv__malloc(MAX_PATH * sizeof(*path));
  if (path == NULL)
    return UV_ENOMEM;
  len = GetShortPathNameW(*directory, path, MAX_PATH);
  if (len == 0 || len >= MAX_PATH) {
    uv__free(path);
    return len == 0 ? last_error() : UV_ENAMETOOLONG;
  }
  uv__free(*directory);
  *directory = path;
  return 0;
}

static int find_directory(const uv_process_options_t* options, WCHAR** directory) {
  int err = options->cwd != NULL ? uv__text_to_wide(options->cwd, directory)
                                 : current_directory(directory);

  return err != 0 ? err : shorten(directory);
}

static int find_program(struct uv__spawn_plan* plan, const WCHAR* file) {
  struct uv__spawn_search search = {
      .file = file,
      .directory = plan->directory,
      .is_exact = (plan->options->flags & UV_PROCESS_WINDOWS_FILE_PATH_EXACT_NAME) != 0,
  };
  WCHAR* path;
  int err = uv__spawn_env_value(plan->environment, L"PATH", &path);

  if (err != 0)
    return err;
  search.path = path;
  err = uv__spawn_find(&search, &plan->program);
  uv__free(path);
  return err;
}

static int make_texts(struct uv__spawn_plan* plan) {
  const uv_process_options_t* options = plan->options;
  bool is_verbatim = (options->flags & UV_PROCESS_WINDOWS_VERBATIM_ARGUMENTS) != 0;
  int err = uv__spawn_command_line(options->args, is_verbatim, &plan->command_line);

  if (err == 0 && options->env != NULL)
    err = uv__spawn_environment(options->env, &plan->environment);
  if (err == 0)
    err = find_directory(options, &plan->directory);
  return err;
}

static void free_plan(struct uv__spawn_plan* plan) {
  uv__spawn_stdio_free(&plan->stdio);
  uv__free(plan->program);
  uv__free(plan->command_line);
  uv__free(plan->environment);
  uv__free(plan->directory);
}

/* -- Starting ---------------------------------------------------------------------------------- */

/* Lets the child run, or answers an error and lets it never run. */
static int let_run(uv_process_t* process, const uv_process_options_t* options, HANDLE thread) {
  int err = 0;

  if (!(options->flags & UV_PROCESS_DETACHED))
    err = uv__job_add(process->process_handle);
  if (err == 0)
    err = watch(process);
  if (err == 0 && ResumeThread(thread) == (DWORD) -1)
    err = last_error();
  return err;
}

static void take_back(uv_process_t* process) {
  stop_watching(process);
  TerminateProcess(process->process_handle, EXIT_CODE_OF_NONE);
  forget(process);
}

static int start(uv_process_t* process, const struct uv__spawn_plan* plan) {
  const uv_process_options_t* options = plan->options;
  PROCESS_INFORMATION child;
  int err = uv__spawn_create(plan, &child);

  if (err != 0)
    return err;
  process->process_handle = child.hProcess;
  uv__spawn_stdio_tell_pid(options, child.dwProcessId);
  err = let_run(process, options, child.hThread);
  CloseHandle(child.hThread);
  if (err != 0) {
    take_back(process);
    return err;
  }
  process->pid = (int) child.dwProcessId;
  process->exit_cb = options->exit_cb;
  uv__handle_start(uv__handle(process));
  return 0;
}

/* The streams of the caller stay open if there is no such program, and end as if it had exited. */
static int start_with_stdio(uv_process_t* process, struct uv__spawn_plan* plan, const WCHAR* file) {
  int err = uv__spawn_stdio_make(plan->options, &plan->stdio);

  if (err != 0)
    return err;
  err = find_program(plan, file);
  if (err == 0)
    err = start(process, plan);
  if (err == UV_ENOMEM)
    uv__spawn_stdio_undo(plan->options);
  return err;
}

static int carry_out(uv_process_t* process, struct uv__spawn_plan* plan) {
  WCHAR* file;
  int err = uv__text_to_wide(plan->options->file, &file);

  if (err == 0)
    err = make_texts(plan);
  if (err == 0)
    err = start_with_stdio(process, plan, file);
  uv__free(file);
  return err;
}

int uv_spawn(uv_loop_t* loop, uv_process_t* process, const uv_process_options_t* options) {
  struct uv__spawn_plan plan = {.options = options};
  int err;

  process_init(loop, process);
  if (options->flags & (UV_PROCESS_SETUID | UV_PROCESS_SETGID))
    return UV_ENOTSUP;
  if (options->file == NULL || options->args == NULL)
    return UV_EINVAL;

  err = carry_out(process, &plan);
  free_plan(&plan);
  return err;
}

/* -- Signals ----------------------------------------------------------------------------------- */

int uv_process_kill(uv_process_t* process, int signum) {
  int err;

  if (process->process_handle == NULL)
    return UV_ESRCH;
  err = uv__kill_process(process->process_handle, signum);
  if (err == 0)
    process->exit_signal = signum;
  return err;
}
