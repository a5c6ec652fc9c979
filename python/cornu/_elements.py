"""What a pipeline's elements are made of: nested tuples and dicts of arrays, and how they become tensors and batches."""
import numpy as np


class TensorSpec:
    """The shape and dtype of a tensor, without its values."""

    def __init__(self, shape, dtype="float32", name=None):
        self.shape = None if shape is None else tuple(shape)
        self.dtype = getattr(dtype, "name", None) or str(np.dtype(dtype))
        self.name = name

    def __repr__(self):
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"

    def __eq__(self, other):
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self):
        return hash((self.shape, self.dtype))


class Strings(np.ndarray):
    """Texts in a pipeline: a NumPy array of str. A string is no element of a tensor in cornu."""

    def numpy(self):
        return np.asarray(self)


def map_structure(function, first, *rest):
    """`function` on each leaf of nested tuples and dicts, which all have the structure of `first`."""
    if isinstance(first, dict):
        return {k: map_structure(function, v, *[r[k] for r in rest]) for k, v in first.items()}
    if isinstance(first, tuple):
        made = [map_structure(function, *parts) for parts in zip(first, *rest, strict=True)]
        return type(first)(*made) if hasattr(first, "_fields") else tuple(made)
    return function(first, *rest)


def leaves(structure):
    """The leaves of nested tuples and dicts, in order."""
    if isinstance(structure, dict):
        return [leaf for value in structure.values() for leaf in leaves(value)]
    if isinstance(structure, tuple):
        return [leaf for value in structure for leaf in leaves(value)]
    return [structure]


def as_array(value):
    """A leaf as an array. Python's own floats and ints become float32 and int32, as in TensorFlow."""
    typed = hasattr(value, "dtype") or hasattr(value, "__array__")
    array = value if isinstance(value, np.ndarray) else np.asarray(value)
    if array.dtype.kind in "OUST":
        return array.astype(object).view(Strings)
    if not typed and array.dtype in (np.float64, np.int64):
        array = array.astype(np.float32 if array.dtype == np.float64 else np.int32)
    return array


def columns_of(value):
    """What was given where a structure of arrays belongs: a pandas frame in a tuple stays one array, a list is one array."""
    return map_structure(as_array, value)


def as_tensor(array):
    """A leaf as a loop over a Dataset sees it."""
    if isinstance(array, Strings) or array.dtype.kind == "O":
        return array.view(Strings)
    from cornu.keras.ops import convert_to_tensor

    return convert_to_tensor(array)


def stacked(elements):
    def stack(*leaf):
        try:
            stacked = np.stack(leaf)
        except ValueError as error:
            shapes = sorted({np.shape(v) for v in leaf})
            raise ValueError(f"Dataset.batch: elements of one batch have different shapes: {shapes}; use padded_batch, or "
                             "bring them to one shape in map") from error
        return stacked.view(Strings) if stacked.dtype.kind == "O" else stacked

    return map_structure(stack, elements[0], *elements[1:])


def call_with(function, element):
    """A user's function on an element, whose parts are its arguments if it is a tuple; what it returns as arrays again."""
    tensors = map_structure(as_tensor, element)
    made = function(*tensors) if isinstance(tensors, tuple) else function(tensors)
    return columns_of(tuple(made) if isinstance(made, list) and any(hasattr(v, "shape") for v in made) else made)


def rows_of(columns):
    """How many rows the arrays have. Throws ValueError unless they agree."""
    sizes = {a.shape[0] if a.ndim else None for a in leaves(columns)}
    if not sizes or None in sizes or len(sizes) > 1:
        shapes = [a.shape for a in leaves(columns)]
        raise ValueError(f"Dataset.from_tensor_slices: the arrays need a first axis of one length, found shapes {shapes}")
    return sizes.pop()


def scalar(value):
    return np.asarray(value, dtype=object).view(Strings) if isinstance(value, str) else value if isinstance(value, np.ndarray) else np.asarray(value)


def spread(structure, n):
    """One value for each of n leaves: leaves may be shapes, which are tuples or lists themselves."""
    if structure is None or not isinstance(structure, (tuple, list)) or not structure or not isinstance(structure[0], (tuple, list)):
        single = isinstance(structure, (tuple, list)) and len(structure) == n and n > 1
        return list(structure) if single else [structure] * n
    return list(structure)
