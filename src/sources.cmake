# What the library is made of: one file a line, from the ground floor up. A platform is a list.

set(sources_common
  alloc.c
  buf.c
  error.c
  answers.c
  dl_error.c
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
  finished.c
  async.c
  threadpool.c
  work.c
  request.c
  random.c
  inet.c
  dns.c
  fs_entries.c
  fs.c
  hash.c
  fs_event_path.c
  fs_poll.c
  shutdown.c
  gather.c
  loop_init.c
  loop.c
  stream.c
  udp.c
  udp_options.c
  udp_group.c
  udp_multicast.c
)

set(sources_unix
  unix/memory_limit.c
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
  unix/process_hooks.c
  unix/thread.c
  unix/lock.c
  unix/loop_fork.c
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
  unix/spawn_search.c
  unix/spawn_child.c
  unix/spawn_plan.c
  unix/spawn_start.c
  unix/process_exit.c
  unix/process.c
)

# What the loop waits with: one of these.
set(sources_epoll
  unix/uring_look.c
  unix/epoll.c
  unix/poll_phase.c
  unix/wake.c
)

set(sources_poll
  unix/poll.c
  unix/poll_phase.c
  unix/wake_pipe.c
)

set(sources_kqueue
  unix/kqueue.c
  unix/poll_phase.c
)

# How a loop is woken where there is a kqueue: by a filter, or where that is unknown by a pipe.
set(sources_kqueue_wake_user unix/wake_kqueue.c)
set(sources_kqueue_wake_pipe unix/wake_pipe.c)

# Who waits for descriptors that a kqueue refuses, as that of macOS does.
set(sources_kqueue_select unix/select_thread.c)

# What else a kqueue tells: the ends of children, and what happens to files.
set(sources_kqueue_events
  unix/kqueue_process.c
  unix/listing.c
  unix/kqueue_vnode.c
  unix/kqueue_fs_event.c
)

# The system's part of that where it has nothing of its own.
set(sources_kqueue_plain
  unix/fd_name_none.c
  unix/kqueue_fs_way.c
)

# Both on Linux without a kqueue.
set(sources_linux_events
  unix/linux_child.c
  unix/inotify.c
  unix/fs_walk.c
  unix/fs_tree_node.c
  unix/fs_tree_watch.c
  unix/fs_tree_read.c
  unix/fs_tree.c
  unix/fs_event.c
)

set(sources_linux
  unix/main_stack_by_limit.c
  udp_source.c
  unix/udp_option.c
  unix/clock_monotonic.c
  unix/cond.c
  unix/sem.c
  unix/barrier.c
  unix/rusage_thread.c
  unix/title_thread.c
  unix/title.c
  unix/environment.c
  unix/fd_flags_at_birth.c
  unix/accept4.c
  unix/linux_text.c
  unix/linux_proc.c
  unix/linux_cgroup.c
  unix/linux_memory.c
  unix/linux_cpu_part.c
  unix/linux_cpu.c
  unix/linux_link.c
  unix/linux_pty.c
  unix/linux_socket.c
  unix/linux_thread.c
  unix/linux_pidfd.c
  unix/linux_flag_range.c
  unix/linux_raw.c
  unix/spawn_fork.c
  unix/linux_spawn.c
  unix/random_source.c
  unix/linux_sendfile.c
  unix/fs_copy_data.c
  unix/linux_stat.c
  unix/fs_sync.c
  unix/options.c
  unix/uring.c
  unix/linux_local_fs.c
  unix/linux_cached.c
  unix/linux_at_once.c
  unix/uring_fs.c
  unix/linux_fs_begin.c
  unix/linux_udp_send.c
  unix/linux_udp.c
)

# What macOS has beside sources_unix, sources_kqueue and sources_kqueue_events.
set(sources_darwin
  ${sources_kqueue_wake_user}
  ${sources_kqueue_select}
  unix/main_stack_by_limit.c
  udp_source.c
  unix/udp_option.c
  unix/darwin_clock.c
  unix/darwin_cond.c
  unix/darwin_sem.c
  unix/barrier_by_cond.c
  unix/darwin_rusage.c
  unix/darwin_thread_name.c
  unix/thread_cpus_none.c
  unix/thread_priority.c
  unix/darwin_framework.c
  unix/darwin_title.c
  unix/title.c
  unix/darwin_environment.c
  unix/fd_flags_after.c
  unix/bsd_sysctl.c
  unix/bsd_cpu.c
  unix/darwin_cpu.c
  unix/darwin_memory.c
  unix/darwin_proc.c
  unix/loadavg.c
  unix/bsd_link.c
  unix/darwin_pty.c
  unix/darwin_socket.c
  unix/udp_extras_none.c
  unix/udp_one_by_one.c
  unix/random_entropy.c
  unix/fd_name_getpath.c
  unix/bsd_stat.c
  unix/bsd_statfs.c
  unix/darwin_sync.c
  unix/darwin_sendfile.c
  unix/darwin_copy_data.c
  unix/clone_none.c
  unix/darwin_runloop.c
  unix/darwin_fsevents.c
  unix/darwin_fs_watch.c
  unix/darwin_fs_way.c
  fs_begin_by_thread.c
  unix/raw_by_libc.c
  unix/spawn_fork.c
  unix/darwin_spawn.c
)

# What the BSDs have in common, and then each of them; also a way of waking (sources_kqueue_wake_*).
set(sources_bsd
  unix/select_none.c
  unix/main_stack_none.c
  unix/clock_monotonic.c
  unix/cond.c
  unix/sem.c
  unix/environment.c
  unix/loadavg.c
  unix/bsd_memory.c
  unix/bsd_cpu.c
  unix/bsd_title.c
  unix/bsd_link.c
  unix/fd_flags_at_birth.c
  unix/raw_by_libc.c
  unix/spawn_fork.c
  unix/spawn_by_fork.c
  unix/thread_priority.c
  unix/fs_copy_data.c
  unix/clone_none.c
  fs_begin_by_thread.c
)

set(sources_freebsd
  udp_source.c
  unix/udp_option.c
  ${sources_kqueue_wake_user}
  unix/bsd_sysctl.c
  unix/freebsd_memory.c
  unix/freebsd_cpu.c
  unix/bsd_exepath.c
  unix/bsd_uptime.c
  unix/rusage_thread.c
  unix/barrier.c
  unix/bsd_thread_name.c
  unix/freebsd_thread_cpus.c
  unix/random_source.c
  unix/accept4.c
  unix/freebsd_flag_range.c
  unix/freebsd_socket.c
  unix/udp_extras_none.c
  unix/bsd_udp.c
  unix/freebsd_pty.c
  unix/bsd_stat.c
  unix/bsd_statfs.c
  unix/fs_sync.c
  unix/bsd_sendfile.c
  unix/freebsd_sendfile.c
  unix/freebsd_fd_name.c
  unix/kqueue_fs_way.c
)

set(sources_openbsd
  udp_source_none.c
  unix/openbsd_udp_option.c
  ${sources_kqueue_wake_pipe}
  unix/openbsd_memory.c
  unix/openbsd_cpu.c
  unix/openbsd_exepath.c
  unix/openbsd_uptime.c
  unix/rusage_thread.c
  unix/barrier_by_cond.c
  unix/bsd_thread_name.c
  unix/thread_cpus_none.c
  unix/bsd_random.c
  unix/accept4.c
  unix/flag_range_by_number.c
  unix/openbsd_socket.c
  unix/udp_extras_none.c
  unix/bsd_udp.c
  unix/bsd_pty.c
  unix/stat_without_birth.c
  unix/openbsd_statfs.c
  unix/fs_sync.c
  unix/sendfile_by_pump.c
  ${sources_kqueue_plain}
)

set(sources_netbsd
  udp_source_none.c
  unix/udp_option.c
  ${sources_kqueue_wake_pipe}
  unix/bsd_sysctl.c
  unix/netbsd_memory.c
  unix/netbsd_cpu.c
  unix/netbsd_exepath.c
  unix/netbsd_uptime.c
  unix/rusage_process.c
  unix/barrier.c
  unix/netbsd_thread_name.c
  unix/thread_cpus_none.c
  unix/bsd_random.c
  unix/netbsd_accept.c
  unix/flag_range_by_number.c
  unix/netbsd_socket.c
  unix/udp_extras_none.c
  unix/bsd_udp.c
  unix/netbsd_pty.c
  unix/bsd_stat.c
  unix/netbsd_statfs.c
  unix/fs_sync.c
  unix/sendfile_by_pump.c
  ${sources_kqueue_plain}
)

set(sources_dragonfly
  udp_source_none.c
  unix/udp_option.c
  ${sources_kqueue_wake_user}
  unix/bsd_sysctl.c
  unix/dragonfly_memory.c
  unix/dragonfly_cpu.c
  unix/bsd_exepath.c
  unix/bsd_uptime.c
  unix/rusage_process.c
  unix/barrier.c
  unix/bsd_thread_name.c
  unix/thread_cpus_none.c
  unix/bsd_random.c
  unix/dragonfly_accept.c
  unix/flag_range_by_number.c
  unix/dragonfly_socket.c
  unix/udp_extras_none.c
  unix/udp_one_by_one.c
  unix/bsd_pty.c
  unix/stat_without_birth.c
  unix/bsd_statfs.c
  unix/dragonfly_sync.c
  unix/bsd_sendfile.c
  unix/dragonfly_sendfile.c
  ${sources_kqueue_plain}
)

set(sources_win
  udp_source.c
  win/error_status.c
  win/error_sys.c
  win/clock.c
  win/lock.c
  win/sem.c
  win/barrier.c
  win/startup.c
  win/text.c
  win/system_text.c
  win/exepath.c
  win/pid.c
  win/env.c
  win/users.c
  win/paths.c
  win/host.c
  win/rusage.c
  win/memory.c
  win/cpu.c
  win/dl.c
  win/descriptor.c
  win/interface.c
  win/interface_addresses.c
  win/title.c
  win/dns.c
  win/thread.c
  win/thread_name.c
  win/process_hooks.c
  win/random_source.c
  win/fs_path.c
  win/fs_map_copy.c
  win/fs_map.c
  win/fs_open.c
  win/fs_io.c
  win/fs_reparse.c
  win/fs_facts.c
  win/fs_stat.c
  win/fs_mode.c
  win/fs_times.c
  win/fs_links.c
  win/fs_names.c
  win/fs_copyfile.c
  win/fs_dir.c
  win/fs_work.c
  fs_begin_by_thread.c
  win/resume.c
  win/iocp.c
  win/event_packet.c
  win/fs_event_name.c
  win/fs_event.c
  win/socket.c
  win/socketpair.c
  win/handle_fd.c
  win/afd.c
  win/poll_select.c
  win/poll_handle.c
  win/udp_socket.c
  win/udp_send.c
  win/udp_recv.c
  win/udp.c
  win/link_local.c
  win/tcp_options.c
  win/tcp_socket.c
  win/tcp_address.c
  win/tcp_read.c
  win/tcp_write.c
  win/tcp_connect.c
  win/tcp_accept.c
  win/tcp.c
  win/tcp_share.c
  win/pipe_gate.c
  win/pipe_file.c
  win/pipe_name.c
  win/pipe_ipc.c
  win/pipe_read.c
  win/pipe_shutdown.c
  win/pipe_write.c
  win/pipe_connect.c
  win/pipe_server.c
  win/pipe_pair.c
  win/pipe.c
  win/signal.c
  win/console_size.c
  win/console.c
  win/tty_keys.c
  win/tty_record.c
  win/tty_escape.c
  win/tty_ansi.c
  win/tty_write.c
  win/tty_read.c
  win/tty.c
  win/stream.c
  win/dump.c
  win/kill.c
  win/job.c
  win/crt_block.c
  win/stdio_inherit.c
  win/spawn_args.c
  win/spawn_env.c
  win/spawn_search.c
  win/spawn_stdio.c
  win/spawn_create.c
  win/process.c
)

# System libraries and feature macros, by system.
set(libraries_linux pthread dl rt)
set(definitions_linux _GNU_SOURCE)
set(definitions_darwin _DARWIN_UNLIMITED_SELECT=1) # sets for select(2) of any size
set(libraries_freebsd pthread)
set(libraries_openbsd pthread)
set(definitions_openbsd _BSD_SOURCE)
set(libraries_netbsd pthread rt)
set(definitions_netbsd _NETBSD_SOURCE)
set(libraries_dragonfly pthread)
set(libraries_win ws2_32 iphlpapi userenv psapi advapi32 user32 ole32 shell32 dbghelp ntdll)
set(definitions_win __USE_MINGW_ANSI_STDIO=1) # for C99's formats in mingw-w64's older runtime

# Offsets have 64 bits where files are read and written, on 32-bit systems too. The public structs
# are as programs see them, so whatever uses their members cannot be compiled so.
set_source_files_properties(
  unix/fs_dir.c unix/fs_io.c unix/fs_pump.c unix/fs_walk.c unix/linux_cached.c unix/linux_sendfile.c
  unix/listing.c unix/memory_limit.c
  PROPERTIES COMPILE_DEFINITIONS _FILE_OFFSET_BITS=64)

# Nor do the times of files end in the year 2038 where they are only passed on.
set_source_files_properties(
  unix/fs_copy_data.c unix/fs_copyfile.c unix/fs_times.c unix/linux_stat.c
  PROPERTIES COMPILE_DEFINITIONS "_FILE_OFFSET_BITS=64;_TIME_BITS=64")
