/* The title of the process by setproctitle(3). The arguments stay where they are; the title is as
 * long as it likes, and before it is set it is the name that the program was started by. */
#include "bsd_title.h"

#include "../core.h"
#include "../process_hooks.h"
#include "../title.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uv_once_t once = UV_ONCE_INIT;

/* NULL before they are known. */
static char* program;
static char* title;

static void take_lock(void) {
  pthread_mutex_lock(&lock);
}

static void release_lock(void) {
  pthread_mutex_unlock(&lock);
}

/* Without them a fork at a bad moment leaves the child without titles, and the end of the process
 * leaves the texts to the system. */
static void add_hooks(void) {
  uv__at_fork(take_lock, release_lock, release_lock);
  uv__at_exit(uv__title_shutdown);
}

/* Puts a text in place of another one, under the lock. */
static void replace(char** text, char* by) {
  uv__free(*text);
  *text = by;
}

/* -- Arguments --------------------------------------------------------------------------------- */

char** uv_setup_args(int argc, char** argv) {
  if (argc <= 0)
    return argv;
  uv_once(&once, add_hooks);
  take_lock();
  if (program == NULL)
    program = uv__strdup(argv[0]);
  release_lock();
  return argv;
}

int uv__program_name(char* name, size_t size) {
  int err = 0;

  take_lock();
  if (program == NULL)
    err = UV_EINVAL;
  else if (strlen(program) >= size)
    err = UV_ENAMETOOLONG;
  else
    strcpy(name, program);
  release_lock();
  return err;
}

void uv__title_shutdown(void) {
  take_lock();
  replace(&program, NULL);
  replace(&title, NULL);
  release_lock();
}

/* -- The title --------------------------------------------------------------------------------- */

int uv_set_process_title(const char* new_title) {
  char* copy;

  if (new_title == NULL)
    return UV_EINVAL;
  copy = uv__strdup(new_title);
  if (copy == NULL)
    return UV_ENOMEM;
  uv_once(&once, add_hooks);
  take_lock();
  replace(&title, copy);
  setproctitle("%s", title);
  release_lock();
  return 0;
}

int uv_get_process_title(char* buffer, size_t size) {
  const char* text;
  int err = 0;

  if (buffer == NULL || size == 0)
    return UV_EINVAL;
  take_lock();
  text = title != NULL ? title : program;
  if (text == NULL)
    text = "";
  if (strlen(text) < size)
    strcpy(buffer, text);
  else
    err = UV_ENOBUFS;
  release_lock();
  return err;
}
