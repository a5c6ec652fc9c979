"""Initializers: moments and bounds over many draws. Values differ by backend and are nobody's contract; the distribution is."""
import keras
import numpy as np

from .common import write

I = keras.initializers
SHAPES = [(784, 10), (10, 784), (256, 256), (3, 3, 16, 32), (512,)]
VALUES = 2_000_000  # drawn per case, so that a mean is good to about 0.1 % of the deviation


def cases():
    """(class, arguments): random ones on every shape."""
    for name in ("GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"):
        yield name, {}
    for mode in ("fan_in", "fan_out", "fan_avg"):
        for distribution in ("uniform", "truncated_normal", "untruncated_normal"):
            yield "VarianceScaling", {"scale": 2.0, "mode": mode, "distribution": distribution}
    yield "RandomUniform", {}
    yield "RandomUniform", {"minval": -1.0, "maxval": 3.0}
    yield "RandomNormal", {}
    yield "RandomNormal", {"mean": 1.0, "stddev": 2.0}
    yield "TruncatedNormal", {}
    yield "TruncatedNormal", {"mean": 1.0, "stddev": 2.0}


def moments(make, shape):
    """Mean, deviation, fourth standardized moment and extremes over about VALUES draws."""
    rounds = max(1, VALUES // int(np.prod(shape)))
    draws = np.concatenate([np.asarray(make(seed)(shape)).ravel() for seed in range(1, min(rounds, 300) + 1)]).astype("float64")
    deviation = draws.std()
    return {"draws": draws.size, "mean": f6(draws.mean()), "deviation": f6(deviation),
            "kurtosis": f6(np.mean(((draws - draws.mean()) / deviation) ** 4)), "min": f6(draws.min()), "max": f6(draws.max())}


def f6(v):
    return float(f"{v:.6g}")


def make():
    out = []
    for name, arguments in cases():
        cls = getattr(I, name)
        for shape in SHAPES:
            entry = {"class_name": name, "arguments": arguments, "shape": list(shape)}
            entry.update(moments(lambda seed: cls(seed=seed, **arguments), shape))
            fan_in, fan_out = keras.src.initializers.random_initializers.compute_fans(shape)
            entry.update(fan_in=fan_in, fan_out=fan_out)
            out.append(entry)
    fixed = [{"class_name": name, "arguments": arguments, "shape": [3, 4], "values": getattr(I, name)(**arguments)((3, 4)).numpy()}
             for name, arguments in (("Zeros", {}), ("Ones", {}), ("Constant", {"value": 0.25}), ("Identity", {}), ("Identity", {"gain": 2.0}))]
    orthogonal = []
    for shape in ((4, 4), (6, 3), (3, 6), (2, 3, 5)):
        q = np.asarray(I.Orthogonal(gain=1.5, seed=3)(shape), "float64").reshape(-1, shape[-1])
        gram = q.T @ q if q.shape[0] >= q.shape[1] else q @ q.T
        orthogonal.append({"shape": list(shape), "gain": 1.5, "flattened": list(q.shape),
                           "gram_is_gain_squared_times_identity_within": float(np.max(np.abs(gram - 2.25 * np.eye(len(gram)))))})
    aliases = {alias: type(I.get(alias)).__name__ for alias in (
        "glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal", "variance_scaling",
        "random_uniform", "uniform", "random_normal", "normal", "truncated_normal", "zeros", "zero", "ones", "one",
        "orthogonal", "identity", "GlorotUniform", "Zeros")}
    write("initializers.json", {
        "about": "moments over `draws` values (seeds 1, 2, ...); fixed: the values themselves; orthogonal: q^T q or q q^T",
        "random": out, "fixed": fixed, "orthogonal": orthogonal, "aliases": aliases})
