"""What Keras calls things that nobody named, and the seeds of new models: "dense", "dense_1", ... in the order of their making."""

_counts = {}
_seed = 0
_models = 0


def auto_name(prefix):
    """`prefix`, then `prefix`_1, ..."""
    n = _counts.get(prefix, 0)
    _counts[prefix] = n + 1
    return f"{prefix}_{n}" if n else prefix


def reset_names():
    """Counting begins anew: keras.backend.clear_session."""
    _counts.clear()


def set_seed(seed):
    """What is made from now on is as it was made after the same call before: names, weights, shuffles, dropouts."""
    global _seed, _models
    _seed, _models = seed, 0
    reset_names()


def next_model_seed():
    """Of the first model the seed itself."""
    global _models
    seed = (_seed + 0x9E3779B97F4A7C15 * _models) % 2**63
    _models += 1
    return seed


def snake_case(name):
    """Keras's rule: "Conv2D" is conv2d, "BatchNormalization" batch_normalization."""
    words = "".join("_" + c if i and c.isupper() and (name[i - 1].islower() or name[i + 1 : i + 2].islower()) else c for i, c in enumerate(name))
    return words.lower()


def shuffle_seed():
    """What the order of a PyDataset's batches hangs on."""
    return _seed
