/* Names and addresses: the C library's look-ups, at once or on the thread pool as slow work. */
#include "../core.h"
#include "../idna.h"
#include "../threadpool.h"

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

/* -- Addresses by name ------------------------------------------------------------------------- */

static void getaddrinfo_run(struct uv__work* work) {
  uv_getaddrinfo_t* req = uv__container(work, uv_getaddrinfo_t, work_req);

  req->retcode = code_of(getaddrinfo(req->hostname, req->service, req->hints, &req->addrinfo));
  if (req->retcode != 0)
    req->addrinfo = NULL;
}

/* The copies of the arguments are one block, which begins with the first of them. */
static void free_copies(uv_getaddrinfo_t* req) {
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

static void getaddrinfo_done(struct uv__work* work, int status) {
  uv_getaddrinfo_t* req = uv__container(work, uv_getaddrinfo_t, work_req);

  if (status != 0)
    req->retcode = UV_EAI_CANCELED;
  free_copies(req);
  uv__req_stop(req->loop);
  req->cb(req, req->retcode, req->addrinfo);
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

static int copy_arguments(uv_getaddrinfo_t* req, const char* node, const char* service,
                          const struct addrinfo* hints) {
  size_t hints_size = hints == NULL ? 0 : sizeof(*hints);
  char* block = uv__malloc(hints_size + text_size(node) + text_size(service));

  if (block == NULL)
    return UV_ENOMEM;
  if (hints != NULL) {
    req->hints = (struct addrinfo*) (void*) block;
    *req->hints = only_hints(hints);
    block += hints_size;
  }
  req->hostname = copy_text(&block, node);
  req->service = copy_text(&block, service);
  return 0;
}

int uv_getaddrinfo(uv_loop_t* loop, uv_getaddrinfo_t* req, uv_getaddrinfo_cb getaddrinfo_cb,
                   const char* node, const char* service, const struct addrinfo* hints) {
  char host[UV__HOST_SIZE];
  int err;

  if (req == NULL || (node == NULL && service == NULL) || (getaddrinfo_cb != NULL && loop == NULL))
    return UV_EINVAL;
  if (node != NULL) {
    err = uv__idna_to_ascii(node, host);
    if (err != 0)
      return err;
    node = host;
  }

  req->type = UV_GETADDRINFO;
  req->loop = loop;
  req->cb = getaddrinfo_cb;
  req->work_req.work = NULL;
  req->hints = NULL;
  req->addrinfo = NULL;
  req->retcode = 0;
  err = copy_arguments(req, node, service, hints);
  if (err != 0)
    return err;

  if (getaddrinfo_cb == NULL) {
    getaddrinfo_run(&req->work_req);
    free_copies(req);
    return req->retcode;
  }
  uv__req_start(loop, uv__req(req), UV_GETADDRINFO);
  err = uv__work_submit(loop, &req->work_req, UV__WORK_SLOW, getaddrinfo_run, getaddrinfo_done);
  if (err != 0) {
    uv__req_stop(loop);
    free_copies(req);
  }
  return err;
}

void uv_freeaddrinfo(struct addrinfo* ai) {
  if (ai != NULL)
    freeaddrinfo(ai);
}

/* -- Names by address -------------------------------------------------------------------------- */

static socklen_t address_size(const struct sockaddr* addr) {
  switch (addr->sa_family) {
    case AF_INET:
      return sizeof(struct sockaddr_in);
    case AF_INET6:
      return sizeof(struct sockaddr_in6);
    default:
      return 0;
  }
}

static void getnameinfo_run(struct uv__work* work) {
  uv_getnameinfo_t* req = uv__container(work, uv_getnameinfo_t, work_req);
  const struct sockaddr* addr = (const struct sockaddr*) &req->storage;

  req->retcode = code_of(getnameinfo(addr, address_size(addr), req->host, sizeof(req->host),
                                     req->service, sizeof(req->service), req->flags));
}

static void getnameinfo_done(struct uv__work* work, int status) {
  uv_getnameinfo_t* req = uv__container(work, uv_getnameinfo_t, work_req);

  if (status != 0)
    req->retcode = UV_EAI_CANCELED;
  uv__req_stop(req->loop);
  if (req->retcode == 0)
    req->getnameinfo_cb(req, 0, req->host, req->service);
  else
    req->getnameinfo_cb(req, req->retcode, NULL, NULL);
}

int uv_getnameinfo(uv_loop_t* loop, uv_getnameinfo_t* req, uv_getnameinfo_cb getnameinfo_cb,
                   const struct sockaddr* addr, int flags) {
  int err;

  if (req == NULL || addr == NULL || address_size(addr) == 0 ||
      (getnameinfo_cb != NULL && loop == NULL))
    return UV_EINVAL;

  req->type = UV_GETNAMEINFO;
  req->loop = loop;
  req->getnameinfo_cb = getnameinfo_cb;
  req->work_req.work = NULL;
  memset(&req->storage, 0, sizeof(req->storage));
  memcpy(&req->storage, addr, address_size(addr));
  req->flags = flags;
  req->host[0] = '\0';
  req->service[0] = '\0';
  req->retcode = 0;
  if (getnameinfo_cb == NULL) {
    getnameinfo_run(&req->work_req);
    return req->retcode;
  }

  uv__req_start(loop, uv__req(req), UV_GETNAMEINFO);
  err = uv__work_submit(loop, &req->work_req, UV__WORK_SLOW, getnameinfo_run, getnameinfo_done);
  if (err != 0)
    uv__req_stop(loop);
  return err;
}
