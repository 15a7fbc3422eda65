#!/usr/bin/env python3
"""Counts the system calls of an echo server per message, with strace.

The server alone is traced, its load runs outside. Each case runs twice, with few and with many
messages; the difference is what a message costs in steady state, free of start and end. Prints
lines "syscalls/CASE[/CALL] count calls"."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from contender import Contender, find_system_library

CASES = [
    ("bench_tcp_echo", "tcp_echo/1x64B"),
    ("bench_tcp_echo", "tcp_echo/64x64B"),
    ("bench_pipe_echo", "pipe_echo/1x64B"),
    ("bench_pipe_echo", "pipe_echo/64x64B"),
]
FEW, MANY = 500, 4500
TIME_LIMIT_S = 60
LEAST_SHOWN = 0.005  # rarer calls belong to no message


def parse_summary(text):
    """{call: count} from the table of "strace -c"."""
    counts = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5 and re.fullmatch(r"[\d.]+", fields[0]) and fields[-1] != "total":
            counts[fields[-1]] = int(fields[3])
    return counts


def count_calls(programs, contender, program, case, operations):
    """({call: count}, messages) of one run of a server."""
    with tempfile.TemporaryDirectory(prefix="bench-strace-") as directory:
        summary = os.path.join(directory, "summary")
        command = ["strace", "-f", "-c", "-o", summary, os.path.join(programs, program),
                   "--external-load", "--operations", str(operations), case]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env=contender.environment()) as server:
            output = ""
            for line in server.stdout:
                output += line
                if line.startswith("# load "):
                    break
            contender.check_loaded(output)
            plan = line.split()[2:]
            subprocess.run([os.path.join(programs, "bench_load"), *plan],
                           timeout=TIME_LIMIT_S, check=True)
            server.communicate(timeout=TIME_LIMIT_S)
        if server.returncode != 0:
            raise RuntimeError(f"{program} {case} failed under strace")
        with open(summary, encoding="ascii") as file:
            return parse_summary(file.read()), int(plan[-1])


def count_per_message(programs, contender, program, case):
    """{call: calls per message} in steady state."""
    few, few_messages = count_calls(programs, contender, program, case, FEW)
    many, many_messages = count_calls(programs, contender, program, case, MANY)
    messages = many_messages - few_messages
    per_message = {call: (many[call] - few.get(call, 0)) / messages for call in many}
    return {call: count for call, count in per_message.items() if count >= LEAST_SHOWN}


def count_all(programs, contender):
    """{name: count} for all cases."""
    rows = {}
    for program, case in CASES:
        calls = count_per_message(programs, contender, program, case)
        rows[f"syscalls/{case}"] = sum(calls.values())
        for call in sorted(calls):
            rows[f"syscalls/{case}/{call}"] = calls[call]
    return rows


def is_possible():
    """True if strace is here and may trace."""
    if shutil.which("strace") is None:
        return False
    probe = ["strace", "-c", "-o", os.devnull, "true"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--programs", required=True, help="directory of the built bench programs")
    parser.add_argument("--library", default=find_system_library(),
                        help="the libuv.so.1 to look at (default: the system's)")
    options = parser.parse_args()

    if not is_possible():
        sys.exit("strace is missing or may not trace")
    contender = Contender("library", options.library)
    try:
        for name, count in count_all(options.programs, contender).items():
            print(f"{name} {count:.3f} calls")
    finally:
        contender.close()


if __name__ == "__main__":
    main()
