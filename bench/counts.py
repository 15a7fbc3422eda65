#!/usr/bin/env python3
"""Counts the system calls of an echo server per message, with strace, and the instructions that it
executes in user mode, with callgrind.

The server alone is watched, its load runs outside. Each case runs twice, with few and with many
messages; the difference is what a message costs in steady state, free of start and end. Prints
lines "syscalls/CASE[/CALL] count calls" and "instructions/CASE count instructions"."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from contender import Library, find_system_library

CASES = ["tcp_echo/1x64B", "tcp_echo/64x64B", "pipe_echo/1x64B", "pipe_echo/64x64B"]
FEW, MANY = 2000, 22000
TIME_LIMIT_S = 60
LEAST_SHOWN = 0.005  # rarer calls belong to no message

TOOLS = {
    "syscalls": ["strace", "-f", "-c", "-o"],
    "instructions": ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file"],
}


def command_of(tool, record):
    """The words before a command that watch it and write to the file "record"."""
    *words, last = TOOLS[tool]
    return [*words, last, record] if tool == "syscalls" else [*words, f"{last}={record}"]


def parse_calls(text):
    """{call: count} from the table of "strace -c"."""
    counts = {}
    for line in text.splitlines():
        fields = line.split()
        if len(fields) >= 5 and re.fullmatch(r"[\d.]+", fields[0]) and fields[-1] != "total":
            counts[fields[-1]] = int(fields[3])
    return counts


def parse_instructions(text):
    return {"all": int(re.search(r"^(?:summary|totals): (\d+)", text, re.M).group(1))}


def watch(tool, contender, server, load, case, operations):
    """({what: count}, messages) of one run of a server."""
    with tempfile.TemporaryDirectory(prefix="bench-counts-") as directory:
        record = os.path.join(directory, "record")
        command = [*command_of(tool, record), server, "--external-load", "--operations",
                   str(operations), case]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                              env=contender.environment()) as process:
            output = ""
            for line in process.stdout:
                output += line
                if line.startswith("# load "):
                    break
            else:
                raise RuntimeError(f"{case} says no load under {tool}")
            contender.check_loaded(output)
            plan = line.split()[2:]
            subprocess.run([load, *plan], timeout=TIME_LIMIT_S, check=True)
            process.communicate(timeout=TIME_LIMIT_S)
        if process.returncode != 0:
            raise RuntimeError(f"{case} failed when watched for {tool}")
        with open(record, encoding="ascii") as file:
            parse = parse_calls if tool == "syscalls" else parse_instructions
            return parse(file.read()), int(plan[-1])


def count_per_message(tool, contender, server, load, case):
    """{what: count per message} in steady state."""
    few, few_messages = watch(tool, contender, server, load, case, FEW)
    many, many_messages = watch(tool, contender, server, load, case, MANY)
    messages = many_messages - few_messages
    per_message = {what: (many[what] - few.get(what, 0)) / messages for what in many}
    return {what: count for what, count in per_message.items() if count >= LEAST_SHOWN}


def count_all(tool, contender, server, load):
    """{name: count} for all cases of a server."""
    rows = {}
    for case in CASES:
        counts = count_per_message(tool, contender, server, load, case)
        rows[f"{tool}/{case}"] = sum(counts.values())
        if tool == "syscalls":
            rows.update({f"{tool}/{case}/{call}": counts[call] for call in sorted(counts)})
    return rows


def is_possible(tool):
    """True if the tool is here and may watch."""
    command = command_of(tool, os.devnull) + ["true"]
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--programs", required=True, help="directory of the built bench programs")
    parser.add_argument("--library", default=find_system_library(),
                        help="the libuv.so.1 to look at (default: the system's)")
    options = parser.parse_args()
    library = Library("library", options.library)

    try:
        for tool in TOOLS:
            if not is_possible(tool):
                print(f"{TOOLS[tool][0]} is missing or may not work", file=sys.stderr)
                continue
            for name, count in count_all(tool, library,
                                         os.path.join(options.programs, "bench_echo"),
                                         os.path.join(options.programs, "bench_load")).items():
                print(f"{name} {count:.3f} {'calls' if tool == 'syscalls' else tool}")
    finally:
        library.close()


if __name__ == "__main__":
    main()
