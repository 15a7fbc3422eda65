/* A load for echo servers from Windows that checks every byte. As examples/echo_load.c it uses
 * plain sockets and none of the library; a thread for each connection, since there are few.
 *
 *   echo_load_windows CONNECTIONS MESSAGES BYTES PORT
 *
 * Opens the connections to 127.0.0.1, sends so many messages of so many bytes on each, the next one
 * when the answer is complete, then half closes; the server must close, with nothing more to read.
 */
#define _WIN32_WINNT 0x0A00

#include <winsock2.h>

#include <process.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

enum { MOST_CONNECTIONS = 64, TIMEOUT_MS = 30000 };

static int messages;
static int message_bytes;
static unsigned short port;
static volatile LONG failures;
static volatile LONG echoed;

static bool fail(const char* what) {
  fprintf(stderr, "%s: error %d\n", what, WSAGetLastError());
  InterlockedIncrement(&failures);
  return false;
}

static bool exchange(SOCKET s, const char* sent, char* got) {
  for (int done = 0; done < message_bytes;) {
    int n = send(s, sent + done, message_bytes - done, 0);
    if (n <= 0)
      return fail("send");
    done += n;
  }
  for (int done = 0; done < message_bytes;) {
    int n = recv(s, got + done, message_bytes - done, 0);
    if (n <= 0)
      return fail("recv");
    done += n;
  }
  return memcmp(sent, got, (size_t) message_bytes) == 0 || fail("other bytes came back");
}

static bool talk(SOCKET s, unsigned int seed) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  DWORD timeout_ms = TIMEOUT_MS;
  char* sent = malloc((size_t) message_bytes);
  char* got = malloc((size_t) message_bytes);
  bool good = sent != NULL && got != NULL;

  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, (const char*) &timeout_ms, sizeof(timeout_ms));
  if (good && connect(s, (struct sockaddr*) &address, sizeof(address)) != 0)
    good = fail("connect");
  for (int i = 0; good && i < messages; i++) {
    for (int b = 0; b < message_bytes; b++) {
      seed = seed * 1664525 + 1013904223;
      sent[b] = (char) (seed >> 16);
    }
    good = exchange(s, sent, got);
    InterlockedIncrement(&echoed);
  }
  if (good && shutdown(s, SD_SEND) != 0)
    good = fail("shutdown");
  if (good && recv(s, got, message_bytes, 0) != 0)
    good = fail("no end of the connection");
  free(sent);
  free(got);
  return good;
}

static unsigned int __stdcall run_connection(void* number) {
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);

  if (s == INVALID_SOCKET)
    fail("socket");
  else
    talk(s, (unsigned int) (uintptr_t) number);
  closesocket(s);
  return 0;
}

int main(int argc, char** argv) {
  HANDLE threads[MOST_CONNECTIONS];
  int connections = argc == 5 ? atoi(argv[1]) : 0;
  WSADATA data;

  if (connections < 1 || connections > MOST_CONNECTIONS) {
    fprintf(stderr, "usage: echo_load_windows CONNECTIONS MESSAGES BYTES PORT\n");
    return 2;
  }
  messages = atoi(argv[2]);
  message_bytes = atoi(argv[3]);
  port = (unsigned short) atoi(argv[4]);
  if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
    return 2;

  for (int i = 0; i < connections; i++)
    threads[i] =
        (HANDLE) _beginthreadex(NULL, 0, run_connection, (void*) (uintptr_t) (i + 1), 0, NULL);
  WaitForMultipleObjects((DWORD) connections, threads, TRUE, INFINITE);
  printf("%d connections, %ld messages, %ld errors\n", connections, echoed, failures);
  return failures == 0 ? 0 : 1;
}
