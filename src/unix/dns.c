/* Names and addresses: the C library's look-ups. */
#include "../dns.h"

#include "../core.h"
#include "../inet.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>

/* -- Errors ------------------------------------------------------------------------------------ */

struct eai_code {
  int theirs;
  int ours;
};

static const struct eai_code eai_codes[] = {
#ifdef EAI_ADDRFAMILY
    {EAI_ADDRFAMILY, UV_EAI_ADDRFAMILY},
#endif
    {EAI_AGAIN, UV_EAI_AGAIN},
    {EAI_BADFLAGS, UV_EAI_BADFLAGS},
#ifdef EAI_BADHINTS
    {EAI_BADHINTS, UV_EAI_BADHINTS},
#endif
#ifdef EAI_CANCELED
    {EAI_CANCELED, UV_EAI_CANCELED},
#endif
    {EAI_FAIL, UV_EAI_FAIL},
    {EAI_FAMILY, UV_EAI_FAMILY},
    {EAI_MEMORY, UV_EAI_MEMORY},
    {EAI_NONAME, UV_EAI_NONAME},
#ifdef EAI_NODATA
    {EAI_NODATA, UV_EAI_NODATA},
#endif
#ifdef EAI_OVERFLOW
    {EAI_OVERFLOW, UV_EAI_OVERFLOW},
#endif
#ifdef EAI_PROTOCOL
    {EAI_PROTOCOL, UV_EAI_PROTOCOL},
#endif
    {EAI_SERVICE, UV_EAI_SERVICE},
    {EAI_SOCKTYPE, UV_EAI_SOCKTYPE},
};

/* Our code for an answer of the C library, right after it: EAI_SYSTEM means errno. */
static int code_of(int answer) {
  if (answer == 0)
    return 0;
  if (answer == EAI_SYSTEM)
    return UV__ERR(errno);
  for (size_t i = 0; i < sizeof(eai_codes) / sizeof(eai_codes[0]); i++)
    if (eai_codes[i].theirs == answer)
      return eai_codes[i].ours;
  return UV_EAI_FAIL;
}

/* -- Look-ups ---------------------------------------------------------------------------------- */

static size_t text_size(const char* text) {
  return text == NULL ? 0 : strlen(text) + 1;
}

static char* copy_text(char** at, const char* text) {
  size_t size = text_size(text);
  char* copy = *at;

  if (text == NULL)
    return NULL;
  memcpy(copy, text, size);
  *at += size;
  return copy;
}

/* What a look-up may hint at; in the other members programs leave what was there. */
static struct addrinfo only_hints(const struct addrinfo* hints) {
  struct addrinfo clean;

  memset(&clean, 0, sizeof(clean));
  clean.ai_flags = hints->ai_flags;
  clean.ai_family = hints->ai_family;
  clean.ai_socktype = hints->ai_socktype;
  clean.ai_protocol = hints->ai_protocol;
  return clean;
}

/* The copies are one block, which begins with the first of them. */
int uv__dns_copy_arguments(uv_getaddrinfo_t* req, const char* host, const char* service,
                           const struct addrinfo* hints) {
  size_t hints_size = hints == NULL ? 0 : sizeof(*hints);
  char* block = uv__malloc(hints_size + text_size(host) + text_size(service));

  if (block == NULL)
    return UV_ENOMEM;
  req->hints = NULL;
  if (hints != NULL) {
    req->hints = (struct addrinfo*) (void*) block;
    *req->hints = only_hints(hints);
    block += hints_size;
  }
  req->hostname = copy_text(&block, host);
  req->service = copy_text(&block, service);
  return 0;
}

void uv__dns_free_arguments(uv_getaddrinfo_t* req) {
  if (req->hints != NULL)
    uv__free(req->hints);
  else if (req->hostname != NULL)
    uv__free(req->hostname);
  else
    uv__free(req->service);
  req->hints = NULL;
  req->hostname = NULL;
  req->service = NULL;
}

int uv__dns_find_addresses(uv_getaddrinfo_t* req) {
  int err = code_of(getaddrinfo(req->hostname, req->service, req->hints, &req->addrinfo));

  if (err != 0)
    req->addrinfo = NULL;
  return err;
}

void uv_freeaddrinfo(struct addrinfo* ai) {
  if (ai != NULL)
    freeaddrinfo(ai);
}

int uv__dns_find_names(uv_getnameinfo_t* req) {
  const struct sockaddr* addr = (const struct sockaddr*) &req->storage;

  return code_of(getnameinfo(addr, (socklen_t) uv__ip_address_size(addr), req->host,
                             sizeof(req->host), req->service, sizeof(req->service), req->flags));
}
