/* The pending phase's part of the core. */
#include "finished.h"

void uv__finished_run(uv_loop_t* loop) {
  struct uv__mail_list* finished = &uv__state(loop)->finished;
  const struct uv__mail* last;
  struct uv__mail* mail;

  if (finished->first == NULL)
    return;
  last = uv__container(finished->end, struct uv__mail, next);
  do {
    mail = uv__mail_list_pop(finished);
    bool was_last = mail == last;
    mail->run(mail);
    if (was_last)
      return;
  } while (true);
}
