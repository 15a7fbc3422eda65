/* Serving on a named pipe: a number of instances that each wait for a client.
 *
 * A client that has come keeps its instance, and uv_accept() makes a new one in its place. Clients
 * wait first come first; the first one is announced, the next one when that has been taken. An
 * instance that cannot be made is tried again whenever another one changes; if none is left, the
 * user is told. */
#include "pipe.h"
#include "poison.h"
#include "stream.h"

#include <string.h>

enum { DEFAULT_INSTANCES = 4, BUFFER_LEN = 64 * 1024 };

/* -- Instances --------------------------------------------------------------------------------- */

static HANDLE make_instance(const uv_pipe_t* pipe, DWORD first_flag) {
  return CreateNamedPipeW(pipe->name,
                          PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | WRITE_DAC | first_flag,
                          PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT, PIPE_UNLIMITED_INSTANCES,
                          BUFFER_LEN, BUFFER_LEN, 0, NULL);
}

static void close_instance(uv_pipe_accept_t* slot) {
  if (slot->pipeHandle == INVALID_HANDLE_VALUE)
    return;
  CancelIoEx(slot->pipeHandle, NULL);
  CloseHandle(slot->pipeHandle);
  slot->pipeHandle = INVALID_HANDLE_VALUE;
}

static bool is_idle(const uv_pipe_accept_t* slot) {
  return slot->data == NULL;
}

/* A slot without an instance gets one that the loop hears of: 0 or a UV_E code. */
static int fill(uv_pipe_t* pipe, uv_pipe_accept_t* slot, DWORD first_flag) {
  int err = 0;

  if (slot->pipeHandle != INVALID_HANDLE_VALUE)
    return 0;
  slot->pipeHandle = make_instance(pipe, first_flag);
  if (slot->pipeHandle == INVALID_HANDLE_VALUE) {
    DWORD error = GetLastError();
    if (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY)
      return UV_EADDRINUSE;
    if (error == ERROR_PATH_NOT_FOUND || error == ERROR_INVALID_NAME)
      return UV_EACCES;
    return uv_translate_sys_error((int) error);
  }
  err = uv__iocp_attach(pipe->loop, slot->pipeHandle);
  if (err != 0)
    close_instance(slot);
  return err;
}

/* Has a slot wait for a client: 0, or a UV_E code with the slot idle. */
static int wait_for_client(uv_pipe_t* pipe, uv_pipe_accept_t* slot) {
  int err = fill(pipe, slot, 0);
  DWORD error = 0;

  if (err != 0)
    return err;
  uv__req_poison_check(uv__req(slot));
  uv__req_prepare(uv__req(slot));
  if (!ConnectNamedPipe(slot->pipeHandle, &slot->u.io.overlapped))
    error = GetLastError();
  if (error == ERROR_PIPE_CONNECTED || error == ERROR_NO_DATA) {
    /* There is one already; it may even have left, and what it wrote can be read. */
    uv__req_finish(uv__req(slot), 0, 0);
    uv__iocp_queue(pipe->loop, uv__req(slot));
  } else if (error != 0 && error != ERROR_IO_PENDING) {
    uv__req_poison(uv__req(slot));
    close_instance(slot);
    return uv_translate_sys_error((int) error);
  }
  slot->data = pipe;
  pipe->reqs_pending++;
  return 0;
}

/* Has all idle slots wait again. Only an error that leaves none is told. */
static int revive(uv_pipe_t* pipe) {
  int live = 0;
  int first_error = 0;

  for (int i = 0; i < pipe->pipe.serv.pending_instances; i++) {
    uv_pipe_accept_t* slot = &pipe->pipe.serv.accept_reqs[i];
    int err = is_idle(slot) ? wait_for_client(pipe, slot) : 0;
    if (err == 0)
      live++;
    else if (first_error == 0)
      first_error = err;
  }
  return live > 0 ? 0 : first_error;
}

HANDLE uv__pipe_server_file(const uv_pipe_t* pipe) {
  for (int i = 0; i < pipe->pipe.serv.pending_instances; i++)
    if (pipe->pipe.serv.accept_reqs[i].pipeHandle != INVALID_HANDLE_VALUE)
      return pipe->pipe.serv.accept_reqs[i].pipeHandle;
  return INVALID_HANDLE_VALUE;
}

/* -- Binding ----------------------------------------------------------------------------------- */

void uv_pipe_pending_instances(uv_pipe_t* pipe, int count) {
  if (count > 0 && !uv__pipe_is(pipe, UV__PIPE_SERVER | UV__PIPE_CONNECTED))
    pipe->pipe.serv.pending_instances = count;
}

static uv_pipe_accept_t* make_slots(int count) {
  uv_pipe_accept_t* slots = uv__calloc((size_t) count, sizeof(*slots));

  for (int i = 0; slots != NULL && i < count; i++) {
    slots[i].type = UV_ACCEPT;
    slots[i].pipeHandle = INVALID_HANDLE_VALUE;
    uv__req_poison(uv__req(&slots[i]));
  }
  return slots;
}

/* Gives the pipe its name and the first instance: 0, or a UV_E code with the pipe as it was. */
static int bind_to(uv_pipe_t* pipe, WCHAR* name, int count) {
  uv_pipe_accept_t* slots = make_slots(count);
  int err;

  if (slots == NULL)
    return UV_ENOMEM;
  pipe->name = name;
  err = fill(pipe, &slots[0], FILE_FLAG_FIRST_PIPE_INSTANCE);
  if (err != 0) {
    pipe->name = NULL;
    uv__free(slots);
    return err;
  }
  pipe->pipe.serv.pending_instances = count;
  pipe->pipe.serv.accept_reqs = slots;
  pipe->pipe.serv.pending_accepts = NULL;
  pipe->flags |= UV__PIPE_SERVER | UV_HANDLE_BOUND;
  return 0;
}

int uv_pipe_bind2(uv_pipe_t* pipe, const char* text, size_t len, unsigned int flags) {
  int count = pipe->pipe.serv.pending_instances;
  WCHAR* name;
  int err;

  if (!uv__pipe_name_valid(text, len, flags))
    return UV_EINVAL;
  if (!uv__pipe_is_unused(pipe) || uv__is_closing(uv__handle(pipe)))
    return UV_EINVAL;

  err = uv__pipe_wide_name(text, len, &name);
  if (err != 0)
    return err;
  err = bind_to(pipe, name, count > 0 ? count : DEFAULT_INSTANCES);
  if (err != 0)
    uv__free(name);
  return err;
}

int uv_pipe_bind(uv_pipe_t* pipe, const char* name) {
  return uv_pipe_bind2(pipe, name, name != NULL ? strlen(name) : 0, 0);
}

/* -- Listening --------------------------------------------------------------------------------- */

int uv__pipe_listen(uv_pipe_t* pipe, int backlog, uv_connection_cb cb) {
  int err;

  (void) backlog; /* the number of instances */
  if (uv__pipe_is(pipe, UV_HANDLE_READING))
    return UV_EISCONN;
  if (!uv__pipe_is(pipe, UV__PIPE_SERVER) || pipe->ipc)
    return UV_EINVAL;
  err = revive(pipe);
  if (err != 0)
    return err;
  pipe->stream.serv.connection_cb = cb;
  if (!uv__pipe_is(pipe, UV_HANDLE_LISTENING))
    uv__pipe_activate(pipe);
  pipe->flags |= UV_HANDLE_LISTENING;
  return 0;
}

static void tell_user(uv_pipe_t* pipe, int status) {
  if (pipe->stream.serv.connection_cb != NULL)
    pipe->stream.serv.connection_cb((uv_stream_t*) pipe, status);
}

static void add_client(uv_pipe_t* pipe, uv_pipe_accept_t* slot) {
  uv_pipe_accept_t** end = &pipe->pipe.serv.pending_accepts;

  while (*end != NULL)
    end = &(*end)->next_pending;
  slot->next_pending = NULL;
  *end = slot;
}

static bool is_waiting(const uv_pipe_t* pipe, const uv_pipe_accept_t* slot) {
  const uv_pipe_accept_t* each = pipe->pipe.serv.pending_accepts;

  while (each != NULL && each != slot)
    each = each->next_pending;
  return each != NULL;
}

static void announce(uv_pipe_t* pipe) {
  pipe->flags |= UV__PIPE_ANNOUNCED;
  tell_user(pipe, 0);
}

void uv__pipe_accept_done(uv_pipe_t* pipe, uv_pipe_accept_t* slot) {
  if (uv__is_closing(uv__handle(pipe))) {
    uv__req_poison(uv__req(slot));
    return;
  }
  if (is_waiting(pipe, slot)) {
    announce(pipe); /* one that waited behind another comes once more */
  } else if (uv__req_succeeded(uv__req(slot))) {
    uv__req_poison(uv__req(slot));
    add_client(pipe, slot);
    if (pipe->pipe.serv.pending_accepts == slot)
      announce(pipe);
  } else {
    uv__req_poison(uv__req(slot));
    int err;
    close_instance(slot);
    slot->data = NULL;
    err = revive(pipe);
    if (err != 0)
      tell_user(pipe, err);
  }
}

/* -- Accepting --------------------------------------------------------------------------------- */

int uv__pipe_accept(uv_pipe_t* pipe, uv_stream_t* client) {
  uv_pipe_accept_t* slot;
  int err = 0;

  if (pipe->ipc)
    return uv__ipc_accept(pipe, client);
  if (!uv__pipe_is(pipe, UV__PIPE_ANNOUNCED))
    return UV_EAGAIN;
  slot = pipe->pipe.serv.pending_accepts;
  if (client->type != UV_NAMED_PIPE || client->loop != pipe->loop ||
      uv__is_closing(uv__handle(client)))
    return UV_EINVAL;

  pipe->flags &= ~(unsigned) UV__PIPE_ANNOUNCED;
  pipe->pipe.serv.pending_accepts = slot->next_pending;
  if (slot->next_pending != NULL) {
    pipe->reqs_pending++;
    uv__iocp_queue(pipe->loop, uv__req(slot->next_pending));
  }
  if (uv__pipe_is_unused((uv_pipe_t*) client))
    err = uv__pipe_open_file((uv_pipe_t*) client, slot->pipeHandle,
                             UV_HANDLE_READABLE | UV_HANDLE_WRITABLE, true);
  else
    err = UV_EBUSY;
  if (err == 0)
    slot->pipeHandle = INVALID_HANDLE_VALUE; /* the client's */
  else
    close_instance(slot);
  slot->data = NULL;
  revive(pipe);
  return err;
}

/* -- Closing ----------------------------------------------------------------------------------- */

void uv__pipe_server_close(uv_pipe_t* pipe) {
  for (int i = 0; i < pipe->pipe.serv.pending_instances; i++)
    close_instance(&pipe->pipe.serv.accept_reqs[i]);
  pipe->pipe.serv.pending_accepts = NULL;
  pipe->flags &= ~(unsigned) UV__PIPE_ANNOUNCED;
}

void uv__pipe_server_free(uv_pipe_t* pipe) {
  uv__free(pipe->pipe.serv.accept_reqs);
}
