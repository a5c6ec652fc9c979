"""What fit, evaluate and predict are given, as C++ takes it: arrays, or a function that gives the next batch."""
import itertools


def pack(x, y=None, sample_weight=None, shuffle=False):
    """(x, y, sample_weight), or (next_batch, steps) for generators, PyDatasets, tf.data pipelines, torch loaders."""
    if not is_batches(x):
        return (x, y, sample_weight)
    if y is not None or sample_weight is not None:
        raise ValueError(f"the data come from a {type(x).__name__}, which gives y and sample_weight with x; leave them out")
    if is_indexed(x):
        return _indexed(x, shuffle)
    if hasattr(x, "__next__"):
        return _once(x), None
    return _iterated(x)


def is_batches(x):
    """Whether it makes batches, rather than holding all samples."""
    if x is None or isinstance(x, (list, tuple, dict)) or hasattr(x, "shape") or hasattr(x, "__array__") or hasattr(x, "__dlpack__"):
        return False
    return hasattr(x, "__next__") or hasattr(x, "__iter__") or is_indexed(x)


def is_indexed(x):
    """A PyDataset: batches by their number."""
    return hasattr(x, "__getitem__") and hasattr(x, "__len__") and not hasattr(x, "__next__") and (hasattr(x, "on_epoch_end") or not hasattr(x, "__iter__"))


def _triple(batch):
    """(x, y, sample_weight) of what was yielded."""
    if isinstance(batch, (tuple, list)) and (isinstance(batch, tuple) or len(batch) > 1):
        if not 1 <= len(batch) <= 3:
            raise ValueError(f"a batch is x, (x, y) or (x, y, sample_weight), and one of {len(batch)} parts was given")
        return tuple(batch) + (None,) * (3 - len(batch))
    return batch, None, None


def _once(iterator):
    def next_batch():
        batch = next(iterator, None)
        return None if batch is None else _triple(batch)

    return next_batch


def _iterated(iterable):
    state = [None]

    def next_batch():
        if state[0] is None:
            state[0] = iter(iterable)
        batch = next(state[0], None)
        if batch is None:
            state[0] = None
            return None
        return _triple(batch)

    try:
        steps = len(iterable)
    except TypeError:  # it does not know, or has no end
        steps = None
    return next_batch, steps


def _indexed(dataset, shuffle):
    """Batches by number, made by the data set's workers; it is told where epochs begin and end."""
    from cornu.keras.utils._datasets import batches_of

    epoch, batches, left = 0, None, 0

    def order():
        count = len(dataset) if not hasattr(dataset, "num_batches") else dataset.num_batches
        if count is None:
            return itertools.count()
        if not shuffle:
            return range(count)
        import random

        from cornu.keras import _names

        numbers = list(range(count))
        random.Random(_names.shuffle_seed() + epoch).shuffle(numbers)
        return numbers

    def tell(hook):
        if hasattr(dataset, hook):
            getattr(dataset, hook)()

    def next_batch():
        nonlocal epoch, batches, left
        if batches is None:
            tell("on_epoch_begin")
            numbers = order()
            left = len(numbers) if hasattr(numbers, "__len__") else -1
            batches = batches_of(dataset, numbers)
        batch = next(batches, None)
        if batch is None:
            epoch, batches = epoch + 1, None
            return None
        left -= 1
        if left == 0:  # nobody asks for more in the last epoch
            tell("on_epoch_end")
        return _triple(batch)

    return next_batch, getattr(dataset, "num_batches", None) or (len(dataset) if hasattr(dataset, "__len__") and not hasattr(dataset, "num_batches") else None)


def arrays_of(x, y, sample_weight, batch_size, shuffle):
    """(x, y, sample_weight, batch_size, shuffle): of a tf.data pipeline that only cuts, shuffles and batches arrays, these arrays, which C++
    then shuffles and batches itself; anything else as it was given."""
    if getattr(x, "_plain", None) and y is None and sample_weight is None and batch_size is None:
        from cornu import data

        found = data.as_arrays(x)
        if found is not None:
            columns, size, shuffled = found
            parts = columns if isinstance(columns, tuple) else (columns,)
            if len(parts) <= 3 and all(a.dtype.kind in "fiub" for a in data.leaves(columns)):
                return (*parts, *[None] * (3 - len(parts)), size, shuffled)
    return x, y, sample_weight, batch_size, shuffle


def note_float64(x, least=1 << 25):
    """Says, once for each line that calls fit, that a large array of float64 is converted in each call."""
    if getattr(x, "dtype", None) == "float64" and getattr(x, "nbytes", 0) >= least:
        import warnings

        warnings.warn(f"x holds {x.nbytes / 2**20:.0f} MiB of float64; each call of fit converts it to float32 once. x.astype('float32') saves that", stacklevel=3)


def peeked(packed):
    """(the same batches, the first of them)."""
    next_batch, steps = packed
    first = next_batch()
    if first is None:
        raise ValueError("the data give no batch")
    waiting = [first]

    def again():
        return waiting.pop() if waiting else next_batch()

    return (again, steps), first
