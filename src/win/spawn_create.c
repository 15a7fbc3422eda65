/* The birth of a child: CreateProcess() with what the others prepared. */
#include "../core.h"
#include "crt_block.h"
#include "spawn.h"

/* A console window is not hidden from a child that shares a descriptor with us, which may be the
 * console. */
static bool has_inherited(const uv_process_options_t* options) {
  for (int i = 0; i < options->stdio_count; i++)
    if (options->stdio[i].flags & UV_INHERIT_FD)
      return true;
  return false;
}

static DWORD creation_flags(const uv_process_options_t* options) {
  const unsigned int hidden = UV_PROCESS_WINDOWS_HIDE | UV_PROCESS_WINDOWS_HIDE_CONSOLE;
  DWORD flags = CREATE_UNICODE_ENVIRONMENT | CREATE_SUSPENDED | EXTENDED_STARTUPINFO_PRESENT;

  if ((options->flags & hidden) && options->stdio_count > 0 && !has_inherited(options))
    flags |= CREATE_NO_WINDOW;
  if (options->flags & UV_PROCESS_DETACHED)
    flags |= DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP;
  return flags;
}

static void fill_info(const struct uv__spawn_plan* plan, STARTUPINFOW* info) {
  const unsigned int hidden = UV_PROCESS_WINDOWS_HIDE | UV_PROCESS_WINDOWS_HIDE_GUI;
  const struct uv__spawn_stdio* stdio = &plan->stdio;

  info->cb = sizeof(STARTUPINFOEXW);
  info->dwFlags = STARTF_USESTDHANDLES | STARTF_USESHOWWINDOW;
  info->wShowWindow = plan->options->flags & hidden ? SW_HIDE : SW_SHOWDEFAULT;
  info->cbReserved2 = (WORD) uv__crt_block_size(stdio->count);
  info->lpReserved2 = stdio->block;
  info->hStdInput = uv__crt_block_handle(stdio->block, 0);
  info->hStdOutput = uv__crt_block_handle(stdio->block, 1);
  info->hStdError = uv__crt_block_handle(stdio->block, 2);
}

static int create(const struct uv__spawn_plan* plan, LPPROC_THREAD_ATTRIBUTE_LIST attributes,
                  PROCESS_INFORMATION* child) {
  STARTUPINFOEXW info = {.lpAttributeList = attributes};
  bool inherits = plan->stdio.handle_count > 0;

  fill_info(plan, &info.StartupInfo);
  if (CreateProcessW(plan->program, plan->command_line, NULL, NULL, inherits,
                     creation_flags(plan->options), plan->environment, plan->directory,
                     &info.StartupInfo, child))
    return 0;
  return uv_translate_sys_error((int) GetLastError());
}

/* The child inherits these handles and no others, whatever other threads have open or start. */
static int create_with_handles(const struct uv__spawn_plan* plan,
                               LPPROC_THREAD_ATTRIBUTE_LIST attributes,
                               PROCESS_INFORMATION* child) {
  const struct uv__spawn_stdio* stdio = &plan->stdio;

  if (stdio->handle_count > 0 &&
      !UpdateProcThreadAttribute(attributes, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, stdio->handles,
                                 (size_t) stdio->handle_count * sizeof(HANDLE), NULL, NULL))
    return uv_translate_sys_error((int) GetLastError());
  return create(plan, attributes, child);
}

int uv__spawn_create(const struct uv__spawn_plan* plan, PROCESS_INFORMATION* child) {
  LPPROC_THREAD_ATTRIBUTE_LIST attributes;
  SIZE_T size = 0;
  int err;

  InitializeProcThreadAttributeList(NULL, 1, 0, &size); /* tells the size, and fails */
  attributes = uv__malloc(size);
  if (attributes == NULL)
    return UV_ENOMEM;
  if (!InitializeProcThreadAttributeList(attributes, 1, 0, &size)) {
    err = uv_translate_sys_error((int) GetLastError());
  } else {
    err = create_with_handles(plan, attributes, child);
    DeleteProcThreadAttributeList(attributes);
  }
  uv__free(attributes);
  return err;
}
