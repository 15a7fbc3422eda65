/* New descriptors with their flags: close-on-exec always, so that no child that another thread
 * starts at that moment inherits them, and non-blocking where it says so. A system either sets the
 * flags in the call (fd_flags_at_birth.c) or leaves them to be set afterwards (fd_flags_after.c).
 *
 * Each gives a descriptor or 0, or -1 with an errno, as the system call that it stands for. */
#ifndef RONDO_UNIX_FD_FLAGS_H_
#define RONDO_UNIX_FD_FLAGS_H_

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

/* These two are non-blocking. */
int uv__flagged_socket(int domain, int type, int protocol);
int uv__flagged_accept(int listen_fd);

int uv__flagged_socketpair(int domain, int type, int protocol, int pair[2]);
int uv__flagged_pipe(int ends[2]);

/* As dup2(2) for two different descriptors. */
int uv__flagged_dup2(int source, int fd);

/* As recvmsg(2), for the descriptors that come with the message. */
ssize_t uv__flagged_recvmsg(int fd, struct msghdr* message);

/* Sets close-on-exec on all descriptors from `first` up. ENOSYS: no call does that. */
int uv__flag_all_from(int first);

/* While a fork is made that copies all descriptors: no other thread has one without its flags. */
void uv__flags_hold(void);
void uv__flags_release(void);

#endif /* RONDO_UNIX_FD_FLAGS_H_ */
