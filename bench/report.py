#!/usr/bin/env python3
"""Makes the pages of a comparison from its samples: results.md and charts from results.json.

"bench/report.py DIRECTORY" makes them again from the samples that are in DIRECTORY."""

import json
import os
import statistics
import sys

sys.dont_write_bytecode = True
import charts
import goals


def spread(samples):
    """(first quartile, median, third quartile)."""
    if len(samples) < 2:
        return samples[0], samples[0], samples[0]
    return tuple(statistics.quantiles(samples, n=4, method="inclusive"))


class Row:
    """One figure: its samples by library, pair by pair, and how they compare."""

    def __init__(self, name, unit, samples, labels):
        self.name = name
        self.unit = unit
        self.labels = labels
        self.samples = samples
        self.pairs = [pair for pair in samples if all(pair.get(label) is not None
                                                      for label in labels)]

    def times(self, label):
        """Quartiles of what a library or peer took; None where it was not measured."""
        samples = [pair[label] for pair in self.samples if pair.get(label) is not None]
        return spread(samples) if samples else None

    def times_of(self, base, label=None):
        """What a library (by default the first) takes as a multiple of what another takes, pair by
        pair: the runs of a pair follow each other, so that a slow minute of the machine hits
        both. None where one was not measured."""
        label = label or self.labels[0]
        times = [pair[label] / pair[base] for pair in self.samples
                 if pair.get(label) is not None and pair.get(base)]
        return spread(times) if times else None

    def times_of_row(self, other, label):
        """The same for two rows of one library, from the same round."""
        return spread([pair[label] / base[label]
                       for pair, base in zip(self.samples, other.samples)
                       if pair.get(label) is not None and base.get(label)])

    def ratio(self):
        """How many times cheaper the first library is than the second."""
        return self.times_of(self.labels[0], self.labels[1])


def labels_of(results):
    return [library["label"] for library in results["libraries"]]


def rows_of(results):
    labels = labels_of(results)
    rows = (Row(name, row["unit"], row["pairs"], labels) for name, row in results["rows"].items())
    return [row for row in rows if row.pairs]


def goals_of(results):
    return goals.goals_of(rows_of(results), results)


def number(value):
    """Three significant digits, no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_spread(quartiles, form=number):
    if quartiles is None:
        return ""
    low, median, high = map(form, quartiles)
    return median if low == high == median else f"{median} ({low} to {high})"


def table(header, lines):
    yield "| " + " | ".join(header) + " |"
    yield "|---" + "|--:" * (len(header) - 1) + "|"
    for line in lines:
        yield "| " + " | ".join(line) + " |"
    yield ""


def per_second(quartiles):
    """Nanoseconds between two operations, as operations per second."""
    return tuple(1e9 / value for value in reversed(quartiles))


def goal_table(reached):
    lines = ([goal.name, goal.text, goal.measured, "yes" if goal.is_met else "**no**"]
             for goal in reached)
    return table(["", "goal", "measured", "met"], lines)


def missed_table(missed, rows, labels, peers):
    """How many times cheaper than the second library the first one and the peers are, in the rows
    of goals that are missed."""
    by_name = {row.name: row for row in rows}
    wanted = [by_name[name] for name in dict.fromkeys(goal.name for goal in missed)
              if name in by_name and by_name[name].unit == "ns"
              and any(by_name[name].times(peer) for peer in peers)]
    lines = ([row.name, *(with_spread(row.times_of(label, labels[1]), "{:.2f}".format)
                          for label in [labels[0], *peers])] for row in wanted)
    return table(["", labels[0], *peers], lines) if wanted else []


def cost_table(rows, labels):
    lines = ([row.name, *(with_spread(row.times(label)) for label in labels),
              with_spread(row.ratio(), "{:.2f}".format)] for row in rows)
    return table(["", *labels, "ratio"], lines)


def peer_table(rows, label, peers):
    """What peers take as multiples of what the library takes: below 1 they are cheaper."""
    lines = ([row.name, number(row.times(label)[1]),
              *(with_spread(row.times_of(label, peer), "{:.2f}".format) for peer in peers)]
             for row in rows)
    return table(["", label, *peers], lines)


def throughput_table(rows, labels):
    lines = ([row.name.rsplit("/", 1)[0],
              *(with_spread(per_second(row.times(label))) for label in labels),
              with_spread(row.ratio(), "{:.2f}".format)] for row in rows)
    return table(["", *labels, "ratio"], lines)


def call_text(counts, case, label):
    """All calls together, then each."""
    if label not in counts[case]:
        return ""
    parts = [f"{name[len(case) + 1:]} {counts[name][label]:.2f}" for name in sorted(counts)
             if name.startswith(case + "/") and label in counts[name]]
    return f"{counts[case][label]:.2f}: " + ", ".join(parts)


def count_tables(counts, labels):
    calls = [name for name in counts if name.startswith("syscalls/") and name.count("/") == 2]
    if calls:
        yield "## System calls of the server per message"
        yield ""
        yield from table(["", *labels], ([case.split("/", 1)[1], *(
            call_text(counts, case, label) for label in labels)] for case in calls))
    instructions = [name for name in counts if name.startswith("instructions/")]
    if instructions:
        yield "## Instructions of the server in user mode per message"
        yield ""
        yield from table(["", *labels], ([case.split("/", 1)[1], *(
            number(counts[case][label]) if label in counts[case] else "" for label in labels)]
            for case in instructions))


def describe_library(library):
    size = library["stripped_size"]
    return (f"- **{library['label']}**: `{library['file']}`, interface {library['version']}, "
            f"{'' if size is None else f'{size:,} bytes stripped, '}"
            f"{library['package'] or library['build']}; compiler: {library['compiler']}")


def describe_peer(peer):
    package = f"; {peer['package']}" if peer["package"] else ""
    return f"- **{peer['label']}**: {peer['what']}{package}"


def head(results):
    machine = results["machine"]
    yield "# Results"
    yield ""
    yield "Written by `bench/compare`; [README.md](README.md) says what each row is."
    yield ""
    yield f"- {results['date']}, {results['pair_count']} alternating pairs of runs" \
          f"{', quick: no measurement' if results['quick'] else ''}"
    yield f"- {machine['system']}, kernel {machine['kernel']}, {machine['cpu']}, " \
          f"{machine['cpu_count']} CPUs, load average {machine['load_before']} before " \
          f"and {machine['load_after']} after"
    yield f"- bench programs: {results['programs']}"
    yield from map(describe_library, results["libraries"])
    yield from map(describe_peer, results["peers"])
    yield ""
    ours, other = labels_of(results)[:2]
    yield "Figures are medians, with quartiles in parentheses. The ratio says how many times " \
          f"cheaper {ours} is than {other}, pair by pair."
    yield ""


def section(title, lines):
    yield f"## {title}"
    yield ""
    yield from lines


def page(results, shown_charts):
    rows = rows_of(results)
    labels = labels_of(results)
    peers = [peer["label"] for peer in results["peers"]]
    cost = [row for row in rows if row.unit == "ns" and not row.name.endswith("/wall")]
    beside = [row for row in cost if any(row.times(peer) for peer in peers)]
    throughput = [row for row in rows if row.name.endswith("/wall")]
    memory = [row for row in rows if row.unit == "B"]
    delay = [row for row in rows if row.unit == "us"]
    reached = goals_of(results)

    yield from head(results)
    if reached:
        met = sum(goal.is_met for goal in reached)
        yield from section(f"Goals: {met} of {len(reached)} are met", goal_table(reached))
        missed = [goal for goal in reached if not goal.is_met]
        beside_missed = list(missed_table(missed, rows, labels, peers))
        if beside_missed:
            yield from section("Missed, and what others reach: how many times cheaper than "
                               f"{labels[1]}", beside_missed)
    if cost:
        yield from section("CPU time per operation, in nanoseconds", cost_table(cost, labels))
    for name, title in shown_charts.items():
        yield f"![{title}]({name})"
        yield ""
    if beside:
        yield from section(
            f"Limits and other libraries: CPU time as a multiple of {labels[0]}'s",
            peer_table(beside, labels[0], [*labels[1:2], *peers]))
    if delay:
        yield from section("Longest turn of the loop, in microseconds of time on the wall",
                           cost_table(delay, labels))
    if throughput:
        yield from section("Operations per second", throughput_table(throughput, labels))
    if memory:
        yield from section("Heap per idle accepted connection beyond its handle, in bytes",
                           cost_table(memory, labels))
    yield from count_tables(results["counts"], [*labels, *peers[:1]])
    if results["failures"]:
        yield from section("Failed runs", (f"- {failure}" for failure in results["failures"]))
        yield ""


def write_pages(results, directory):
    """Writes results.md and the charts. Returns whether there are charts."""
    peers = [peer["label"] for peer in results["peers"]]
    shown = charts.draw_all(rows_of(results), labels_of(results), peers, directory)

    with open(os.path.join(directory, "results.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(page(results, shown)).rstrip("\n") + "\n")
    return bool(shown)


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} DIRECTORY")
    with open(os.path.join(sys.argv[1], "results.json"), encoding="utf-8") as file:
        write_pages(json.load(file), sys.argv[1])


if __name__ == "__main__":
    main()
