/* The title of the process: that of its console. The console tells it only cut and with additions
 * of its own, so it is kept as it was set. */
#include "../title.h"

#include "../core.h"
#include "exepath.h"
#include "text.h"

#include <string.h>

/* Units that a console's title can have. */
enum { LONGEST = 8191 };

static SRWLOCK lock = SRWLOCK_INIT;
static char* title; /* NULL before one was set */

char** uv_setup_args(int argc, char** argv) {
  (void) argc;
  return argv;
}

void uv__title_shutdown(void) {
  AcquireSRWLockExclusive(&lock);
  uv__free(title);
  title = NULL;
  ReleaseSRWLockExclusive(&lock);
}

/* Does not cut a character in two. */
static void cut(WCHAR* wide) {
  size_t len = wcslen(wide);

  if (len <= LONGEST)
    return;
  len = LONGEST;
  if (IS_HIGH_SURROGATE(wide[len - 1]))
    len--;
  wide[len] = L'\0';
}

int uv_set_process_title(const char* new_title) {
  WCHAR* wide;

  if (new_title == NULL)
    return UV_EINVAL;
  int err = uv__text_to_wide(new_title, &wide);
  if (err != 0)
    return err;
  char* copy = uv__strdup(new_title);
  if (copy == NULL) {
    uv__free(wide);
    return UV_ENOMEM;
  }

  cut(wide);
  AcquireSRWLockExclusive(&lock);
  if (SetConsoleTitleW(wide)) {
    char* old = title;
    title = copy;
    copy = old;
  } else {
    err = uv_translate_sys_error((int) GetLastError());
  }
  ReleaseSRWLockExclusive(&lock);
  uv__free(copy);
  uv__free(wide);
  return err;
}

/* -- Telling it -------------------------------------------------------------------------------- */

/* The first title: the path of the program. */
static int tell_program(char* buffer, size_t size) {
  WCHAR* path;
  size_t len;
  int err = uv__exepath(&path, &len);

  if (err != 0)
    return err;
  err = uv__text_from_wide_sized(path, (ssize_t) len, buffer, &size);
  uv__free(path);
  return err;
}

int uv_get_process_title(char* buffer, size_t size) {
  int err = 0;

  if (buffer == NULL || size == 0)
    return UV_EINVAL;
  AcquireSRWLockShared(&lock);
  bool is_set = title != NULL;
  if (is_set && strlen(title) < size)
    strcpy(buffer, title);
  else if (is_set)
    err = UV_ENOBUFS;
  ReleaseSRWLockShared(&lock);
  return is_set ? err : tell_program(buffer, size);
}
