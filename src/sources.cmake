# What the library is made of: one file a line, from the ground floor up. A platform is a list.

set(sources_common
  alloc.c
  buf.c
  error.c
  types.c
  version.c
  wtf8.c
  metrics.c
  loop_time.c
  handle.c
  request.c
  members.c
  print.c
  shutdown.c
  wheel.c
  timer.c
  watcher.c
  mailbox.c
  async.c
  loop_init.c
  loop.c
  inet.c
  stream.c
)

set(sources_unix
  unix/clock.c
  unix/fd.c
  unix/descriptor.c
  unix/error_sys.c
  unix/interface.c
  unix/thread.c
  unix/lock.c
  unix/sem.c
  unix/barrier.c
  unix/io.c
  unix/wake.c
  unix/handle_fd.c
  unix/handle_fd.c
  unix/socket.c
  unix/stream.c
  unix/stream_fds.c
  unix/stream_read.c
  unix/stream_write.c
  unix/socket.c
  unix/stream_fds.c
  unix/stream_accept.c
  unix/stream_io.c
  unix/stream_read.c
  unix/stream_write.c
  unix/tcp.c
  unix/udp.c
  unix/stream_accept.c
  unix/stream_io.c
  unix/pipe.c
  unix/poll_handle.c
)

set(sources_linux
  unix/linux_thread.c
  unix/epoll.c
)

set(sources_win
)

# System libraries and feature macros, by system.
set(libraries_linux pthread dl rt)
set(definitions_linux _GNU_SOURCE)
