/* CPUs: which there are, and for how many there is use.
 *
 * /proc/stat says which are on and what they have done, /proc/cpuinfo what they are called, and
 * /sys how fast they run at the moment. */
#include "linux_cpu.h"

#include "../core.h"
#include "linux_cgroup.h"
#include "linux_text.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
  MOST_CPUS = 8192,
  MODELS = 8, /* that differ; the first is for all of which the name is not known */
  MODEL_SIZE = 64,
  PATH_SIZE = 256
};

/* One allocation: the public array, which it begins with, and what is behind it. */
struct listing {
  uv_cpu_info_t* infos;
  unsigned int* numbers; /* by which the system knows them, ascending */
  char (*models)[MODEL_SIZE];
  int room;
  int count;
  int last; /* index of the CPU that was found last */
};

static const char* path_of(char path[PATH_SIZE], const char* root, const char* name) {
  snprintf(path, PATH_SIZE, "%s%s", root, name);
  return path;
}

/* -- Which, and what they have done ------------------------------------------------------------ */

/* Whether it is the line of one CPU in /proc/stat, "cpu2 ...", and of which. `*at` is behind that.
 */
static bool is_cpu_line(const char** at, uint64_t* number) {
  if (strncmp(*at, "cpu", 3) != 0 || (*at)[3] < '0' || (*at)[3] > '9')
    return false;
  *at += 3;
  return uv__parse_integer(at, number) && *number < MOST_CPUS;
}

/* Calls `see` for each CPU's line: 0 or an error. */
static int read_stat(const char* root,
                     void (*see)(struct listing*, uint64_t number, const char* at),
                     struct listing* listing) {
  char path[PATH_SIZE];
  struct uv__lines lines;
  const char* at;
  uint64_t number;
  int err = uv__lines_open(&lines, path_of(path, root, "/proc/stat"));

  if (err != 0)
    return err;
  while ((at = uv__lines_next(&lines)) != NULL)
    if (is_cpu_line(&at, &number))
      see(listing, number, at);
  uv__lines_close(&lines);
  return 0;
}

static void count_one(struct listing* listing, uint64_t number, const char* at) {
  (void) number;
  (void) at;
  listing->room++;
}

/* One that was switched on since they were counted has no room. */
static void add_one(struct listing* listing, uint64_t number, const char* at) {
  uint64_t ticks[6] = {0}; /* user, nice, sys, idle, waiting for I/O, irq */
  uint64_t ticks_per_second = (uint64_t) sysconf(_SC_CLK_TCK);

  if (listing->count == listing->room)
    return;
  for (int i = 0; i < 6 && uv__parse_integer(&at, &ticks[i]); i++)
    ticks[i] = ticks[i] * 1000 / ticks_per_second;
  listing->numbers[listing->count] = (unsigned int) number;
  listing->infos[listing->count] = (uv_cpu_info_t){
      .model = listing->models[0],
      .speed = 0,
      .cpu_times = {ticks[0], ticks[1], ticks[2], ticks[3], ticks[5]},
  };
  listing->count++;
}

/* -- Names ------------------------------------------------------------------------------------- */

/* The value in a line "key : value" of that key, or NULL. */
static const char* value_of(const char* line, const char* key) {
  size_t len;

  if (key == NULL)
    return NULL;
  len = strlen(key);
  if (strncmp(line, key, len) != 0)
    return NULL;
  line += len + strspn(line + len, " \t");
  return *line == ':' ? line + 1 + strspn(line + 1, " \t") : NULL;
}

/* The place where a model's name is kept; that of "unknown" if there are too many. */
static const char* keep_model(struct listing* listing, const char* name) {
  char cut[MODEL_SIZE];

  snprintf(cut, sizeof(cut), "%s", name);
  for (int i = 0; i < MODELS; i++) {
    char* model = listing->models[i];
    if (model[0] == '\0')
      memcpy(model, cut, sizeof(cut));
    if (strcmp(model, cut) == 0)
      return model;
  }
  return listing->models[0];
}

/* The index of a CPU, -1 if it is off. They are asked for in order. */
static int find_cpu(struct listing* listing, uint64_t number) {
  for (int i = 0; i < listing->count; i++) {
    int index = (listing->last + i) % listing->count;
    if (listing->numbers[index] == number) {
      listing->last = index;
      return index;
    }
  }
  return -1;
}

static void read_models(const char* root, const struct uv__cpu_naming* naming,
                        struct listing* listing) {
  char path[PATH_SIZE];
  struct uv__lines lines;
  const char* line;
  uint64_t number;
  int index = -1;

  if (uv__lines_open(&lines, path_of(path, root, "/proc/cpuinfo")) != 0)
    return;
  while ((line = uv__lines_next(&lines)) != NULL) {
    const char* value = value_of(line, "processor");
    if (value != NULL)
      index = uv__parse_integer(&value, &number) ? find_cpu(listing, number) : -1;
    for (int i = 0; i < 2; i++) {
      const char* name = value_of(line, naming->keys[i]);
      if (name != NULL && naming->translate != NULL)
        name = naming->translate(name);
      if (name != NULL && name[0] != '\0' && index != -1)
        listing->infos[index].model = keep_model(listing, name);
    }
  }
  uv__lines_close(&lines);
}

/* -- Speeds ------------------------------------------------------------------------------------ */

static void read_speeds(const char* root, struct listing* listing) {
  char path[PATH_SIZE];
  char text[32];
  uint64_t kilohertz;

  for (int i = 0; i < listing->count; i++) {
    const char* at = text;
    snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", root,
             listing->numbers[i]);
    uv__read_text(path, text, sizeof(text));
    if (uv__parse_integer(&at, &kilohertz))
      listing->infos[i].speed = (int) (kilohertz / 1000);
  }
}

/* -- The list ---------------------------------------------------------------------------------- */

static int allocate(struct listing* listing) {
  size_t room = (size_t) listing->room;
  size_t size = room * (sizeof(*listing->infos) + sizeof(*listing->numbers)) +
                MODELS * sizeof(*listing->models);
  char* block = uv__calloc(1, size);

  if (block == NULL)
    return UV_ENOMEM;
  listing->infos = (uv_cpu_info_t*) block;
  listing->numbers = (unsigned int*) (listing->infos + room);
  listing->models = (char(*)[MODEL_SIZE])(listing->numbers + room);
  strcpy(listing->models[0], "unknown");
  return 0;
}

int uv__cpu_info(const char* root, const struct uv__cpu_naming* naming, uv_cpu_info_t** cpu_infos,
                 int* count) {
  struct listing listing = {.room = 0};
  int err = read_stat(root, count_one, &listing);

  *cpu_infos = NULL;
  *count = 0;
  if (err == 0 && listing.room == 0)
    err = UV_EINVAL;
  if (err == 0)
    err = allocate(&listing);
  if (err != 0)
    return err;
  err = read_stat(root, add_one, &listing);
  if (err != 0) {
    uv__free(listing.infos);
    return err;
  }
  read_models(root, naming, &listing);
  read_speeds(root, &listing);
  *cpu_infos = listing.infos;
  *count = listing.count;
  return 0;
}

#if defined(__aarch64__)
static const struct uv__cpu_naming native = {{"CPU part", NULL}, uv__arm_part_name};
#elif defined(__arm__)
static const struct uv__cpu_naming native = {{"model name", "Processor"}, NULL};
#elif defined(__powerpc__)
static const struct uv__cpu_naming native = {{"cpu", NULL}, NULL};
#elif defined(__mips__)
static const struct uv__cpu_naming native = {{"cpu model", NULL}, NULL};
#elif defined(__loongarch__)
static const struct uv__cpu_naming native = {{"cpu family", NULL}, NULL};
#else
static const struct uv__cpu_naming native = {{"model name", NULL}, NULL};
#endif

int uv_cpu_info(uv_cpu_info_t** cpu_infos, int* count) {
  return uv__cpu_info("", &native, cpu_infos, count);
}

/* -- For how many there is use ----------------------------------------------------------------- */

/* On how many CPUs the calling thread may run. */
static unsigned int allowed_cpus(void) {
  cpu_set_t sets[MOST_CPUS / CPU_SETSIZE];
  long online;

  memset(sets, 0, sizeof(sets));
  if (sched_getaffinity(0, sizeof(sets), sets) == 0)
    return (unsigned int) CPU_COUNT_S(sizeof(sets), sets);
  online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (unsigned int) online : 1;
}

unsigned int uv_available_parallelism(void) {
  unsigned int allowed = allowed_cpus();
  unsigned int timed = uv__cgroup_cpus("");

  return timed != 0 && timed < allowed ? timed : allowed;
}
