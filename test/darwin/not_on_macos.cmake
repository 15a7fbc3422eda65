# Tests that are not built for macOS, and what they ask for.
set(not_on_macos
  # A table of the interface.
  test_abi test_error test_types
  # Another function in the place of the system's, by the linker.
  test_stream_limits test_thread_unix test_threadpool test_tty_mode test_udp_segments
  # Namespaces, mounts, and system calls that fail on request (support/child.h).
  test_fs_copy_unix test_fs_dir_unix test_fs_io_unix test_fs_names_unix test_fs_open_unix
  test_fs_poll test_fs_poll_fork test_fs_stat_unix test_fs_times_unix test_interface_addresses
  test_ipc test_loop_unix test_paths test_pid test_pipe_name_unix test_process_old_kernel
  test_process_unix test_random_unix test_spawn_program_unix test_spawn_stdio_unix test_stream_write
  test_tcp_connect test_title test_udp test_udp_multicast test_udp_multicast_network
  test_udp_send_limits test_udp_try_send2
  # Files of this library as other systems have them.
  test_barrier_by_cond test_fd_flags_after
  # What the kernel or the C library has of Linux alone.
  test_cgroup test_consumers test_cpu test_cpu_list test_descriptor test_fs_at_once
  test_fs_event_recursive test_fs_event_unix test_poll test_signal_unix test_tty test_udp_recverr
  test_udp_recvmmsg test_uring_fs test_uring_look)
