#!/usr/bin/env python3
"""How the time of a step grows with the batch, the width, the depth, the length and the threads: cornu and its rivals.

    bench/growth.py --python-tf PY --python-torch PY --python-jax PY [--cornu build/bin/cornu_growth] [--write docs/speed.md]
        --minutes N    stop after so long (15); run it again, and it goes on where it stopped
        --limit S      a size that takes longer than so many seconds, start included, is left out, and larger ones too (45)
        --axis NAME    only this one: batch, width, depth, lstm, transformer; --rival NAME: only this one; --threads N: only so many
        --sizes N,...  in the place of the usual sizes
        --json FILE    where the points are kept (docs/growth.json); --plots FOLDER where the plots go (docs/growth)
        --fresh        forget the points that are there; --plot-only draw what is there

A process for each rival, axis and number of threads, on so many cores, walks the sizes from the smallest on. Models: bench/growth.cpp.
"""
import argparse
import datetime
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compare
import plot

HERE = pathlib.Path(__file__).resolve().parent
AXES = {
    "batch": ("batch, of 784-512-512-10", [1, 4, 16, 64, 256, 1024, 4096]),
    "width": ("width w, of 784-w-w-10, batch 128", [16, 64, 256, 1024, 4096, 8192]),
    "depth": ("hidden layers of 64, batch 32", [2, 5, 10, 20, 50, 100, 200]),
    "lstm": ("length, through an LSTM of 64, batch 16", [32, 128, 512, 2048, 4096]),
    "transformer": ("length, through two blocks of width 64, batch 2", [32, 128, 512, 1024, 2048, 4096]),
}
RIVALS = {"cornu": None, "keras": "tf", "torch": "torch", "jax": "jax"}
TITLES = {"cornu": "cornu", "keras": "Keras", "torch": "PyTorch", "jax": "JAX, jit"}
JAX_HAS = {"batch", "width", "depth"}


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cornu", type=pathlib.Path, default=HERE.parent / "build" / "bin" / "cornu_growth")
    for name in ("tf", "torch", "jax"):
        p.add_argument(f"--python-{name}", type=pathlib.Path, metavar="PY")
    p.add_argument("--minutes", type=float, default=15)
    p.add_argument("--limit", type=float, default=45)
    p.add_argument("--axis", choices=list(AXES), action="append")
    p.add_argument("--rival", choices=list(RIVALS), action="append")
    p.add_argument("--threads", type=int, action="append")
    p.add_argument("--sizes", type=lambda s: [int(n) for n in s.split(",")])
    p.add_argument("--json", type=pathlib.Path, default=HERE.parent / "docs" / "growth.json")
    p.add_argument("--plots", type=pathlib.Path, default=HERE.parent / "docs" / "growth")
    p.add_argument("--write", type=pathlib.Path, metavar="FILE")
    p.add_argument("--fresh", action="store_true")
    p.add_argument("--plot-only", action="store_true")
    return p.parse_args()


class Points:
    """What was measured, in a file that is whole after every point."""

    def __init__(self, path, fresh):
        self.path, self.all = path, {}
        if path.exists() and not fresh:
            self.all = {self.key(p): p for p in json.loads(path.read_text())["points"]}

    @staticmethod
    def key(p):
        return p["axis"], p["rival"], p["threads"], p["size"]

    def add(self, point):
        self.all[self.key(point)] = point
        self.path.parent.mkdir(parents=True, exist_ok=True)
        aside = self.path.with_suffix(".new")
        lines = ",\n".join(" " + json.dumps(p) for p in sorted(self.all.values(), key=self.key))
        aside.write_text(f'{{"machine": {json.dumps(compare.machine())}, "date": "{datetime.date.today()}", "points": [\n{lines}\n]}}\n')
        os.replace(aside, self.path)

    def missing(self, axis, rival, threads, sizes):
        """The sizes that are still to be measured; none beyond one that took too long."""
        wanted = []
        for size in sizes:
            known = self.all.get((axis, rival, threads, size))
            if known and "left_out" in known:
                break
            if not known:
                wanted.append(size)
        return wanted


def lines_of(process):
    """Its lines as they come, then None, through a queue: reading can be waited for with a limit."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)
    threading.Thread(target=read, daemon=True).start()
    return lines


def walk(a, points, axis, rival, threads, sizes, end):
    """Measures the sizes in one process."""
    command = [str(a.cornu.resolve()), axis] if rival == "cornu" else [str(a.pythons[rival]), "growth.py", rival, axis]
    command += [str(threads), *map(str, sizes)]
    cores = sorted(os.sched_getaffinity(0))[:threads]
    if shutil.which("taskset"):
        command = ["taskset", "-c", ",".join(map(str, cores)), *command]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    environment.update(TF_CPP_MIN_LOG_LEVEL="3", OMP_NUM_THREADS=str(threads), CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu")
    process = subprocess.Popen(command, cwd=HERE / "rivals", env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = []
    errors = threading.Thread(target=lambda: said.extend(process.stderr), daemon=True)  # else a full pipe would stop it
    errors.start()
    lines = lines_of(process)
    try:
        for size in sizes:
            left = end - time.time()
            try:
                line = lines.get(timeout=max(1, min(a.limit, left)))
                while line is not None and not line.startswith("{"):
                    line = lines.get(timeout=max(1, min(a.limit, left)))
            except queue.Empty:
                if left < a.limit:
                    return  # no time for it in this run
                points.add({"axis": axis, "rival": rival, "threads": threads, "size": size, "left_out": f"more than {a.limit:g} s"})
                print(f"{axis} {size}, {rival}, {threads} threads: left out, more than {a.limit:g} s", flush=True)
                return
            if line is None:
                process.wait()
                errors.join(timeout=5)
                why = said[-1].strip() if said else f"exit code {process.returncode}"
                if process.returncode < 0:
                    why = f"killed by signal {-process.returncode}"
                points.add({"axis": axis, "rival": rival, "threads": threads, "size": size, "left_out": why})
                print(f"{axis} {size}, {rival}, {threads} threads: left out, {why}", flush=True)
                return
            point = json.loads(line)
            points.add(point)
            print(f"{axis} {size}, {rival}, {threads} threads: {point['us_per_step']:,.4g} us", flush=True)
    finally:
        process.kill()
        process.wait()


def draw(a, points):
    """One plot for each axis that has points; their paths."""
    paths = []
    for axis, (label, _) in AXES.items():
        curves, notes = [], []
        for rival in RIVALS:
            for threads in (1, 2):
                mine = sorted((p for p in points.all.values() if (p["axis"], p["rival"], p["threads"]) == (axis, rival, threads)), key=lambda p: p["size"])
                measured = [(p["size"], p["us_per_step"]) for p in mine if "us_per_step" in p]
                if measured:
                    curves.append(plot.Curve(f"{TITLES[rival]}, {threads} thread{'s' * (threads > 1)}", measured, rival, dashed=threads == 1))
                notes += [f"{TITLES[rival]} on {threads}: {p['size']:,} left out ({p['left_out'][:60]})" for p in mine if "left_out" in p]
        if curves:
            path = a.plots / f"{axis}.svg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(plot.svg(f"Time of a step against {label}", label.split(",")[0], "microseconds per step", curves, notes))
            paths.append((axis, path))
    return paths


def ratios(points, axis):
    """Markdown: how many times cornu's step each rival's takes, both on two threads."""
    at = lambda rival, size: points.all.get((axis, rival, 2, size), {}).get("us_per_step")
    sizes = sorted({p["size"] for p in points.all.values() if p["axis"] == axis and at("cornu", p["size"])})
    if not sizes:
        return "Nothing to compare with yet."
    rows = [f"| {axis} | " + " | ".join(f"{s:,}" for s in sizes) + " |", "| --- |" + " ---: |" * len(sizes),
            "| cornu, us | " + " | ".join(f"{at('cornu', s):,.3g}" if at("cornu", s) < 1000 else f"{at('cornu', s):,.0f}" for s in sizes) + " |"]
    for rival in ("keras", "torch", "jax"):
        if any(at(rival, s) for s in sizes):
            rows.append(f"| {TITLES[rival]} | " + " | ".join(f"{at(rival, s) / at('cornu', s):.3g}x" if at(rival, s) else "" for s in sizes) + " |")
    return "\n".join(rows)


def main():
    a = parse()
    a.pythons = {rival: getattr(a, f"python_{environment}") for rival, environment in RIVALS.items() if environment}
    points = Points(a.json, a.fresh)
    end = time.time() + 60 * a.minutes
    ready = [r for r in RIVALS if not a.rival or r in a.rival]
    for rival in list(ready):
        program = a.cornu if rival == "cornu" else a.pythons[rival]
        if not a.plot_only and not (program and program.exists()):
            print(f"{rival}: no {program or '--python-' + RIVALS[rival]}; left out", flush=True)
            ready.remove(rival)
    unfinished = 0
    for axis, (_, sizes) in AXES.items():
        if a.plot_only or (a.axis and axis not in a.axis):
            continue
        for threads in a.threads or (2, 1):
            if threads > len(os.sched_getaffinity(0)):
                print(f"{threads} threads: there are not so many cores", flush=True)
                continue
            for rival in ready:
                if rival == "jax" and axis not in JAX_HAS:
                    continue
                sizes_left = points.missing(axis, rival, threads, a.sizes or sizes)
                if sizes_left and time.time() < end:
                    walk(a, points, axis, rival, threads, sizes_left, end)
                unfinished += len(points.missing(axis, rival, threads, a.sizes or sizes))
    drawn = draw(a, points)
    for _, path in drawn:
        print(f"drawn: {path}")
    if a.write and drawn:
        target = a.write.resolve()
        link = lambda path: os.path.relpath(path.resolve(), target.parent)
        compare.write(target, "growth", f"{compare.machine()}, {datetime.date.today()}; two threads solid, one dashed.\n\n" +
              "\n\n".join(f"![step time against {axis}]({link(path)})\n\n{ratios(points, axis)}" for axis, path in drawn))
    if unfinished:
        print(f"{unfinished} points are still to be measured: run it again")
    return 1 if unfinished else 0


sys.exit(main())
