/* TCP echo: what does a message cost the server? Cases are named "connections x bytes",
 * with "x 16" where each connection has 16 messages under way. */
#include "echo.h"

static void run(const struct bench_case* self) {
  echo_run(self, UV_TCP);
}

int main(int argc, char** argv) {
  static const struct bench_case cases[] = {
      {"tcp_echo/1x64B", run, 12000, 1, 64, 1},
      {"tcp_echo/1x64Bx16", run, 120000, 1, 64, 16},
      {"tcp_echo/64x64B", run, 30000, 64, 64, 1},
      {"tcp_echo/64x64Bx16", run, 300000, 64, 64, 16},
      {"tcp_echo/1024x64B", run, 30000, 1024, 64, 1},
      {"tcp_echo/1024x64Bx16", run, 300000, 1024, 64, 16},
      {"tcp_echo/1x16KiB", run, 10000, 1, 16384, 1},
      {"tcp_echo/1x16KiBx16", run, 20000, 1, 16384, 16},
      {"tcp_echo/64x16KiB", run, 15000, 64, 16384, 1},
      {"tcp_echo/64x16KiBx16", run, 30000, 64, 16384, 16},
      {"tcp_echo/1024x16KiB", run, 15000, 1024, 16384, 1},
      {"tcp_echo/1024x16KiBx16", run, 30000, 1024, 16384, 16},
  };
  return bench_main(argc, argv, cases, sizeof(cases) / sizeof(cases[0]));
}
