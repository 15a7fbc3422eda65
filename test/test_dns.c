/* Look-ups of names and addresses: only such as need no network, numbers and what /etc/hosts and
 * /etc/services have. */
#include "support/allocator.h"
#include "support/c_library.h"
#include "support/loop_fixture.h"
#include "support/pool_gate.h"
#include "uv.h"

#include <stdbool.h>
#include <stdio.h>

#if !defined(_WIN32)
#include <arpa/inet.h>
#include <netdb.h>
#endif

enum { SLOW_THREADS = 2, POOL = 4 };

static int calls;
static int last_status;
static struct addrinfo* last_list;

static int setup(void** state) {
  calls = 0;
  last_status = 1;
  last_list = NULL;
  return loop_setup(state);
}

static void got_addresses(uv_getaddrinfo_t* req, int status, struct addrinfo* res) {
  assert_ptr_equal(req->addrinfo, res);
  last_status = status;
  last_list = res;
  calls++;
}

/* Answers numbers only, for one type of socket. */
static struct addrinfo numeric_hints(void) {
  struct addrinfo hints;

  memset(&hints, 0, sizeof(hints));
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  return hints;
}

static void assert_address(const struct addrinfo* list, const char* ip, int port) {
  char text[INET6_ADDRSTRLEN] = "";
  int its_port;

  assert_non_null(list);
  assert_int_equal(uv_ip_name(list->ai_addr, text, sizeof(text)), 0);
  assert_string_equal(text, ip);
  if (list->ai_family == AF_INET)
    its_port = ntohs(((struct sockaddr_in*) (void*) list->ai_addr)->sin_port);
  else
    its_port = ntohs(((struct sockaddr_in6*) (void*) list->ai_addr)->sin6_port);
  assert_int_equal(its_port, port);
}

/* -- uv_getaddrinfo ---------------------------------------------------------------------------- */

static void addresses_come_through_the_callback(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;

  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, "127.0.0.9", "80", &hints), 0);
  assert_int_equal(calls, 0);
  assert_int_equal(req.type, UV_GETADDRINFO);
  assert_ptr_equal(req.loop, &f->loop);
  assert_true(uv_loop_alive(&f->loop));
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(calls, 1);
  assert_int_equal(last_status, 0);
  assert_address(last_list, "127.0.0.9", 80);
  assert_null(last_list->ai_next);
  uv_freeaddrinfo(last_list);
}

static void without_a_callback_the_answer_is_there_at_once(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;

  assert_int_equal(uv_getaddrinfo(&f->loop, &req, NULL, "::1", "443", &hints), 0);
  assert_address(req.addrinfo, "::1", 443);
  uv_freeaddrinfo(req.addrinfo);
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(uv_getaddrinfo(&f->loop, &req, NULL, "no number", NULL, &hints), UV_EAI_NONAME);
  assert_null(req.addrinfo);
}

static void localhost_is_a_loopback_address(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM};
  uv_getaddrinfo_t req;

  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, "localhost", NULL, &hints), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(last_status, 0);
  assert_address(last_list, "127.0.0.1", 0);
  assert_int_equal(last_list->ai_socktype, SOCK_DGRAM);
  uv_freeaddrinfo(last_list);
}

static void either_name_may_be_missing_and_so_may_the_hints(void** state) {
  struct loop_fixture* f = *state;
  uv_getaddrinfo_t req;

  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, NULL, "1234", NULL), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(last_status, 0);
  assert_non_null(last_list);
  uv_freeaddrinfo(last_list);

  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, "127.0.0.1", NULL, NULL), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(last_status, 0);
  assert_address(last_list, "127.0.0.1", 0);
  uv_freeaddrinfo(last_list);
  assert_int_equal(calls, 2);
}

static void arguments_may_be_gone_right_after_the_call(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo* hints = malloc(sizeof(*hints));
  char* node = strdup("127.0.0.7");
  char* service = strdup("7");
  struct pool_gate gate;
  uv_getaddrinfo_t req;

  *hints = numeric_hints();
  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, node, service, hints), 0);
  memset(hints, 0xFF, sizeof(*hints));
  memset(node, 'x', strlen(node));
  memset(service, 'x', strlen(service));
  free(hints);
  free(node);
  free(service);
  pool_gate_open(&gate);
  assert_int_equal(last_status, 0);
  assert_address(last_list, "127.0.0.7", 7);
  uv_freeaddrinfo(last_list);
}

static void rubbish_in_the_other_members_of_the_hints_does_no_harm(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints;
  uv_getaddrinfo_t req;

  memset(&hints, 0xA5, sizeof(hints));
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_protocol = 0;
  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, "127.0.0.1", NULL, &hints), 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(last_status, 0);
  uv_freeaddrinfo(last_list);
}

struct answer {
  int flags;
  int family;
  int socktype;
  const char* node;
  const char* service;
  int code;
};

#if defined(_WIN32)

/* Windows tells less apart, and 0x40000000 is a flag there. */
static const struct answer answers[] = {
    {AI_NUMERICHOST, AF_UNSPEC, SOCK_STREAM, "name", NULL, UV_EAI_NONAME},
    {AI_NUMERICHOST, AF_UNIX, SOCK_STREAM, "127.0.0.1", NULL, UV_EAI_FAMILY},
    {AI_NUMERICHOST, AF_INET, SOCK_SEQPACKET + 900, "127.0.0.1", NULL, UV_EAI_SOCKTYPE},
    {AI_NUMERICHOST, AF_INET, SOCK_STREAM, "127.0.0.1", "no such service", UV_EAI_SERVICE},
};

#elif defined(__linux__) && !defined(__GLIBC__)

/* musl knows fewer kinds. */
static const struct answer answers[] = {
    {AI_NUMERICHOST, AF_UNSPEC, SOCK_STREAM, "name", NULL, UV_EAI_NONAME},
    {AI_NUMERICSERV, AF_UNSPEC, SOCK_STREAM, NULL, "name", UV_EAI_NONAME},
    {AI_NUMERICHOST, AF_UNIX, SOCK_STREAM, "127.0.0.1", NULL, UV_EAI_FAMILY},
    {0x40000000, AF_INET, SOCK_STREAM, "127.0.0.1", NULL, UV_EAI_BADFLAGS},
    {AI_NUMERICHOST, AF_INET, SOCK_STREAM, "127.0.0.1", "no such service", UV_EAI_SERVICE},
};

#else

static const struct answer answers[] = {
    {AI_NUMERICHOST, AF_UNSPEC, SOCK_STREAM, "name", NULL, UV_EAI_NONAME},
    {AI_NUMERICSERV, AF_UNSPEC, SOCK_STREAM, NULL, "name", UV_EAI_NONAME},
    {AI_NUMERICHOST, AF_UNIX, SOCK_STREAM, "127.0.0.1", NULL, UV_EAI_FAMILY},
    {AI_NUMERICHOST, AF_INET, SOCK_SEQPACKET + 900, "127.0.0.1", NULL, UV_EAI_SOCKTYPE},
    {0x40000000, AF_INET, SOCK_STREAM, "127.0.0.1", NULL, UV_EAI_BADFLAGS},
    {AI_NUMERICHOST, AF_INET, SOCK_STREAM, "127.0.0.1", "no such service", UV_EAI_SERVICE},
    {AI_NUMERICHOST, AF_INET6, SOCK_STREAM, "127.0.0.1", NULL, UV_EAI_ADDRFAMILY},
};

#endif

static void answers_of_the_c_library_have_codes_of_ours(void** state) {
  struct loop_fixture* f = *state;

  for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
    const struct answer* answer = &answers[i];
    struct addrinfo hints = {
        .ai_flags = answer->flags, .ai_family = answer->family, .ai_socktype = answer->socktype};
    uv_getaddrinfo_t req;

    assert_int_equal(uv_getaddrinfo(&f->loop, &req, NULL, answer->node, answer->service, &hints),
                     answer->code);
    assert_int_equal(
        uv_getaddrinfo(&f->loop, &req, got_addresses, answer->node, answer->service, &hints), 0);
    uv_run(&f->loop, UV_RUN_DEFAULT);
    assert_int_equal(last_status, answer->code);
    assert_null(last_list);
  }
}

static void bad_arguments_are_refused_before_any_thread_is_used(void** state) {
  struct loop_fixture* f = *state;
  uv_getaddrinfo_t req;
  char host[300];
  const uv_getaddrinfo_cb cbs[] = {NULL, got_addresses};

  memset(host, 'a', sizeof(host));
  for (int i = 0; i < 2; i++) {
    assert_int_equal(uv_getaddrinfo(&f->loop, NULL, cbs[i], "a", NULL, NULL), UV_EINVAL);
    assert_int_equal(uv_getaddrinfo(&f->loop, &req, cbs[i], NULL, NULL, NULL), UV_EINVAL);
    assert_int_equal(uv_getaddrinfo(&f->loop, &req, cbs[i], "", NULL, NULL), UV_EINVAL);
    assert_int_equal(uv_getaddrinfo(&f->loop, &req, cbs[i], "a\xFF", NULL, NULL), UV_EINVAL);
    for (size_t len = 256; len < sizeof(host); len++) {
      host[len] = '\0';
      assert_int_equal(uv_getaddrinfo(&f->loop, &req, cbs[i], host, NULL, NULL), UV_EINVAL);
      host[len] = 'a';
    }
  }
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(calls, 0);
}

/* 255 bytes are looked up as they are, not cut to a shorter name. */
static void a_name_of_255_bytes_goes_to_the_c_library(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;
  char host[256];

  memset(host, 'a', sizeof(host) - 1);
  host[255] = '\0';
  assert_int_equal(uv_getaddrinfo(&f->loop, &req, NULL, host, NULL, &hints), UV_EAI_NONAME);
}

static void names_beyond_ascii_are_mapped(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;

  /* Full-width digits, and the ideographic full stop. */
  assert_int_equal(uv_getaddrinfo(&f->loop, &req, NULL,
                                  "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x97.0\xE3\x80\x82"
                                  "0.1",
                                  NULL, &hints),
                   0);
  assert_address(req.addrinfo, "127.0.0.1", 0);
  uv_freeaddrinfo(req.addrinfo);
}

static void look_ups_that_wait_can_be_cancelled(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = numeric_hints();
  struct pool_gate gate;
  uv_getaddrinfo_t req;

  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(uv_getaddrinfo(&f->loop, &req, got_addresses, "127.0.0.1", "1", &hints), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  assert_int_equal(calls, 0);
  pool_gate_open(&gate);
  assert_int_equal(calls, 1);
  assert_int_equal(last_status, UV_EAI_CANCELED);
  assert_null(last_list);
}

static void a_look_up_that_was_made_at_once_cannot_be_cancelled(void** state) {
  struct loop_fixture* f = *state;
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;

  assert_int_equal(uv_getaddrinfo(&f->loop, &req, NULL, "127.0.0.1", NULL, &hints), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), UV_EBUSY);
  uv_freeaddrinfo(req.addrinfo);
}

static void free_request(uv_getaddrinfo_t* req, int status, struct addrinfo* res) {
  got_addresses(req, status, res);
  uv_freeaddrinfo(res);
  free(req);
}

static void many_look_ups_at_once_all_answer_and_may_be_freed(void** state) {
  struct loop_fixture* f = *state;

  for (int i = 0; i < 10; i++)
    assert_int_equal(uv_getaddrinfo(&f->loop, malloc(sizeof(uv_getaddrinfo_t)), free_request,
                                    "localhost", NULL, NULL),
                     0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(calls, 10);
  assert_int_equal(last_status, 0);
}

static void free_list(uv_getaddrinfo_t* req, int status, struct addrinfo* res) {
  got_addresses(req, status, res);
  uv_freeaddrinfo(res);
}

static void freeing_no_list_does_nothing(void** state) {
  (void) state;
  uv_freeaddrinfo(NULL);
}

static void without_a_loop_a_look_up_works_at_once_or_not_at_all(void** state) {
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;

  (void) state;
  assert_int_equal(uv_getaddrinfo(NULL, &req, NULL, "127.0.0.1", NULL, &hints), 0);
  assert_address(req.addrinfo, "127.0.0.1", 0);
  uv_freeaddrinfo(req.addrinfo);
  assert_int_equal(uv_getaddrinfo(NULL, &req, got_addresses, "127.0.0.1", NULL, NULL), UV_EINVAL);
}

static void without_memory_a_look_up_fails_and_nothing_is_lost(void** state) {
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;
  uv_loop_t loop;
  bool was_reached = true;
  int failures = 0;

  /* What only tunes the pool may fail without notice, and the answer, too, takes memory. */
  (void) state;
  uv_library_shutdown();
  for (long fail_at = 1; was_reached; fail_at++) {
    test_allocator_install(0, false);
    assert_int_equal(uv_loop_init(&loop), 0);
    test_allocator.fail_at = test_allocator.calls + fail_at;
    int err = uv_getaddrinfo(&loop, &req, free_list, "127.0.0.1", "1", &hints);
    was_reached = test_allocator.calls >= test_allocator.fail_at;
    test_allocator.fail_at = 0;
    assert_true(err == 0 || err == UV_ENOMEM);
    assert_int_equal(uv_loop_alive(&loop), err == 0);
    failures += err != 0;
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    uv_library_shutdown();
    assert_int_equal(test_allocator.live, 0);
    test_allocator_remove();
  }
  assert_true(failures >= 3);

  test_allocator_install(1, false);
  assert_int_equal(uv_getaddrinfo(NULL, &req, NULL, "127.0.0.1", NULL, &hints), UV_ENOMEM);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

static void the_canonical_name_comes_with_the_first_address(void** state) {
  struct addrinfo hints = numeric_hints();
  uv_getaddrinfo_t req;

  (void) state;
  hints.ai_flags |= AI_CANONNAME;
  assert_int_equal(uv_getaddrinfo(NULL, &req, NULL, "127.0.0.1", "80", &hints), 0);
  assert_string_equal(req.addrinfo->ai_canonname, "127.0.0.1");
  assert_address(req.addrinfo, "127.0.0.1", 80);
  uv_freeaddrinfo(req.addrinfo);
}

#if defined(_WIN32)

static void the_answer_is_one_allocation(void** state) {
  uv_getaddrinfo_t req;
  long count = 0;

  (void) state;
  test_allocator_install(0, false);
  assert_int_equal(uv_getaddrinfo(NULL, &req, NULL, "127.0.0.1", "80", NULL), 0);
  for (struct addrinfo* entry = req.addrinfo; entry != NULL; entry = entry->ai_next) {
    assert_address(entry, "127.0.0.1", 80);
    count++;
  }
  assert_true(count > 0);
  assert_int_equal(test_allocator.live, 1);
  uv_freeaddrinfo(req.addrinfo);
  assert_int_equal(test_allocator.live, 0);

  test_allocator_install(2, false);
  assert_int_equal(uv_getaddrinfo(NULL, &req, NULL, "127.0.0.1", "80", NULL), UV_EAI_MEMORY);
  assert_null(req.addrinfo);
  assert_int_equal(test_allocator.live, 0);
  test_allocator_remove();
}

static void a_service_that_is_no_wtf8_is_refused(void** state) {
  uv_getaddrinfo_t req;
  (void) state;
  assert_int_equal(uv_getaddrinfo(NULL, &req, NULL, "127.0.0.1", "\xFF", NULL), UV_EINVAL);
}

#define PLATFORM_TESTS \
  test(the_answer_is_one_allocation), test(a_service_that_is_no_wtf8_is_refused),

#else

#define PLATFORM_TESTS

#endif

/* -- uv_getnameinfo ---------------------------------------------------------------------------- */

static char last_host[NI_MAXHOST];
static char last_service[NI_MAXSERV];

static void got_names(uv_getnameinfo_t* req, int status, const char* hostname,
                      const char* service) {
  last_status = status;
  calls++;
  if (status != 0) {
    assert_null(hostname);
    assert_null(service);
    return;
  }
  assert_ptr_equal(hostname, req->host);
  assert_ptr_equal(service, req->service);
  snprintf(last_host, sizeof(last_host), "%s", hostname);
  snprintf(last_service, sizeof(last_service), "%s", service);
}

static void names_come_through_the_callback(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in6 addr;
  uv_getnameinfo_t req;

  assert_int_equal(uv_ip6_addr("::1", 8080, &addr), 0);
  assert_int_equal(uv_getnameinfo(&f->loop, &req, got_names, (struct sockaddr*) &addr,
                                  NI_NUMERICHOST | NI_NUMERICSERV),
                   0);
  memset(&addr, 0, sizeof(addr)); /* it was copied */
  assert_int_equal(req.type, UV_GETNAMEINFO);
  assert_int_equal(calls, 0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(last_status, 0);
  assert_string_equal(last_host, "::1");
  assert_string_equal(last_service, "8080");
}

/* Windows has the machine's own name there. */
static bool is_loopback_name(const char* name) {
  char own[UV_MAXHOSTNAMESIZE];
  size_t size = sizeof(own);
  return strcmp(name, "localhost") == 0 ||
         (uv_os_gethostname(own, &size) == 0 && strncmp(name, own, size) == 0);
}

static void the_loopback_address_is_localhost(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in addr;
  uv_getnameinfo_t req;

  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &addr), 0);
  assert_int_equal(uv_getnameinfo(&f->loop, &req, NULL, (struct sockaddr*) &addr, 0), 0);
  assert_true(is_loopback_name(req.host));
  assert_false(uv_loop_alive(&f->loop));
}

#if defined(_WIN32)

/* Flags of which the system should not like one beside the other; what it says is not documented.
 */
enum { BAD_FLAGS = NI_NUMERICHOST | NI_NAMEREQD };
#define ANSWER_TO_THEM UV_EAI_NONAME

static void skip_where_the_answer_is_another(const struct sockaddr_in* addr) {
  WCHAR host[NI_MAXHOST];
  WCHAR service[NI_MAXSERV];
  int answer = GetNameInfoW((const struct sockaddr*) addr, sizeof(*addr), host, NI_MAXHOST, service,
                            NI_MAXSERV, BAD_FLAGS);

  if (answer != WSAHOST_NOT_FOUND) {
    print_message("the system answers %d\n", answer);
    skip();
  }
}

#else

enum { BAD_FLAGS = 0x40000000 };
#define ANSWER_TO_THEM UV_EAI_BADFLAGS

static void skip_where_the_answer_is_another(const struct sockaddr_in* addr) {
  (void) addr;
  skip_on_musl("flags that it does not know are no error");
}

#endif

static void an_answer_that_is_an_error_gives_no_names(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in addr;
  uv_getnameinfo_t req;

  assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &addr), 0);
  skip_where_the_answer_is_another(&addr);
  assert_int_equal(uv_getnameinfo(&f->loop, &req, got_names, (struct sockaddr*) &addr, BAD_FLAGS),
                   0);
  uv_run(&f->loop, UV_RUN_DEFAULT);
  assert_int_equal(last_status, ANSWER_TO_THEM);
  assert_int_equal(uv_getnameinfo(&f->loop, &req, NULL, (struct sockaddr*) &addr, BAD_FLAGS),
                   ANSWER_TO_THEM);
}

static void other_families_and_missing_arguments_are_refused(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_storage addr = {.ss_family = AF_UNIX};
  uv_getnameinfo_t req;
  const uv_getnameinfo_cb cbs[] = {NULL, got_names};

  for (int i = 0; i < 2; i++) {
    const struct sockaddr* any = (struct sockaddr*) &addr;

    assert_int_equal(uv_getnameinfo(&f->loop, &req, cbs[i], any, 0), UV_EINVAL);
    assert_int_equal(uv_getnameinfo(&f->loop, &req, cbs[i], NULL, 0), UV_EINVAL);
    assert_int_equal(uv_getnameinfo(&f->loop, NULL, cbs[i], any, 0), UV_EINVAL);
  }
  assert_false(uv_loop_alive(&f->loop));
  assert_int_equal(calls, 0);
}

static void a_look_up_of_names_that_waits_can_be_cancelled(void** state) {
  struct loop_fixture* f = *state;
  struct sockaddr_in addr;
  struct pool_gate gate;
  uv_getnameinfo_t req;

  assert_int_equal(uv_ip4_addr("127.0.0.1", 80, &addr), 0);
  pool_gate_close(&gate, &f->loop, POOL);
  assert_int_equal(
      uv_getnameinfo(&f->loop, &req, got_names, (struct sockaddr*) &addr, NI_NUMERICHOST), 0);
  assert_int_equal(uv_cancel((uv_req_t*) &req), 0);
  pool_gate_open(&gate);
  assert_int_equal(calls, 1);
  assert_int_equal(last_status, UV_EAI_CANCELED);
}

static void without_a_loop_names_are_looked_up_at_once_or_not_at_all(void** state) {
  struct sockaddr_in addr;
  uv_getnameinfo_t req;

  (void) state;
  assert_int_equal(uv_ip4_addr("127.0.0.2", 80, &addr), 0);
  assert_int_equal(
      uv_getnameinfo(NULL, &req, NULL, (struct sockaddr*) &addr, NI_NUMERICHOST | NI_NUMERICSERV),
      0);
  assert_string_equal(req.host, "127.0.0.2");
  assert_string_equal(req.service, "80");
  assert_int_equal(uv_getnameinfo(NULL, &req, got_names, (struct sockaddr*) &addr, 0), UV_EINVAL);
}

/* -- Both -------------------------------------------------------------------------------------- */

/* A gate would hold all threads; here the slow half does what it can and the other half is free. */
static void look_ups_leave_threads_to_other_work(void** state) {
  struct loop_fixture* f = *state;
  struct pool_gate gate;
  uv_getaddrinfo_t reqs[8];

  pool_gate_close(&gate, &f->loop, POOL - SLOW_THREADS);
  for (int i = 0; i < 8; i++)
    assert_int_equal(uv_getaddrinfo(&f->loop, &reqs[i], free_list, "localhost", NULL, NULL), 0);
  while (calls < 8)
    uv_run(&f->loop, UV_RUN_ONCE);
  pool_gate_open(&gate);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, loop_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(addresses_come_through_the_callback),
      test(without_a_callback_the_answer_is_there_at_once),
      test(localhost_is_a_loopback_address),
      test(either_name_may_be_missing_and_so_may_the_hints),
      test(arguments_may_be_gone_right_after_the_call),
      test(rubbish_in_the_other_members_of_the_hints_does_no_harm),
      test(answers_of_the_c_library_have_codes_of_ours),
      test(bad_arguments_are_refused_before_any_thread_is_used),
      test(a_name_of_255_bytes_goes_to_the_c_library),
      test(look_ups_that_wait_can_be_cancelled),
      test(many_look_ups_at_once_all_answer_and_may_be_freed),
      test(freeing_no_list_does_nothing),
      test(the_canonical_name_comes_with_the_first_address),
      PLATFORM_TESTS test(names_come_through_the_callback),
      test(the_loopback_address_is_localhost),
      test(an_answer_that_is_an_error_gives_no_names),
      test(other_families_and_missing_arguments_are_refused),
      test(a_look_up_of_names_that_waits_can_be_cancelled),
      test(look_ups_leave_threads_to_other_work),
#ifndef TEST_WITH_LIBUV /* 1.44.2 needs a loop, maps nothing, and is not replaceable in part */
      test(names_beyond_ascii_are_mapped),
      test(a_look_up_that_was_made_at_once_cannot_be_cancelled),
      test(without_a_loop_a_look_up_works_at_once_or_not_at_all),
      test(without_memory_a_look_up_fails_and_nothing_is_lost),
      test(without_a_loop_names_are_looked_up_at_once_or_not_at_all),
#endif
  };
  return cmocka_run_group_tests_name("dns", tests, NULL, NULL);
}
