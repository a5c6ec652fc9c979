"""What the parts share: where things go, the Fashion-MNIST images, fixed data, and JSON that diffs line by line."""
import gzip
import json
import os
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))


def images(name, count):
    """The first `count` images as float32 rows of 784 (pixel / 255) and their labels; name is train or t10k."""
    pixels = np.frombuffer(gzip.decompress((DATA / f"{name}-images-idx3-ubyte.gz").read_bytes()), np.uint8, offset=16)
    labels = np.frombuffer(gzip.decompress((DATA / f"{name}-labels-idx1-ubyte.gz").read_bytes()), np.uint8, offset=8)
    return pixels.reshape(-1, 784)[:count].astype("float32") / np.float32(255), labels[:count].astype("int32")


def grid(rng, shape, low=-2.0, high=2.0, step=1 / 64):
    """Random multiples of `step`: exact in float32 and short in print."""
    return (rng.integers(round(low / step), round(high / step) + 1, shape) * step).astype("float32")


def small_data(samples=80):
    """The 8-6-3 model's data: x (samples, 8), a class 0..2 that depends on x, and a regression target."""
    rng = np.random.default_rng(863)
    x = grid(rng, (samples, 8))
    true = grid(rng, (8, 3), -1, 1)
    y = np.argmax(x @ true + grid(rng, (samples, 3), -1, 1), axis=1).astype("int32")
    return x, y


def small_weights(seed=863):
    """[kernel 8x6, bias 6, kernel 6x3, bias 3] on a grid of 1/256."""
    rng = np.random.default_rng(seed)
    return [grid(rng, (8, 6), -0.5, 0.5, 1 / 256), grid(rng, (6,), -0.25, 0.25, 1 / 256),
            grid(rng, (6, 3), -0.75, 0.75, 1 / 256), grid(rng, (3,), -0.25, 0.25, 1 / 256)]


def _number(v):
    if isinstance(v, (bool, np.bool_)):
        return "true" if v else "false"
    if isinstance(v, (int, np.integer)):
        return str(int(v))
    if not np.isfinite(v):
        return '"nan"' if np.isnan(v) else '"inf"' if v > 0 else '"-inf"'
    text = repr(float(v)) if isinstance(v, (float, np.float64)) else str(np.float32(v))
    return text[:-2] if text.endswith(".0") else text


def _is_number(v):
    return isinstance(v, (bool, int, float, np.number, np.bool_))


def dump(v, indent=0):
    """JSON text: float32 with the digits that identify it, a row of numbers to a line, one key to a line."""
    pad, inner = " " * indent, " " * (indent + 1)
    if isinstance(v, np.ndarray):
        v = list(v) if v.ndim else v[()]
    elif hasattr(v, "numpy"):
        return dump(v.numpy(), indent)
    if v is None:
        return "null"
    if _is_number(v):
        return _number(v)
    if isinstance(v, str):
        return json.dumps(v, ensure_ascii=False)
    if isinstance(v, dict):
        if not v:
            return "{}"
        flat = "{" + ", ".join(f"{json.dumps(k)}: {dump(x)}" for k, x in v.items()) + "}"
        if "\n" not in flat and len(flat) + indent <= 120:
            return flat
        return "{\n" + ",\n".join(f"{inner}{json.dumps(k)}: {dump(x, indent + 1)}" for k, x in v.items()) + f"\n{pad}}}"
    flat = "[" + ", ".join(dump(x) for x in v) + "]"
    if "\n" not in flat and (len(flat) + indent <= 120 or all(_is_number(x) for x in v)):
        return flat
    return "[\n" + ",\n".join(inner + dump(x, indent + 1) for x in v) + f"\n{pad}]"


def write(path, value):
    """Writes golden/<path> and returns its size in bytes."""
    path = GOLDEN / path
    path.parent.mkdir(parents=True, exist_ok=True)
    text = value if isinstance(value, str) else dump(value) + "\n"
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    print(f"  {path.relative_to(GOLDEN)}: {path.stat().st_size} bytes", flush=True)
