"""profile_figures.py FOLDER: for profile_figures.sh. Fits instructions = sum of figure x amount of work, relative errors squared."""
import collections
import glob
import os
import sys

import numpy

WORK = ("product", "element", "pixel", "row", "tile", "routine")
ENGINE_MARK = 126
# What the C++ of each does something for.
CALLS = {"average": ("element", "tile"), "convolution": ("pixel", "tile", "routine"), "depthwise": ("pixel", "tile", "routine"),
         "first": ("tile", "routine")}
USED = {"engine": ("row", "tile"), "max pool": ("product", "element", "tile"), "average pool": ("product", "element", "tile")}


def used(name):
    if name.startswith("call of "):
        return CALLS.get(name.removeprefix("call of "), ("tile",))
    if "dense" in name or "depthwise" in name:
        return ("product", "element", "pixel")
    return USED.get(name, ("element", "tile"))


def marks_in(path):
    """Node numbers in the order of operations, and instructions by mark."""
    nodes, counts = [], {}
    for line in open(path):
        words = line.split()
        if line.startswith("node "):
            nodes.append(int(words[1]))
        elif line.startswith("mark "):
            counts[int(words[1])] = int(words[2])
    return nodes, counts


def fit(rows):
    """Figures that are not negative, with least squares of relative errors."""
    work = numpy.array([r[0] for r in rows], float)
    counted = numpy.array([r[1] for r in rows], float)
    columns = list(range(work.shape[1]))
    while True:
        solution = numpy.linalg.lstsq(work[:, columns] / counted[:, None], numpy.ones(len(rows)), rcond=None)[0]
        if (solution >= 0).all() or len(columns) == 1:
            return {columns[i]: max(0.0, solution[i]) for i in range(len(columns))}
        columns.pop(int(numpy.argmin(solution)))


samples = collections.defaultdict(list)  # by figures: (work, counted, reckoned)
for path in sorted(glob.glob(sys.argv[1] + "/*.work")):
    name = path[: -len(".work")]
    operations = collections.defaultdict(list)
    for line in open(path):
        kernels, node, figures, *numbers = line.rstrip("\n").split("\t")
        operations[kernels].append((figures, [float(n) for n in numbers[:-1]]))
    _, unmarked = marks_in(name + ".empty_kernels")
    nodes, vector = marks_in(name + ".empty_kernels_by_node")
    _, portable = marks_in(name + ".scores")
    if max(nodes) >= ENGINE_MARK:
        continue
    tiles = {kernels: sum(work[4] for _, work in operations[kernels]) for kernels in operations}
    rows = sum(work[3] for _, work in operations["s3"])
    engine = unmarked[ENGINE_MARK] - sum(vector.get(n, 0) for n in nodes)
    per_mark = (vector[ENGINE_MARK] - engine) / tiles["s3"]
    samples["engine"].append(([0, 0, 0, rows, tiles["s3"], 0], engine))
    samples["engine"].append(([0, 0, 0, rows, tiles["portable"], 0], portable[ENGINE_MARK] - per_mark * tiles["portable"]))
    for kernels, counts in (("s3", vector), ("portable", portable)):
        for node, (figures, work) in zip(nodes, operations[kernels]):
            if counts.get(node, 0) > 0:
                samples[figures].append((work, counts[node]))

print(f"{'figures':30} {'samples':>7} {'largest error':>13}  fit")
for figures in sorted(samples):
    chosen = [WORK.index(w) for w in used(figures)]
    rows = [([work[c] for c in chosen], counted) for work, counted in samples[figures]]
    rows = [r for r in rows if any(r[0])]
    if not rows:
        continue
    solution = fit(rows)
    errors = [abs(sum(solution.get(i, 0) * r[0][i] for i in range(len(chosen))) / r[1] - 1) for r in rows]
    text = ", ".join(f".{WORK[chosen[i]]} = {value:.4g}" for i, value in sorted(solution.items()))
    print(f"{figures:30} {len(rows):7} {100 * max(errors):11.1f} %  {{{text}}}")
