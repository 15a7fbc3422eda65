/* Mail: order, wakes, and taking mail back, seen from inside. */
#include "backend.h"
#include "loop_state.h"
#include "support/cmocka_all.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(RONDO_BACKEND_KQUEUE)
#include <sys/event.h>
#endif

enum { LETTERS = 8 };

struct letter {
  struct uv__mail mail;
  char name;
  struct letter* removes; /* taken back when this one runs */
  struct letter* posts;   /* posted when this one runs */
  bool stops;             /* uv_run() */
};

static struct {
  uv_loop_t loop;
  struct letter letters[LETTERS];
  char ran[32];
} f;

static void run_letter(struct uv__mail* mail) {
  struct letter* letter = uv__container(mail, struct letter, mail);

  strncat(f.ran, &letter->name, 1);
  if (letter->removes != NULL)
    uv__mailbox_remove(&f.loop, &letter->removes->mail);
  if (letter->posts != NULL)
    uv__mailbox_post(&f.loop, &letter->posts->mail);
  if (letter->stops)
    uv_stop(&f.loop);
}

static int setup(void** state) {
  (void) state;
  memset(&f, 0, sizeof(f));
  for (int i = 0; i < LETTERS; i++) {
    f.letters[i].mail.run = run_letter;
    f.letters[i].name = (char) ('a' + i);
  }
  return uv_loop_init(&f.loop);
}

static int teardown(void** state) {
  (void) state;
  return uv_loop_close(&f.loop);
}

static void post(const char* names) {
  for (; *names != '\0'; names++)
    uv__mailbox_post(&f.loop, &f.letters[*names - 'a'].mail);
}

static void take_back(char name) {
  uv__mailbox_remove(&f.loop, &f.letters[name - 'a'].mail);
}

/* As a turn of the loop that is the last for now. */
static void run_mail(void) {
  uv__mailbox_drain(&f.loop);
  uv__mailbox_leave(&f.loop);
}

#if defined(_WIN32)

/* How often the loop was woken since the last call. */
static uint64_t wakes(void) {
  OVERLAPPED_ENTRY packets[8];
  ULONG count;

  if (!GetQueuedCompletionStatusEx(f.loop.iocp, packets, 8, &count, 0, FALSE)) {
    assert_int_equal(GetLastError(), WAIT_TIMEOUT);
    return 0;
  }
  for (ULONG i = 0; i < count; i++)
    assert_null(packets[i].lpOverlapped);
  return count;
}

#elif defined(RONDO_BACKEND_KQUEUE)

/* Wakes are one event until it is fetched. */
static uint64_t wakes(void) {
  const struct timespec now = {0, 0};
  struct kevent event;
  int count = kevent(f.loop.backend_fd, NULL, 0, &event, 1, &now);

  if (count == 1)
    assert_int_equal(event.filter, EVFILT_USER);
  return (uint64_t) count;
}

/* There is always room for one more. */
static uint64_t wake_to_the_brim(void) {
  for (int i = 0; i < 100000; i++)
    uv__backend_wake(&f.loop);
  return 1;
}

#elif defined(RONDO_BACKEND_POLL)

/* How often the loop was woken since the last call: a byte each. */
static uint64_t wakes(void) {
  uint64_t count = 0;
  char byte;

  while (read(f.loop.async_io_watcher.fd, &byte, 1) == 1)
    count++;
  assert_int_equal(errno, EAGAIN);
  return count;
}

/* As many wakes as there is room for. */
static uint64_t wake_to_the_brim(void) {
  uint64_t count = 0;

  while (write(f.loop.async_wfd, "", 1) == 1)
    count++;
  assert_int_equal(errno, EAGAIN);
  return count;
}

#else

/* As many wakes as there is room for. */
static uint64_t wake_to_the_brim(void) {
  const uint64_t fullest = UINT64_MAX - 1;

  assert_int_equal(write(f.loop.async_io_watcher.fd, &fullest, sizeof(fullest)), sizeof(fullest));
  return fullest;
}

/* How often the loop was woken since the last call. */
static uint64_t wakes(void) {
  uint64_t count;
  ssize_t n = read(f.loop.async_io_watcher.fd, &count, sizeof(count));

  if (n == -1) {
    assert_int_equal(errno, EAGAIN);
    return 0;
  }
  return count;
}

#endif

static void mail_runs_in_the_order_of_posting(void** state) {
  (void) state;
  post("cab");
  run_mail();
  assert_string_equal(f.ran, "cab");
  post("ba");
  run_mail();
  assert_string_equal(f.ran, "cabba");
}

static void an_empty_mailbox_drains_to_nothing(void** state) {
  (void) state;
  run_mail();
  assert_string_equal(f.ran, "");
}

static void one_wake_announces_any_number_of_mails(void** state) {
  (void) state;
  assert_int_equal(wakes(), 0);
  post("abcdef");
  assert_int_equal(wakes(), 1);
  run_mail();
  post("ab");
  assert_int_equal(wakes(), 1);
  run_mail();
}

static void mail_posted_by_mail_waits_for_the_next_drain_and_wakes_who_leaves(void** state) {
  (void) state;
  f.letters[0].posts = &f.letters[0];
  post("ab");
  wakes();
  run_mail();
  assert_string_equal(f.ran, "ab");
  assert_int_equal(wakes(), 1);

  f.letters[0].posts = NULL;
  run_mail();
  assert_string_equal(f.ran, "aba");
}

static void mail_taken_back_does_not_run_wherever_it_stands(void** state) {
  (void) state;
  const char* places = "abcd";

  for (const char* name = places; *name != '\0'; name++) {
    f.ran[0] = '\0';
    post(places);
    take_back(*name);
    run_mail();
    assert_int_equal(strlen(f.ran), 3);
    assert_null(strchr(f.ran, *name));
  }
}

static void mail_that_stays_keeps_its_order_and_what_comes_later_runs_after_it(void** state) {
  (void) state;
  post("abcd");
  take_back('d');
  post("ed");
  take_back('b');
  post("b");
  take_back('a');
  run_mail();
  assert_string_equal(f.ran, "cedb");
}

static void the_last_mail_taken_back_leaves_a_mailbox_that_works(void** state) {
  (void) state;
  post("a");
  take_back('a');
  run_mail();
  assert_string_equal(f.ran, "");
  post("a");
  take_back('a');
  post("b");
  run_mail();
  assert_string_equal(f.ran, "b");
}

static void mail_may_take_back_mail_of_the_same_drain(void** state) {
  (void) state;
  f.letters[0].removes = &f.letters[2];
  f.letters[1].removes = &f.letters[3];
  post("abcd");
  run_mail();
  assert_string_equal(f.ran, "ab");
  post("dc");
  run_mail();
  assert_string_equal(f.ran, "abdc");
}

static void taking_back_during_a_drain_leaves_new_mail_to_the_next_one(void** state) {
  (void) state;
  f.letters[0].posts = &f.letters[2];
  f.letters[1].removes = &f.letters[2];
  f.letters[1].posts = &f.letters[3];
  post("abe");
  wakes();
  run_mail();
  assert_string_equal(f.ran, "abe");
  assert_int_equal(wakes(), 1); /* the one for c is there, and will do for d */
  run_mail();
  assert_string_equal(f.ran, "abed");
}

static void nobody_wakes_who_is_awake(void** state) {
  (void) state;
  assert_false(uv__mailbox_has_mail(&f.loop));
  post("a");
  assert_int_equal(wakes(), 1);
  assert_false(uv__mailbox_has_mail(&f.loop)); /* it comes with the wake */
  uv__mailbox_drain(&f.loop);
  post("bc");
  assert_int_equal(wakes(), 0);
  assert_true(uv__mailbox_has_mail(&f.loop));
  uv__mailbox_drain(&f.loop);
  assert_string_equal(f.ran, "abc");
  assert_false(uv__mailbox_has_mail(&f.loop));
  post("d");
  assert_int_equal(wakes(), 1);
  run_mail();
  assert_int_equal(wakes(), 0);
}

static void what_is_left_after_taking_mail_back_is_mail_that_comes_without_a_wake(void** state) {
  (void) state;
  uv__mailbox_drain(&f.loop);
  post("ab");
  take_back('a');
  assert_true(uv__mailbox_has_mail(&f.loop));
  uv__mailbox_leave(&f.loop);
  assert_int_equal(wakes(), 1);
  run_mail();
  assert_string_equal(f.ran, "b");
  assert_int_equal(wakes(), 0);
}

static void a_loop_that_was_woken_looks_for_more_until_it_leaves(void** state) {
  (void) state;
  f.letters[0].posts = &f.letters[0];
  post("a");
  f.loop.active_reqs.count++;
  uv_run(&f.loop, UV_RUN_ONCE);
  assert_string_equal(f.ran, "a");
  f.letters[0].posts = NULL;
  assert_int_equal(uv__backend_poll(&f.loop, 0), 1);
  assert_string_equal(f.ran, "aa");

  f.letters[1].posts = &f.letters[2];
  f.letters[2].posts = &f.letters[3];
  f.letters[3].stops = true;
  post("b");
  uv_run(&f.loop, UV_RUN_DEFAULT);
  f.loop.active_reqs.count--;
  assert_string_equal(f.ran, "aabcd");
  assert_int_equal(uv__backend_poll(&f.loop, 0), 0);
}

static void init_forgets_what_was_posted(void** state) {
  (void) state;
  post("ab");
  uv__mailbox_init(&uv__state(&f.loop)->mailbox);
  run_mail();
  assert_string_equal(f.ran, "");
  post("b");
  run_mail();
  assert_string_equal(f.ran, "b");
}

static void a_post_reaches_the_running_loop(void** state) {
  (void) state;
  post("ab");
  assert_true(f.loop.active_handles == 0);
  f.loop.active_reqs.count++; /* as finished work would */
  uv_run(&f.loop, UV_RUN_ONCE);
  f.loop.active_reqs.count--;
  assert_string_equal(f.ran, "ab");
  assert_int_equal(uv__backend_poll(&f.loop, 0), 0);
}

#if defined(_WIN32)

static void a_wake_keeps_errno_and_never_blocks(void** state) {
  (void) state;
  errno = EDOM;
  uv__backend_wake(&f.loop);
  assert_int_equal(errno, EDOM);
  assert_int_equal(wakes(), 1);
}

#else

static void a_wake_keeps_errno_and_never_blocks(void** state) {
  (void) state;
  uint64_t count = wake_to_the_brim();

  errno = EDOM;
  uv__backend_wake(&f.loop);
  assert_int_equal(errno, EDOM);
  assert_true(wakes() == count);
}

#endif

static void count_callback(uv_async_t* async) {
  ++*(int*) async->data;
}

/* The work of a wake is what was sent: nothing walks over the handles that exist. */
static void a_send_among_many_handles_posts_one_mail(void** state) {
  (void) state;
  enum { HANDLES = 10000 };
  uv_async_t* handles = calloc(HANDLES, sizeof(*handles));
  struct uv__mailbox* mailbox = &uv__state(&f.loop)->mailbox;
  int called = 0;

  for (int i = 0; i < HANDLES; i++) {
    handles[i].data = &called;
    assert_int_equal(uv_async_init(&f.loop, &handles[i], count_callback), 0);
  }
  uv_async_send(&handles[HANDLES / 2]);
  assert_ptr_equal(mailbox->head, &handles[HANDLES / 2].mail);
  assert_null(mailbox->head->next);
  uv_run(&f.loop, UV_RUN_ONCE);
  assert_int_equal(called, 1);
  assert_null(mailbox->head);

  for (int i = 0; i < HANDLES; i++)
    uv_close((uv_handle_t*) &handles[i], NULL);
  uv_run(&f.loop, UV_RUN_DEFAULT);
  free(handles);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(mail_runs_in_the_order_of_posting),
      test(an_empty_mailbox_drains_to_nothing),
      test(one_wake_announces_any_number_of_mails),
      test(mail_posted_by_mail_waits_for_the_next_drain_and_wakes_who_leaves),
      test(mail_taken_back_does_not_run_wherever_it_stands),
      test(mail_that_stays_keeps_its_order_and_what_comes_later_runs_after_it),
      test(the_last_mail_taken_back_leaves_a_mailbox_that_works),
      test(mail_may_take_back_mail_of_the_same_drain),
      test(taking_back_during_a_drain_leaves_new_mail_to_the_next_one),
      test(nobody_wakes_who_is_awake),
      test(what_is_left_after_taking_mail_back_is_mail_that_comes_without_a_wake),
      test(a_loop_that_was_woken_looks_for_more_until_it_leaves),
      test(init_forgets_what_was_posted),
      test(a_post_reaches_the_running_loop),
      test(a_wake_keeps_errno_and_never_blocks),
      test(a_send_among_many_handles_posts_one_mail),
  };
  return cmocka_run_group_tests_name("mailbox", tests, NULL, NULL);
}
