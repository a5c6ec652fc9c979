"""The accuracy reference: Keras (TensorFlow) on the mission's model, several seeds, into accuracy_w1.json after each seed.

    python accuracy_w1.py [first_seed] [seeds]

W1 is 784-10-10-10 softmax, Adam, batch 32, 10 epochs of the 60,000 Fashion-MNIST images / 255, shuffled, tested on the 10,000 others.
jit_compile and steps_per_execution only change how the same steps are dispatched, so the distribution is that of plain Keras.
"""
import gzip
import json
import os
import pathlib
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import numpy as np
import tensorflow as tf

OUT = pathlib.Path(__file__).parent / "accuracy_w1.json"
DATA = pathlib.Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))


def idx(name, offset):
    return np.frombuffer(gzip.decompress((DATA / name).read_bytes()), np.uint8, offset=offset)


def train(seed, x, y, xt, yt):
    keras.utils.set_random_seed(seed)
    m = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "relu"), keras.layers.Dense(10, "relu"),
                          keras.layers.Dense(10, "softmax")])
    m.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"],
              jit_compile=True, steps_per_execution=25)
    start = time.time()
    history = m.fit(x, y, batch_size=32, epochs=10, verbose=0).history
    loss, accuracy = m.evaluate(xt, yt, batch_size=1000, verbose=0)
    return {"seed": seed, "test_accuracy": round(accuracy, 4), "test_loss": round(loss, 5),
            "train_loss": [round(v, 5) for v in history["loss"]],
            "train_accuracy": [round(v, 5) for v in history["accuracy"]], "seconds": round(time.time() - start, 1)}


def spread(values):
    return {"mean": round(statistics.mean(values), 5),
            "deviation": round(statistics.stdev(values), 5) if len(values) > 1 else None,
            "min": min(values), "max": max(values)}


def main():
    first, count = (int(a) for a in (sys.argv[1:] + ["1", "20"][len(sys.argv) - 1:]))
    x = idx("train-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype("float32") / 255
    xt = idx("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784).astype("float32") / 255
    y, yt = idx("train-labels-idx1-ubyte.gz", 8).astype("int32"), idx("t10k-labels-idx1-ubyte.gz", 8).astype("int32")
    runs = json.loads(OUT.read_text())["runs"] if OUT.exists() else []
    for seed in range(first, first + count):
        if any(r["seed"] == seed for r in runs):
            continue
        runs = sorted(runs + [train(seed, x, y, xt, yt)], key=lambda r: r["seed"])
        head = {"model": "784-10-10-10 relu relu softmax", "optimizer": "adam", "batch": 32, "epochs": 10,
                "keras": keras.__version__, "tensorflow": tf.__version__, "seeds": len(runs),
                "test_accuracy": spread([r["test_accuracy"] for r in runs]),
                "train_loss_epoch_1": spread([r["train_loss"][0] for r in runs])}
        text = json.dumps(head, indent=1)[:-2] + ',\n "runs": [\n  ' + ",\n  ".join(json.dumps(r) for r in runs) + "\n ]\n}\n"
        OUT.write_text(text)
        print(f"seed {seed}: {head['test_accuracy']}", flush=True)


main()
