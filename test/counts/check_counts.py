#!/usr/bin/env python3
"""Counts what operations cost, in system calls (strace) or in instructions (callgrind), and fails
where one costs more than its bound: nothing is timed, so a busy machine changes nothing.

    check_counts.py calls|instructions PROGRAM

Leaves with 77 where the tool is missing or may not work. Bounds are a little above what was counted
when they were set; whoever makes an operation cheaper lowers its bound."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
TIME_LIMIT_S = 100

# operation: (system calls at most, instructions at most). None: not counted, since valgrind knows
# no openat2(2), and since a child is made another way under it.
BOUNDS = {
    "idle_turn": (0.02, 430),
    "timer_start_stop": (0.01, 185),
    "async_send_receive": (2.02, 650),
    "echo_1_connection": (3.02, 1010),
    "echo_64_connections": (2.05, 350),
    "queue_work": (5, 900),
    "file_read": (1.05, 900),
    "file_open_read_close": (9.1, None),
    "file_stat": (3.05, None),
    "spawn": (12, None),
    "loop_init_close": (4.02, 1740),
}

# What the test program itself does for each operation, as the other end of a connection.
OWN_CALLS = {"echo_1_connection": 2, "echo_64_connections": 2}

# Operations: few and many, for what is dear.
FEW, MANY = 640, 3200
FEW_SPAWNS, MANY_SPAWNS = 4, 24


class Skip(Exception):
    """Cannot be counted here."""


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S,
                          check=False, **options)
    if done.returncode == SKIPPED:
        raise Skip(done.stdout.strip())
    if done.returncode != 0:
        sys.exit(f"{command} failed: {done.stderr}{done.stdout}")
    return done


def environment():
    """Without what changes how the library works."""
    return {name: value for name, value in os.environ.items() if not name.startswith("UV_")}


def count_all_calls(program, operation, times, directory):
    summary = os.path.join(directory, "calls")
    # A child's calls are its own; the threads' are the operation's.
    threads = [] if operation == "spawn" else ["-f"]
    run(["strace", *threads, "-qq", "-c", "-o", summary, program, operation, str(times)],
        cwd=directory, env=environment())
    with open(summary, encoding="ascii") as file:
        counted = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", file.read(),
                             re.M)
    return sum(int(count) for count, name in counted if name != "total")


def count_calls(program, operation, directory):
    """System calls of one operation: what many cost more than few, free of start and end."""
    few, many = (FEW_SPAWNS, MANY_SPAWNS) if operation == "spawn" else (FEW, MANY)
    calls = (count_all_calls(program, operation, many, directory) -
             count_all_calls(program, operation, few, directory))
    return calls / (many - few) - OWN_CALLS.get(operation, 0)


def count_instructions(program, operation, directory):
    """Instructions of one operation in the loop's thread, in user mode."""
    times = FEW_SPAWNS if operation == "spawn" else FEW
    log = os.path.join(directory, "log")
    command = ["valgrind", "--tool=callgrind", "--toggle-collect=measured",
               f"--callgrind-out-file={directory}/out.%p", f"--log-file={log}.%p",
               program, operation, str(times)]
    with subprocess.Popen(command, cwd=directory, env=environment(), stdout=subprocess.PIPE,
                          text=True) as process:
        said = process.communicate(timeout=TIME_LIMIT_S)[0]
    if process.returncode == SKIPPED:
        raise Skip(said.strip())
    with open(f"{log}.{process.pid}", encoding="utf-8") as file:
        text = file.read()
    collected = re.search(r"Collected : (\d+)", text)
    if process.returncode != 0 or collected is None:
        sys.exit(f"{command} failed: {text}")
    return int(collected.group(1)) / times


def is_possible(what):
    """True if the tool is here and may do its work."""
    probe = {"calls": ["strace", "-c", "-o", os.devnull, "true"],
             "instructions": ["valgrind", "--tool=callgrind",
                              f"--callgrind-out-file={os.devnull}", "true"]}[what]
    return (shutil.which(probe[0]) is not None and
            subprocess.run(probe, capture_output=True, check=False).returncode == 0)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("calls", "instructions"):
        sys.exit(__doc__)
    what, program = sys.argv[1], os.path.abspath(sys.argv[2])
    count = count_calls if what == "calls" else count_instructions
    place = 0 if what == "calls" else 1
    failed = False

    if not is_possible(what):
        print(f"{'strace' if what == 'calls' else 'valgrind'} is missing or may not work here")
        return SKIPPED
    for operation, bounds in BOUNDS.items():
        if bounds[place] is None:
            continue
        with tempfile.TemporaryDirectory(prefix="counts-", dir=os.getcwd()) as directory:
            try:
                counted = count(program, operation, directory)
            except Skip as reason:
                print(f"{operation}: skipped: {reason}")
                continue
        is_too_much = counted > bounds[place]
        failed = failed or is_too_much
        print(f"{operation}: {counted:.2f} {what}, at most {bounds[place]:g}"
              f"{': TOO MANY' if is_too_much else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
