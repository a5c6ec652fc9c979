"""Loads .keras files that cornu wrote in real Keras and compares what they do.

    python check_cornu_files.py FILE.keras [FILE.keras ...]

Each FILE.keras has a FILE.json beside it, written by cornu, in the schema of fixtures/*.json:

    {"x": rows, or {"pattern": [rows, columns]},         inputs; the pattern is ((37 row + 11 column) mod 256) / 255; of several
                                                         inputs {"inputs": {name: rows, ...}}
     "predictions": rows,                                cornu's predictions on x; of several outputs {"outputs": [rows, ...]}
     "next": {"batch_size": 4, "losses": [...],          optional: cornu's losses if training goes on from the file, without
              "x": rows, "y": [...] }}                   shuffling; instead of x and y: "images": {"split": "train", "first": 96,
                                                         "count": 640} of Fashion-MNIST / 255

Prints one line per file and exits with 1 if any prediction differs by more than 1e-6 (absolute, plus relative) or any loss by more
than 1e-5 relative. Needs Keras 3.15 with TensorFlow; run by hand, and in CI where Keras is installed.
"""
import json
import os
import pathlib
import sys
import warnings

for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(variable, None)
os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")

import keras
import numpy as np

from generator.common import images
from generator.fixtures import pattern, steps

PREDICTIONS, LOSSES = 1e-6, 1e-5


def inputs(x, model):
    if not isinstance(x, dict):
        return np.array(x, "float32")
    if "pattern" in x:
        return pattern(*x["pattern"])
    fed = [np.array(x["inputs"][t._keras_history.operation.name], t.dtype) for t in model.inputs]
    return fed[0] if len(fed) == 1 else fed


def outputs(predictions):
    several = predictions["outputs"] if isinstance(predictions, dict) else [predictions]
    return [np.array(p, "float64") for p in several]


def batches(after):
    """x and y of the steps after the file."""
    if "images" not in after:
        y = np.array(after["y"])
        return np.array(after["x"], "float32"), y.astype("int32" if y.dtype.kind in "iu" else "float32")
    part = after["images"]
    x, y = images(part["split"], part["first"] + part["count"])
    return x[part["first"]:], y[part["first"]:]


def check(path):
    """What is wrong with this file: a list of sentences, and a summary of what was compared."""
    expected = json.loads(path.with_suffix(".json").read_text())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = keras.models.load_model(path)
    # An optimizer that has taken no step has no slots yet; Keras says so about its own files too. rms_scaling is deprecated.
    expected_ones = ("the saved optimizer has 2 variables", "rms_scaling=True")
    wrong = [f"warning: {w.message}" for w in caught if not any(part in str(w.message) for part in expected_ones)]
    predictions = outputs(expected["predictions"])
    ours = keras.tree.flatten(model.predict(inputs(expected["x"], model), verbose=0))
    if [o.shape for o in ours] != [p.shape for p in predictions]:
        return [f"predictions have shapes {[o.shape for o in ours]} in Keras, {[p.shape for p in predictions]} in cornu"], ""
    worst = max(float(np.max(np.abs(o - p) / (1 + np.abs(p)), initial=0)) for o, p in zip(ours, predictions))
    if not worst <= PREDICTIONS:
        wrong.append(f"predictions differ by {worst:.2e}")
    done = f"predictions within {worst:.1e}"
    after = expected.get("next")
    if after:
        x, y = batches(after)
        losses = np.array(after["losses"], "float64")
        theirs = np.array(steps(model, x, y, after["batch_size"], 0, len(losses)))
        relative = np.abs(theirs / losses - 1)
        if not np.max(relative) <= LOSSES:
            wrong.append(f"loss {int(np.argmax(~(relative <= LOSSES))) + 1} after the file differs by {np.max(relative):.2e}")
        done += f", {len(losses)} further losses within {float(np.max(relative)):.1e}"
    return wrong, done


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    failed = 0
    for path in map(pathlib.Path, sys.argv[1:]):
        try:
            wrong, done = check(path)
        except Exception as error:  # whatever Keras raises on a file is a finding about the file
            wrong, done = [f"{type(error).__name__}: {error}"], ""
        failed += bool(wrong)
        print(f"{path}: {'; '.join(wrong) if wrong else 'ok, ' + done}", flush=True)
    sys.exit(1 if failed else 0)


main()
