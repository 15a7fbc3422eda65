/* IP addresses as text and back.
 *
 * Strict about what it reads, as inet_pton(3) is: IPv4 as four decimal parts without leading zeros,
 * IPv6 as in RFC 4291, 2.2. A zone ("%eth0", RFC 4007, 11.2) is known to uv_ip6_addr() alone. */
#include "inet.h"

#include <stdbool.h>
#include <string.h>

enum {
  IP4_SIZE = 4,
  IP6_SIZE = 16,
  IP6_GROUPS = IP6_SIZE / 2,
  IP4_TEXT_SIZE = sizeof("255.255.255.255"),
  IP6_TEXT_SIZE = sizeof("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
};

int uv__ip_address_size(const struct sockaddr* address) {
  switch (address->sa_family) {
    case AF_INET:
      return sizeof(struct sockaddr_in);
    case AF_INET6:
      return sizeof(struct sockaddr_in6);
    default:
      return 0;
  }
}

/* -- Addresses to text ------------------------------------------------------------------------- */

static size_t format_ip4(const unsigned char bytes[IP4_SIZE], char* text, size_t size) {
  return (size_t) snprintf(text, size, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
}

struct zero_run {
  int start; /* index of a group; -1 if there is no run */
  int len;
};

/* The first of the longest runs of two or more zero groups. */
static struct zero_run find_zero_run(const unsigned int groups[IP6_GROUPS]) {
  struct zero_run best = {-1, 1};
  int len = 0;

  for (int i = 0; i < IP6_GROUPS; i++) {
    len = groups[i] == 0 ? len + 1 : 0;
    if (len > best.len) {
      best.start = i - len + 1;
      best.len = len;
    }
  }
  return best;
}

static size_t format_ip6(const unsigned char bytes[IP6_SIZE], char* text, size_t size) {
  unsigned int groups[IP6_GROUPS];
  size_t len = 0;

  for (int i = 0; i < IP6_GROUPS; i++)
    groups[i] = (unsigned int) bytes[2 * i] << 8 | bytes[2 * i + 1];

  /* IPv4-compatible and IPv4-mapped addresses end as IPv4 addresses do. */
  struct zero_run run = find_zero_run(groups);
  bool dotted = run.start == 0 && (run.len == 6 || (run.len == 5 && groups[5] == 0xffff));
  int hex_groups = dotted ? 6 : IP6_GROUPS;

  for (int i = 0; i < hex_groups; i++) {
    if (i == run.start) {
      len += (size_t) snprintf(text + len, size - len, "::");
      i += run.len - 1;
      continue;
    }
    const char* separator = i == 0 || i == run.start + run.len ? "" : ":";
    len += (size_t) snprintf(text + len, size - len, "%s%x", separator, groups[i]);
  }
  if (!dotted)
    return len;
  if (run.len == 5)
    text[len++] = ':';
  return len + format_ip4(bytes + IP6_SIZE - IP4_SIZE, text + len, size - len);
}

int uv_inet_ntop(int af, const void* src, char* dst, size_t size) {
  char text[IP6_TEXT_SIZE];
  size_t len;

  if (af == AF_INET)
    len = format_ip4(src, text, sizeof(text));
  else if (af == AF_INET6)
    len = format_ip6(src, text, sizeof(text));
  else
    return UV_EAFNOSUPPORT;

  if (size <= len)
    return UV_ENOSPC;
  memcpy(dst, text, len + 1);
  return 0;
}

int uv_ip4_name(const struct sockaddr_in* src, char* dst, size_t size) {
  return uv_inet_ntop(AF_INET, &src->sin_addr, dst, size);
}

int uv_ip6_name(const struct sockaddr_in6* src, char* dst, size_t size) {
  return uv_inet_ntop(AF_INET6, &src->sin6_addr, dst, size);
}

int uv_ip_name(const struct sockaddr* src, char* dst, size_t size) {
  switch (src->sa_family) {
    case AF_INET:
      return uv_ip4_name((const struct sockaddr_in*) src, dst, size);
    case AF_INET6:
      return uv_ip6_name((const struct sockaddr_in6*) src, dst, size);
    default:
      return UV_EAFNOSUPPORT;
  }
}

/* -- Text to addresses ------------------------------------------------------------------------- */

static bool parse_ip4(const char* at, const char* end, unsigned char bytes[IP4_SIZE]) {
  for (int part = 0; part < IP4_SIZE; part++) {
    const char* start = at;
    unsigned int value = 0;

    if (part > 0 && (at == end || *at++ != '.'))
      return false;
    for (start = at; at < end && *at >= '0' && *at <= '9' && value <= 255; at++)
      value = value * 10 + (unsigned int) (*at - '0');
    if (at == start || value > 255 || (*start == '0' && at - start > 1))
      return false;
    bytes[part] = (unsigned char) value;
  }
  return at == end;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/* Reads up to four hexadecimal digits and returns where they end: `at` if there are none. */
static const char* parse_group(const char* at, const char* end, unsigned int* group) {
  const char* start = at;

  *group = 0;
  for (; at < end && at - start < 4 && hex_digit(*at) >= 0; at++)
    *group = *group << 4 | (unsigned int) hex_digit(*at);
  return at;
}

static bool parse_ip6(const char* at, const char* end, unsigned char bytes[IP6_SIZE]) {
  int used = 0;
  int gap = -1; /* how many bytes stand before the "::" */

  if (end - at >= 2 && at[0] == ':' && at[1] == ':') {
    gap = 0;
    at += 2;
  }

  /* Each turn starts where a group must start, or behind the "::" at the end of the text. */
  while (at < end) {
    unsigned int group;
    const char* behind = parse_group(at, end, &group);

    if (behind < end && *behind == '.') {
      if (used > IP6_SIZE - IP4_SIZE || !parse_ip4(at, end, bytes + used))
        return false;
      used += IP4_SIZE;
      break;
    }
    if (behind == at || used == IP6_SIZE)
      return false;
    bytes[used++] = (unsigned char) (group >> 8);
    bytes[used++] = (unsigned char) group;

    if (behind == end)
      break;
    if (*behind != ':' || behind + 1 == end)
      return false;
    at = behind + 1;
    if (*at == ':') {
      if (gap >= 0)
        return false;
      gap = used;
      at++;
    }
  }

  if (gap < 0)
    return used == IP6_SIZE;
  if (used == IP6_SIZE)
    return false;
  /* What stands behind the "::" belongs at the end. */
  memmove(bytes + IP6_SIZE - (used - gap), bytes + gap, (size_t) (used - gap));
  memset(bytes + gap, 0, (size_t) (IP6_SIZE - used));
  return true;
}

int uv_inet_pton(int af, const char* src, void* dst) {
  unsigned char bytes[IP6_SIZE];
  size_t size;
  bool valid;

  if (src == NULL || dst == NULL)
    return UV_EINVAL;

  if (af == AF_INET) {
    size = IP4_SIZE;
    valid = parse_ip4(src, src + strlen(src), bytes);
  } else if (af == AF_INET6) {
    size = IP6_SIZE;
    valid = parse_ip6(src, src + strcspn(src, "%"), bytes);
  } else {
    return UV_EAFNOSUPPORT;
  }

  if (!valid)
    return UV_EINVAL;
  memcpy(dst, bytes, size);
  return 0;
}

/* Where addresses begin with their size, getnameinfo(3) wants it to be right. */
#if defined(SIN6_LEN)
#define SET_SIZE(address) (((struct sockaddr*) (address))->sa_len = (uint8_t) sizeof(*(address)))
#else
#define SET_SIZE(address) ((void) 0)
#endif

int uv_ip4_addr(const char* ip, int port, struct sockaddr_in* addr) {
  memset(addr, 0, sizeof(*addr));
  SET_SIZE(addr);
  addr->sin_family = AF_INET;
  addr->sin_port = htons((uint16_t) port);
  return uv_inet_pton(AF_INET, ip, &addr->sin_addr);
}

int uv_ip6_addr(const char* ip, int port, struct sockaddr_in6* addr) {
  memset(addr, 0, sizeof(*addr));
  SET_SIZE(addr);
  addr->sin6_family = AF_INET6;
  addr->sin6_port = htons((uint16_t) port);

  int err = uv_inet_pton(AF_INET6, ip, &addr->sin6_addr);
  const char* percent = err == 0 ? strchr(ip, '%') : NULL;
  if (percent != NULL)
    addr->sin6_scope_id = uv__zone_to_scope_id(percent + 1);
  return err;
}
