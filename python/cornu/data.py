"""tf.data's Dataset for cornu: pipelines over arrays and Python functions.

Elements are nested tuples and dicts of arrays, as in tf.data; a mapped function and a loop over a Dataset see tensors, `fit` reads
the arrays as they are. A pipeline that only cuts, shuffles as a whole and batches arrays is *plain*: `as_arrays` gives these arrays
back, and a model reads them without a copy and shuffles them itself.
"""
import itertools

import numpy as np

from cornu._elements import (Strings, TensorSpec, as_tensor, call_with, columns_of, leaves, map_structure, rows_of, scalar, spread,
                             stacked)

AUTOTUNE = -1
INFINITE_CARDINALITY = -1
UNKNOWN_CARDINALITY = -2


class Dataset:
    """A sequence of elements that can be walked through again and again. Made by from_tensor_slices and its like; each method
    returns a new Dataset."""

    def __init__(self, *unused, **also_unused):
        raise TypeError("a Dataset is made by Dataset.from_tensor_slices, from_tensors, from_generator or range")

    @classmethod
    def _make(cls, elements, length, plain=None, batched=False):
        """`elements`: a function that starts an iterator over elements made of arrays. `plain`: see as_arrays. `batched`: whether
        elements are batches."""
        made = object.__new__(cls)
        made._elements, made._length, made._plain, made._batched = elements, int(length), plain, batched
        return made

    # ---- where elements come from
    @staticmethod
    def from_tensor_slices(tensors, name=None):
        """One element for each row of the arrays."""
        if type(tensors).__name__ == "DataFrame":
            tensors = tensors.to_numpy()
        columns = columns_of(tensors)
        return Dataset._slices(columns, 0, rows_of(columns))

    @staticmethod
    def _slices(columns, first, last):
        def elements():
            for i in range(first, last):
                yield map_structure(lambda a: a[i] if a.ndim > 1 else scalar(a[i]), columns)

        return Dataset._make(elements, last - first, {"columns": columns, "rows": (first, last), "shuffle": None, "batch": None})

    @staticmethod
    def from_tensors(tensors, name=None):
        """One element: these arrays."""
        element = columns_of(tensors)
        return Dataset._make(lambda: iter([element]), 1)

    @staticmethod
    def from_generator(generator, output_types=None, output_shapes=None, args=None, output_signature=None, name=None):
        """What the iterator yields that `generator(*args)` returns, in the dtypes of `output_signature`."""
        if not callable(generator):
            raise TypeError("Dataset.from_generator: `generator` must be a function that returns an iterator, so that each "
                            "epoch can begin anew; wrap it: lambda: iterable")
        signature = output_signature
        if signature is None and output_types is not None:
            signature = map_structure(lambda t: TensorSpec(None, t), output_types)

        def leaf(spec, value):
            array = np.asarray(value) if spec.dtype == "string" else np.asarray(value, dtype=spec.dtype)
            if spec.shape is not None and (len(spec.shape) != array.ndim or
                                           any(s is not None and s != d for s, d in zip(spec.shape, array.shape))):
                raise ValueError(f"Dataset.from_generator: the generator yielded shape {array.shape}, but its signature says {spec.shape}")
            return array

        def elements():
            for made in generator(*(args or ())):
                if signature is None:
                    yield columns_of(made)
                    continue
                made = tuple(made) if isinstance(signature, tuple) and isinstance(made, list) else made
                yield map_structure(leaf, signature, made)

        return Dataset._make(elements, UNKNOWN_CARDINALITY)

    @staticmethod
    def range(*args, output_type="int64", name=None):
        """Integers as Python's range gives them."""
        return Dataset.from_tensor_slices(np.arange(*args, dtype=getattr(output_type, "name", output_type)))

    @staticmethod
    def zip(*args, datasets=None, name=None):
        """Elements of several Datasets side by side, as long as all have one."""
        structure = datasets if datasets is not None else args[0] if len(args) == 1 else args
        structure = tuple(structure) if isinstance(structure, list) else structure
        if isinstance(structure, Dataset):
            structure = (structure,)
        parts = leaves(structure)
        if not all(isinstance(p, Dataset) for p in parts):
            raise TypeError(f"Dataset.zip: Datasets are expected, {[type(p).__name__ for p in parts]} given")

        def elements():
            for row in zip(*[p._elements() for p in parts]):
                values = iter(row)
                yield map_structure(lambda _: next(values), structure)

        lengths = [p._length for p in parts]
        known = [n for n in lengths if n >= 0]
        length = UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in lengths else min(known) if known else INFINITE_CARDINALITY
        return Dataset._make(elements, length)

    # ---- what becomes of them
    def map(self, map_func, num_parallel_calls=None, deterministic=None, name=None):
        """`map_func` of each element; of its parts, if it is a tuple."""
        return Dataset._make(lambda: (call_with(map_func, e) for e in self._elements()), self._length, batched=self._batched)

    def filter(self, predicate, name=None):
        """The elements for which `predicate` is true."""
        return Dataset._make(lambda: (e for e in self._elements() if bool(leaves(call_with(predicate, e))[0])), UNKNOWN_CARDINALITY)

    def batch(self, batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None, name=None):
        """Elements stacked, `batch_size` at a time; the last batch may be smaller."""
        size = _positive("Dataset.batch: batch_size", batch_size)
        plain = self._plain
        if plain and plain["batch"] is None:
            plain = {**plain, "batch": (size, drop_remainder)}
            return Dataset._make(lambda: _plain_batches(plain), _batches(self._length, size, drop_remainder), plain, batched=True)

        def elements():
            rows = self._elements()
            while part := list(itertools.islice(rows, size)):
                if len(part) == size or not drop_remainder:
                    yield stacked(part)

        return Dataset._make(elements, _batches(self._length, size, drop_remainder), batched=True)

    def padded_batch(self, batch_size, padded_shapes=None, padding_values=None, drop_remainder=False, name=None):
        """As batch, with elements of different lengths padded to the longest of the batch, or to `padded_shapes`."""
        size = _positive("Dataset.padded_batch: batch_size", batch_size)

        def pad(column, shape, value):
            longest = np.max([np.shape(v) for v in column], axis=0).astype(int)
            target = longest if shape is None else [n if s is None or s == -1 else s for s, n in zip(shape, longest)]
            out = np.full((len(column), *target), 0 if value is None else value, dtype=np.asarray(column[0]).dtype)
            for row, v in zip(out, column):
                row[tuple(slice(0, n) for n in np.shape(v))] = v
            return out

        def elements():
            rows = self._elements()
            while part := list(itertools.islice(rows, size)):
                if len(part) < size and drop_remainder:
                    return
                columns = zip(*[leaves(e) for e in part])
                shapes = spread(padded_shapes, len(leaves(part[0])))
                values = spread(padding_values, len(leaves(part[0])))
                padded = iter([pad(c, s, v) for c, s, v in zip(columns, shapes, values)])
                yield map_structure(lambda _: next(padded), part[0])

        return Dataset._make(elements, _batches(self._length, size, drop_remainder), batched=True)

    def unbatch(self, name=None):
        """The rows of each element."""
        def elements():
            for batch in self._elements():
                for i in range(rows_of(batch)):
                    yield map_structure(lambda a: scalar(a[i]), batch)

        return Dataset._make(elements, UNKNOWN_CARDINALITY if self._length >= 0 else self._length)

    def shuffle(self, buffer_size, seed=None, reshuffle_each_iteration=True, name=None):
        """Draws each next element from `buffer_size` of them; with another order in each iteration."""
        size = _positive("Dataset.shuffle: buffer_size", buffer_size)
        # Without a seed the order follows keras.utils.set_random_seed, which seeds NumPy.
        base = int(np.random.randint(2**31)) if seed is None else int(seed)
        count = itertools.count()

        def rng():
            return np.random.default_rng([abs(base), next(count) if reshuffle_each_iteration else 0])

        plain = self._plain
        if plain and plain["batch"] is None and plain["shuffle"] is None and 0 <= self._length <= size:
            plain = {**plain, "shuffle": rng, "reshuffles": reshuffle_each_iteration}
            return Dataset._make(lambda: _plain_rows(plain), self._length, plain)
        return Dataset._make(lambda: _shuffled(self._elements(), size, rng()), self._length, batched=self._batched)

    def repeat(self, count=None, name=None):
        """All elements `count` times over; without a count for ever."""
        times = -1 if count is None else int(count)
        if times < 0:
            length = 0 if self._length == 0 else INFINITE_CARDINALITY
            return Dataset._make(lambda: itertools.chain.from_iterable(self._elements() for _ in itertools.count()), length, batched=self._batched)
        length = self._length * times if self._length >= 0 else self._length if times else 0
        return Dataset._make(lambda: itertools.chain.from_iterable(self._elements() for _ in range(times)), length, batched=self._batched)

    def take(self, count, name=None):
        """The first `count` elements; all for -1."""
        if count < 0:
            return self
        if self._plain and self._plain["batch"] is None and self._plain["shuffle"] is None:
            first, last = self._plain["rows"]
            return Dataset._slices(self._plain["columns"], first, min(last, first + int(count)))
        length = int(count) if self._length == INFINITE_CARDINALITY else min(self._length, int(count))
        return Dataset._make(lambda: itertools.islice(self._elements(), int(count)), length, batched=self._batched)

    def skip(self, count, name=None):
        """All but the first `count` elements."""
        if self._plain and self._plain["batch"] is None and self._plain["shuffle"] is None and count >= 0:
            first, last = self._plain["rows"]
            return Dataset._slices(self._plain["columns"], min(last, first + int(count)), last)
        length = self._length if self._length < 0 else 0 if count < 0 else max(0, self._length - int(count))
        return Dataset._make(lambda: iter(()) if count < 0 else itertools.islice(self._elements(), int(count), None), length, batched=self._batched)

    def cache(self, filename="", name=None):
        """Keeps the elements in memory, once all of them have been made."""
        if filename:
            raise _unsupported("Dataset.cache(filename): a cache lies in memory; call cache() without a file")
        if self._plain and self._plain["shuffle"] is None:
            return self
        kept = []
        complete = []

        def elements():
            if complete:
                yield from kept
                return
            made = []
            for e in self._elements():
                made.append(e)
                yield e
            if not complete:
                kept.extend(made)
                complete.append(True)

        return Dataset._make(elements, self._length, batched=self._batched)

    def prefetch(self, buffer_size=None, name=None):
        """Nothing to do: a model being fitted reads ahead by itself."""
        return self

    def enumerate(self, start=0, name=None):
        """(number, element), counted from `start`."""
        return Dataset._make(lambda: ((np.int64(i + start), e) for i, e in enumerate(self._elements())), self._length)

    def concatenate(self, dataset, name=None):
        """The elements of this one, then those of the other."""
        both = (self._length, dataset._length)
        length = INFINITE_CARDINALITY if INFINITE_CARDINALITY in both else UNKNOWN_CARDINALITY if UNKNOWN_CARDINALITY in both else sum(both)
        return Dataset._make(lambda: itertools.chain(self._elements(), dataset._elements()), length)

    def shard(self, num_shards, index, name=None):
        """Every `num_shards`-th element, from number `index` on."""
        length = self._length if self._length < 0 else max(0, -(-(self._length - index) // num_shards))
        return Dataset._make(lambda: itertools.islice(self._elements(), index, None, num_shards), length)

    def flat_map(self, map_func, name=None):
        """The elements of the Dataset that `map_func` makes of each element, one Dataset after the other."""
        def elements():
            for e in self._elements():
                tensors = map_structure(as_tensor, e)
                yield from (map_func(*tensors) if isinstance(tensors, tuple) else map_func(tensors))._elements()

        return Dataset._make(elements, UNKNOWN_CARDINALITY)

    def window(self, size, shift=None, stride=1, drop_remainder=False, name=None):
        """Datasets of `size` elements, each beginning `shift` elements after the one before."""
        shift = size if shift is None else shift

        def elements():
            rows = list(self._elements())
            for start in range(0, len(rows), shift):
                part = rows[start:start + size * stride:stride]
                if len(part) == size or not drop_remainder:
                    yield part

        return _Windows._make(elements, UNKNOWN_CARDINALITY)

    def reduce(self, initial_state, reduce_func, name=None):
        """`reduce_func(state, element)` over all elements, from `initial_state` on."""
        state = map_structure(as_tensor, columns_of(initial_state))
        for e in self._elements():
            state = reduce_func(state, map_structure(as_tensor, e))
        return state

    def apply(self, transformation_func):
        """transformation_func(self)."""
        return transformation_func(self)

    def with_options(self, options, name=None):
        """The Dataset itself: there is nothing to be set."""
        return self

    # ---- what is in it
    def __iter__(self):
        return (map_structure(as_tensor, e) for e in self._elements())

    def as_numpy_iterator(self):
        """Elements made of NumPy arrays and scalars, as `fit` reads them."""
        return (map_structure(lambda a: a if isinstance(a, np.ndarray) and a.ndim else a[()] if isinstance(a, np.ndarray) else a, e)
                for e in self._elements())

    def cardinality(self, name=None):
        """How many elements there are; -1 for endless, -2 for not known."""
        return as_tensor(np.asarray(self._length, dtype=np.int64))

    def __len__(self):
        if self._length < 0:
            raise TypeError("the Dataset is endless" if self._length == INFINITE_CARDINALITY else "how many elements the Dataset has is not known")
        return self._length

    def __bool__(self):
        return True

    @property
    def element_spec(self):
        """TensorSpecs of an element, found by making the first one. Batches have an unknown first axis."""
        first = next(iter(self._elements()), None)
        if first is None:
            raise ValueError("the Dataset has no elements")
        return map_structure(lambda a: TensorSpec((None, *a.shape[1:]) if self._batched else a.shape, "string" if a.dtype.kind == "O" else a.dtype), first)

    def __repr__(self):
        length = {INFINITE_CARDINALITY: "endless", UNKNOWN_CARDINALITY: "of unknown length"}.get(self._length, f"of {self._length} elements")
        return f"<Dataset {length}>"

    def __getattr__(self, name):
        raise AttributeError(f"cornu's Dataset has no {name!r}. There are: {', '.join(n for n in dir(Dataset) if not n.startswith('_'))}")


class _Windows(Dataset):
    """What window() returns: its elements are lists of elements, which a mapped function sees as Datasets."""

    @staticmethod
    def _dataset(part):
        return Dataset._make(lambda: iter(part), len(part))

    def __iter__(self):
        return (self._dataset(part) for part in self._elements())

    def flat_map(self, map_func, name=None):
        return Dataset._make(lambda: (e for part in self._elements() for e in map_func(self._dataset(part))._elements()), UNKNOWN_CARDINALITY)


def as_arrays(dataset):
    """(arrays, batch size, shuffled) of a plain pipeline, or None. The arrays are views on those that it was made from, in the
    structure of an element; each epoch goes through all rows, in a new order if shuffled."""
    plain = getattr(dataset, "_plain", None)
    if not plain or plain["batch"] is None or (plain["shuffle"] and not plain["reshuffles"]):
        return None
    first, last = plain["rows"]
    size, drop_remainder = plain["batch"]
    if drop_remainder and (last - first) % size:
        return None
    return map_structure(lambda a: a[first:last], plain["columns"]), size, plain["shuffle"] is not None


def _order(plain):
    first, last = plain["rows"]
    return first + plain["shuffle"]().permutation(last - first) if plain["shuffle"] else None


def _plain_rows(plain):
    for i in _order(plain):
        yield map_structure(lambda a: scalar(a[i]), plain["columns"])


def _plain_batches(plain):
    """Slices of the arrays, or their rows gathered: no element is ever made by itself."""
    first, last = plain["rows"]
    size, drop_remainder = plain["batch"]
    order = _order(plain)
    for start in range(first, last, size):
        end = min(start + size, last)
        if drop_remainder and end - start < size:
            return
        rows = slice(start, end) if order is None else order[start - first:end - first]
        yield map_structure(lambda a: a[rows], plain["columns"])


def _shuffled(elements, size, rng):
    buffer = list(itertools.islice(elements, size))
    for e in elements:
        i = int(rng.integers(len(buffer)))
        made, buffer[i] = buffer[i], e
        yield made
    for i in rng.permutation(len(buffer)):
        yield buffer[i]


def _batches(length, size, drop_remainder):
    return length if length < 0 else length // size if drop_remainder else -(-length // size)


def _positive(what, value):
    value = int(value)
    if value < 1:
        raise ValueError(f"{what} must be at least 1, {value} given")
    return value


def _unsupported(message):
    from cornu import UnsupportedError

    return UnsupportedError(message)
