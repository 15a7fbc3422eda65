/* Where a title is seen on macOS: as the name of the thread, and as the name of the application
 * that Activity Monitor shows.
 *
 * The latter belongs to Launch Services, whose functions for it are declared nowhere. Where they
 * are missing, or refuse, it stays as it was. */
#include "title_show.h"

#include "darwin_framework.h"
#include "uv.h"

#include <stdint.h>
#include <string.h>

/* See CFString.h, CFBundle.h. */
enum { ENCODING_UTF8 = 0x08000100 };

/* This session, of those that Launch Services serves. */
enum { DEFAULT_SESSION = -2 };

/* Functions of CoreFoundation, and others that are found by it. */
static struct {
  uv__cf_ref (*create_string)(uv__cf_ref allocator, const char* text, uint32_t encoding);
  void (*release)(uv__cf_ref object);
  uv__cf_ref (*bundle_by_id)(uv__cf_ref id);
  void* (*bundle_function)(uv__cf_ref bundle, uv__cf_ref name);
  void* (*bundle_data)(uv__cf_ref bundle, uv__cf_ref name);
  uv__cf_ref (*bundle_info)(uv__cf_ref bundle);
  uv__cf_ref (*main_bundle)(void);
} cf;

static struct {
  uv__cf_ref (*own_application)(void);
  int32_t (*set_item)(int session, uv__cf_ref application, uv__cf_ref key, uv__cf_ref value,
                      uv__cf_ref* information);
  uv__cf_ref (*check_in)(int session, uv__cf_ref information);
  void (*set_connection_status)(uint64_t status, void* reserved);
  uv__cf_ref* display_name_key;
} services;

static uv_once_t once = UV_ONCE_INIT;
static bool has_services;

/* -- Finding the functions --------------------------------------------------------------------- */

static bool find_cf(void) {
  const struct uv__framework_symbol symbols[] = {
      {"CFStringCreateWithCString", &cf.create_string},
      {"CFRelease", &cf.release},
      {"CFBundleGetBundleWithIdentifier", &cf.bundle_by_id},
      {"CFBundleGetFunctionPointerForName", &cf.bundle_function},
      {"CFBundleGetDataPointerForName", &cf.bundle_data},
      {"CFBundleGetInfoDictionary", &cf.bundle_info},
      {"CFBundleGetMainBundle", &cf.main_bundle},
  };
  void* framework = uv__framework_load("CoreFoundation");

  return framework != NULL &&
         uv__framework_find(framework, symbols, sizeof(symbols) / sizeof(symbols[0])) == 0;
}

static uv__cf_ref string_of(const char* text) {
  return cf.create_string(NULL, text, ENCODING_UTF8);
}

static bool find_in_bundle(uv__cf_ref bundle, void* (*find)(uv__cf_ref, uv__cf_ref),
                           const char* name, void* to) {
  uv__cf_ref key = string_of(name);
  void* found;

  if (key == NULL)
    return false;
  found = find(bundle, key);
  cf.release(key);
  memcpy(to, &found, sizeof(found));
  return found != NULL;
}

static bool find_services(void) {
  uv__cf_ref id = string_of("com.apple.LaunchServices");
  uv__cf_ref bundle;

  if (id == NULL)
    return false;
  bundle = cf.bundle_by_id(id);
  cf.release(id);
  return bundle != NULL &&
         find_in_bundle(bundle, cf.bundle_function, "_LSGetCurrentApplicationASN",
                        &services.own_application) &&
         find_in_bundle(bundle, cf.bundle_function, "_LSSetApplicationInformationItem",
                        &services.set_item) &&
         find_in_bundle(bundle, cf.bundle_function, "_LSApplicationCheckIn", &services.check_in) &&
         find_in_bundle(bundle, cf.bundle_function,
                        "_LSSetApplicationLaunchServicesServerConnectionStatus",
                        &services.set_connection_status) &&
         find_in_bundle(bundle, cf.bundle_data, "_kLSDisplayNameKey", &services.display_name_key) &&
         *services.display_name_key != NULL;
}

static void find_all(void) {
  has_services = find_cf() && uv__framework_load("ApplicationServices") != NULL && find_services();
}

/* -- Showing ----------------------------------------------------------------------------------- */

/* Only an application that Launch Services knows has a name there. */
static void show_as_application(const char* title) {
  uv__cf_ref application;
  uv__cf_ref name;

  services.set_connection_status(0, NULL);
  services.check_in(DEFAULT_SESSION, cf.bundle_info(cf.main_bundle()));
  application = services.own_application();
  if (application == NULL)
    return;
  name = string_of(title);
  if (name == NULL)
    return;
  services.set_item(DEFAULT_SESSION, application, *services.display_name_key, name, NULL);
  cf.release(name);
}

void uv__title_show(const char* title) {
  uv_thread_setname(title);
  if (uv__framework_forked())
    return;
  uv_once(&once, find_all);
  if (has_services)
    show_as_application(title);
}
