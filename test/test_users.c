/* Users and groups. */
#include "support/allocator.h"
#include "support/cmocka_all.h"
#include "uv.h"

#include <string.h>

#if !defined(_WIN32)
#include <grp.h>
#include <pwd.h>
#include <unistd.h>
#endif

static int restore_allocator(void** state) {
  (void) state;
  test_allocator_remove();
  return 0;
}

#if defined(_WIN32)

/* Windows tells who the user of the process is, without ids, and of nobody else. */

/* A variable of the environment, where a session begins with what the user database has. */
static const char* variable(const char* name) {
  static char value[256];
  size_t size = sizeof(value);
  return uv_os_getenv(name, value, &size) == 0 ? value : NULL;
}

static void the_effective_user_is_told(void** state) {
  (void) state;
  uv_passwd_t user;

  memset(&user, '#', sizeof(user));
  assert_int_equal(uv_os_get_passwd(&user), 0);
  assert_string_equal(user.username, variable("USERNAME"));
  assert_string_equal(user.homedir, variable("USERPROFILE"));
  assert_null(user.shell);
  assert_true(user.uid == (unsigned long) -1);
  assert_true(user.gid == (unsigned long) -1);
  uv_os_free_passwd(&user);
  assert_int_equal(uv_os_get_passwd(NULL), UV_EINVAL);
}

static void others_and_groups_are_not_told(void** state) {
  (void) state;
  uv_passwd_t user;
  uv_group_t group;
  assert_int_equal(uv_os_get_passwd2(&user, 0), UV_ENOTSUP);
  assert_int_equal(uv_os_get_passwd2(NULL, 0), UV_ENOTSUP);
  assert_int_equal(uv_os_get_group(&group, 0), UV_ENOTSUP);
  assert_int_equal(uv_os_get_group(NULL, 0), UV_ENOTSUP);
}

static void freeing_twice_or_nothing_is_harmless(void** state) {
  (void) state;
  uv_passwd_t user;
  uv_group_t group = {NULL, 0, NULL};

  assert_int_equal(uv_os_get_passwd(&user), 0);
  uv_os_free_passwd(&user);
  assert_null(user.username);
  assert_null(user.homedir);
  uv_os_free_passwd(&user);
  uv_os_free_passwd(NULL);
  uv_os_free_group(&group);
  uv_os_free_group(NULL);
}

static void want_of_memory_is_an_error(void** state) {
  (void) state;
  for (long fail_at = 1; fail_at <= 3; fail_at++) {
    uv_passwd_t user;
    test_allocator_install(fail_at, false);
    assert_int_equal(uv_os_get_passwd(&user), UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
  }
}

#define PLATFORM_TESTS test(others_and_groups_are_not_told)

#else

enum { NOBODY_HAS_THIS = 0x7ffffff0 };

static void assert_same_user(const uv_passwd_t* user, const struct passwd* expected) {
  assert_string_equal(user->username, expected->pw_name);
  assert_string_equal(user->homedir, expected->pw_dir);
  assert_string_equal(user->shell, expected->pw_shell);
  assert_int_equal(user->uid, expected->pw_uid);
  assert_int_equal(user->gid, expected->pw_gid);
}

static void the_effective_user_is_told(void** state) {
  (void) state;
  struct passwd* expected = getpwuid(geteuid());
  uv_passwd_t user;

  if (expected == NULL) {
    assert_int_equal(uv_os_get_passwd(&user), UV_ENOENT);
    return;
  }
  assert_int_equal(uv_os_get_passwd(&user), 0);
  assert_same_user(&user, expected);
  uv_os_free_passwd(&user);
}

static void every_user_is_found_by_id(void** state) {
  (void) state;
  uv_passwd_t user;
  struct passwd* entry;
  int count = 0;

  for (setpwent(); count < 100 && (entry = getpwent()) != NULL; count++) {
    uv_uid_t uid = entry->pw_uid;
    assert_int_equal(uv_os_get_passwd2(&user, uid), 0);
    /* Several may share an id: the first counts. */
    struct passwd* first = getpwuid(uid);
    assert_same_user(&user, first);
    uv_os_free_passwd(&user);
  }
  endpwent();
  assert_true(count > 0);
}

static void every_group_is_found_by_id(void** state) {
  (void) state;
  uv_group_t found;
  struct group* entry;
  int count = 0;

  for (setgrent(); count < 100 && (entry = getgrent()) != NULL; count++) {
    uv_uid_t gid = entry->gr_gid;
    assert_int_equal(uv_os_get_group(&found, gid), 0);
    struct group* first = getgrgid(gid);
    assert_string_equal(found.groupname, first->gr_name);
    assert_int_equal(found.gid, gid);
    size_t member = 0;
    for (; first->gr_mem[member] != NULL; member++)
      assert_string_equal(found.members[member], first->gr_mem[member]);
    assert_null(found.members[member]);
    uv_os_free_group(&found);
  }
  endgrent();
  assert_true(count > 0);
}

static void unknown_ids_are_not_found(void** state) {
  (void) state;
  uv_passwd_t user;
  uv_group_t group;
  assert_int_equal(uv_os_get_passwd2(&user, NOBODY_HAS_THIS), UV_ENOENT);
  assert_int_equal(uv_os_get_group(&group, NOBODY_HAS_THIS), UV_ENOENT);
}

static void a_place_for_the_answer_is_needed(void** state) {
  (void) state;
  assert_int_equal(uv_os_get_passwd(NULL), UV_EINVAL);
  assert_int_equal(uv_os_get_passwd2(NULL, 0), UV_EINVAL);
  assert_int_equal(uv_os_get_group(NULL, 0), UV_EINVAL);
}

static void freeing_twice_or_nothing_is_harmless(void** state) {
  (void) state;
  uv_passwd_t user;
  uv_group_t group;

  assert_int_equal(uv_os_get_passwd2(&user, 0), 0);
  uv_os_free_passwd(&user);
  assert_null(user.username);
  assert_null(user.homedir);
  assert_null(user.shell);
  uv_os_free_passwd(&user);
  uv_os_free_passwd(NULL);

  assert_int_equal(uv_os_get_group(&group, 0), 0);
  uv_os_free_group(&group);
  assert_null(group.groupname);
  assert_null(group.members);
  uv_os_free_group(&group);
  uv_os_free_group(NULL);
}

static void want_of_memory_is_an_error(void** state) {
  (void) state;
  bool user_is_known = getpwuid(geteuid()) != NULL;

  for (long fail_at = 1; fail_at <= 2; fail_at++) {
    uv_passwd_t user;
    uv_group_t group;

    test_allocator_install(fail_at, false);
    assert_int_equal(uv_os_get_passwd2(&user, 0), UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
    if (user_is_known) {
      test_allocator_install(fail_at, false);
      assert_int_equal(uv_os_get_passwd(&user), UV_ENOMEM);
      assert_int_equal(test_allocator.live, 0);
    }
    test_allocator_install(fail_at, false);
    assert_int_equal(uv_os_get_group(&group, 0), UV_ENOMEM);
    assert_int_equal(test_allocator.live, 0);
  }
}

#define PLATFORM_TESTS \
  test(every_user_is_found_by_id), test(every_group_is_found_by_id), \
      test(unknown_ids_are_not_found), test(a_place_for_the_answer_is_needed)

#endif

#define test(function) cmocka_unit_test_teardown(function, restore_allocator)

int main(void) {
  const struct CMUnitTest tests[] = {
      test(the_effective_user_is_told),
      PLATFORM_TESTS,
      test(freeing_twice_or_nothing_is_harmless),
      test(want_of_memory_is_an_error),
  };
  return cmocka_run_group_tests_name("users", tests, NULL, NULL);
}
