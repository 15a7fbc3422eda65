/* What the tests' child program does on POSIX. */
#ifndef RONDO_TEST_HELPERS_CHILD_UNIX_H_
#define RONDO_TEST_HELPERS_CHILD_UNIX_H_

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { PATIENCE_MS = 20000 };

extern char** environ;

static void begin(void) {
}

/* One a line. */
static int print_all(char** lines) {
  for (; *lines != NULL; lines++)
    printf("%s\n", *lines);
  return 0;
}

static int print_args(char** argv) {
  return print_all(argv);
}

static int print_env(void) {
  return print_all(environ);
}

static void print_type(int fd) {
  struct stat file;
  struct stat null;

  fstat(fd, &file);
  if (S_ISSOCK(file.st_mode))
    printf("socket");
  else if (S_ISFIFO(file.st_mode))
    printf("fifo");
  else if (S_ISREG(file.st_mode))
    printf("file");
  else if (stat("/dev/null", &null) == 0 && file.st_rdev == null.st_rdev)
    printf("null");
  else
    printf("other");
}

/* "0:null,r 1:socket,rw,nonblock ..." for the descriptors that are open. */
static int print_descriptors(int end) {
  static const char* const modes[] = {"r", "w", "rw", "-"};

  for (int fd = 0; fd < end; fd++) {
    int flags = fcntl(fd, F_GETFL);
    if (flags == -1)
      continue;
    printf("%d:", fd);
    print_type(fd);
    printf(",%s%s ", modes[flags & O_ACCMODE], flags & O_NONBLOCK ? ",nonblock" : "");
  }
  return 0;
}

/* What is blocked or ignored; nothing as a rule. */
static int print_signals(void) {
  sigset_t mask;

  sigprocmask(SIG_BLOCK, NULL, &mask);
  for (int signum = 1; signum < NSIG; signum++) {
    struct sigaction action;
    if (sigismember(&mask, signum) == 1)
      printf("blocked:%d ", signum);
    if (sigaction(signum, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
      printf("ignored:%d ", signum);
  }
  return 0;
}

static int print_directory(void) {
  char path[4096];

  if (getcwd(path, sizeof(path)) == NULL)
    return errno;
  printf("%s", path);
  return 0;
}

/* Takes a connection from the listening socket it has inherited, and greets. */
static int greet_one(int listener) {
  struct pollfd p = {.fd = listener, .events = POLLIN};
  int fd;

  if (poll(&p, 1, PATIENCE_MS) != 1)
    return 1;
  fd = accept(listener, NULL, NULL);
  if (fd == -1)
    return errno;
  put(fd, "hello");
  close(fd);
  return 0;
}

/* How many small messages fit into a descriptor that nobody reads. */
static int fill(int fd) {
  static const char message[] = "message";
  int count = 0;

  if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1)
    return -1;
  while (write(fd, message, sizeof(message)) == sizeof(message))
    count++;
  return count;
}

/* Whether a descriptor holds as much as a socket that nobody has set anything of. */
static int compare_room(int fd) {
  int ends[2];

  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
    return errno;
  return fill(fd) >= fill(ends[0]) ? 0 : 1;
}

static int do_more(const char* what, int value, char** argv) {
  (void) argv;
  if (strcmp(what, "raise") == 0)
    return raise(value);
  if (strcmp(what, "descriptors") == 0)
    return print_descriptors(value);
  if (strcmp(what, "signals") == 0)
    return print_signals();
  if (strcmp(what, "session") == 0)
    printf("%d", getsid(0) == getpid());
  if (strcmp(what, "greet") == 0)
    return greet_one(value);
  if (strcmp(what, "room") == 0)
    return compare_room(value);
  return 0;
}

#endif /* RONDO_TEST_HELPERS_CHILD_UNIX_H_ */
