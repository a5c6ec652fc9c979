"""What tensors, Variables and KerasTensors do by themselves, by way of keras.ops, which is loaded when the first of them needs it."""
from cornu import _cornu, _dtypes

Tensor, Variable, KerasTensor = _cornu.Tensor, _cornu.Variable, _cornu.KerasTensor
_loaded = None


def _ops():
    global _loaded
    if _loaded is None:
        from cornu.keras import ops

        _loaded = ops
    return _loaded


def _method(name):
    def method(*args, **kwargs):
        return getattr(_ops(), name)(*args, **kwargs)

    method.__name__ = name
    return method


def _swapped(name):
    return lambda a, b: getattr(_ops(), name)(b, a)


def _iterate(self):
    if self.ndim == 0:
        raise TypeError("iteration over a scalar")
    return iter(_ops().unstack(self))


Tensor.__getitem__ = _method("get_item")
Tensor.__iter__ = _iterate
Tensor.__neg__ = _method("negative")
Tensor.__pos__ = lambda self: self
Tensor.__abs__ = _method("absolute")
Tensor.__invert__ = _method("logical_not")
Tensor.__round__ = lambda self, digits=0: _ops().round(self, digits or 0)
Tensor.T = property(_method("transpose"))
Tensor.rank = property(lambda self: self.ndim)
Tensor.device = "cpu"
Tensor.get_shape = lambda self: self.shape
Tensor.set_shape = lambda self, shape: None
Tensor.astype = _method("cast")
Tensor.reshape = lambda self, *shape: _ops().reshape(self, shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)
Tensor.cpu = lambda self: self
Tensor.detach = _method("stop_gradient")
Tensor.__deepcopy__ = lambda self, memo: self  # nothing writes to a tensor
Tensor.__copy__ = lambda self: self
Tensor.__reduce__ = lambda self: (_tensor_from, (self.numpy(),))
for _name in "sum mean max min std var prod argmax argmin any all transpose squeeze repeat".split():
    setattr(Tensor, _name, _method(_name))


def _tensor_from(array):
    return _cornu.convert(array, None)


# A Variable is a tensor wherever it is read.
Variable.shape = property(lambda self: _dtypes.TensorShape(self._shape))
Variable.dtype = property(lambda self: getattr(_dtypes, self._dtype))
Variable.ndim = property(lambda self: len(self._shape))
Variable.rank = Variable.ndim
Variable.read_value = lambda self: self.value
Variable.__getitem__ = lambda self, key: _ops().get_item(self.value, key)
Variable.__iter__ = lambda self: iter(self.value)
Variable.__array__ = lambda self, dtype=None, copy=None: self.value.__array__(dtype)
Variable.__dlpack__ = lambda self, **kwargs: self.value.__dlpack__(**kwargs)
Variable.__dlpack_device__ = lambda self: (1, 0)
Variable.__repr__ = lambda self: f"<Variable path={self.path}, shape={tuple(self._shape)}, dtype={self._dtype}, value={self.value.numpy()!r}>"
Variable.__array_priority__ = 100
for _name in "float int bool len index format".split():
    setattr(Variable, f"__{_name}__", (lambda m: lambda self, *args: getattr(self.value, m)(*args))(f"__{_name}__"))
_OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "true_divide", "floordiv": "floor_divide", "mod": "mod", "pow": "power", "matmul": "matmul",
    "and": "logical_and", "or": "logical_or", "xor": "logical_xor",
}
_NATIVE = ("add", "sub", "mul", "truediv")  # of KerasTensor: C++'s, for numbers and KerasTensors


def _otherwise(native, name, swapped):
    """C++'s operator where it knows the operand, else the op: KerasTensor + array."""

    def operator(a, b):
        made = native(a, b)
        if made is not NotImplemented:
            return made
        op = getattr(_ops(), name)
        return op(b, a) if swapped else op(a, b)

    return operator


for _name, _op in _OPERATORS.items():
    setattr(Variable, f"__{_name}__", _method(_op))
    setattr(Variable, f"__r{_name}__", _swapped(_op))
    if _name in _NATIVE:
        setattr(KerasTensor, f"__{_name}__", _otherwise(getattr(KerasTensor, f"__{_name}__"), _op, False))
        setattr(KerasTensor, f"__r{_name}__", _otherwise(getattr(KerasTensor, f"__r{_name}__"), _op, True))
    else:
        setattr(KerasTensor, f"__{_name}__", _method(_op))
        setattr(KerasTensor, f"__r{_name}__", _swapped(_op))
for _cls in (Variable, KerasTensor):
    for _name, _op in {"lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}.items():
        setattr(_cls, f"__{_name}__", _method(_op))
    _cls.__neg__ = _method("negative")
    _cls.__abs__ = _method("absolute")
    _cls.__invert__ = _method("logical_not")
Variable.__eq__ = lambda a, b: a is b if b is None or isinstance(b, (str, Variable)) else _ops().equal(a, b)
Variable.__hash__ = lambda self: id(self) >> 4
KerasTensor.__getitem__ = _method("get_item")
KerasTensor.T = property(_method("transpose"))


# NumPy's operators with an array on the left come here; its other functions get arrays, as they do of TensorFlow's tensors.
_UFUNCS = {"add": "add", "subtract": "subtract", "multiply": "multiply", "divide": "divide", "true_divide": "true_divide", "floor_divide": "floor_divide", "remainder": "mod",
           "power": "power", "matmul": "matmul", "less": "less", "less_equal": "less_equal", "greater": "greater", "greater_equal": "greater_equal", "equal": "equal",
           "not_equal": "not_equal", "logical_and": "logical_and", "logical_or": "logical_or", "bitwise_and": "logical_and", "bitwise_or": "logical_or"}


def _array_ufunc(self, ufunc, method, *inputs, **kwargs):
    name = _UFUNCS.get(ufunc.__name__)
    if name is not None and method == "__call__" and not kwargs:
        return getattr(_ops(), name)(*inputs)
    return getattr(ufunc, method)(*(v.__array__() if isinstance(v, (Tensor, Variable, KerasTensor)) else v for v in inputs), **kwargs)


for _cls in (Tensor, Variable, KerasTensor):
    _cls.__array_ufunc__ = _array_ufunc


def _refused(what):
    def method(self, *args, **kwargs):
        raise TypeError(f"{_cornu.users_line()}: a KerasTensor stands for what a model will compute and has no numbers yet: {what} is not possible. "
                        "Use keras.ops, or a Layer of your own with this in its call()")

    return method


KerasTensor.__bool__ = _refused("if, while, and, or, not")
KerasTensor.__float__ = KerasTensor.__int__ = _refused("a number of it")
KerasTensor.__array__ = _refused("NumPy")
KerasTensor.numpy = _refused("numpy()")
KerasTensor.__iter__ = _refused("iteration")
KerasTensor.__len__ = _refused("len()")
