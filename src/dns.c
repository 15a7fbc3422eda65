/* Names and addresses: look-ups by the system's library, at once or on the thread pool as slow
 * work. */
#include "dns.h"

#include "core.h"
#include "idna.h"
#include "inet.h"
#include "threadpool.h"

#include <string.h>

/* -- Addresses by name ------------------------------------------------------------------------- */

static void getaddrinfo_run(struct uv__work* work) {
  uv_getaddrinfo_t* req = uv__container(work, uv_getaddrinfo_t, work_req);
  req->retcode = uv__dns_find_addresses(req);
}

static void getaddrinfo_done(struct uv__work* work, int status) {
  uv_getaddrinfo_t* req = uv__container(work, uv_getaddrinfo_t, work_req);

  if (status != 0)
    req->retcode = UV_EAI_CANCELED;
  uv__dns_free_arguments(req);
  uv__req_stop(req->loop);
  req->uv__getaddrinfo_callback(req, req->retcode, req->addrinfo);
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
  req->uv__getaddrinfo_callback = getaddrinfo_cb;
  req->work_req.work = NULL;
  req->addrinfo = NULL;
  req->retcode = 0;
  err = uv__dns_copy_arguments(req, node, service, hints);
  if (err != 0)
    return err;

  if (getaddrinfo_cb == NULL) {
    getaddrinfo_run(&req->work_req);
    uv__dns_free_arguments(req);
    return req->retcode;
  }
  uv__req_start(loop, uv__req(req), UV_GETADDRINFO);
  err = uv__work_submit(loop, &req->work_req, UV__WORK_SLOW, getaddrinfo_run, getaddrinfo_done);
  if (err != 0) {
    uv__req_stop(loop);
    uv__dns_free_arguments(req);
  }
  return err;
}

/* -- Names by address -------------------------------------------------------------------------- */

static void getnameinfo_run(struct uv__work* work) {
  uv_getnameinfo_t* req = uv__container(work, uv_getnameinfo_t, work_req);
  req->retcode = uv__dns_find_names(req);
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
  if (req == NULL || addr == NULL || uv__ip_address_size(addr) == 0 ||
      (getnameinfo_cb != NULL && loop == NULL))
    return UV_EINVAL;

  req->type = UV_GETNAMEINFO;
  req->loop = loop;
  req->getnameinfo_cb = getnameinfo_cb;
  req->work_req.work = NULL;
  memset(&req->storage, 0, sizeof(req->storage));
  memcpy(&req->storage, addr, (size_t) uv__ip_address_size(addr));
  req->flags = flags;
  req->host[0] = '\0';
  req->service[0] = '\0';
  req->retcode = 0;
  if (getnameinfo_cb == NULL) {
    getnameinfo_run(&req->work_req);
    return req->retcode;
  }

  uv__req_start(loop, uv__req(req), UV_GETNAMEINFO);
  int err = uv__work_submit(loop, &req->work_req, UV__WORK_SLOW, getnameinfo_run, getnameinfo_done);
  if (err != 0)
    uv__req_stop(loop);
  return err;
}
