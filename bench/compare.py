#!/usr/bin/env python3
"""cornu against its rivals on one workload, side by side on this machine.

    bench/compare.py W1 [--rounds 3] [--cornu build/bin/cornu_bench]
        --install DIR                                       makes the rivals' virtual environments below DIR (PyPI), then uses them
        --python-tf PY --python-torch PY --python-jax PY    or: Python programs that have TensorFlow, PyTorch, JAX
        --opennn PROGRAM  rivals/opennn_w.cpp, built against a checkout of OpenNN (rivals/README.md says how)
        --threads N       threads for everyone (default: the cores this process may use); with taskset all are pinned to N cores
        --only NAME,...   only these entries (see --list)
        --peak PROGRAM    what measures the machine before and after (default: cornu_peak beside cornu_bench)
        --write FILE      puts the table between the markers <!-- compare W1 --> and <!-- /compare W1 --> of a markdown file

Every entry runs in a fresh process, interleaved A B C A B C, and prints one line of JSON. A table is printed only if all agree: the
loss of an unshuffled epoch from the shared initial weights (rivals/data.py) within 1 % of the rivals' median, and test accuracy
where such a model lands (for bfloat16 within 2 %). An entry that fails this has no time, and the exit code is 1. W7 predicts one sample
at a time, with W1's model and with W3's. "of peak" is the arithmetic of a step (shared with nobody: WORK below) as a part of the float32
multiply-adds that the machine did in the same minutes; "of bandwidth" what Adam alone reads and writes, 28 bytes for each weight.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
RIVALS = HERE / "rivals"
PACKAGES = {"tf": ["tensorflow-cpu", "keras==3.15.*"], "torch": ["torch", "numpy"], "jax": ["jax", "optax"]}
SCRIPTS = {"tf": "keras_w.py", "torch": "torch_w.py", "jax": "jax_w.py"}
# name, environment, mode, workloads; x25: 25 steps per call
ENTRIES = [
    ("Keras", "tf", "plain", "W1 W2 W3 W4 W5 W6 W7"), ("Keras jit", "tf", "jit", "W1 W2 W3 W4 W5 W6"),
    ("Keras jit x25", "tf", "spe", "W1 W2"),
    ("PyTorch", "torch", "eager", "W1 W2 W3 W4 W5 W6 W7"), ("PyTorch compile", "torch", "compile", "W1 W2 W3 W4 W5 W6 W7"),
    ("PyTorch bf16", "torch", "bf16", "W2 W3 W4 W5 W6"),
    ("JAX jit", "jax", "step", "W1 W2"), ("JAX scan", "jax", "scan", "W1 W2"),
]
ACCURACY = {"W1": (0.79, 0.88), "W2": (0.83, 0.91), "W3": (0.75, 0.92)}  # after 2 or 3 epochs; whatever the seed
# FLOP of a step, two for each multiply-add, none for dX of a first layer; weights
WORK = {"W1": (1.04e6, 8070), "W2": (411e6, 669_706), "W3": (985e6, 225_034), "W4": (31.231e9, 272_474), "W5": (10.066e9, 1_411_842),
        "W6": (42.681e9, 3_323_136)}
PARITY = 0.01  # on loss_epoch_1; over 20 seeds Keras's own deviates by 5.8 % on W1 (accuracy_w1.json)


def parse():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("workload", choices=["W1", "W2", "W3", "W4", "W5", "W6", "W7"])
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--cornu", type=pathlib.Path, default=HERE.parent / "build" / "bin" / "cornu_bench")
    p.add_argument("--install", type=pathlib.Path, metavar="DIR")
    for name in PACKAGES:
        p.add_argument(f"--python-{name}", type=pathlib.Path, metavar="PY")
    p.add_argument("--opennn", type=pathlib.Path, metavar="PROGRAM")
    p.add_argument("--peak", type=pathlib.Path, metavar="PROGRAM")
    p.add_argument("--threads", type=int)
    p.add_argument("--bfloat16", action="store_true", help="also cornu in mixed_bfloat16, which pays where there is AMX")
    p.add_argument("--only", type=lambda s: s.split(","), metavar="NAME,...")
    p.add_argument("--list", action="store_true")
    p.add_argument("--write", type=pathlib.Path, metavar="FILE")
    p.add_argument("--json", type=pathlib.Path, metavar="FILE", help="also keep every line, as JSON")
    return p.parse_args()


def install(folder, wanted):
    """Makes the missing virtual environments below `folder`; name -> its Python."""
    for name in wanted:
        python = folder / name / "bin" / "python"
        if not python.exists():
            print(f"installing {' '.join(PACKAGES[name])} into {folder / name}", flush=True)
            subprocess.run([sys.executable, "-m", "venv", folder / name], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES[name]], check=True)
    return {name: folder / name / "bin" / "python" for name in PACKAGES}


def hand_written(folder):
    """The command of limit_w1, or why there is none."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    if not cpuinfo.exists() or not {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= set(cpuinfo.read_text().split()):
        return None, "needs AVX-512, which this machine lacks"
    binary = folder / "limit_w1"
    built = subprocess.run(["g++", "-O3", "-march=native", "-std=c++20", RIVALS / "limit_w1.cpp", "-lz", "-o", binary],
                           capture_output=True, text=True)
    return ([str(binary)], None) if built.returncode == 0 else (None, "g++: " + built.stderr.strip().splitlines()[0])


def libtorch(python, folder):
    """The command of libtorch_w, built against the libtorch in PyTorch's package, or why there is none."""
    binary = folder / "libtorch_w"
    if not python or not python.exists():
        return None, "it is inside PyTorch's package, and there is no --python-torch"
    if not binary.exists():
        root = subprocess.run([python, "-c", "import torch; print(torch.__path__[0])"], capture_output=True, text=True).stdout.strip()
        include, lib = f"{root}/include", f"{root}/lib"
        built = subprocess.run(["g++", "-O2", "-std=c++20", "-D_GLIBCXX_USE_CXX11_ABI=1", f"-I{include}", f"-I{include}/torch/csrc/api/include",
                                RIVALS / "libtorch_w.cpp", f"-L{lib}", "-ltorch", "-ltorch_cpu", "-lc10", "-lz", f"-Wl,-rpath,{lib}", "-o", binary],
                               capture_output=True, text=True)
        if built.returncode:
            return None, "g++: " + next((line for line in built.stderr.splitlines() if "error" in line), "failed")
    return [str(binary)], None


def commands(a, scratch):
    """[(name, command)] of what can run here, [(name, why not)] of the rest."""
    pythons = {name: getattr(a, f"python_{name}") for name in PACKAGES}
    if a.install:
        wanted = {environment for _, environment, _, workloads in ENTRIES if a.workload in workloads.split()}
        pythons = {**install(a.install.resolve(), sorted(wanted)), **{k: v for k, v in pythons.items() if v}}
    ready, missing = [], []
    if a.cornu.exists():
        command = [str(a.cornu.resolve()), "--workload", a.workload, "--threads", str(a.threads)]
        ready.append(("cornu", command))
        if a.bfloat16:
            ready.append(("cornu bf16", [*command, "--dtype", "bfloat16"]))
    else:
        missing.append(("cornu", f"no {a.cornu}: build it with -DCORNU_BENCH=ON, or name it with --cornu"))
    for name, environment, mode, workloads in ENTRIES:
        if a.workload not in workloads.split():
            continue
        python = pythons[environment]
        if python and python.exists():
            ready.append((name, [str(python), SCRIPTS[environment], a.workload, mode, "--threads", str(a.threads)]))
        else:
            missing.append((name, f"python3 -m venv rivals/{environment} && rivals/{environment}/bin/pip install "
                                  f"{' '.join(map(repr, PACKAGES[environment]))}, then --install rivals (or let --install do it)"))
    if a.workload in ("W1", "W2"):
        command, why = libtorch(pythons["torch"], scratch)
        for name, mode in (("libtorch", "plain"), ("libtorch fused", "best")):
            if command:
                ready.append((name, [*command, a.workload, mode, "--threads", str(a.threads)]))
            else:
                missing.append((name, why))
        if a.opennn:
            ready.append(("OpenNN", [str(a.opennn.resolve()), a.workload, "--threads", str(a.threads)]))
        else:
            missing.append(("OpenNN", "no --opennn"))
    if a.workload == "W1":
        command, why = hand_written(scratch)
        ready, missing = (ready + [("by hand", command)], missing) if command else (ready, missing + [("by hand", why)])
    if a.only:
        unknown = set(a.only) - {name for name, _ in ready + missing}
        if unknown:
            sys.exit(f"--only: no entry {', '.join(sorted(unknown))}; --list prints them")
        ready, missing = [e for e in ready if e[0] in a.only], [e for e in missing if e[0] in a.only]
    return ready, missing


def run(command, threads):
    """One fresh process on the first `threads` allowed cores; its line of JSON, or what it said instead."""
    cores = sorted(os.sched_getaffinity(0))[:threads]
    if shutil.which("taskset"):
        command = ["taskset", "-c", ",".join(map(str, cores)), *command]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    environment.update(TF_CPP_MIN_LOG_LEVEL="3", OMP_NUM_THREADS=str(threads), CUDA_VISIBLE_DEVICES="", JAX_PLATFORMS="cpu")
    done = subprocess.run(command, cwd=RIVALS, env=environment, capture_output=True, text=True)
    for line in reversed(done.stdout.splitlines()):
        try:
            return json.loads(line), None
        except ValueError:
            continue
    said = (done.stderr or done.stdout).strip().splitlines()
    return None, f"exit code {done.returncode}: {said[-1] if said else 'no output'}"


def median(lines, key):
    values = [l[key] for l in lines if isinstance(l.get(key), (int, float))]
    return statistics.median(values) if values else None


def parity(workload, results):
    """What disqualifies entries: name -> sentence. The reference is the median of the rivals, not of cornu."""
    wrong = {}
    if workload != "W7":
        ours = [l for n, lines in results.items() for l in lines if n.startswith("cornu")]
        reference = statistics.median([l["loss_epoch_1"] for n, lines in results.items() for l in lines if not n.startswith("cornu")]
                                      or [l["loss_epoch_1"] for l in ours])
        for name, lines in results.items():
            limit = PARITY if "bf16" not in name else 2 * PARITY
            off = median(lines, "loss_epoch_1") / reference - 1
            if not abs(off) <= limit:
                wrong[name] = f"loss of epoch 1 is {off:+.1%} off the rivals' median {reference:.4f} (limit {limit:.0%})"
    if workload in ACCURACY:
        low, high = ACCURACY[workload]
        for name, lines in results.items():
            accuracy = median(lines, "test_accuracy")
            if accuracy is None or not low <= accuracy <= high:
                wrong[name] = f"test accuracy {accuracy} is outside {low} to {high}"
    return wrong


def figure(v, digits=3):
    """A number with about `digits` significant digits and no exponent."""
    if v is None:
        return ""
    if v >= 10 ** (digits - 1):
        return f"{v:,.0f}"
    return f"{v:#.{digits}g}".rstrip(".") if v >= 1e-3 else f"{v:.1e}"


COLUMNS = [("epoch, s", "seconds_per_epoch"), ("step, us", "us_per_step"), ("first step, s", "first_step_s"), ("import, s", "import_s"),
           ("predict 1, us", "predict_one_us"), ("memory, MiB", "peak_rss_mib"), ("test accuracy", "test_accuracy"),
           ("loss, epoch 1", "loss_epoch_1")]
PREDICTIONS = [("W1's model, us", "predict_one_us"), ("W3's model, us", "predict_w3_us"), ("called, W1's", "call_one_us"),
               ("called, W3's", "call_w3_us"), ("first, s", "first_step_s"), ("import, s", "import_s"), ("memory, MiB", "peak_rss_mib")]


def machine_peak(program, threads):
    """What the machine does now, or None."""
    if not program.exists():
        return None
    cores = sorted(os.sched_getaffinity(0))[:threads]
    command = [str(program), "--threads", str(threads)]
    if shutil.which("taskset"):
        command = ["taskset", "-c", ",".join(map(str, cores)), *command]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def percentages(workload, lines, name, peak):
    """Cells: the step's arithmetic and Adam's traffic as parts of what the machine can do."""
    if not peak or workload not in WORK:
        return []
    seconds, (flop, weights) = median(lines, "us_per_step") * 1e-6, WORK[workload]
    arithmetic = "" if "bf16" in name else f"{flop / seconds / peak['float32_gflops'] / 1e9:.0%}"
    return [arithmetic, f"{28 * weights / seconds / peak['bandwidth_gbs'] / 1e9:.0%}"]


def table(workload, results, missing, peak=None):
    """Markdown: medians, spread of the step, and the ratio to cornu (to the fastest, where cornu did not run); for W7 of both models."""
    base_name = "cornu" if "cornu" in results else min(results, key=lambda n: median(results[n], "us_per_step"))
    base = median(results[base_name], "us_per_step")
    base_w3 = median(results[base_name], "predict_w3_us") if workload == "W7" else None
    columns = [c for c in (PREDICTIONS if workload == "W7" else COLUMNS) if any(median(lines, c[1]) is not None for lines in results.values())]
    parts = ["of peak", "of bandwidth"] if peak and workload in WORK else []
    firsts = [f"W1's, {base_name} = 1", "W3's"] if workload == "W7" else [f"time, {base_name} = 1"]
    rows = [["", *firsts, *parts, *[title for title, _ in columns], "step min..max, us", "cpu/wall"]]
    for name, lines in sorted(results.items(), key=lambda e: median(e[1], "us_per_step")):
        steps = [l["us_per_step"] for l in lines]
        cpu, wall = median(lines, "cpu_seconds_per_epoch"), median(lines, "seconds_per_epoch")
        w3 = median(lines, "predict_w3_us")
        rows.append([name, f"{figure(median(lines, 'us_per_step') / base)}x",
                     *([f"{figure(w3 / base_w3)}x" if w3 and base_w3 else ""] if workload == "W7" else []), *percentages(workload, lines, name, peak),
                     *[figure(median(lines, key), 4 if key in ("test_accuracy", "loss_epoch_1") else 3) for _, key in columns],
                     f"{figure(min(steps))}..{figure(max(steps))}", f"{cpu / wall:.2f}" if cpu else ""])
    text = "\n".join("| " + " | ".join(r) + " |" for r in [rows[0], ["---"] + ["---:"] * (len(rows[0]) - 1)] + rows[1:])
    return text + "".join(f"\n\n{name}: missing ({why})." for name, why in missing)


def machine():
    try:
        return next(l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def write(path, name, text):
    """Replaces the part between the markers of that name, or appends it with them."""
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    old = path.read_text() if path.exists() else ""
    part = f"{begin}\n{text}\n{end}"
    if begin in old and end in old:
        old = old[:old.index(begin)] + part + old[old.index(end) + len(end):]
    else:
        old = (old.rstrip("\n") + "\n\n" if old else "") + part + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(old)


def main():
    a = parse()
    a.threads = a.threads or len(os.sched_getaffinity(0))
    if a.write:
        a.write = a.write.resolve()
    program = a.peak or a.cornu.parent / "cornu_peak"
    with tempfile.TemporaryDirectory() as scratch:
        ready, missing = commands(a, pathlib.Path(scratch))
        if a.list or not ready:
            print("\n".join([f"{n}: ready" for n, _ in ready] + [f"{n}: missing ({why})" for n, why in missing]))
            return 0 if a.list else 1
        for name, why in missing:
            print(f"{name}: missing ({why})", flush=True)
        results, failed, load = {}, {}, os.getloadavg()[0]
        peaks = [machine_peak(program, a.threads)]
        for round_ in range(a.rounds):
            for name, command in ready:
                line, error = (None, None) if name in failed else run(command, a.threads)
                if error:
                    failed[name] = error
                elif line:
                    results.setdefault(name, []).append(line)
                    print(f"round {round_ + 1}, {name}: {json.dumps(line)}", flush=True)
        peaks.append(machine_peak(program, a.threads))
        peak = {k: max(p[k] for p in peaks) for k in ("float32_gflops", "bandwidth_gbs")} if all(peaks) else None
        if a.json:
            a.json.write_text(json.dumps(results, indent=1) + "\n")
    for name, error in failed.items():
        results.pop(name, None)
        print(f"{name}: failed, {error}", flush=True)
    wrong = parity(a.workload, results) if results else {}
    for name, why in wrong.items():
        results.pop(name)
        print(f"{name}: no time, {why}", flush=True)
    if not results:
        return 1
    noisy = "; other programs were busy when it began (load %.1f), so only ratios mean anything" % load if load > 0.3 else ""
    missing += [(name, error) for name, error in failed.items()] + [(name, "no parity: " + why) for name, why in wrong.items()]
    text = (f"{a.workload}, medians of {a.rounds} interleaved runs, {a.threads} threads, {machine()}, "
            f"{datetime.date.today().isoformat()}{noisy}. "
            + (f"In the same minutes: {peak['float32_gflops']:.0f} GF/s float32 ({peaks[0]['instructions']}), {peak['bandwidth_gbs']:.1f} GB/s."
               if peak else f"No {program.name}, so no percentages.") + "\n\n" + table(a.workload, results, missing, peak))
    print("\n" + text)
    if wrong or failed:
        return 1  # nothing is written: a table without one of its entries is another comparison
    if a.write:
        write(a.write, f"compare {a.workload}", text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
