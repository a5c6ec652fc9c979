"""Opens the files that the test "files for h5py and Keras are written" left behind: h5py must see what was put in, and
Keras must load the model. Run by hand:

    CORNU_KEEP=/tmp/cornu-files build/bin/test_io && python tests/io/check_with_keras.py /tmp/cornu-files
"""

import os
import sys

import h5py
import numpy as np

folder = sys.argv[1]


def halves(*shape, dtype="f4"):
    return (np.arange(int(np.prod(shape))).reshape(shape) / 2).astype(dtype)


def check(condition, what):
    print(("ok    " if condition else "WRONG ") + what)
    if not condition:
        sys.exit(1)


with h5py.File(os.path.join(folder, "types.h5")) as f:
    for name, kind in {"float32": "f4", "float64": "f8", "int32": "i4", "int64": "i8", "uint8": "u1"}.items():
        check(f[name].dtype == np.dtype(kind) and np.array_equal(f[name][()], halves(2, 3, dtype=kind)), name)
    check(f["bool"].dtype == bool and f["bool"][()].tolist() == [False, True, True], "bool")
    check(f["bfloat16"].dtype == np.dtype("V2") and f["bfloat16"].attrs["dtype"] == "bfloat16", "bfloat16")
    check(np.array_equal(f["bfloat16"][()].view("u2").astype("u4").__lshift__(16).view("f4"), halves(6)), "bfloat16's numbers")
    check(f["scalar"].shape == () and f["scalar"][()] == 0.5, "scalar")
    check(f["empty"].shape == (0, 4), "empty")

with h5py.File(os.path.join(folder, "many.h5")) as f:
    names = sorted(f["layers"].keys())
    check(len(names) == 1000, "1000 groups")
    for i in (0, 7, 8, 255, 256, 257, 999):
        check(f[f"layers/dense_{i}"].attrs["name"] == f"the {i}th", f"group {i}")
    check(np.array_equal(f["layers/dense_31/0"][()], halves(3)), "a dataset among them")
    visited = []
    f.visit(visited.append)
    check(len(visited) == 1003, "all visited")
    check(len(f["long"].attrs["name"]) == 100_000, "a long string")
with h5py.File(os.path.join(folder, "many.h5"), "r+") as f:  # HDF5 itself can go on writing
    for i in range(100):
        f.create_group(f"layers/more_{i}")
    check(len(f["layers"]) == 1100, "and 100 more added by h5py")

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras

model = keras.models.load_model(os.path.join(folder, "model.keras"))
got = model.get_weights()
check(np.array_equal(got[0], halves(4, 3)) and np.array_equal(got[1], halves(3)), "Keras's weights")
check(int(model.optimizer.iterations) == 7, "Keras's optimizer")
x = np.ones((2, 4), "f4")
check(np.allclose(model.predict(x, verbose=0), x @ halves(4, 3) + halves(3)), "Keras's prediction")
model.load_weights(os.path.join(folder, "model.weights.h5"))
check(np.array_equal(model.get_weights()[0], halves(4, 3)), "weights file")
