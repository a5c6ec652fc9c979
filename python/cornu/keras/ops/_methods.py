"""What tensors, Variables and KerasTensors do by themselves: indices, iteration, operators that need ops."""
from cornu import _cornu, _dtypes
from cornu.keras.ops import _core, _index, _pointwise, _products, _reduce, _shape

Tensor, Variable, KerasTensor = _cornu.Tensor, _cornu.Variable, _cornu.KerasTensor


def _iterate(self):
    if self.ndim == 0:
        raise TypeError("iteration over a scalar")
    return iter(_shape.unstack(self))


Tensor.__getitem__ = _index.get_item
Tensor.__iter__ = _iterate
Tensor.__neg__ = _pointwise.negative
Tensor.__pos__ = lambda self: self
Tensor.__abs__ = _pointwise.absolute
Tensor.__invert__ = _pointwise.logical_not
Tensor.__round__ = lambda self, digits=0: _pointwise.round(self, digits or 0)
Tensor.T = property(_shape.transpose)
Tensor.rank = property(lambda self: self.ndim)
Tensor.get_shape = lambda self: self.shape
Tensor.set_shape = lambda self, shape: None
Tensor.astype = _core.cast
Tensor.reshape = lambda self, *shape: _shape.reshape(self, shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape)
Tensor.cpu = lambda self: self
Tensor.detach = _core.stop_gradient
for _name in "sum mean max min std var prod argmax argmin any all".split():
    setattr(Tensor, _name, getattr(_reduce, _name))
for _name in "transpose squeeze repeat".split():
    setattr(Tensor, _name, getattr(_shape, _name))

# A Variable is a tensor wherever it is read.
Variable.shape = property(lambda self: _dtypes.TensorShape(self._shape))
Variable.dtype = property(lambda self: getattr(_dtypes, self._dtype))
Variable.ndim = property(lambda self: len(self._shape))
Variable.read_value = lambda self: self.value
Variable.initialized_value = lambda self: self.value
Variable.__getitem__ = lambda self, key: _index.get_item(self.value, key)
Variable.__iter__ = lambda self: iter(self.value)
Variable.__array__ = lambda self, dtype=None, copy=None: self.value.__array__(dtype)
Variable.__dlpack__ = lambda self, **kwargs: self.value.__dlpack__(**kwargs)
Variable.__dlpack_device__ = lambda self: (1, 0)
Variable.__repr__ = lambda self: f"<Variable path={self.path}, shape={tuple(self._shape)}, dtype={self._dtype}, value={self.value.numpy()!r}>"
Variable.__array_priority__ = 100
Variable.__array_ufunc__ = None
for _name in "float int bool len index format".split():
    setattr(Variable, f"__{_name}__", (lambda m: lambda self, *args: getattr(self.value, m)(*args))(f"__{_name}__"))
_OPERATORS = {
    "add": _pointwise.add, "sub": _pointwise.subtract, "mul": _pointwise.multiply, "truediv": _pointwise.true_divide, "floordiv": _pointwise.floor_divide,
    "mod": _pointwise.mod, "pow": _pointwise.power, "matmul": _products.matmul, "and": _pointwise.logical_and, "or": _pointwise.logical_or,
    "xor": _pointwise.logical_xor,
}
_COMPARISONS = {"lt": _pointwise.less, "le": _pointwise.less_equal, "gt": _pointwise.greater, "ge": _pointwise.greater_equal}


def _swapped(f):
    return lambda a, b: f(b, a)


for _name, _f in _OPERATORS.items():
    for _cls in (Variable, KerasTensor):
        if _cls is KerasTensor and _name in ("add", "sub", "mul", "truediv"):
            continue  # C++'s, for numbers and KerasTensors; the rest below
        setattr(_cls, f"__{_name}__", lambda a, b, f=_f: f(a, b))
        setattr(_cls, f"__r{_name}__", lambda a, b, f=_f: f(b, a))
for _name, _f in _COMPARISONS.items():
    for _cls in (Variable, KerasTensor):
        setattr(_cls, f"__{_name}__", lambda a, b, f=_f: f(a, b))
for _cls in (Variable, KerasTensor):
    _cls.__neg__ = _pointwise.negative
    _cls.__abs__ = _pointwise.absolute
    _cls.__invert__ = _pointwise.logical_not
Variable.__eq__ = lambda a, b: a is b if b is None or isinstance(b, (str, Variable)) else _pointwise.equal(a, b)
Variable.__hash__ = lambda self: id(self) >> 4


def _otherwise(name, f, swapped):
    """C++'s operator where it knows the operand, else the op: KerasTensor + array."""
    native = getattr(KerasTensor, name)

    def operator(a, b):
        made = native(a, b)
        if made is not NotImplemented:
            return made
        return f(b, a) if swapped else f(a, b)

    setattr(KerasTensor, name, operator)


for _name in ("add", "sub", "mul", "truediv"):
    _otherwise(f"__{_name}__", _OPERATORS[_name], False)
    _otherwise(f"__r{_name}__", _OPERATORS[_name], True)
KerasTensor.__getitem__ = _index.get_item
KerasTensor.__array_ufunc__ = None
KerasTensor.T = property(_shape.transpose)


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
