#!/usr/bin/env python3
"""Makes the pages of a comparison from its samples: results.md and ratios.svg from results.json.

"bench/report.py DIRECTORY" makes them again from the samples that are in DIRECTORY."""

import fnmatch
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

# How many times cheaper each row has to be, first match wins; None: no goal of its own.
GOALS = [
    ("*/wall", None),
    ("timers/in_order", 10.0),
    ("timers/random", 3.0),
    ("timers/*/*", None),
    ("churn/start_stop*", 5.0),
    ("churn/*", 4.0),
    ("async/own_thread/10000", 40.0),
    ("async/ping_pong", 8.0),
    ("work/1", 1.1),
    ("work/64", 2.0),
    ("work/512", 4.0),
    ("idle_turn/*", 3.0),
    ("loop/init_close", 2.0),
    ("spawn/bare_calls", None),
    ("spawn/*", 5.0),
    ("tcp_echo/*", 0.98),
    ("pipe_echo/*", 0.98),
    ("gather/*", 8.0),
    ("pipe_write/*", 3.0),
    ("udp_send/equal_*", 3.0),
    ("udp_*", 0.98),
    ("file_64_reads/*", None),
    ("file_write/64", 1.3),
    ("file_write/512", 1.3),
    ("file_write/*", 1.0),
    ("file_stat/*", 1.5),
    ("file_*/64", 2.0),
    ("file_*/512", 1.5),
    ("file_*", 8.0),
    ("memory/*", None),
    ("*", 1.0),
]

# What must cost hardly more than another row: (row, the other, how many times as much at most).
RELATIVE_GOALS = [
    ("spawn/2GiB", "spawn/small", 1.25),
    ("spawn/2GiB_setuid", "spawn/small", 1.25),
    ("spawn/1000_children", "spawn/small", 1.5),
]

# The most that a figure may be, whatever the other library needs, by its unit.
LIMITS = {"B": 64, "us": 5000}

BAR_HEIGHT_PX = 22
CHART_WIDTH_PX = 900


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
        self.pairs = [pair for pair in samples if all(pair.get(label) is not None
                                                      for label in labels)]

    def times(self, label):
        return spread([pair[label] for pair in self.pairs])

    def ratio(self):
        """How many times cheaper the first library is than the second, pair by pair: the two
        runs of a pair follow each other, so that a slow minute of the machine hits both."""
        first, second = self.labels[:2]
        ratios = [pair[second] / pair[first] for pair in self.pairs if pair[first] > 0]
        return spread(ratios) if ratios else None

    def goal(self):
        return next(goal for pattern, goal in GOALS if fnmatch.fnmatch(self.name, pattern))

    def misses_goal(self):
        if self.unit in LIMITS:
            return self.times(self.labels[0])[1] >= LIMITS[self.unit]
        if self.goal() is None or self.ratio() is None:
            return False
        _, median, high = self.ratio()
        # "Not slower" is missed by more than the noise: by three quarters of the pairs.
        return round(high if self.goal() == 1 else median, 2) < self.goal()


def rows_of(results):
    labels = [library["label"] for library in results["libraries"]]
    rows = (Row(name, row["unit"], row["pairs"], labels) for name, row in results["rows"].items())
    return [row for row in rows if row.pairs]


def number(value):
    """Three significant digits, no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def with_spread(quartiles, form=number):
    low, median, high = map(form, quartiles)
    return median if low == high == median else f"{median} ({low} to {high})"


def ratio_text(row):
    ratio = row.ratio()
    text = "-" if ratio is None else with_spread(ratio, "{:.2f}".format)
    return f"**{text}**" if row.misses_goal() else text


def goal_text(row):
    if row.unit in LIMITS:
        return f"below {LIMITS[row.unit]} {row.unit}"
    return "" if row.goal() is None else f"{row.goal():g}"


def table(header, lines):
    yield "| " + " | ".join(header) + " |"
    yield "|---" + "|--:" * (len(header) - 1) + "|"
    for line in lines:
        yield "| " + " | ".join(line) + " |"
    yield ""


def per_second(quartiles):
    """Nanoseconds between two operations, as operations per second."""
    return tuple(1e9 / value for value in reversed(quartiles))


def cost_table(rows, labels):
    lines = ([row.name, *(with_spread(row.times(label)) for label in labels), ratio_text(row),
              goal_text(row)] for row in rows)
    return table(["", *labels, "ratio", "goal"], lines)


def relative_table(rows, label):
    """What a row costs as a multiple of another one, both with the same library and from the same
    round."""
    by_name = {row.name: row for row in rows}
    lines = []
    for name, other, most in RELATIVE_GOALS:
        if name not in by_name or other not in by_name:
            continue
        pairs = zip(by_name[name].pairs, by_name[other].pairs)
        times = spread([pair[label] / base[label] for pair, base in pairs])
        text = with_spread(times, "{:.2f}".format)
        lines.append([name, other, f"**{text}**" if round(times[1], 2) > most else text,
                      f"{most:g}"])
    return table(["", "compared with", label, "at most"], lines) if lines else []


def throughput_table(rows, labels):
    lines = ([row.name.rsplit("/", 1)[0],
              *(with_spread(per_second(row.times(label))) for label in labels), ratio_text(row)]
             for row in rows)
    return table(["", *labels, "ratio"], lines)


def call_text(counts, case, label):
    """All calls together, then each."""
    parts = [f"{name[len(case) + 1:]} {counts[name][label]:.2f}" for name in sorted(counts)
             if name.startswith(case + "/") and label in counts[name]]
    return f"{counts[case].get(label, 0):.2f}: " + ", ".join(parts)


def count_table(counts, labels):
    cases = [name for name in counts if name.count("/") == 2]
    lines = ([case.split("/", 1)[1], *(call_text(counts, case, label) for label in labels)]
             for case in cases)
    return table(["", *labels], lines)


def describe_library(library):
    origin = library["package"] or library["build"]
    return (f"- **{library['label']}**: `{library['file']}`, interface {library['version']}, "
            f"{library['size']:,} bytes; {origin}; compiler: {library['compiler']}")


def page(results, has_chart):
    rows = rows_of(results)
    labels = [library["label"] for library in results["libraries"]]
    machine = results["machine"]
    cost = [row for row in rows if row.unit == "ns" and not row.name.endswith("/wall")]
    throughput = [row for row in rows if row.name.endswith("/wall")]
    memory = [row for row in rows if row.unit == "B"]
    delay = [row for row in rows if row.unit == "us"]

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
    yield ""
    yield "Figures are medians, with quartiles in parentheses. The ratio says how many times " \
          f"cheaper {labels[0]} is than {labels[1]}, pair by pair. Bold: the goal is missed."
    yield ""
    if has_chart:
        yield "![How many times cheaper](ratios.svg)"
        yield ""
    if cost:
        yield "## CPU time per operation, in nanoseconds"
        yield ""
        yield from cost_table(cost, labels)
        yield from relative_table(cost, labels[0])
    if delay:
        yield "## Longest turn of the loop, in microseconds of time on the wall"
        yield ""
        yield from cost_table(delay, labels)
    if throughput:
        yield "## Operations per second"
        yield ""
        yield from throughput_table(throughput, labels)
    if memory:
        yield "## Heap per idle accepted connection beyond its handle, in bytes"
        yield ""
        yield from cost_table(memory, labels)
    if results["syscalls"]:
        yield "## System calls of the server per message"
        yield ""
        yield from count_table(results["syscalls"], labels)
    if results["failures"]:
        yield "## Failed runs"
        yield ""
        yield from (f"- {failure}" for failure in results["failures"])
        yield ""


def chart_script(rows, title, svg_path):
    """gnuplot: a bar from 1 to the ratio for each row, to the right if cheaper."""
    height = 110 + BAR_HEIGHT_PX * len(rows)
    ratios = (row.ratio() for row in rows)
    lines = [f"{-place} {median:.4f} {low:.4f} {high:.4f}"
             for place, (low, median, high) in enumerate(ratios)]
    names = ", ".join(f'"{row.name}" {-place}' for place, row in enumerate(rows))
    return "\n".join([
        "$ratios << END", *lines, "END",
        f'set terminal svg size {CHART_WIDTH_PX},{height} font "sans-serif,13" '
        'background rgb "white" noenhanced',
        f'set output "{svg_path}"',
        f'set title "{title}"',
        "set logscale x 2",
        "set autoscale xmax",
        "set xrange [0.5:*]",
        f"set yrange [{-len(rows) + 0.3}:0.7]",
        f"set ytics ({names})",
        "set ytics scale 0",
        "set grid xtics linecolor rgb '#dddddd'",
        "set border 1",
        "set style fill solid 0.9 noborder",
        "set arrow from 1, graph 0 to 1, graph 1 nohead linecolor rgb '#444444' front",
        "unset key",
        "set rmargin 8",
        "plot $ratios using 2:1:(1):2:($1-0.36):($1+0.36):($2>=1?0x2f7fb8:0xc8553d) "
        'with boxxyerror linecolor rgb variable title "median", '
        '$ratios using 2:1:3:4 with xerrorbars pointtype 0 linecolor rgb "#222222" '
        'title "quartiles", '
        '$ratios using (($4>1?$4:1)*1.08):1:(sprintf("%.2f", $2)) with labels left '
        'title "figures"',
        "",
    ])


def draw_chart(rows, title, svg_path):
    """Returns whether the chart could be drawn."""
    if shutil.which("gnuplot") is None or not rows:
        return False
    with tempfile.TemporaryDirectory(prefix="bench-chart-") as directory:
        new_path = os.path.join(directory, "ratios.svg")
        subprocess.run(["gnuplot"], input=chart_script(rows, title, new_path), text=True,
                       check=True, timeout=60)
        shutil.copyfile(new_path, svg_path)
    return True


def write_pages(results, directory):
    """Writes results.md and ratios.svg. Returns whether there is a chart."""
    svg_path = os.path.join(directory, "ratios.svg")
    chart_rows = [row for row in rows_of(results)
                  if row.name in results["cases"] and row.unit == "ns" and row.ratio()]
    labels = [library["label"] for library in results["libraries"]]
    title = f"How many times less CPU time {labels[0]} takes than {labels[1]}"
    has_chart = draw_chart(chart_rows, title, svg_path)

    if not has_chart and os.path.exists(svg_path):
        os.remove(svg_path)  # it would show other figures than the table
    with open(os.path.join(directory, "results.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(page(results, has_chart)).rstrip("\n") + "\n")
    return has_chart


def main():
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} DIRECTORY")
    with open(os.path.join(sys.argv[1], "results.json"), encoding="utf-8") as file:
        write_pages(json.load(file), sys.argv[1])


if __name__ == "__main__":
    main()
