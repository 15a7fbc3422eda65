/* The imitation of kqueue(2): what its manual page says, as far as the library relies on it. */
#include "support/child.h"
#include "support/files.h"
#include "support/tcp.h"
#include "support/temp_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/event.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { MOST = 12 };

static int queue;
static int pair[2];
static struct kevent events[MOST];

static int setup(void** state) {
  (void) state;
  queue = kqueue();
  assert_true(queue >= 0);
  return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
}

static int teardown(void** state) {
  (void) state;
  close(pair[0]);
  close(pair[1]);
  return close(queue);
}

static struct kevent change(int fd, short filter, int flags) {
  struct kevent one;

  EV_SET(&one, fd, filter, flags, 0, 0, &events[-filter % MOST]);
  return one;
}

/* Makes a change without room for events: 0 or an errno. */
static int make(int fd, short filter, int flags) {
  struct kevent one = change(fd, filter, flags);

  return kevent(queue, &one, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}

/* The same with `fflags`. */
static int make_noting(int ident, short filter, int flags, unsigned int notes) {
  struct kevent one = change(ident, filter, flags);

  one.fflags = notes;
  return kevent(queue, &one, 1, NULL, 0, NULL) == 0 ? 0 : errno;
}

static int fetch(void) {
  const struct timespec now = {0, 0};

  return kevent(queue, NULL, 0, events, MOST, &now);
}

static void put(int fd, size_t len) {
  assert_int_equal(write(fd, "0123456789", len), len);
}

static void a_queue_is_close_on_exec_and_readable_while_there_are_events(void** state) {
  struct pollfd waiter = {.fd = queue, .events = POLLIN};
  (void) state;

  assert_int_equal(fcntl(queue, F_GETFD), FD_CLOEXEC);
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD), 0);
  assert_int_equal(poll(&waiter, 1, 0), 0);
  put(pair[1], 1);
  assert_int_equal(poll(&waiter, 1, 0), 1);
}

static void what_can_be_read_is_told_until_it_is_read(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD), 0);
  assert_int_equal(fetch(), 0);
  put(pair[1], 3);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(fetch(), 1);
    assert_int_equal(events[0].ident, pair[0]);
    assert_int_equal(events[0].filter, EVFILT_READ);
    assert_int_equal(events[0].data, 3);
    assert_int_equal(events[0].flags & (EV_EOF | EV_ERROR), 0);
    assert_ptr_equal(events[0].udata, &events[1]);
  }
  assert_int_equal(read(pair[0], (char[3]){0}, 3), 3);
  assert_int_equal(fetch(), 0);
}

static void reading_and_writing_are_events_of_their_own(void** state) {
  struct kevent both[] = {change(pair[0], EVFILT_READ, EV_ADD),
                          change(pair[0], EVFILT_WRITE, EV_ADD)};
  const struct timespec now = {0, 0};
  (void) state;

  put(pair[1], 1);
  assert_int_equal(kevent(queue, both, 2, events, MOST, &now), 2);
  assert_int_not_equal(events[0].filter, events[1].filter);
  assert_ptr_not_equal(events[0].udata, events[1].udata);
  assert_int_equal(make(pair[0], EVFILT_READ, EV_DELETE), 0);
  assert_int_equal(fetch(), 1);
  assert_int_equal(events[0].filter, EVFILT_WRITE);
}

static void clear_tells_once_what_is_new(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD | EV_CLEAR), 0);
  put(pair[1], 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 0);
  put(pair[1], 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 0);
}

static void oneshot_takes_itself_off(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_ADD | EV_ONESHOT), 0);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 0);
  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_DELETE), ENOENT);
}

static void the_end_comes_with_what_is_left(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD), 0);
  put(pair[1], 2);
  assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
  assert_int_equal(fetch(), 1);
  assert_true(events[0].flags & EV_EOF);
  assert_int_equal(events[0].data, 2);
}

static void a_pipe_without_readers_ends_for_writing(void** state) {
  int ends[2];
  (void) state;

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(make(ends[1], EVFILT_WRITE, EV_ADD), 0);
  assert_int_equal(fetch(), 1);
  assert_false(events[0].flags & EV_EOF);
  close(ends[0]);
  assert_int_equal(fetch(), 1);
  assert_true(events[0].flags & EV_EOF);
  close(ends[1]);
}

static void out_of_band_data_are_an_exception(void** state) {
  uv_os_sock_t tcp[2];
  (void) state;

  make_tcp_pair(tcp);
  assert_int_equal(make(tcp[0], EVFILT_EXCEPT, EV_ADD), 0);
  put(tcp[1], 1);
  assert_int_equal(fetch(), 0);
  assert_int_equal(send(tcp[1], "!", 1, MSG_OOB), 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(events[0].filter, EVFILT_EXCEPT);
  assert_int_equal(events[0].fflags, NOTE_OOB);
  close_socket(tcp[0]);
  close_socket(tcp[1]);
}

/* -- Changes that cannot be made --------------------------------------------------------------- */

static void a_change_that_fails_is_an_event(void** state) {
  struct kevent changes[] = {change(pair[0], EVFILT_READ, EV_DELETE),
                             change(pair[0], EVFILT_WRITE, EV_ADD)};
  (void) state;

  assert_int_equal(kevent(queue, changes, 2, events, MOST, NULL), 1); /* and does not wait */
  assert_true(events[0].flags & EV_ERROR);
  assert_int_equal(events[0].ident, pair[0]);
  assert_int_equal(events[0].data, ENOENT);
  assert_int_equal(fetch(), 1); /* the other was made */
  assert_int_equal(events[0].filter, EVFILT_WRITE);
}

static void without_room_for_events_it_is_the_result(void** state) {
  (void) state;
  assert_int_equal(make(pair[0], EVFILT_READ, EV_DELETE), ENOENT);
  assert_int_equal(make(pair[0], -99, EV_ADD), EINVAL);
  int closed = dup(pair[0]);
  close(closed);
  assert_int_equal(make(closed, EVFILT_READ, EV_ADD), EBADF);
}

static void a_receipt_is_an_error_of_0(void** state) {
  struct kevent one = change(pair[0], EVFILT_WRITE, EV_ADD | EV_RECEIPT);
  (void) state;

  assert_int_equal(kevent(queue, &one, 1, &one, 1, NULL), 1);
  assert_int_equal(one.flags, EV_ERROR);
  assert_int_equal(one.data, 0);
}

static void adding_again_takes_the_place(void** state) {
  struct kevent one = change(pair[0], EVFILT_WRITE, EV_ADD);
  (void) state;

  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_ADD), 0);
  one.udata = &queue;
  assert_int_equal(kevent(queue, &one, 1, NULL, 0, NULL), 0);
  assert_int_equal(fetch(), 1);
  assert_ptr_equal(events[0].udata, &queue);
}

static void a_pipe_without_readers_takes_no_filter_for_writing(void** state) {
  int ends[2];
  (void) state;

  assert_int_equal(pipe(ends), 0);
  close(ends[0]);
  assert_int_equal(make(ends[1], EVFILT_WRITE, EV_ADD), EPIPE);
  close(ends[1]);
}

static void on_alarm(int signum) {
  (void) signum;
}

static void changes_are_made_even_if_a_signal_ends_the_wait(void** state) {
  const struct itimerval soon = {.it_value = {.tv_usec = 10000}, .it_interval = {.tv_usec = 10000}};
  const struct itimerval never = {.it_value = {.tv_usec = 0}};
  struct sigaction action = {.sa_handler = on_alarm};
  struct sigaction before;
  struct kevent one = change(pair[0], EVFILT_READ, EV_ADD);
  (void) state;

  assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
  assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
  assert_int_equal(kevent(queue, &one, 1, events, MOST, NULL), -1);
  assert_int_equal(errno, EINTR);
  assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
  assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
  put(pair[1], 1);
  assert_int_equal(fetch(), 1);
}

static void closing_takes_filters_off_though_a_duplicate_stays(void** state) {
  int copy = dup(pair[0]);
  (void) state;

  put(pair[1], 1);
  assert_int_equal(make(copy, EVFILT_READ, EV_ADD), 0);
  assert_int_equal(fetch(), 1);
  close(copy);
  assert_int_equal(fetch(), 0);
  assert_int_equal(dup(pair[0]), copy);
  assert_int_equal(make(copy, EVFILT_READ, EV_DELETE), ENOENT);
  close(copy);
}

static void another_descriptor_in_its_place_has_no_filters(void** state) {
  int another = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  (void) state;

  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_ADD), 0);
  assert_int_equal(dup2(another, pair[0]), pair[0]);
  close(another);
  assert_int_equal(make(pair[0], EVFILT_READ, EV_ADD | EV_CLEAR), 0);
  assert_int_equal(make(pair[0], EVFILT_WRITE, EV_DELETE), ENOENT);
}

static void a_file_is_ready_always(void** state) {
  (void) state;
  temp_dir_make();
  int fd = open(temp_path("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);

  assert_int_equal(make(fd, EVFILT_READ, EV_ADD), 0);
  for (int i = 0; i < 2; i++)
    assert_int_equal(kevent(queue, NULL, 0, events, MOST, NULL), 1);
  assert_int_equal(make(fd, EVFILT_READ, EV_DELETE), 0);
  assert_int_equal(fetch(), 0);
  close(fd);
  assert_int_equal(unlink(temp_path("file")), 0);
  temp_dir_remove();
}

/* -- Triggers ---------------------------------------------------------------------------------- */

static int trigger(int ident) {
  return make_noting(ident, EVFILT_USER, 0, NOTE_TRIGGER);
}

static void a_trigger_happens_once_however_often(void** state) {
  (void) state;
  assert_int_equal(make(7, EVFILT_USER, EV_ADD | EV_CLEAR), 0);
  assert_int_equal(fetch(), 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(trigger(7), 0);
  assert_int_equal(fetch(), 1);
  assert_int_equal(events[0].ident, 7);
  assert_int_equal(events[0].filter, EVFILT_USER);
  assert_int_equal(fetch(), 0);
  assert_int_equal(trigger(7), 0);
  assert_int_equal(fetch(), 1);
}

static void without_clear_a_trigger_stays(void** state) {
  (void) state;
  assert_int_equal(make(7, EVFILT_USER, EV_ADD), 0);
  assert_int_equal(trigger(7), 0);
  assert_int_equal(fetch(), 1);
  assert_int_equal(fetch(), 1);
  assert_int_equal(make(7, EVFILT_USER, EV_DELETE), 0);
  assert_int_equal(fetch(), 0);
}

static void what_was_not_added_cannot_be_triggered(void** state) {
  (void) state;
  assert_int_equal(trigger(7), ENOENT);
  assert_int_equal(make(7, EVFILT_USER, EV_ADD | EV_CLEAR), 0);
  assert_int_equal(trigger(8), ENOENT);
  assert_int_equal(make(7, EVFILT_USER, EV_DELETE), 0);
  assert_int_equal(trigger(7), ENOENT);
}

static void* trigger_seven(void* arg) {
  (void) arg;
  trigger(7);
  return NULL;
}

static void another_thread_can_trigger(void** state) {
  pthread_t thread;
  (void) state;

  assert_int_equal(make(7, EVFILT_USER, EV_ADD | EV_CLEAR), 0);
  assert_int_equal(pthread_create(&thread, NULL, trigger_seven, NULL), 0);
  assert_int_equal(kevent(queue, NULL, 0, events, MOST, NULL), 1);
  assert_int_equal(events[0].ident, 7);
  assert_int_equal(pthread_join(thread, NULL), 0);
}

/* -- Processes --------------------------------------------------------------------------------- */

/* A child that ends when the other end of `pair` does. */
static pid_t make_child(void) {
  pid_t pid = fork();
  char c;

  assert_true(pid >= 0);
  if (pid == 0) {
    close(pair[1]);
    _exit(read(pair[0], &c, 1) == 0 ? 0 : 1);
  }
  return pid;
}

static void the_end_of_a_process_is_told_once(void** state) {
  pid_t pid = make_child();
  (void) state;

  assert_int_equal(make_noting(pid, EVFILT_PROC, EV_ADD, NOTE_EXIT), 0);
  assert_int_equal(fetch(), 0);
  assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
  assert_int_equal(kevent(queue, NULL, 0, events, MOST, NULL), 1);
  assert_int_equal(events[0].ident, pid);
  assert_int_equal(events[0].filter, EVFILT_PROC);
  assert_true(events[0].fflags == NOTE_EXIT);
  assert_int_equal(fetch(), 0);
  assert_int_equal(make(pid, EVFILT_PROC, EV_DELETE), ENOENT);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void who_has_ended_is_not_there(void** state) {
  pid_t pid = make_child();
  siginfo_t info;
  (void) state;

  assert_int_equal(shutdown(pair[1], SHUT_WR), 0);
  assert_int_equal(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), 0);
  assert_int_equal(make_noting(pid, EVFILT_PROC, EV_ADD, NOTE_EXIT), ESRCH);
  assert_int_equal(waitpid(pid, NULL, 0), pid);
  assert_int_equal(make_noting(pid, EVFILT_PROC, EV_ADD, NOTE_EXIT), ESRCH);
}

/* -- Files ------------------------------------------------------------------------------------- */

enum {
  ALL_NOTES =
      NOTE_DELETE | NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_LINK | NOTE_RENAME | NOTE_REVOKE
};

static int file;
static int dir;

static int file_setup(void** state) {
  temp_dir_make();
  file = open(temp_path("file"), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  dir = open(temp_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  assert_true(file >= 0 && dir >= 0);
  return setup(state);
}

static int file_teardown(void** state) {
  close(file);
  close(dir);
  unlink(temp_path("file"));
  unlink(temp_path("other"));
  rmdir(temp_path("sub"));
  temp_dir_remove();
  return teardown(state);
}

static void watch_file(int fd) {
  assert_int_equal(make_noting(fd, EVFILT_VNODE, EV_ADD | EV_CLEAR, ALL_NOTES), 0);
}

/* What is told of a file; nothing is told of others. */
static unsigned int notes_of(int fd) {
  int n = fetch();

  assert_in_range(n, 0, 1);
  if (n == 0)
    return 0;
  assert_int_equal(events[0].filter, EVFILT_VNODE);
  assert_int_equal(events[0].ident, fd);
  return events[0].fflags;
}

static void a_file_tells_of_writing_and_of_growing(void** state) {
  (void) state;
  watch_file(file);
  assert_int_equal(notes_of(file), 0);
  put(file, 3);
  assert_int_equal(notes_of(file), NOTE_WRITE | NOTE_EXTEND);
  assert_int_equal(pwrite(file, "x", 1, 0), 1);
  assert_int_equal(notes_of(file), NOTE_WRITE);
  assert_int_equal(notes_of(file), 0);
}

static void a_file_tells_of_its_attributes_and_links(void** state) {
  char former[256];
  (void) state;

  watch_file(file);
  assert_int_equal(fchmod(file, 0644), 0);
  assert_int_equal(notes_of(file), NOTE_ATTRIB);
  snprintf(former, sizeof(former), "%s", temp_path("file"));
  assert_int_equal(link(former, temp_path("other")), 0);
  assert_int_equal(notes_of(file), NOTE_LINK);
  assert_int_equal(unlink(temp_path("other")), 0);
  assert_int_equal(notes_of(file), NOTE_LINK);
  assert_int_equal(unlink(temp_path("file")), 0);
  assert_int_equal(notes_of(file), NOTE_DELETE);
}

static void rename_file(const char* from, const char* to) {
  char former[256];

  snprintf(former, sizeof(former), "%s", temp_path(from));
  assert_int_equal(rename(former, temp_path(to)), 0);
}

static void a_file_tells_of_its_new_name(void** state) {
  (void) state;
  watch_file(file);
  rename_file("file", "other");
  assert_int_equal(notes_of(file), NOTE_RENAME);
}

static void a_directory_tells_that_its_entries_have_changed(void** state) {
  (void) state;
  watch_file(dir);
  rename_file("file", "other");
  assert_int_equal(notes_of(dir), NOTE_WRITE);
  assert_int_equal(mkdir(temp_path("sub"), 0700), 0);
  assert_int_equal(notes_of(dir), NOTE_WRITE | NOTE_LINK);
  put(file, 1);
  assert_int_equal(fchmod(file, 0644), 0);
  assert_int_equal(notes_of(dir), 0);
  assert_int_equal(unlink(temp_path("other")), 0);
  assert_int_equal(notes_of(dir), NOTE_WRITE);
}

static void a_directory_tells_of_its_end(void** state) {
  int sub;
  (void) state;

  assert_int_equal(mkdir(temp_path("sub"), 0700), 0);
  sub = open(temp_path("sub"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  watch_file(sub);
  assert_int_equal(unlink(temp_path("file")), 0);
  assert_int_equal(notes_of(sub), 0);
  assert_int_equal(rmdir(temp_path("sub")), 0);
  assert_int_equal(notes_of(sub), NOTE_DELETE);
  close(sub);
}

static void what_happens_to_a_file_adds_up_until_it_is_fetched(void** state) {
  (void) state;
  assert_int_equal(
      make_noting(file, EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE | NOTE_DELETE | NOTE_RENAME),
      0);
  assert_int_equal(fchmod(file, 0644), 0); /* not asked for */
  assert_int_equal(notes_of(file), 0);
  put(file, 1);
  rename_file("file", "other");
  assert_int_equal(notes_of(file), NOTE_WRITE | NOTE_RENAME);
  assert_int_equal(notes_of(file), 0);
}

/* Two filters of one file share what inotify tells. */
static void what_was_before_is_not_told(void** state) {
  int again = open(temp_path("file"), O_RDONLY | O_CLOEXEC);
  (void) state;

  watch_file(file);
  put(file, 1);
  watch_file(again);
  assert_int_equal(notes_of(file), NOTE_WRITE | NOTE_EXTEND);
  assert_int_equal(notes_of(again), 0);
  close(again);
}

static void what_happened_first_is_told_first(void** state) {
  (void) state;
  watch_file(dir);
  watch_file(file);
  put(file, 1);
  rename_file("file", "other");
  assert_int_equal(fetch(), 2);
  assert_int_equal(events[0].ident, file);
  assert_int_equal(events[1].ident, dir);
}

static void closing_a_file_takes_its_filter_off(void** state) {
  int again = open(temp_path("file"), O_RDONLY | O_CLOEXEC);
  (void) state;

  watch_file(again);
  close(again);
  put(file, 1);
  assert_int_equal(fetch(), 0);
  assert_int_equal(dup(file), again);
  assert_int_equal(make(again, EVFILT_VNODE, EV_DELETE), ENOENT);
  close(again);
}

/* -- Forks ------------------------------------------------------------------------------------- */

static int use_the_queue(void) {
  return fcntl(queue, F_GETFD) == -1 ? make(pair[0], EVFILT_WRITE, EV_ADD) : -1;
}

static void a_forked_child_has_no_queue(void** state) {
  (void) state;
  watch_file(file);
  assert_int_equal(make(7, EVFILT_USER, EV_ADD | EV_CLEAR), 0);
  assert_int_equal(in_child(use_the_queue), EBADF);
  put(file, 1); /* what the parent watches is as before */
  assert_int_equal(trigger(7), 0);
  assert_int_equal(fetch(), 2);
}

#define file_test(function) cmocka_unit_test_setup_teardown(function, file_setup, file_teardown)

#define queue_test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      queue_test(a_queue_is_close_on_exec_and_readable_while_there_are_events),
      queue_test(what_can_be_read_is_told_until_it_is_read),
      queue_test(reading_and_writing_are_events_of_their_own),
      queue_test(clear_tells_once_what_is_new),
      queue_test(oneshot_takes_itself_off),
      queue_test(the_end_comes_with_what_is_left),
      queue_test(a_pipe_without_readers_ends_for_writing),
      queue_test(out_of_band_data_are_an_exception),
      queue_test(a_change_that_fails_is_an_event),
      queue_test(without_room_for_events_it_is_the_result),
      queue_test(a_receipt_is_an_error_of_0),
      queue_test(adding_again_takes_the_place),
      queue_test(a_pipe_without_readers_takes_no_filter_for_writing),
      queue_test(changes_are_made_even_if_a_signal_ends_the_wait),
      queue_test(closing_takes_filters_off_though_a_duplicate_stays),
      queue_test(another_descriptor_in_its_place_has_no_filters),
      queue_test(a_file_is_ready_always),
      queue_test(a_trigger_happens_once_however_often),
      queue_test(without_clear_a_trigger_stays),
      queue_test(what_was_not_added_cannot_be_triggered),
      queue_test(another_thread_can_trigger),
      queue_test(the_end_of_a_process_is_told_once),
      queue_test(who_has_ended_is_not_there),
      file_test(a_file_tells_of_writing_and_of_growing),
      file_test(a_file_tells_of_its_attributes_and_links),
      file_test(a_file_tells_of_its_new_name),
      file_test(a_directory_tells_that_its_entries_have_changed),
      file_test(a_directory_tells_of_its_end),
      file_test(what_happens_to_a_file_adds_up_until_it_is_fetched),
      file_test(what_was_before_is_not_told),
      file_test(what_happened_first_is_told_first),
      file_test(closing_a_file_takes_its_filter_off),
      file_test(a_forked_child_has_no_queue),
  };

  return cmocka_run_group_tests_name("kqueue", tests, NULL, NULL);
}
