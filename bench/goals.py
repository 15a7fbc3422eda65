"""The goals: what a comparison must show, and whether it does."""

import fnmatch

# How many times cheaper than the other library each row has to be, first match wins; None: no goal
# of its own.
RATIOS = [
    ("http_uvloop/*/wall", 1.0),
    ("echo_example/*/wall", 1.0),
    ("*/wall", None),
    ("http_uvloop/*", None),
    ("echo_example/*", None),
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
OTHER_ROWS = [
    ("spawn/2GiB", "spawn/small", 1.25),
    ("spawn/2GiB_setuid", "spawn/small", 1.25),
    ("spawn/1000_children", "spawn/small", 1.5),
]

# What must cost hardly more than with a peer: (rows, the peer, how many times as much at most).
PEERS = [
    ("tcp_echo/*", "calls", 1.05),
    ("pipe_echo/*", "calls", 1.05),
]

# The most that a figure may be, whatever the other library needs.
LIMITS = [
    ("memory/*/requested", None),
    ("memory/*", 32),
    ("file_64_reads/*/cpu", None),
    ("file_64_reads/*", 5000),
]

# The same of what is counted for each message.
COUNT_LIMITS = {
    "syscalls/tcp_echo/1x64B": 3.02,
    "syscalls/tcp_echo/64x64B": 2.1,
    "syscalls/pipe_echo/1x64B": 3.02,
    "syscalls/pipe_echo/64x64B": 2.1,
    "instructions/tcp_echo/64x64B": 350,
    "instructions/pipe_echo/64x64B": 350,
}

MOST_SIZE_RATIO = 1.3


class Goal:
    """A goal, what was measured and whether that is enough."""

    def __init__(self, name, text, measured, is_met):
        self.name = name
        self.text = text
        self.measured = measured
        self.is_met = is_met


def _first_match(table, name):
    return next((entry for pattern, entry in table if fnmatch.fnmatch(name, pattern)), None)


def _times(quartiles):
    low, median, high = (f"{value:.2f}" for value in quartiles)
    return median if low == high else f"{median} ({low} to {high})"


def ratio_goal(name):
    """How many times cheaper a row has to be than the other library's; None if that is no goal."""
    return _first_match(RATIOS, name)


def _ratio_goal_of(row, other):
    least, ratio = ratio_goal(row.name), row.ratio()
    if least is None or ratio is None or row.unit != "ns":
        return []
    _, median, high = ratio
    # "Not slower" is missed by more than the noise: by three quarters of the pairs.
    is_met = round(high if least == 1 else median, 2) >= least
    text = f"not dearer than {other}" if least == 1 else f"{least:g} times cheaper than {other}"
    return [Goal(row.name, text, _times(ratio), is_met)]


def _peer_goals_of(row):
    goals = []
    for pattern, peer, most in PEERS:
        times = row.times_of(peer) if fnmatch.fnmatch(row.name, pattern) else None
        if times is not None and not row.name.endswith("/wall"):
            goals.append(Goal(row.name, f"at most {most:g} times {peer}", _times(times),
                              round(times[1], 2) <= most))
    return goals


def _limit_goal_of(row, label):
    most = _first_match(LIMITS, row.name)
    if most is None or row.unit == "ns":
        return []
    median = row.times(label)[1]
    return [Goal(row.name, f"at most {most:,} {row.unit}", f"{median:,.0f}", median <= most)]


def _other_row_goals(rows, label):
    by_name = {row.name: row for row in rows}
    for name, other, most in OTHER_ROWS:
        if name in by_name and other in by_name:
            times = by_name[name].times_of_row(by_name[other], label)
            yield Goal(name, f"at most {most:g} times {other}", _times(times),
                       round(times[1], 2) <= most)


def _count_goals(counts, label):
    for name, most in COUNT_LIMITS.items():
        if label in counts.get(name, {}):
            measured = counts[name][label]
            form = "{:.0f}" if most > 100 else "{:.2f}"
            yield Goal(name, "at most " + form.format(most), form.format(measured),
                       measured <= most)


def _size_goal(libraries):
    ours, theirs = (library.get("stripped_size") for library in libraries[:2])
    if ours and theirs:
        yield Goal("size", f"at most {MOST_SIZE_RATIO} times {libraries[1]['label']}",
                   f"{ours / theirs:.2f} ({ours:,} bytes)", ours <= MOST_SIZE_RATIO * theirs)


def goals_of(rows, results):
    """All goals for which something was measured."""
    libraries = results["libraries"]
    ours, other = (library["label"] for library in libraries[:2])
    goals = []
    for row in rows:
        goals += _ratio_goal_of(row, other) + _peer_goals_of(row) + _limit_goal_of(row, ours)
    goals += _other_row_goals(rows, ours)
    goals += _count_goals(results["counts"], ours)
    goals += _size_goal(libraries)
    return goals
