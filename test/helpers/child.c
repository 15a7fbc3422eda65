/* A program for the tests of processes to start. Its first argument says what to do. It uses
 * nothing of the library. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

extern char** environ;

static int number(const char* text) {
  return (int) strtol(text, NULL, 10);
}

static void put(int fd, const char* text) {
  size_t len = strlen(text);

  while (len > 0) {
    ssize_t n = write(fd, text, len);
    if (n <= 0)
      _exit(99);
    text += n;
    len -= (size_t) n;
  }
}

/* One argument a line. */
static int print_all(char** lines) {
  for (; *lines != NULL; lines++)
    printf("%s\n", *lines);
  return 0;
}

/* Copies what comes from one descriptor to another, until its end. */
static int copy(int from, int to) {
  char bytes[4096];
  ssize_t n;

  while ((n = read(from, bytes, sizeof(bytes) - 1)) > 0) {
    bytes[n] = '\0';
    put(to, bytes);
  }
  return n == 0 ? 0 : errno;
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

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "args";
  int value = argc > 2 ? number(argv[2]) : 0;

  if (strcmp(what, "exit") == 0)
    return value;
  if (strcmp(what, "raise") == 0)
    return raise(value);
  if (strcmp(what, "args") == 0)
    return print_all(argv);
  if (strcmp(what, "env") == 0)
    return print_all(environ);
  if (strcmp(what, "echo") == 0)
    return copy(STDIN_FILENO, STDOUT_FILENO);
  if (strcmp(what, "copy") == 0)
    return copy(value, number(argv[3]));
  if (strcmp(what, "put") == 0)
    for (int i = 2; i + 1 < argc; i += 2)
      put(number(argv[i]), argv[i + 1]);
  if (strcmp(what, "descriptors") == 0)
    return print_descriptors(value);
  if (strcmp(what, "signals") == 0)
    return print_signals();
  if (strcmp(what, "directory") == 0)
    return print_directory();
  if (strcmp(what, "session") == 0)
    printf("%d", getsid(0) == getpid());
  if (strcmp(what, "greet") == 0)
    return greet_one(value);
  return 0;
}
