#!/usr/bin/env python3
"""check_report.py REPORT LOG: what CTest wrote down and what it printed must say what became of
each test of the project."""

import re
import sys
import xml.etree.ElementTree as ElementTree

expected = {
    "fails": "***Failed",
    "crashes": "***Exception: SegFault",
    "too_slow": "***Timeout",
    "missing": "***Not Run",
    "skipped": "***Skipped",
}
for name in "maps sum build output environment setup prepared will_fail".split():
    expected[name] = "Passed"
for name, count in ("meet", 4), ("alone", 5), ("quick", 20):
    for number in range(1, count + 1):
        expected[name + str(number)] = "Passed"

cases = {case.get("name"): case for case in ElementTree.parse(sys.argv[1]).getroot()}
with open(sys.argv[2]) as log:
    line = re.compile(r"Test +#\d+: (\w+) \.*(?:   )?(.*?)  +[\d.]+ sec$", re.M)
    seen = dict(line.findall(log.read()))

wrong = []
for name, result in expected.items():
    if seen.get(name) != result or name not in cases:
        wrong.append(f"{name}: {seen.get(name)}, not {result}")
        if name in cases:
            wrong.append(cases[name].findtext("system-out", ""))
wrong += [f"{name} is no test" for name in (seen.keys() | cases.keys()) - expected.keys()]

lines = cases["output"].findtext("system-out").split()
if lines != [str(number) for number in range(1, 50001)]:
    wrong.append(f"{len(lines)} lines of output, the last are {lines[-10:]}")
sys.exit("\n".join(wrong) or 0)
