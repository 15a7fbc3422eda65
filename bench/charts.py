"""The charts of a comparison, drawn by gnuplot."""

import os
import shutil
import subprocess
import tempfile

BAR_HEIGHT_PX = 22
RATIO_WIDTH_PX = 900
SERVER_WIDTH_PX = 1100
SERVER_HEIGHT_PX = 520
COLORS = ["2f7fb8", "c8553d", "444444", "e0a030", "6aa84f", "9a6fb0"]


def _ratio_script(rows, title):
    """A bar from 1 to the ratio for each row, to the right if cheaper."""
    height = 110 + BAR_HEIGHT_PX * len(rows)
    ratios = (row.ratio() for row in rows)
    lines = [f"{-place} {median:.4f} {low:.4f} {high:.4f}"
             for place, (low, median, high) in enumerate(ratios)]
    names = ", ".join(f'"{row.name}" {-place}' for place, row in enumerate(rows))
    return [
        "$ratios << END", *lines, "END",
        f'set terminal svg size {RATIO_WIDTH_PX},{height} font "sans-serif,13" '
        'background rgb "white" noenhanced',
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
    ]


def _server_script(rows, labels, base, title):
    """A group of bars for each row, one for each label, as multiples of the base's cost."""
    lines = []
    for row in rows:
        costs = [row.times_of(base, label) for label in labels]
        figures = ("-" if cost is None else f"{cost[1]:.4f}" for cost in costs)
        lines.append(" ".join([f'"{row.name.split("/", 1)[1]}"', *figures]))
    bars = ", ".join(f'$costs using {place + 2}{":xtic(1)" if place == 0 else ""} '
                     f'linecolor rgb "#{COLORS[place % len(COLORS)]}" title "{label}"'
                     for place, label in enumerate(labels))
    return [
        "$costs << END", *lines, "END",
        f'set terminal svg size {SERVER_WIDTH_PX},{SERVER_HEIGHT_PX} font "sans-serif,13" '
        'background rgb "white" noenhanced',
        f'set title "{title}"',
        'set datafile missing "-"',
        "set style data histograms",
        "set style histogram clustered gap 1",
        "set style fill solid 0.9 noborder",
        "set yrange [0:*]",
        "set grid ytics linecolor rgb '#dddddd'",
        "set border 3",
        "set xtics rotate by -30 scale 0",
        "set rmargin 10",
        "set key outside top center horizontal",
        "set arrow from graph 0, first 1 to graph 1, first 1 nohead linecolor rgb '#444444' front",
        f"plot {bars}",
    ]


def _draw(script, path):
    with tempfile.TemporaryDirectory(prefix="bench-chart-") as directory:
        new_path = os.path.join(directory, "chart.svg")
        lines = [f'set output "{new_path}"', *script, ""]
        subprocess.run(["gnuplot"], input="\n".join(lines), text=True, check=True, timeout=60)
        shutil.copyfile(new_path, path)


def draw_all(rows, labels, peer_labels, directory):
    """{file name: what it shows} of the charts that could be drawn. The others' files are removed:
    they would show other figures than the tables."""
    scripts = {}
    shown = [row for row in rows if row.unit == "ns" and row.name.count("/") < 3 and
             not row.name.endswith(("/wall", "/start", "/fire")) and row.ratio()]
    if shown:
        title = f"How many times less CPU time {labels[0]} takes than {labels[1]}"
        scripts["ratios.svg"] = (title, _ratio_script(shown, title))
    for kind, what in ("tcp_echo", "TCP"), ("pipe_echo", "unix sockets"):
        servers = [row for row in shown if row.name.startswith(kind + "/")]
        if servers and "calls" in peer_labels:
            title = f"CPU time of an echo server per message, {what}; bare system calls are 1"
            scripts[f"{kind}.svg"] = (title, _server_script(
                servers, [*labels[:2], *peer_labels], "calls", title))

    can_draw = shutil.which("gnuplot") is not None
    for name in "ratios.svg", "tcp_echo.svg", "pipe_echo.svg":
        path = os.path.join(directory, name)
        if can_draw and name in scripts:
            _draw(scripts[name][1], path)
        elif os.path.exists(path):
            os.remove(path)
    return {name: title for name, (title, _) in scripts.items()} if can_draw else {}
