/* Names and addresses: Winsock's look-ups, in UTF-16. */
#include "../dns.h"

#include "../core.h"
#include "../inet.h"
#include "startup.h"
#include "text.h"

#include <string.h>

/* -- Errors ------------------------------------------------------------------------------------ */

static const struct {
  int theirs;
  int ours;
} eai_codes[] = {
    {WSATRY_AGAIN, UV_EAI_AGAIN},           {WSAEINVAL, UV_EAI_BADFLAGS},
    {WSANO_RECOVERY, UV_EAI_FAIL},          {WSAEAFNOSUPPORT, UV_EAI_FAMILY},
    {WSA_NOT_ENOUGH_MEMORY, UV_EAI_MEMORY}, {WSAHOST_NOT_FOUND, UV_EAI_NONAME},
    {WSATYPE_NOT_FOUND, UV_EAI_SERVICE},    {WSAESOCKTNOSUPPORT, UV_EAI_SOCKTYPE},
};

static int code_of(int answer) {
  for (size_t i = 0; i < sizeof(eai_codes) / sizeof(eai_codes[0]); i++)
    if (eai_codes[i].theirs == answer)
      return eai_codes[i].ours;
  return uv_translate_sys_error(answer);
}

/* -- Arguments --------------------------------------------------------------------------------- */

/* What a look-up may hint at; in the other members programs leave what was there. */
static void copy_hints(ADDRINFOW* copy, const struct addrinfo* hints) {
  memset(copy, 0, sizeof(*copy));
  if (hints == NULL)
    return;
  copy->ai_flags = hints->ai_flags;
  copy->ai_family = hints->ai_family;
  copy->ai_socktype = hints->ai_socktype;
  copy->ai_protocol = hints->ai_protocol;
}

/* Units with the NUL, 0 for no text, negative for what is no WTF-8. */
static ssize_t wide_size(const char* text) {
  return text == NULL ? 0 : uv_wtf8_length_as_utf16(text);
}

/* The copies are one block: hints, which are there whether given or not, and the two names. */
int uv__dns_copy_arguments(uv_getaddrinfo_t* req, const char* host, const char* service,
                           const struct addrinfo* hints) {
  ssize_t host_size = wide_size(host);
  ssize_t service_size = wide_size(service);
  WCHAR* text;

  if (host_size < 0 || service_size < 0)
    return UV_EINVAL;
  int err = uv__startup();
  if (err != 0)
    return err;
  req->alloc =
      uv__malloc(sizeof(*req->addrinfow) + (size_t) (host_size + service_size) * sizeof(WCHAR));
  if (req->alloc == NULL)
    return UV_ENOMEM;

  req->addrinfow = req->alloc;
  copy_hints(req->addrinfow, hints);
  text = (WCHAR*) (req->addrinfow + 1);
  req->node = host == NULL ? NULL : text;
  req->service = service == NULL ? NULL : text + host_size;
  if (host != NULL)
    uv_wtf8_to_utf16(host, req->node, (size_t) host_size);
  if (service != NULL)
    uv_wtf8_to_utf16(service, req->service, (size_t) service_size);
  return 0;
}

void uv__dns_free_arguments(uv_getaddrinfo_t* req) {
  uv__free(req->alloc);
  req->alloc = NULL;
  req->addrinfow = NULL;
  req->node = NULL;
  req->service = NULL;
}

/* -- Addresses by name ------------------------------------------------------------------------- */

/* Room for something in front of something else that is aligned as pointers are. */
static size_t padded(size_t size) {
  return (size + sizeof(void*) - 1) / sizeof(void*) * sizeof(void*);
}

static size_t name_size(const ADDRINFOW* entry) {
  return entry->ai_canonname == NULL ? 0 : uv_utf16_length_as_wtf8(entry->ai_canonname, -1) + 1;
}

/* An entry, behind it its address, behind that its name. */
static size_t entry_size(const ADDRINFOW* entry) {
  return sizeof(struct addrinfo) + padded(entry->ai_addrlen) + padded(name_size(entry));
}

static void copy_entry(const ADDRINFOW* entry, struct addrinfo* copy) {
  char* behind = (char*) (copy + 1);
  size_t name_len = name_size(entry);

  memset(copy, 0, sizeof(*copy));
  copy->ai_flags = entry->ai_flags;
  copy->ai_family = entry->ai_family;
  copy->ai_socktype = entry->ai_socktype;
  copy->ai_protocol = entry->ai_protocol;
  copy->ai_addrlen = entry->ai_addrlen;
  if (entry->ai_addrlen > 0)
    copy->ai_addr = memcpy(behind, entry->ai_addr, entry->ai_addrlen);
  if (entry->ai_canonname == NULL)
    return;
  copy->ai_canonname = behind + padded(entry->ai_addrlen);
  uv_utf16_to_wtf8(entry->ai_canonname, -1, &copy->ai_canonname, &name_len);
}

/* One allocation for the whole list. */
static int copy_list(const ADDRINFOW* list, struct addrinfo** copies) {
  size_t size = 0;

  for (const ADDRINFOW* entry = list; entry != NULL; entry = entry->ai_next)
    size += entry_size(entry);
  char* block = uv__malloc(size);
  if (block == NULL)
    return UV_EAI_MEMORY;

  *copies = (struct addrinfo*) (void*) block;
  for (const ADDRINFOW* entry = list; entry != NULL; entry = entry->ai_next) {
    struct addrinfo* copy = (struct addrinfo*) (void*) block;
    copy_entry(entry, copy);
    block += entry_size(entry);
    if (entry->ai_next != NULL)
      copy->ai_next = (struct addrinfo*) (void*) block;
  }
  return 0;
}

int uv__dns_find_addresses(uv_getaddrinfo_t* req) {
  ADDRINFOW* list = NULL;
  int answer = GetAddrInfoW(req->node, req->service, req->addrinfow, &list);

  if (answer != 0)
    return code_of(answer);
  int err = copy_list(list, &req->addrinfo);
  FreeAddrInfoW(list);
  return err;
}

void uv_freeaddrinfo(struct addrinfo* ai) {
  uv__free(ai);
}

/* -- Names by address -------------------------------------------------------------------------- */

/* Cuts a name that is longer than names can be. */
static void copy_name(const WCHAR* wide, char* name, size_t size) {
  size_t len = size - 1;
  uv_utf16_to_wtf8(wide, -1, &name, &len);
}

int uv__dns_find_names(uv_getnameinfo_t* req) {
  const struct sockaddr* addr = (const struct sockaddr*) &req->storage;
  WCHAR host[NI_MAXHOST];
  WCHAR service[NI_MAXSERV];
  int err = uv__startup();

  if (err != 0)
    return err;
  int answer = GetNameInfoW(addr, uv__ip_address_size(addr), host, NI_MAXHOST, service, NI_MAXSERV,
                            req->flags);
  if (answer != 0)
    return code_of(answer);
  copy_name(host, req->host, sizeof(req->host));
  copy_name(service, req->service, sizeof(req->service));
  return 0;
}
