#!/usr/bin/env python3
"""What one call costs from Python, and what Python adds to fit. Prints a line for each figure beside its goal; --json prints JSON.

    PYTHONPATH=<build>/python python bench/python_latency.py [--bench <build>/bin/cornu_bench] [--rounds 9] [--json] [--strict]

Latencies are of W1's model (784-10-10-10) on one sample of float32, on one thread: best and median over rounds of many calls.
`import`: processor time of a fresh process, less that of one that imports NumPy. With --bench also fit: epochs of W1 through Python and by the C++ program,
by turns, same data, options and threads; the overhead is the ratio of the best, and of the medians. --strict: exits 1 if a goal is missed.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import numpy as np

GOALS = {"predict": 30.0, "model(x)": 20.0, "import cornu": 100_000.0, "import beyond NumPy": 40_000.0, "fit overhead %": 3.0}


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bench", type=pathlib.Path)
    p.add_argument("--rounds", type=int, default=9)
    p.add_argument("--threads", type=int, default=1, help="for fit")
    p.add_argument("--epochs", type=int, default=10, help="of each run of fit")
    p.add_argument("--one-fit", type=int, metavar="EPOCHS", help="only microseconds of a step of fit")
    p.add_argument("--json", action="store_true")
    p.add_argument("--strict", action="store_true")
    return p.parse_args()


def w1():
    from cornu import keras

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, activation="relu"), keras.layers.Dense(10, activation="relu"), keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def per_call(call, rounds, calls):
    """(best, median) microseconds of a call."""
    for _ in range(max(50, calls // 10)):
        call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        times.append((time.perf_counter() - start) / calls * 1e6)
    return min(times), statistics.median(times)


def latencies(rounds):
    import cornu

    model = w1()
    x, y = np.random.default_rng(0).random((1, 784), "float32"), np.array([3])
    batch, labels = np.random.default_rng(1).random((32, 784), "float32"), np.arange(32) % 10
    tensor = cornu.constant(x)
    wide, view = x.astype("float64"), np.random.default_rng(2).random((784, 2), "float32").T[:1]
    return {
        "predict": per_call(lambda: model.predict(x, verbose=0), rounds, 2000),
        "predict, float64": per_call(lambda: model.predict(wide, verbose=0), rounds, 2000),
        "predict, a strided view": per_call(lambda: model.predict(view, verbose=0), rounds, 2000),
        "predict_on_batch": per_call(lambda: model.predict_on_batch(x), rounds, 5000),
        "model(x)": per_call(lambda: model(x), rounds, 5000),
        "model(x), x a tensor": per_call(lambda: model(tensor), rounds, 5000),
        "model(x, training=False).numpy()": per_call(lambda: model(x, training=False).numpy(), rounds, 5000),
        "train_on_batch, 1 sample": per_call(lambda: model.train_on_batch(x, y), rounds, 2000),
        "train_on_batch, 32 samples": per_call(lambda: model.train_on_batch(batch, labels), rounds, 1000),
        "fit, 1 epoch of 1 batch": per_call(lambda: model.fit(batch, labels, batch_size=32, verbose=0), rounds, 200),
    }


def started(statement):
    """Processor time of a fresh process, which other programs change less than its wall time."""
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", statement], {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"})
    _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"{statement} failed")
    return (used.ru_utime + used.ru_stime) * 1e6


def imports(rounds):
    """(best, median) microseconds that importing cornu takes beside NumPy, with NumPy, and alone: it loads NumPy when it is first needed."""
    times = {"pass": [], "import cornu": [], "import numpy": [], "import numpy, cornu": []}
    for _ in range(rounds + 1):
        for statement, found in times.items():
            found.append(started(statement))
    best = {statement: [f(found[1:]) for f in (min, statistics.median)] for statement, found in times.items()}

    def apart(a, b):
        return tuple(x - y for x, y in zip(best[a], best[b]))

    return {"import cornu": apart("import cornu", "pass"), "import beyond NumPy": apart("import numpy, cornu", "import numpy"), "import with NumPy": apart("import numpy, cornu", "pass")}


def seconds_of_fit(epochs, threads):
    """Microseconds of a step of W1, timed as cornu_bench does: `epochs` in one call of fit, once the step is compiled."""
    from cornu import keras

    (x, y), _ = keras.datasets.fashion_mnist.load_data()
    x = x.reshape(-1, 784) / np.float32(255)
    model = w1()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], threads=threads)
    model.fit(x, y, batch_size=32, verbose=0, steps_per_epoch=50)
    start = time.perf_counter()
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return (time.perf_counter() - start) / epochs / 1875 * 1e6


def fit_overhead(args):
    """{Python, C++: (best, median) microseconds of a step; the overhead in percent}."""
    python, native = [], []
    for _ in range(args.rounds):
        run = subprocess.run([sys.executable, __file__, "--one-fit", str(args.epochs), "--threads", str(args.threads)], check=True, capture_output=True, text=True)
        python.append(float(run.stdout))
        run = subprocess.run([args.bench, "--workload", "W1", "--input", "float32", "--epochs", str(args.epochs), "--threads", str(args.threads)], check=True, capture_output=True, text=True)
        native.append(json.loads(run.stdout)["us_per_step"])
    of = {"fit of W1, a step, Python": (min(python), statistics.median(python)), "fit of W1, a step, C++": (min(native), statistics.median(native))}
    of["fit overhead %"] = tuple(100 * (f(python) / f(native) - 1) for f in (min, statistics.median))
    return of


def main():
    args = parse()
    if args.one_fit:
        return print(seconds_of_fit(args.one_fit, args.threads))
    figures = latencies(args.rounds) | imports(args.rounds)
    if args.bench:
        figures |= fit_overhead(args)
    missed = [name for name, goal in GOALS.items() if name in figures and figures[name][0] > goal]
    if args.json:
        print(json.dumps(figures))
    else:
        print(f"{'':36}{'best':>10}{'median':>10}{'goal':>10}   microseconds")
        for name, (best, median) in figures.items():
            print(f"{name:36}{best:10.1f}{median:10.1f}{GOALS.get(name, ''):>10}")
    if args.strict and missed:
        sys.exit(f"missed: {', '.join(missed)}")


if __name__ == "__main__":
    main()
