"""Reads ctest's log (Testing/Temporary/LastTest.log) of programs that are CMocka's."""

import re


def sections(log):
    """(name of the program, its lines) for each test of ctest's."""
    for part in re.split(r"^\d+/\d+ Test(?:ing)?: ", log, flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        if text:
            yield name.strip().removesuffix("_on_console"), text.splitlines()


def results(lines):
    """(name, whether it was skipped, reason) for each test function."""
    said = []
    testcase = reason = ""
    for line in lines:
        run = re.match(r"\[ RUN      \] (\w+)$", line)
        end = re.match(r"\[  (?:SKIPPED|     OK) \] (\w+)$", line)
        case = re.match(r' *<testcase name="(\w+)"', line)
        if run:
            said = []
        elif end and said is not None:
            yield end[1], "SKIPPED" in line, " ".join(said)
            said = []
        elif case:
            testcase, reason = case[1], ""
        elif "<skipped" in line:
            reason = "on a console"
        elif "</testcase>" in line:
            yield testcase, reason != "", reason
        elif line.startswith("[==========]"):
            said = [] if "Running" in line else None
        elif said is not None and line.strip():
            said.append(line.strip())


def read(path):
    """{(program, test): reason} of those that were skipped and never ran, and the set of those that
    did run."""
    with open(path, encoding="utf-8", errors="replace") as file:
        log = file.read()
    skipped = {}
    ran = set()
    for program, lines in sections(log):
        for name, is_skipped, reason in results(lines):
            if not is_skipped:
                ran.add((program, name))
            elif not skipped.get((program, name)):
                skipped[program, name] = reason
    return {key: reason for key, reason in skipped.items() if key not in ran}, ran
