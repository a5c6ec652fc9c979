"""The element types of tensors as scripts name them, and shapes. A dtype is its name: tf.float32 == "float32"."""


class DType(str):
    """tf.float32: a str, so that it goes wherever a dtype's name does."""

    __slots__ = ()

    @property
    def name(self):
        return str(self)

    @property
    def as_numpy_dtype(self):
        import numpy as np

        return np.dtype("float32" if self == "bfloat16" else str(self)).type

    @property
    def is_floating(self):
        return self in ("float32", "float64", "bfloat16")

    @property
    def is_integer(self):
        return self in ("int32", "int64", "uint8")

    @property
    def is_bool(self):
        return self == "bool"

    @property
    def size(self):
        return {"bfloat16": 2, "int32": 4, "float32": 4, "int64": 8, "float64": 8}.get(self, 1)

    @property
    def __cornu_name__(self):
        return str(self)

    def __repr__(self):
        return f"<dtype: '{self}'>"


class TensorShape(tuple):
    """A tuple of sizes, None where one is open, with the words of TensorFlow's."""

    __slots__ = ()

    def as_list(self):
        return list(self)

    @property
    def rank(self):
        return len(self)

    @property
    def ndims(self):
        return len(self)

    @property
    def dims(self):
        return list(self)

    def num_elements(self):
        total = 1
        for size in self:
            if size is None:
                return None
            total *= size
        return total

    def is_fully_defined(self):
        return None not in self


float32, float64, bfloat16, int32, int64, uint8 = (DType(n) for n in "float32 float64 bfloat16 int32 int64 uint8".split())
bool = DType("bool")
