/* New descriptors with their flags, where these can only be set afterwards (macOS). Who makes a
 * descriptor shares a lock until it has them; a fork that would copy it waits. */
#include "fd_flags.h"
#include "message.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

static void share(void) {
  pthread_rwlock_rdlock(&lock);
}

/* Keeps errno. */
static void unlock(void) {
  int saved = errno;

  pthread_rwlock_unlock(&lock);
  errno = saved;
}

void uv__flags_hold(void) {
  pthread_rwlock_wrlock(&lock);
}

void uv__flags_release(void) {
  unlock();
}

static bool set_nonblocking(int fd) {
  int value = 1;

  return ioctl(fd, FIONBIO, &value) == 0;
}

static bool set_cloexec(int fd) {
  return ioctl(fd, FIOCLEX) == 0;
}

static void close_keeping_errno(int fd) {
  int saved = errno;

  close(fd);
  errno = saved;
}

/* Flags a descriptor, or closes it. */
static int flag(int fd, bool is_nonblocking) {
  if (fd == -1)
    return -1;
  if (set_cloexec(fd) && (!is_nonblocking || set_nonblocking(fd)))
    return fd;
  close_keeping_errno(fd);
  return -1;
}

/* Flags both of a pair, or closes them. */
static int flag_both(int r, int pair[2]) {
  if (r == -1)
    return -1;
  if (set_cloexec(pair[0]) && set_cloexec(pair[1]))
    return 0;
  close_keeping_errno(pair[0]);
  close_keeping_errno(pair[1]);
  return -1;
}

int uv__flagged_socket(int domain, int type, int protocol) {
  int fd;

  share();
  fd = flag(socket(domain, type, protocol), true);
  unlock();
  return fd;
}

/* A peer that is gone already makes setting a flag fail. */
int uv__flagged_accept(int listen_fd) {
  int fd;

  share();
  fd = flag(accept(listen_fd, NULL, NULL), true);
  unlock();
  if (fd == -1 && errno == EINVAL)
    errno = ECONNABORTED;
  return fd;
}

int uv__flagged_socketpair(int domain, int type, int protocol, int pair[2]) {
  int r;

  share();
  r = flag_both(socketpair(domain, type, protocol, pair), pair);
  unlock();
  return r;
}

int uv__flagged_pipe(int ends[2]) {
  int r;

  share();
  r = flag_both(pipe(ends), ends);
  unlock();
  return r;
}

int uv__flagged_dup2(int source, int fd) {
  int r;

  share();
  r = dup2(source, fd);
  if (r != -1 && !set_cloexec(fd))
    r = -1;
  unlock();
  return r;
}

int uv__flag_all_from(int first) {
  (void) first;
  errno = ENOSYS;
  return -1;
}

/* They have their flags or not: there is no way to give the message back. */
static void flag_received(struct msghdr* message) {
  for (struct cmsghdr* header = CMSG_FIRSTHDR(message); header != NULL;
       header = uv__next_control(message, header)) {
    size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);

    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
      continue;
    for (size_t i = 0; i < count; i++) {
      int fd;
      memcpy(&fd, CMSG_DATA(header) + i * sizeof(fd), sizeof(fd));
      set_cloexec(fd);
    }
  }
}

ssize_t uv__flagged_recvmsg(int fd, struct msghdr* message) {
  ssize_t n;

  share();
  n = recvmsg(fd, message, 0);
  if (n != -1)
    flag_received(message);
  unlock();
  return n;
}
