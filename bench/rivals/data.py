"""What every rival shares: Fashion-MNIST as numpy arrays, the same initial weights for all, arguments, and the one line of JSON."""
import argparse
import gzip
import json
import os
import resource
import time

import numpy as np

FOLDER = os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist")
PYTHON_STARTED = time.time()


def idx(name):
    with gzip.open(os.path.join(FOLDER, name)) as f:
        b = f.read()
    rank = b[3]
    shape = [int.from_bytes(b[4 + 4 * i:8 + 4 * i], "big") for i in range(rank)]
    return np.frombuffer(b, np.uint8, offset=4 + 4 * rank).reshape(shape)


def fashion():
    """(training images, labels), (test images, labels) as uint8; Debian's package dataset-fashion-mnist."""
    return (idx("train-images-idx3-ubyte.gz"), idx("train-labels-idx1-ubyte.gz")), \
           (idx("t10k-images-idx3-ubyte.gz"), idx("t10k-labels-idx1-ubyte.gz"))


def uniform(count, seed):
    """`count` numbers in [0, 1): the top 24 bits of splitmix64 at seed * 2^32 + i. Ten lines in any language."""
    with np.errstate(over="ignore"):
        z = np.arange(count, dtype=np.uint64) + np.uint64(seed << 32)
        z = (z + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype("float32") / np.float32(1 << 24)


def dense_weights(sizes):
    """[kernel (in, out), bias (out), ...] of a dense network: glorot uniform from uniform(seed = layer), zero biases.

    The same numbers for every rival. loss_epoch_1 is the mean loss of one untimed epoch from them without shuffling: equal for
    programs that do the same arithmetic, where another order of the batches or other weights move it by 6 % on W1.
    """
    weights = []
    for layer, (n, m) in enumerate(zip(sizes, sizes[1:])):
        limit = np.float32(np.sqrt(6 / (n + m)))
        weights += [((2 * uniform(n * m, layer) - 1) * limit).reshape(n, m), np.zeros(m, "float32")]
    return weights


class Initial:
    """The first values of weights, given one after the other in the order in which a program's layers are made: the n-th that is drawn
    is stream n of `uniform`. Keras's defaults, but for the recurrent kernel, which is not orthogonal. dense_weights is a case of it."""

    def __init__(self):
        self.drawn, self.last = 0, ""

    def __call__(self, name, shape):
        """`name` and `shape` as Keras has them."""
        shape, after, self.last = tuple(shape), self.last, name
        if name in ("kernel", "recurrent_kernel", "embeddings"):
            limit = np.float32(0.05)
            if name != "embeddings":
                field = int(np.prod(shape[:-2]))
                limit = np.float32(np.sqrt(6 / ((shape[-2] + shape[-1]) * field)))
            self.drawn += 1
            return ((2 * uniform(int(np.prod(shape)), self.drawn - 1) - 1) * limit).reshape(shape)
        values = np.full(shape, name in ("gamma", "moving_variance"), "float32")
        if name == "bias" and after == "recurrent_kernel":  # an LSTM's forget gate is open
            values[shape[0] // 4:shape[0] // 2] = 1
        return values


def classes(shape, count, seed):
    """int32 in [0, count) from stream `seed`."""
    return (uniform(int(np.prod(shape)), seed) * np.float32(count)).astype("int32").reshape(shape)


def made_up(workload):
    """(x, y) of W4 to W6: nothing to learn, so that only time is measured."""
    if workload == "W4":
        return uniform(1280 * 32 * 32 * 3, 1000).reshape(1280, 32, 32, 3), classes(1280, 10, 1001)
    if workload == "W5":
        return classes((2560, 200), 10000, 1000), classes(2560, 2, 1001)
    return classes((320, 128), 256, 1000), classes((320, 128), 256, 1001)


def arguments(modes, workloads):
    """workload, mode, --threads, --epochs."""
    p = argparse.ArgumentParser()
    p.add_argument("workload", choices=workloads)
    p.add_argument("mode", nargs="?", default=modes[0], choices=modes)
    p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    p.add_argument("--epochs", type=int, help="timed epochs (default: 3, and 2 for W4 to W6)")
    a = p.parse_args()
    a.epochs = a.epochs or (3 if a.workload in ("W1", "W2", "W3") else 2)
    return a


def cpu():
    """CPU seconds of this process so far, all threads."""
    r = resource.getrusage(resource.RUSAGE_SELF)
    return r.ru_utime + r.ru_stime


def report(**fields):
    """Prints the line. cpu_seconds_per_epoch tells a machine under load from a slow program."""
    keys = ["rival", "mode", "workload", "seconds_per_epoch", "us_per_step", "first_step_s", "import_s", "test_accuracy",
            "loss_epoch_1", "predict_one_us", "peak_rss_mib", "threads"]
    fields["peak_rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    line = {k: fields.pop(k, None) for k in keys} | fields
    print(json.dumps({k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in line.items()}), flush=True)
