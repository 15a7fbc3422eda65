typedef struct bsd_cpuset cpuset_t;
typedef unsigned long cpuid_t;

cpuset_t* cpuset_create(void);
void cpuset_destroy(cpuset_t* set);
int cpuset_isset(cpuid_t cpu, const cpuset_t* set);
size_t cpuset_size(const cpuset_t* set);
int sched_getaffinity_np(pid_t pid, size_t size, cpuset_t* set);
