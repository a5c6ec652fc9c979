"""Runs the scripts of python/tests/scripts under Keras with TensorFlow and writes down what they print: expected.json.

    KERAS_BACKEND=tensorflow python expect_scripts.py [NAME...]

Each script is run with three seeds. A number gets a tolerance of three times the range that Keras itself spans over these seeds
and at least RELATIVE of its size, for float32 sums in another order; where only the seed of weights and shuffles differs, Keras's
own spread is the honest measure. What is no float must be equal, and must not depend on the seed.
Fashion-MNIST is taken from where Debian's package puts it (or $CORNU_DATA), since Keras would download it.
"""
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SCRIPTS = HERE.parent / "tests" / "scripts"
RELATIVE = 2e-3
SEEDS = (1, 2, 3)


def home_with_data(folder):
    """A KERAS_HOME in which Keras finds Fashion-MNIST."""
    target = pathlib.Path(folder) / "datasets" / "fashion-mnist"
    target.mkdir(parents=True)
    data = pathlib.Path(os.environ.get("CORNU_DATA", "/usr/share/datasets"))
    for file in (data / "fashion-mnist").glob("*.gz"):
        (target / file.name).symlink_to(file)
    return folder


def processor_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def result_of(script, library, seed=1, env=None):
    """The JSON in the last line that the script prints, and how many seconds of a processor it took."""
    start = processor_seconds()
    command = [sys.executable, str(HERE / "run_script.py"), str(script), "--library", library, "--seed", str(seed)]
    run = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **(env or {})})
    if run.returncode != 0:
        raise RuntimeError(f"{script.name} failed under {library}:\n{run.stderr[-3000:]}")
    return json.loads(run.stdout.strip().splitlines()[-1]), processor_seconds() - start


def merged(values, where):
    """Of one result under all seeds: itself, or {"value", "tolerance"} for a float."""
    first = values[0]
    if isinstance(first, dict):
        if any(v.keys() != first.keys() for v in values):
            raise ValueError(f"{where}: the keys depend on the seed")
        return {k: merged([v[k] for v in values], f"{where}.{k}") for k in first}
    if isinstance(first, list) and any(isinstance(v, float) for v in first):
        return [merged(list(column), f"{where}[{i}]") for i, column in enumerate(zip(*values, strict=True))]
    if isinstance(first, float):
        mean = sum(values) / len(values)
        return {"value": mean, "tolerance": max(3 * (max(values) - min(values)), RELATIVE * abs(mean), 1e-5)}
    if any(v != first for v in values):
        raise ValueError(f"{where}: depends on the seed: {values}")
    return first


def main():
    names = sys.argv[1:] or [p.stem for p in sorted(SCRIPTS.glob("*.py"))]
    path = SCRIPTS / "expected.json"
    expected = json.loads(path.read_text()) if path.exists() else {}
    with tempfile.TemporaryDirectory() as folder:
        env = {"KERAS_HOME": home_with_data(folder), "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        for name in names:
            try:
                runs = [result_of(SCRIPTS / f"{name}.py", "tensorflow", seed, env) for seed in SEEDS]
                expected[name] = {key: merged([r[key] for r, _ in runs], f"{name}.{key}") for key in runs[0][0]}
                print(f"{name}: {min(t for _, t in runs):.1f} s of a processor", flush=True)
            except (RuntimeError, ValueError) as error:
                print(f"{name}: {error}", flush=True)
                continue
            path.write_text(json.dumps(dict(sorted(expected.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()
