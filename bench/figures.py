"""figures.py RUNS SEEDS PERSON...: the table of figures.sh: means over seeds, lowest to highest."""
import json, sys

out, seeds, people = sys.argv[1], sys.argv[2].split(), sys.argv[3:]


def line(name, values, unit="%"):
    print(f"{name:<58} {sum(values) / len(values):7.2f} {unit}  {min(values):6.2f} to {max(values):6.2f}"
          f"   ({', '.join(f'{v:.2f}' for v in values)})")


def judged(run, on, file=""):
    return [json.load(open(f"{out}/{run}{seed}{file}.{on}.json")) for seed in seeds]


def accuracies(run, on):
    values = [[100 * d["accuracy"] for d in judged(run, on, file)] for file in ("", "/best.espdl")]
    line(f"{run}, on {on}", values[0])
    line("    lost by best", [real - integer for real, integer in zip(*values)])


def shares(run, on):
    for share in ("unknown", "wrong"):
        line(f"    shown by best: {share}", [100 * d[share] for d in judged(run, on, "/best.espdl")])


for run in ("both", "infrared", "bare"):
    for on in (*people, "other_camera"):
        accuracies(run, on)
        shares(run, on)
    if run != "bare":
        line(f"{run}, on patterns: shown by best", [100 * d["wrong"] for d in judged(run, "patterns", "/best.espdl")])
for on in (*people, "judged"):
    accuracies("own", on)
times = [[float(t) for t in open(f"{out}/own{seed}.time").read().split()[-3:]] for seed in seeds]
line("own, from call to quantized file", [t[0] for t in times], "s")
line("    CPU time of that", [t[1] + t[2] for t in times], "s")
line("person, on its own random split",
     [100 * json.load(open(f"{out}/person{seed}.split.json"))[0]["test"]["accuracy"] for seed in seeds])
for on in people:
    line(f"person, on {on}", [100 * d["accuracy"] for d in judged("person", on)])
for run in ("both", "bare"):
    for on in people:
        documents = judged(run, on)
        print(f"\n{run} on {on}, recall by class")
        for i, entry in enumerate(documents[0]["classes"]):
            recalls = [d["classes"][i]["recall"] for d in documents]
            if None not in recalls:
                line("    " + entry["name"], [100 * r for r in recalls])
