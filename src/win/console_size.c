/* Noticing that a console has got another size.
 *
 * Who reads raw input gets a record of it. Nobody else is told, but the system calls those who want
 * to help people with their screens (SetWinEventHook) whenever the layout of a console changes: a
 * thread of ours, which lives as long as the process, listens to that. */
#include "console_size.h"

#include "nt.h"
#include "signal.h"

#include <stdbool.h>

enum {
  REST_MS = 33,              /* at most 30 signals a second */
  CONSOLE_HOST_PROCESS = 49, /* of NtQueryInformationProcess(): ProcessConsoleHostProcess */
  STACK_SIZE = 64 * 1024
};

static HANDLE screen = INVALID_HANDLE_VALUE;
static SRWLOCK size_lock = SRWLOCK_INIT;
static SHORT width;
static SHORT height;

/* Takes over the present size, and answers whether it is another one. */
static bool take_size(void) {
  CONSOLE_SCREEN_BUFFER_INFO info;
  SHORT new_height;
  bool is_other;

  if (!GetConsoleScreenBufferInfo(screen, &info))
    return false;
  new_height = (SHORT) (info.srWindow.Bottom - info.srWindow.Top + 1);
  AcquireSRWLockExclusive(&size_lock);
  is_other = width != info.dwSize.X || height != new_height;
  width = info.dwSize.X;
  height = new_height;
  ReleaseSRWLockExclusive(&size_lock);
  return is_other;
}

void uv__console_check_size(void) {
  if (screen != INVALID_HANDLE_VALUE && take_size())
    uv__signal_dispatch(SIGWINCH);
}

/* -- Listening --------------------------------------------------------------------------------- */

/* When to look, by the thread's events; 0 if there was none. */
static ULONGLONG look_at;

static void CALLBACK note_event(HWINEVENTHOOK hook, DWORD event, HWND window, LONG object,
                                LONG child, DWORD thread, DWORD time) {
  (void) hook;
  (void) event;
  (void) window;
  (void) object;
  (void) child;
  (void) thread;
  (void) time;
  if (look_at == 0)
    look_at = GetTickCount64() + REST_MS;
}

/* The process that shows the console; 0 if it is not to be found out. */
static DWORD host_process(void) {
  ULONG_PTR id = 0;
  NTSTATUS status = NtQueryInformationProcess(
      GetCurrentProcess(), (PROCESSINFOCLASS) CONSOLE_HOST_PROCESS, &id, sizeof(id), NULL);

  /* The lowest bits say other things. */
  return UV__NT_SUCCESS(status) ? (DWORD) (id & ~(ULONG_PTR) 3) : 0;
}

static DWORD time_to_look(void) {
  ULONGLONG now = GetTickCount64();

  if (look_at == 0)
    return INFINITE;
  return look_at > now ? (DWORD) (look_at - now) : 0;
}

static DWORD WINAPI listen_for_events(void* arg) {
  DWORD host = host_process();

  (void) arg;
  if (host == 0 || SetWinEventHook(EVENT_CONSOLE_LAYOUT, EVENT_CONSOLE_LAYOUT, NULL, note_event,
                                   host, 0, WINEVENT_OUTOFCONTEXT) == NULL)
    return 0;
  for (;;) {
    DWORD wait_ms = time_to_look();
    MSG message;
    if (wait_ms == 0) {
      look_at = 0;
      uv__console_check_size();
    } else if (MsgWaitForMultipleObjects(0, NULL, FALSE, wait_ms, QS_ALLINPUT) == WAIT_FAILED) {
      return 0;
    }
    /* Calls note_event(). */
    while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE))
      DispatchMessageW(&message);
  }
}

void uv__console_watch_size(HANDLE console_screen) {
  HANDLE thread;

  screen = console_screen;
  take_size();
  thread = CreateThread(NULL, STACK_SIZE, listen_for_events, NULL,
                        STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
  if (thread != NULL)
    CloseHandle(thread);
}
