# What the library is made of: one file a line, from the ground floor up. A platform is a list.

set(sources_common
  alloc.c
  buf.c
  error.c
  types.c
  version.c
  wtf8.c
  utf8.c
  punycode.c
  idna_table.c
  idna_map.c
  idna.c
  metrics.c
  loop_time.c
  handle.c
  members.c
  print.c
  wheel.c
  timer.c
  watcher.c
  mailbox.c
  async.c
  threadpool.c
  work.c
  request.c
  random.c
  fs_entries.c
  fs.c
  hash.c
  fs_poll.c
  shutdown.c
  loop_init.c
  loop.c
  inet.c
  stream.c
  udp.c
)

set(sources_unix
  unix/clock.c
  unix/pid.c
  unix/env.c
  unix/users.c
  unix/paths.c
  unix/host.c
  unix/rusage.c
  unix/dl.c
  unix/fd.c
  unix/descriptor.c
  unix/error_sys.c
  unix/interface.c
  unix/interface_addresses.c
  unix/title.c
  unix/process_hooks.c
  unix/thread.c
  unix/lock.c
  unix/sem.c
  unix/barrier.c
  unix/wake.c
  unix/io.c
  unix/handle_fd.c
  unix/signal.c
  unix/poll_handle.c
  unix/socket.c
  unix/socketpair.c
  unix/stream_fds.c
  unix/stream_read.c
  unix/stream_write.c
  unix/stream_accept.c
  unix/stream_io.c
  unix/stream.c
  unix/tcp.c
  unix/dns.c
  unix/udp_socket.c
  unix/udp_options.c
  unix/udp_multicast.c
  unix/udp_send.c
  unix/udp_recv.c
  unix/udp.c
  unix/pipe_name.c
  unix/pipe_pair.c
  unix/pipe.c
  unix/tty_mode.c
  unix/tty.c
  unix/fs_io.c
  unix/fs_pump.c
  unix/fs_copyfile.c
  unix/fs_names.c
  unix/fs_dir.c
  unix/fs_times.c
  unix/fs_work.c
  unix/spawn_stdio.c
  unix/spawn_child.c
  unix/spawn_plan.c
  unix/process_exit.c
  unix/process.c
)

set(sources_linux
  unix/linux_text.c
  unix/linux_proc.c
  unix/linux_cgroup.c
  unix/linux_memory.c
  unix/linux_cpu_part.c
  unix/linux_cpu.c
  unix/linux_link.c
  unix/linux_pty.c
  unix/linux_thread.c
  unix/linux_pidfd.c
  unix/linux_raw.c
  unix/linux_spawn.c
  unix/random_source.c
  unix/linux_sendfile.c
  unix/linux_stat.c
  unix/linux_udp.c
  unix/epoll.c
  unix/inotify.c
  unix/fs_walk.c
  unix/fs_tree_node.c
  unix/fs_tree_watch.c
  unix/fs_tree_read.c
  unix/fs_tree.c
  unix/fs_event.c
)

set(sources_win
)

# System libraries and feature macros, by system.
set(libraries_linux pthread dl rt)
set(definitions_linux _GNU_SOURCE)

# Offsets have 64 bits where files are read and written, on 32-bit systems too. The public structs
# are as programs see them, so whatever uses their members cannot be compiled so.
set_source_files_properties(
  unix/fs_copyfile.c unix/fs_dir.c unix/fs_io.c unix/fs_pump.c unix/fs_walk.c unix/linux_sendfile.c
  unix/linux_stat.c
  PROPERTIES COMPILE_DEFINITIONS _FILE_OFFSET_BITS=64)
