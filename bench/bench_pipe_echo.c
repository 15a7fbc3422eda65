/* Pipe echo (unix sockets): what does a message cost the server? Cases are named "connections x
 * bytes". */
#include "echo.h"

static void run(const struct bench_case* self) {
  echo_run(self, UV_NAMED_PIPE);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {"pipe_echo/1x64B", run, 12000, 1, 64, 1},
      {"pipe_echo/64x64B", run, 30000, 64, 64, 1},
      {"pipe_echo/1000x64B", run, 30000, 1000, 64, 1},
      {"pipe_echo/1x16KiB", run, 10000, 1, 16384, 1},
      {"pipe_echo/64x16KiB", run, 15000, 64, 16384, 1},
      {"pipe_echo/1000x16KiB", run, 15000, 1000, 16384, 1},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
