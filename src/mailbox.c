/* Mail: what other threads and signal handlers tell a loop. */
#include "mailbox.h"

#include "atomic.h"
#include "backend.h"
#include "loop_state.h"

void uv__mail_list_init(struct uv__mail_list* list) {
  list->first = NULL;
  list->end = &list->first;
}

void uv__mail_list_push(struct uv__mail_list* list, struct uv__mail* mail) {
  mail->next = NULL;
  *list->end = mail;
  list->end = &mail->next;
}

/* Moves all mail to the end of another list. */
static void list_move(struct uv__mail_list* from, struct uv__mail_list* to) {
  if (from->first == NULL)
    return;
  *to->end = from->first;
  to->end = from->end;
  uv__mail_list_init(from);
}

struct uv__mail* uv__mail_list_pop(struct uv__mail_list* list) {
  struct uv__mail* mail = list->first;

  if (mail == NULL)
    return NULL;
  list->first = mail->next;
  if (list->first == NULL)
    list->end = &list->first;
  return mail;
}

bool uv__mail_list_remove(struct uv__mail_list* list, const struct uv__mail* mail) {
  struct uv__mail** link = &list->first;

  while (*link != NULL && *link != mail)
    link = &(*link)->next;
  if (*link == NULL)
    return false;
  *link = mail->next;
  if (*link == NULL)
    list->end = link;
  return true;
}

void uv__mailbox_init(struct uv__mailbox* mailbox) {
  mailbox->head = NULL;
  mailbox->no_mail.next = NULL;
  mailbox->is_awake = false;
  uv__mail_list_init(&mailbox->waiting);
  uv__mail_list_init(&mailbox->taken);
}

void uv__mailbox_post(uv_loop_t* loop, struct uv__mail* mail) {
  struct uv__mailbox* mailbox = &uv__state(loop)->mailbox;
  struct uv__mail* head = uv__load_relaxed(&mailbox->head);

  do {
    mail->next = head;
  } while (!uv__replace_release(&mailbox->head, &head, mail));

  /* Who found nothing there wakes the loop, whatever it does: it may be another loop that waits,
   * for this one's descriptor. Nobody else touches the loop any more, which may be gone. */
  if (head == NULL)
    uv__backend_wake(loop);
}

/* Takes what has been posted, puts it in order and behind the mail that waits; leaves `no_mail`
 * there. The acquire sees what each poster wrote: all of them pushed by read-modify-writes of the
 * same word. */
static void collect(struct uv__mailbox* mailbox) {
  struct uv__mail* newest = uv__exchange_acquire(&mailbox->head, &mailbox->no_mail);
  struct uv__mail_list posted = {.first = NULL};

  if (newest == NULL || newest == &mailbox->no_mail)
    return;
  posted.end = &newest->next;
  while (newest != NULL && newest != &mailbox->no_mail) {
    struct uv__mail* older = newest->next;
    newest->next = posted.first;
    posted.first = newest;
    newest = older;
  }
  list_move(&posted, &mailbox->waiting);
}

void uv__mailbox_drain(uv_loop_t* loop) {
  struct uv__mailbox* mailbox = &uv__state(loop)->mailbox;
  struct uv__mail* mail;

  mailbox->is_awake = true;
  collect(mailbox);
  list_move(&mailbox->waiting, &mailbox->taken);
  while ((mail = uv__mail_list_pop(&mailbox->taken)) != NULL)
    mail->run(mail);
}

void uv__mailbox_run_last(uv_loop_t* loop, struct uv__mail* mail) {
  uv__mail_list_push(&uv__state(loop)->mailbox.taken, mail);
}

bool uv__mailbox_has_mail(uv_loop_t* loop) {
  struct uv__mailbox* mailbox = &uv__state(loop)->mailbox;
  struct uv__mail* head = &mailbox->no_mail;

  if (!mailbox->is_awake)
    return false;
  if (mailbox->waiting.first != NULL)
    return true;
  while (!uv__replace_release(&mailbox->head, &head, NULL))
    if (head != &mailbox->no_mail)
      return true;
  mailbox->is_awake = false;
  return false;
}

void uv__mailbox_leave(uv_loop_t* loop) {
  if (!uv__mailbox_has_mail(loop))
    return;
  uv__state(loop)->mailbox.is_awake = false;
  uv__backend_wake(loop);
}

void uv__mailbox_remove(uv_loop_t* loop, struct uv__mail* mail) {
  struct uv__mailbox* mailbox = &uv__state(loop)->mailbox;

  if (uv__mail_list_remove(&mailbox->taken, mail) ||
      uv__mail_list_remove(&mailbox->waiting, mail) || uv__load_relaxed(&mailbox->head) == NULL)
    return;
  /* Unless the mailbox is awake, the rest of what is collected here runs by the wake of its first
   * poster, which the loop has not taken yet. Until it has, a post must not wake the loop once
   * more: its mail would run by the first wake, and its poster could be late to write to a loop
   * that is gone. */
  collect(mailbox);
  uv__mail_list_remove(&mailbox->waiting, mail);
}
