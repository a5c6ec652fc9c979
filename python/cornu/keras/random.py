"""keras.random. Numbers are functions of a seed and of how often it was asked for: no generator has a state that could be lost."""
import builtins

from cornu import _cornu
from cornu.keras._dispatch import floats, op, pointwise, sizes, tensor
from cornu.keras.utils._lazy import lazy

_seeds = 0


class SeedGenerator:
    """A seed that gives other numbers each time. Inside a layer's call() the model's own random key does that: each batch has its own."""

    def __init__(self, seed=None, name=None, **kwargs):
        global _seeds
        if seed is None:
            _seeds += 1
            seed = _seeds + 0x5EED
        self.seed, self.name, self._drawn = int(seed), name or "seed_generator", 0

    def next(self, ordered=True):
        return _key(self)

    def get_config(self):
        return {"seed": self.seed}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def make_default_seed():
    return int(_cornu.next_key().numpy()[1])


def _key(seed):
    """int64[3], or None for the present trace's key and for direct computation's next."""
    import numpy as np

    if isinstance(seed, SeedGenerator):
        if _cornu.tracing() or _cornu.recording():
            return None
        seed._drawn += 1
        return np.array([seed.seed, seed._drawn, 0], np.int64)
    if seed is None:
        return None
    return np.array([int(seed), 0, 0], np.int64)


def _drawn(distribution, shape, dtype, a, b, seed):
    from cornu.keras import config

    return _cornu.random(distribution, list(sizes(shape)), str(dtype or config.floatx()), float(a), float(b), _key(seed))


def normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    return _drawn("normal", shape, dtype, mean, stddev, seed)


def uniform(shape, minval=0.0, maxval=1.0, dtype=None, seed=None):
    if dtype is not None and "int" in str(dtype):
        return randint(shape, minval, maxval, dtype, seed)
    return _drawn("uniform", shape, dtype, minval, maxval, seed)


def truncated_normal(shape, mean=0.0, stddev=1.0, dtype=None, seed=None):
    return _drawn("truncated_normal", shape, dtype, mean, stddev, seed)


def randint(shape, minval, maxval, dtype="int32", seed=None):
    whole = pointwise("floor", _drawn("uniform", shape, "float64", float(minval), float(maxval), seed))
    return tensor(pointwise("minimum", whole, float(maxval) - 1), dtype)


def binomial(shape, counts, probabilities, dtype=None, seed=None):
    import numpy as np

    from cornu.keras.ops import _reduce

    most = int(np.max(np.asarray(counts)))
    u = _drawn("uniform", [most, *sizes(shape)], "float32", 0, 1, seed)
    tried = np.arange(most).reshape([-1] + [1] * len(sizes(shape))) < np.broadcast_to(np.asarray(counts), sizes(shape))
    from cornu.keras import config

    return tensor(_reduce.sum(tensor(pointwise("logical_and", pointwise("less", u, probabilities), tried), "float32"), 0), dtype or config.floatx())


@op
def categorical(logits, num_samples, dtype="int32", seed=None):
    from cornu.keras.ops import _reduce
    from cornu.keras.ops._shape import expand_dims

    logits = floats(logits)
    u = _drawn("uniform", [logits.shape[0], int(num_samples), logits.shape[1]], "float32", 1e-30, 1, seed)
    gumbel = pointwise("negative", pointwise("log", pointwise("negative", pointwise("log", u))))
    return tensor(_reduce.argmax(pointwise("add", expand_dims(logits, 1), gumbel), -1), dtype)


@op
def shuffle(x, axis=0, seed=None):
    from cornu.keras.ops._index import argsort, take

    x = tensor(x)
    return take(x, argsort(_drawn("uniform", [x.shape[axis]], "float32", 0, 1, seed)), axis)


@op
def dropout(inputs, rate, noise_shape=None, seed=None):
    x = floats(inputs)
    shape = list(x.shape) if noise_shape is None else [n if s is None else s for s, n in zip(noise_shape, x.shape)]
    keep = pointwise("greater_equal", _drawn("uniform", shape, "float32", 0, 1, seed), float(rate))
    return pointwise("select", keep, pointwise("divide", x, 1 - float(rate)), 0.0)


def _by_numpy(name, shape, dtype, seed, *parameters):
    """Distributions that cornu has no kernel for: NumPy's, in direct computation only."""
    import numpy as np

    from cornu.keras import config

    if _cornu.tracing() or _cornu.recording():
        raise NotImplementedError(f"{_cornu.users_line()}: random.{name} cannot be traced; random.normal, uniform, truncated_normal, randint, categorical and dropout can")
    key = _key(seed)
    key = _cornu.next_key().numpy() if key is None else key
    draw = getattr(np.random.Generator(np.random.Philox(key=np.asarray(key[:2], np.uint64))), name)
    return tensor(draw(*(np.asarray(p, np.float64) for p in parameters), size=sizes(shape)), dtype or config.floatx())


def gamma(shape, alpha, dtype=None, seed=None):
    return _by_numpy("gamma", shape, dtype, seed, alpha)


def beta(shape, alpha, beta, dtype=None, seed=None):
    return _by_numpy("beta", shape, dtype, seed, alpha, beta)


__getattr__ = lazy(__name__)[0]
