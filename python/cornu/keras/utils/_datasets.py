"""Batches by number (PyDataset), windows of a time series, parts of a data set."""
import itertools

import numpy as np


class PyDataset:
    """A data set of batches: a subclass says what batch number i is (`__getitem__`) and how many there are (`__len__`).

    `workers` > 1: batches are made by this many threads, a few ahead of their use. Batches are read in order, or shuffled where
    fit(shuffle=True) asks for it; on_epoch_begin and on_epoch_end are called by fit. Processes (use_multiprocessing) are refused.
    """

    def __init__(self, workers=1, use_multiprocessing=False, max_queue_size=10):
        if use_multiprocessing:
            from cornu.keras.utils._lazy import refused

            raise refused("PyDataset(use_multiprocessing=True): batches are made by threads; give workers=N instead")
        self.workers, self.use_multiprocessing, self.max_queue_size = workers, False, max_queue_size

    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __getitem__(self, index):
        raise NotImplementedError(f"{type(self).__name__} must define __getitem__(index), which returns batch number `index`")

    @property
    def num_batches(self):
        """How many batches an epoch has; None if it is endless."""
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(f"{type(self).__name__} must define __len__(), the number of batches, or the property num_batches")

    def __iter__(self):
        count = self.num_batches
        for i in itertools.count() if count is None else range(count):
            yield self[i]

    def on_epoch_begin(self):
        """Called before each epoch."""

    def on_epoch_end(self):
        """Called after each epoch."""


Sequence = PyDataset


def batches_of(dataset, order):
    """The batches of these numbers, one after the other, made by the workers of the PyDataset. For the use of fit."""
    workers = getattr(dataset, "workers", 1)
    if workers <= 1:
        for i in order:
            yield dataset[i]
        return
    from collections import deque
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        ahead = deque()
        try:
            for i in order:
                ahead.append(pool.submit(dataset.__getitem__, i))
                if len(ahead) >= max(workers, getattr(dataset, "max_queue_size", 10)):
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for waiting in ahead:
                waiting.cancel()


def pack_x_y_sample_weight(x, y=None, sample_weight=None):
    """x, (x, y) or (x, y, sample_weight): what `fit` reads a batch as."""
    if y is None:
        return (x,) if isinstance(x, (tuple, list)) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data):
    """(x, y, sample_weight) of what a batch is; None for what it lacks."""
    data = tuple(data) if isinstance(data, list) else data
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(f"a batch is x, (x,), (x, y) or (x, y, sample_weight); a tuple of {len(data)} was given")
    return (*data, *[None] * (3 - len(data)))


def timeseries_dataset_from_array(data, targets, sequence_length, sequence_stride=1, sampling_rate=1, batch_size=128, shuffle=False,
                                  seed=None, start_index=None, end_index=None, format="tf"):
    """Windows of `data` [steps, ...] as a Dataset: x [batch, sequence_length, ...] and, with targets, the target of each window's
    first step. A window begins every `sequence_stride` steps and takes every `sampling_rate`-th step; only
    data[start_index:end_index] is used."""
    from cornu.data import Dataset

    if format != "tf":
        raise ValueError(f'timeseries_dataset_from_array: format="tf" is what there is, {format!r} given')
    data = np.asarray(data)
    first, last = start_index or 0, len(data) if end_index is None else end_index
    if not 0 <= first < len(data) or not first < last <= len(data):
        raise ValueError(f"timeseries_dataset_from_array: start_index={start_index} and end_index={end_index} bound no part of {len(data)} steps")
    for name, value in (("sequence_length", sequence_length), ("sequence_stride", sequence_stride), ("sampling_rate", sampling_rate)):
        if not 0 < value < max(2, len(data)) and not (name == "sequence_length" and value == len(data)):
            raise ValueError(f"timeseries_dataset_from_array: {name}={value} must lie between 1 and the {len(data)} steps of the data")
    part = data[first:last]
    windows = len(part) - (sequence_length - 1) * sampling_rate
    if targets is not None:
        targets = np.asarray(targets)
        windows = min(windows, len(targets))
        targets = targets[first:last]
    starts = np.arange(0, max(windows, 0), sequence_stride)
    if len(starts) == 0:
        raise ValueError(f"timeseries_dataset_from_array: {len(part)} steps are too few for one window of {sequence_length} steps at "
                         f"sampling_rate={sampling_rate}")
    seed = np.random.randint(1e6) if seed is None else seed
    if shuffle:
        np.random.RandomState(seed).shuffle(starts)
    # Each window is a view of the data until its batch is gathered.
    view = np.lib.stride_tricks.sliding_window_view(part, (sequence_length - 1) * sampling_rate + 1, axis=0)
    view = np.moveaxis(view, -1, 1)[:, ::sampling_rate]
    offsets = Dataset.from_tensor_slices(starts)
    if shuffle:
        offsets = offsets.shuffle(batch_size * 8 if batch_size else 1024, seed=seed)
    if batch_size:
        offsets = offsets.batch(batch_size)

    def elements():
        for at in offsets.as_numpy_iterator():
            yield view[at] if targets is None else (view[at], targets[at])

    return Dataset._make(elements, offsets._length, batched=bool(batch_size))


def split_dataset(dataset, left_size=None, right_size=None, shuffle=False, seed=None, preferred_backend=None):
    """Two Datasets: the first with `left_size` of the elements (a share from 0 to 1, or how many), the second with `right_size` or
    the rest. `dataset`: a Dataset, an array, or a tuple or list of arrays of one length."""
    from cornu.data import Dataset

    if left_size is None and right_size is None:
        raise ValueError("split_dataset: give left_size, right_size or both")
    if isinstance(dataset, Dataset):
        rows = list(dataset.as_numpy_iterator())
    elif isinstance(dataset, (tuple, list)):
        rows = list(zip(*dataset, strict=True)) if isinstance(dataset[0], np.ndarray) else list(dataset)
    else:
        rows = list(dataset)
    n = len(rows)
    sizes = []
    for name, size in (("left_size", left_size), ("right_size", right_size)):
        share = isinstance(size, float)
        if size is not None and not (0 <= size <= 1 if share else 0 <= size <= n):
            raise ValueError(f"split_dataset: {name}={size} is neither a share from 0.0 to 1.0 nor a number of at most {n} elements")
        sizes.append(size if size is None else round(size * n) if share else int(size))
    left = n - sizes[1] if sizes[0] is None else sizes[0]
    right = n - left if sizes[1] is None else sizes[1]
    if left + right > n or not left or not right:
        raise ValueError(f"split_dataset: parts of {left} and {right} of {n} elements were asked for; both need some, and together no more than there are")
    if shuffle:
        import random

        random.Random(np.random.randint(2**31) if seed is None else seed).shuffle(rows)

    def part(chosen):
        columns = isinstance(chosen[0], tuple)
        stacked = tuple(np.stack(c) for c in zip(*chosen)) if columns else np.stack(chosen) if not isinstance(chosen[0], dict) else None
        if stacked is None:
            stacked = {k: np.stack([row[k] for row in chosen]) for k in chosen[0]}
        return Dataset.from_tensor_slices(stacked)

    return part(rows[:left]), part(rows[n - right:] if right_size is not None and left_size is None else rows[left:left + right])
