#!/usr/bin/env python3
"""Measures whole programs as they are used: an HTTP server in Python on uvloop, and the echo server
of the examples, each under a load from another process that checks every byte.

A case prints lines as the bench programs do: CPU time of the server per request and, as "wall", the
time between two. Which libuv.so.1 the servers load is LD_LIBRARY_PATH's business."""

import argparse
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
BENCH_DIR = os.path.dirname(os.path.realpath(__file__))
SYSTEM_PYTHON = "/usr/bin/python3"
WARM_UP = 1000
TIME_LIMIT_S = 60
LIBRARY = re.compile(r"(/\S*libuv\.so\S*)$", re.M)

# name: (server, load, connections, operations in a full run)
CASES = {
    "http_uvloop/1": ("http", "http", 1, 10000),
    "http_uvloop/64": ("http", "http", 64, 25000),
    "echo_example/1": ("echo", "echo", 1, 15000),
    "echo_example/64": ("echo", "echo", 64, 40000),
}
ECHO_LEN = 64


def choose_cpus():
    """(the server's, the load's), as the bench programs choose them."""
    allowed = sorted(os.sched_getaffinity(0))
    return {allowed[-1]}, {allowed[0]}


def server_command(server, options):
    if server == "http":
        return [SYSTEM_PYTHON, os.path.join(BENCH_DIR, "http_server.py")]
    return [os.path.join(options.examples, "echo_server"), "0", "100"]


def can_run_http():
    if not os.access(SYSTEM_PYTHON, os.X_OK):
        return False
    environment = {name: value for name, value in os.environ.items() if name != "LD_LIBRARY_PATH"}
    probe = subprocess.run([SYSTEM_PYTHON, "-c", "import uvloop"], capture_output=True,
                           env=environment, check=False)
    return probe.returncode == 0


def list_cases(options):
    """Those whose program is there."""
    is_there = {"http": can_run_http(),
                "echo": os.access(os.path.join(options.examples, "echo_server"), os.X_OK)}
    return [name for name, (server, *_) in CASES.items() if is_there[server]]


def cpu_ns(pid):
    """CPU time of a process: its clock, as clock_getcpuclockid(3) names it."""
    return time.clock_gettime_ns(~pid << 3 | 2)


def run_load(options, cpus, mode, port, connections, length, operations):
    subprocess.run([os.path.join(options.programs, "bench_load"), mode, f"tcp:{port}",
                    str(connections), str(length), "1", str(operations)], check=True,
                   timeout=TIME_LIMIT_S, preexec_fn=lambda: os.sched_setaffinity(0, cpus))


def measure(options, name):
    server_name, mode, connections, operations = CASES[name]
    server_cpus, load_cpus = choose_cpus()
    operations = operations // 20 if options.quick else operations

    server = subprocess.Popen(server_command(server_name, options), stdout=subprocess.PIPE,
                              text=True, preexec_fn=lambda: os.sched_setaffinity(0, server_cpus))
    try:
        line = server.stdout.readline()
        port = int(line.split()[-1].rsplit(":", 1)[-1])
        reply = re.search(r"replies of (\d+) bytes", line)
        length = int(reply.group(1)) if reply else ECHO_LEN
        with open(f"/proc/{server.pid}/maps", encoding="utf-8") as maps:
            print("# library", LIBRARY.search(maps.read()).group(1))
        run_load(options, load_cpus, mode, port, connections, length, WARM_UP)
        cpu, wall = cpu_ns(server.pid), time.monotonic_ns()
        run_load(options, load_cpus, mode, port, connections, length, operations)
        cpu, wall = cpu_ns(server.pid) - cpu, time.monotonic_ns() - wall
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=TIME_LIMIT_S)
    finally:
        server.kill()
        server.wait()
    if server.returncode != 0:
        sys.exit(f"the server ended with {server.returncode}")
    print(f"{name} {cpu / operations:.3f} ns")
    print(f"{name}/wall {wall / operations:.3f} ns")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--programs", required=True, help="where bench_load is")
    parser.add_argument("--examples", required=True, help="where echo_server is")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    if options.list:
        print("\n".join(list_cases(options)))
        return
    for name in options.cases or list_cases(options):
        measure(options, name)


if __name__ == "__main__":
    main()
