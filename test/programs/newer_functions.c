/* A program linked to the shared library that calls each of the functions which libuv 1.44.2 does
 * not have yet, so no program of Debian's does. Like the others it looks which library is mapped.
 */
#include "support/cmocka_all.h"
#include "uv.h"

#include <grp.h>
#include <netinet/tcp.h>
#include <pwd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void the_library_that_is_mapped_is_the_one_under_test(void** state) {
  (void) state;
  const char* expected = getenv("EXPECTED_LIBRARY");
  FILE* maps = fopen("/proc/self/maps", "r");
  char line[1024];
  int found = 0;

  assert_non_null(expected);
  assert_non_null(maps);
  while (fgets(line, sizeof(line), maps) != NULL) {
    if (strstr(line, "libuv.so") == NULL)
      continue;
    line[strcspn(line, "\n")] = '\0';
    assert_string_equal(strchr(line, '/'), expected);
    found++;
  }
  fclose(maps);
  assert_true(found > 0);
}

static void clocks(void** state) {
  (void) state;
  uv_timespec64_t now;
  uint64_t before = uv_hrtime();

  assert_int_equal(uv_clock_gettime(UV_CLOCK_MONOTONIC, &now), 0);
  assert_in_range((uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec, before, uv_hrtime());
  struct timespec earlier, later;
  clock_gettime(CLOCK_REALTIME, &earlier); /* time(2) can be a tick behind it */
  assert_int_equal(uv_clock_gettime(UV_CLOCK_REALTIME, &now), 0);
  clock_gettime(CLOCK_REALTIME, &later);
  assert_in_range(now.tv_sec, earlier.tv_sec, later.tv_sec);
  assert_int_equal(uv_clock_gettime(UV_CLOCK_REALTIME, NULL), UV_EFAULT);
  assert_int_equal(uv_clock_gettime((uv_clock_id) 100, &now), UV_EINVAL);
}

static void available_memory(void** state) {
  (void) state;
  uint64_t available = uv_get_available_memory();

  assert_true(available > 0);
  assert_true(available <= uv_get_total_memory());
}

static void usage_of_a_thread(void** state) {
  (void) state;
  uv_rusage_t usage;
  struct rusage system;

  assert_int_equal(uv_getrusage_thread(&usage), 0);
  assert_int_equal(getrusage(RUSAGE_THREAD, &system), 0);
  assert_in_range(system.ru_utime.tv_sec - usage.ru_utime.tv_sec, 0, 1);
  assert_true(usage.ru_maxrss > 0 && (int64_t) usage.ru_maxrss <= system.ru_maxrss);
}

static void fired(uv_timer_t* timer) {
  if (++*(int*) timer->data == 3)
    uv_close((uv_handle_t*) timer, NULL);
}

static void counters_of_a_loop(void** state) {
  (void) state;
  uv_loop_t loop;
  uv_timer_t timer;
  uv_metrics_t metrics;
  int count = 0;

  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_metrics_info(&loop, &metrics), 0);
  assert_int_equal(metrics.loop_count, 0);
  assert_int_equal(metrics.events, 0);
  uv_timer_init(&loop, &timer);
  timer.data = &count;
  assert_int_equal(uv_timer_start(&timer, fired, 1, 1), 0);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_metrics_info(&loop, &metrics), 0);
  assert_in_range(metrics.loop_count, 3, 10);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void users_and_groups(void** state) {
  (void) state;
  uv_group_t group;
  uv_passwd_t user;

  assert_int_equal(uv_os_get_group(&group, 0), 0);
  assert_string_equal(group.groupname, getgrgid(0)->gr_name);
  assert_int_equal(group.gid, 0);
  uv_os_free_group(&group);
  assert_null(group.groupname);
  assert_int_equal(uv_os_get_group(&group, 4000000000U), UV_ENOENT);

  assert_int_equal(uv_os_get_passwd2(&user, 0), 0);
  assert_string_equal(user.username, getpwuid(0)->pw_name);
  assert_string_equal(user.homedir, getpwuid(0)->pw_dir);
  uv_os_free_passwd(&user);
  assert_int_equal(uv_os_get_passwd2(&user, 4000000000U), UV_ENOENT);
}

static void connected(uv_connect_t* request, int status) {
  *(int*) request->data = status;
}

/* Binds to `name` and connects to what the kernel says it is bound to. */
static void bind_and_connect(const char* name, size_t len) {
  uv_loop_t loop;
  uv_pipe_t server;
  uv_pipe_t client;
  uv_connect_t request;
  char bound[200];
  size_t bound_len = sizeof(bound);
  int status = 1;

  assert_int_equal(uv_loop_init(&loop), 0);
  uv_pipe_init(&loop, &server, 0);
  uv_pipe_init(&loop, &client, 0);
  assert_int_equal(uv_pipe_bind2(&server, name, len, UV_PIPE_NO_TRUNCATE), 0);
  assert_int_equal(uv_pipe_getsockname(&server, bound, &bound_len), 0);
  if (len > 0) {
    assert_int_equal(bound_len, len);
    assert_memory_equal(bound, name, len);
  }
  assert_int_equal(uv_listen((uv_stream_t*) &server, 1, NULL), 0);
  request.data = &status;
  assert_int_equal(
      uv_pipe_connect2(&request, &client, bound, bound_len, UV_PIPE_NO_TRUNCATE, connected), 0);
  assert_int_equal(uv_pipe_connect2(&request, &client, bound, bound_len, 2, connected), UV_EINVAL);
  while (status == 1)
    uv_run(&loop, UV_RUN_ONCE);
  assert_int_equal(status, 0);
  uv_close((uv_handle_t*) &client, NULL);
  uv_close((uv_handle_t*) &server, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void* no_memory(size_t size) {
  (void) size;
  return NULL;
}

static void names_that_cannot_be_bound(void** state) {
  (void) state;
  uv_loop_t loop;
  uv_pipe_t pipe;
  const char* long_path =
      "/tmp/rondo-0123456789-0123456789-0123456789-0123456789-0123456789-"
      "0123456789-0123456789-0123456789-0123456789";

  assert_int_equal(uv_loop_init(&loop), 0);
  uv_pipe_init(&loop, &pipe, 0);
  assert_int_equal(uv_pipe_bind2(&pipe, "/dev/null/name", 14, 0), UV_ENOTDIR);
  assert_int_equal(uv_pipe_bind2(&pipe, "/no directory/name", 18, 0), UV_EACCES);
  assert_int_equal(uv_pipe_bind2(&pipe, "/dev/null", 9, 0), UV_EADDRINUSE);
  assert_int_equal(uv_pipe_bind2(&pipe, "/dev/nu\0l", 9, 0), UV_EINVAL);
  assert_int_equal(uv_pipe_bind2(&pipe, long_path, strlen(long_path), UV_PIPE_NO_TRUNCATE),
                   UV_EINVAL);
  uv_replace_allocator(no_memory, realloc, calloc, free);
  int err = uv_pipe_bind2(&pipe, "/tmp/rondo-none", 15, 0);
  uv_replace_allocator(malloc, realloc, calloc, free);
  assert_int_equal(err, UV_ENOMEM);
  uv_close((uv_handle_t*) &pipe, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void pipes_with_names_of_any_bytes(void** state) {
  (void) state;
  char directory[] = "/tmp/rondo-newer-XXXXXX";
  char path[100];
  char abstract[100];

  assert_non_null(mkdtemp(directory));
  snprintf(path, sizeof(path), "%s/socket", directory);
  bind_and_connect(path, strlen(path));
  snprintf(abstract, sizeof(abstract), "%c%s%cend", '\0', directory, '\0');
  bind_and_connect(abstract, 1 + strlen(directory) + 1 + 3);
  bind_and_connect("", 0);
  assert_int_equal(rmdir(directory), 0);
}

static int tcp_option(const uv_tcp_t* handle, int option) {
  uv_os_fd_t fd;
  int value = -1;
  socklen_t size = sizeof(value);

  assert_int_equal(uv_fileno((const uv_handle_t*) handle, &fd), 0);
  assert_int_equal(getsockopt(fd, IPPROTO_TCP, option, &value, &size), 0);
  return value;
}

static void probes_of_silent_connections(void** state) {
  (void) state;
  uv_loop_t loop;
  uv_tcp_t tcp;

  assert_int_equal(uv_loop_init(&loop), 0);
  assert_int_equal(uv_tcp_init_ex(&loop, &tcp, AF_INET), 0);
  assert_int_equal(uv_tcp_keepalive_ex(&tcp, 1, 11, 12, 13), 0);
  assert_int_equal(tcp_option(&tcp, TCP_KEEPIDLE), 11);
  assert_int_equal(tcp_option(&tcp, TCP_KEEPINTVL), 12);
  assert_int_equal(tcp_option(&tcp, TCP_KEEPCNT), 13);
  assert_int_equal(uv_tcp_keepalive_ex(&tcp, 1, 0, 1, 1), UV_EINVAL);
  uv_close((uv_handle_t*) &tcp, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

/* Names, masks and priorities are of the thread that runs this, so that the program's stay. */
static void about_itself(void* arg) {
  uv_thread_t self = uv_thread_self();
  int size = uv_cpumask_size();
  char* mask = calloc(3, (size_t) size);
  char* old = mask + size;
  char* now = old + size;
  char name[32];
  int priority;
  int cpu = uv_thread_getcpu();

  assert_in_range(cpu, 0, size - 1);
  assert_int_equal(uv_thread_setname("newer"), 0);
  assert_int_equal(uv_thread_getname(&self, name, sizeof(name)), 0);
  assert_string_equal(name, "newer");

  assert_int_equal(uv_thread_getaffinity(&self, old, (size_t) size), 0);
  assert_int_equal(old[cpu], 1);
  mask[cpu] = 1;
  assert_int_equal(uv_thread_setaffinity(&self, mask, now, (size_t) size), 0);
  assert_memory_equal(now, old, (size_t) size);
  assert_int_equal(uv_thread_getaffinity(&self, now, (size_t) size), 0);
  assert_memory_equal(now, mask, (size_t) size);
  assert_int_equal(uv_thread_getcpu(), cpu);
  assert_int_equal(uv_thread_setaffinity(&self, mask, NULL, 1), UV_EINVAL);

  assert_int_equal(uv_thread_setpriority(self, UV_THREAD_PRIORITY_LOWEST), 0);
  assert_int_equal(uv_thread_getpriority(self, &priority), 0);
  assert_int_equal(priority, -2 * UV_THREAD_PRIORITY_LOWEST);
  assert_int_equal(uv_thread_getpriority(self, NULL), UV_EINVAL);
  assert_int_equal(uv_thread_setpriority(self, 1000), UV_EINVAL);
  free(mask);
  uv_sem_post(arg);
}

static void threads(void** state) {
  (void) state;
  uv_thread_t thread;
  uv_sem_t done;

  assert_int_equal(uv_cpumask_size(), CPU_SETSIZE);
  assert_int_equal(uv_sem_init(&done, 0), 0);
  assert_int_equal(uv_thread_create(&thread, about_itself, &done), 0);
  assert_int_equal(uv_thread_detach(&thread), 0);
  uv_sem_wait(&done);
  uv_sem_destroy(&done);
}

static void received(uv_udp_t* handle, ssize_t nread, const uv_buf_t* buf,
                     const struct sockaddr* from, unsigned int flags) {
  char* text = handle->data;

  (void) flags;
  if (nread > 0 && from != NULL)
    strncat(text, buf->base, (size_t) nread);
  if (strlen(text) == strlen("onetwothree"))
    uv_close((uv_handle_t*) handle, NULL);
}

static void room_for_one(uv_handle_t* handle, size_t suggested, uv_buf_t* buf) {
  static char memory[65536];

  (void) handle;
  (void) suggested;
  *buf = uv_buf_init(memory, sizeof(memory));
}

static void datagrams_in_one_call(void** state) {
  (void) state;
  uv_loop_t loop;
  uv_udp_t sender;
  uv_udp_t receiver;
  struct sockaddr_in address;
  int size = sizeof(address);
  char text[100] = "";
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  int reuse = 0;
  socklen_t option_size = sizeof(reuse);

  assert_int_equal(uv_loop_init(&loop), 0);
  uv_udp_init(&loop, &receiver);
  assert_int_equal(uv_udp_open_ex(&receiver, fd, 0x1000), UV_EINVAL);
  assert_int_equal(uv_udp_open_ex(&receiver, fd, UV_UDP_REUSEADDR), 0);
  assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, &option_size), 0);
  assert_int_equal(reuse, 1);
  uv_ip4_addr("127.0.0.1", 0, &address);
  assert_int_equal(uv_udp_bind(&receiver, (const struct sockaddr*) &address, 0), 0);
  assert_int_equal(uv_udp_getsockname(&receiver, (struct sockaddr*) &address, &size), 0);
  receiver.data = text;
  assert_int_equal(uv_udp_recv_start(&receiver, room_for_one, received), 0);

  uv_buf_t one = uv_buf_init("one", 3);
  uv_buf_t two[] = {uv_buf_init("tw", 2), uv_buf_init("o", 1)};
  uv_buf_t three = uv_buf_init("three", 5);
  uv_buf_t* bufs[] = {&one, two, &three};
  unsigned int nbufs[] = {1, 2, 1};
  struct sockaddr* to = (struct sockaddr*) &address;
  struct sockaddr* addrs[] = {to, to, to};
  assert_int_equal(uv_udp_init_ex(&loop, &sender, AF_INET), 0);
  assert_int_equal(uv_udp_try_send2(&sender, 3, bufs, nbufs, addrs, 1), UV_EINVAL);
  assert_int_equal(uv_udp_try_send2(&sender, 3, bufs, nbufs, addrs, 0), 3);
  uv_close((uv_handle_t*) &sender, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_string_equal(text, "onetwothree");
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void sockets_and_addresses_that_do_not_fit(void** state) {
  (void) state;
  uv_loop_t loop;
  uv_udp_t udp;
  uv_udp_t second;
  struct sockaddr_in address;
  int size = sizeof(address);
  struct sockaddr* addrs[] = {(struct sockaddr*) &address};
  uv_buf_t buf = uv_buf_init("x", 1);
  uv_buf_t* bufs[] = {&buf};
  unsigned int one = 1;
  int fd = socket(AF_INET, SOCK_DGRAM, 0);

  assert_int_equal(uv_loop_init(&loop), 0);
  uv_udp_init(&loop, &udp);
  uv_udp_init(&loop, &second);
  assert_int_equal(uv_udp_open_ex(&udp, -1, 0), UV_EBADF);
  assert_int_equal(uv_udp_open_ex(&udp, fd, 0), 0);
  assert_int_equal(uv_udp_open_ex(&udp, fd, 0), UV_EBUSY);
  uv_ip4_addr("127.0.0.1", 0, &address);
  assert_int_equal(uv_udp_bind(&udp, addrs[0], 0), 0);
  assert_int_equal(uv_udp_recv_start(&udp, room_for_one, received), 0);
  assert_int_equal(uv_udp_open_ex(&second, fd, 0), UV_EEXIST);

  assert_int_equal(uv_udp_getsockname(&udp, addrs[0], &size), 0);
  assert_int_equal(uv_udp_try_send2(&second, 1, bufs, &one, addrs, 0), UV_EINVAL);
  assert_int_equal(uv_udp_connect(&udp, addrs[0]), 0);
  assert_int_equal(uv_udp_try_send2(&udp, 1, bufs, &one, addrs, 0), UV_EISCONN);
  assert_int_equal(uv_udp_connect(&udp, NULL), 0);
  addrs[0] = NULL;
  assert_int_equal(uv_udp_try_send2(&udp, 1, bufs, &one, addrs, 0), UV_EDESTADDRREQ);
  assert_int_equal(uv_udp_try_send2(&udp, 0, bufs, &one, addrs, 0), UV_EINVAL);
  uv_close((uv_handle_t*) &udp, NULL);
  uv_close((uv_handle_t*) &second, NULL);
  assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
  assert_int_equal(uv_loop_close(&loop), 0);
}

static void texts(void** state) {
  (void) state;
  const char wtf8[] = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\xED\xA0\x80";
  const uint16_t utf16[] = {'a', 0xE4, 0x20AC, 0xD83D, 0xDE00, 0xD800, 0};
  uint16_t converted[7];
  char* made = NULL;
  char small[4] = "###";
  char* into = small;
  size_t len = 2;

  assert_int_equal(uv_wtf8_length_as_utf16(wtf8), 7);
  uv_wtf8_to_utf16(wtf8, converted, 7);
  assert_memory_equal(converted, utf16, sizeof(utf16));
  assert_int_equal(uv_wtf8_length_as_utf16("\xFF"), UV_EINVAL);
  assert_int_equal(uv_utf16_length_as_wtf8(utf16, -1), strlen(wtf8));
  assert_int_equal(uv_utf16_to_wtf8(utf16, 6, &made, NULL), 0);
  assert_string_equal(made, wtf8);
  free(made);
  assert_int_equal(uv_utf16_to_wtf8(utf16, -1, &into, &len), UV_ENOBUFS);
  assert_int_equal(len, strlen(wtf8));
  assert_int_equal(small[0], 'a');
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_library_that_is_mapped_is_the_one_under_test),
      cmocka_unit_test(clocks),
      cmocka_unit_test(available_memory),
      cmocka_unit_test(usage_of_a_thread),
      cmocka_unit_test(counters_of_a_loop),
      cmocka_unit_test(users_and_groups),
      cmocka_unit_test(names_that_cannot_be_bound),
      cmocka_unit_test(pipes_with_names_of_any_bytes),
      cmocka_unit_test(probes_of_silent_connections),
      cmocka_unit_test(threads),
      cmocka_unit_test(datagrams_in_one_call),
      cmocka_unit_test(sockets_and_addresses_that_do_not_fit),
      cmocka_unit_test(texts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
