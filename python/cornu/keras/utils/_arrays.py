"""Labels, norms, seeds and padding: NumPy in, NumPy out."""
import random

import numpy as np


def to_categorical(x, num_classes=None):
    """One-hot rows of the labels `x`, float64 [..., num_classes]; a last axis of one label is dropped. Without `num_classes` there
    are as many as the largest label asks for. Throws ValueError for a label outside [0, num_classes)."""
    labels = np.asarray(x).astype("int64")
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    classes = int(num_classes) if num_classes else int(labels.max(initial=-1)) + 1
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"to_categorical: label {int(labels.ravel()[place])} at place {place} is none of {classes} classes (0 to {classes - 1})")
    rows = np.zeros((labels.size, classes))
    rows[np.arange(labels.size), labels.ravel()] = 1.0
    return rows.reshape(*labels.shape, classes)


def normalize(x, axis=-1, order=2):
    """`x` divided by its norm of this order along `axis`; zeros stay zeros."""
    if not isinstance(x, np.ndarray) and hasattr(x, "dtype"):
        from cornu.keras import ops

        return ops.normalize(x, axis=axis, order=order)
    x = np.asarray(x)
    norm = np.atleast_1d(np.linalg.norm(x, order, axis))
    norm[norm == 0] = 1
    return x / np.expand_dims(norm, -1 if axis is None else axis)


def set_random_seed(seed):
    """Seeds Python's and NumPy's random numbers and cornu's: weights of new models, shuffles, dropout, keras.random."""
    if not isinstance(seed, (int, np.integer)) or isinstance(seed, bool):
        raise ValueError(f"set_random_seed: an integer is expected, {seed!r} of type {type(seed).__name__} given")
    from cornu import _cornu
    from cornu.keras import _names

    random.seed(int(seed))
    np.random.seed(int(seed) % 2**32)
    _names.set_seed(int(seed) % 2**63)  # models made from now on
    _cornu.set_seed(int(seed) % 2**63)  # keras.random, and variables made by themselves


def pad_sequences(sequences, maxlen=None, dtype="int32", padding="pre", truncating="pre", value=0.0):
    """Sequences of different lengths as rows of one length, [sequences, maxlen, ...]: cut at their beginning ("pre") or end
    ("post"), and padded there with `value`."""
    if not hasattr(sequences, "__len__"):
        raise ValueError("pad_sequences: a list of sequences is expected; a generator is turned into one by list()")
    for name, option in (("padding", padding), ("truncating", truncating)):
        if option not in ("pre", "post"):
            raise ValueError(f'pad_sequences: {name}={option!r} is neither "pre" nor "post"')
    for place, s in enumerate(sequences):
        if not hasattr(s, "__len__"):
            raise ValueError(f"pad_sequences: element {place} is {s!r}, which is no sequence")
    if isinstance(value, str) and np.dtype(dtype).kind not in "OUS":
        raise ValueError(f"pad_sequences: the value {value!r} is no {dtype}; for strings give dtype=object")
    inner = next((np.asarray(s).shape[1:] for s in sequences if len(s)), ())
    longest = max((len(s) for s in sequences), default=0) if maxlen is None else int(maxlen)
    rows = np.full((len(sequences), longest, *inner), value, dtype=dtype)
    for place, s in enumerate(sequences):
        if not len(s) or not longest:
            continue
        part = np.asarray(s[-longest:] if truncating == "pre" else s[:longest], dtype=dtype)
        if part.shape[1:] != inner:
            raise ValueError(f"pad_sequences: an element of sequence {place} has shape {part.shape[1:]}, those before it {inner}")
        rows[place, slice(longest - len(part), None) if padding == "pre" else slice(0, len(part))] = part
    return rows
