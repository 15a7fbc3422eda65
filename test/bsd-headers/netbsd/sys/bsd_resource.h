#define RLIMIT_AS 10
