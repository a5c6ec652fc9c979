"""What fit, evaluate and predict are given, as C++ takes it: arrays, or a function that gives the next batch."""


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
    state = {"order": [], "at": 0, "epoch": 0}

    def begin():
        n = getattr(dataset, "num_batches", None) or len(dataset)
        state["order"] = list(range(n))
        if shuffle:
            import random

            from cornu.keras import _names

            random.Random(_names.shuffle_seed() + state["epoch"]).shuffle(state["order"])
        if hasattr(dataset, "on_epoch_begin") and state["epoch"] == 0:
            dataset.on_epoch_begin()
        state["at"] = 0

    def next_batch():
        if state["at"] == 0:
            begin()
        if state["at"] == len(state["order"]):
            state["at"] = 0
            state["epoch"] += 1
            if hasattr(dataset, "on_epoch_end"):
                dataset.on_epoch_end()
            return None
        batch = dataset[state["order"][state["at"]]]
        state["at"] += 1
        return _triple(batch)

    return next_batch, getattr(dataset, "num_batches", None) or len(dataset)


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
