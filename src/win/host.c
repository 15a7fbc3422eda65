/* The machine: its name and its system's, how long it has been running. */
#include "../core.h"
#include "../sized_buffer.h"
#include "nt.h"
#include "startup.h"
#include "text.h"

#include <stdio.h>

enum { FIRST_BUILD_OF_11 = 22000, MS_PER_S = 1000 };

/* -- Names ------------------------------------------------------------------------------------- */

int uv_os_gethostname(char* buffer, size_t* size) {
  WCHAR name[UV_MAXHOSTNAMESIZE];

  if (!uv__sized_buffer_valid(buffer, size))
    return UV_EINVAL;
  int err = uv__startup();
  if (err != 0)
    return err;
  if (GetHostNameW(name, UV_MAXHOSTNAMESIZE) != 0)
    return uv_translate_sys_error(WSAGetLastError());
  return uv__text_from_wide_sized(name, -1, buffer, size);
}

/* The name under which the system is sold, with its service pack. The registry still says 10 where
 * it is 11. */
static int describe_version(const RTL_OSVERSIONINFOW* system, uv_utsname_t* buffer) {
  static const WCHAR key[] = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";
  static const WCHAR ten[] = L"Windows 10";
  size_t ten_len = wcslen(ten);
  WCHAR name[256];
  DWORD name_size = sizeof(name);
  size_t size = sizeof(buffer->version);
  LSTATUS error =
      RegGetValueW(HKEY_LOCAL_MACHINE, key, L"ProductName", RRF_RT_REG_SZ, NULL, name, &name_size);

  if (error != ERROR_SUCCESS)
    return uv_translate_sys_error((int) error);
  if (system->dwBuildNumber >= FIRST_BUILD_OF_11 && wcsncmp(name, ten, ten_len) == 0)
    name[ten_len - 1] = L'1';
  if (uv__text_from_wide_sized(name, -1, buffer->version, &size) != 0)
    return UV_E2BIG;
  if (system->szCSDVersion[0] == L'\0')
    return 0;

  size_t used = size + 1;
  if (used == sizeof(buffer->version))
    return UV_E2BIG;
  buffer->version[size] = ' ';
  size = sizeof(buffer->version) - used;
  return uv__text_from_wide_sized(system->szCSDVersion, -1, buffer->version + used, &size) == 0
             ? 0
             : UV_E2BIG;
}

/* libuv built with mingw-w64 names the system as the shells do that come with that, and programs
 * have come to know it by the name. */
#if defined(__MINGW32__)
static void name_system(const RTL_OSVERSIONINFOW* system, char* name, size_t size) {
  snprintf(name, size, "MINGW32_NT-%lu.%lu", system->dwMajorVersion, system->dwMinorVersion);
}
#else
static void name_system(const RTL_OSVERSIONINFOW* system, char* name, size_t size) {
  (void) system;
  snprintf(name, size, "Windows_NT");
}
#endif

static const char* machine_name(void) {
  static const char* const intel[] = {"i386", "i486", "i586", "i686"};
  SYSTEM_INFO info;

  GetSystemInfo(&info);
  switch (info.wProcessorArchitecture) {
    case PROCESSOR_ARCHITECTURE_AMD64:
      return "x86_64";
    case PROCESSOR_ARCHITECTURE_ARM64:
      return "arm64";
    case PROCESSOR_ARCHITECTURE_ARM:
      return "arm";
    case PROCESSOR_ARCHITECTURE_IA64:
      return "ia64";
    case PROCESSOR_ARCHITECTURE_INTEL:
    case PROCESSOR_ARCHITECTURE_IA32_ON_WIN64:
      return info.wProcessorLevel < 3 ? intel[0] : intel[min(info.wProcessorLevel, 6) - 3];
    default:
      return "unknown";
  }
}

int uv_os_uname(uv_utsname_t* buffer) {
  RTL_OSVERSIONINFOW system = {.dwOSVersionInfoSize = sizeof(system)};

  if (buffer == NULL)
    return UV_EINVAL;
  memset(buffer, 0, sizeof(*buffer));
  /* GetVersionEx() tells programs that do not name this version in their manifest an older one. */
  RtlGetVersion(&system);
  int err = describe_version(&system, buffer);
  if (err != 0) {
    memset(buffer, 0, sizeof(*buffer));
    return err;
  }
  name_system(&system, buffer->sysname, sizeof(buffer->sysname));
  snprintf(buffer->release, sizeof(buffer->release), "%lu.%lu.%lu", system.dwMajorVersion,
           system.dwMinorVersion, system.dwBuildNumber);
  snprintf(buffer->machine, sizeof(buffer->machine), "%s", machine_name());
  return 0;
}

/* -- Uptime and load --------------------------------------------------------------------------- */

int uv_uptime(double* uptime) {
  *uptime = (double) GetTickCount64() / MS_PER_S;
  return 0;
}

/* Windows has no such figure. */
void uv_loadavg(double avg[3]) {
  for (int i = 0; i < 3; i++)
    avg[i] = 0;
}
