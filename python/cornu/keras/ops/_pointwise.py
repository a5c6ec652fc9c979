"""Ops on each element by itself."""
import builtins
import math as _math

from cornu import _cornu
from cornu.keras._dispatch import KerasTensor, floats, op, pointwise, tensor

__all__ = []


def _unary(name, native=None, doc=None):
    native = native or name

    def f(x):
        return pointwise(native, x)

    f.__name__ = f.__qualname__ = name
    f.__doc__ = doc
    globals()[name] = op(f)
    __all__.append(name)


def _binary(name, native=None):
    native = native or name

    def f(x1, x2):
        return pointwise(native, x1, x2)

    f.__name__ = f.__qualname__ = name
    globals()[name] = op(f)
    __all__.append(name)


for _name in ("negative square sqrt rsqrt reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh "
              "arctanh erf isnan isfinite isinf logical_not").split():
    _unary(_name)
for _name in "add subtract multiply maximum minimum arctan2 hypot logaddexp equal not_equal greater greater_equal less less_equal logical_and logical_or logical_xor floor_divide mod".split():
    _binary(_name)


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


@_offered
def absolute(x):
    x = tensor(x)
    return x if x.dtype.is_bool else pointwise("absolute", x)


abs = absolute
__all__.append("abs")


@_offered
def fabs(x):
    return pointwise("absolute", floats(x))


@_offered
def sign(x):
    return pointwise("sign", x)


@_offered
def floor(x):
    return pointwise("floor", x)


@_offered
def ceil(x):
    return pointwise("ceil", x)


@_offered
def trunc(x):
    x = tensor(x)
    return pointwise("trunc", x) if x.dtype.is_floating else x


@_offered
def round(x, decimals=0):
    x = tensor(x)
    if not x.dtype.is_floating:
        if decimals >= 0:
            return x
        return tensor(round(floats(x), decimals), x.dtype)
    if decimals == 0:
        return pointwise("round", x)
    scale = 10.0 ** decimals
    return pointwise("divide", pointwise("round", pointwise("multiply", x, scale)), scale)


@_offered
def divide(x1, x2):
    return pointwise("divide", x1, x2)


@_offered
def true_divide(x1, x2):
    return pointwise("divide", x1, x2)


@_offered
def divide_no_nan(x1, x2):
    x1, x2 = _cornu.alike(x1, x2)
    x1, x2 = floats(x1), floats(x2)
    zero = pointwise("equal", x2, 0)
    return pointwise("select", zero, pointwise("multiply", pointwise("add", x1, x2), 0.0), pointwise("divide", x1, pointwise("select", zero, 1.0, x2)))


@_offered
def power(x1, x2):
    if type(x2) in (builtins.int, builtins.float) and type(x1) not in (builtins.int, builtins.float):
        x1 = tensor(x1)
        if x2 == 2:
            return pointwise("square", x1)
        if x2 == 1:
            return x1
        if x2 == 0.5:
            return pointwise("sqrt", x1)
        if x2 == 3:
            return pointwise("multiply", pointwise("square", x1), x1)
    a, b = _cornu.alike(x1, x2)
    if a.dtype.is_floating:
        return pointwise("power", a, b)
    return tensor(pointwise("round", pointwise("power", tensor(a, "float64"), tensor(b, "float64"))), "int32" if a.dtype.is_bool else a.dtype)


@_offered
def fmod(x1, x2):
    a, b = _cornu.alike(x1, x2)
    return pointwise("multiply", pointwise("sign", a), pointwise("mod", pointwise("absolute", a), pointwise("absolute", b)))


@_offered
def fmax(x1, x2):
    a, b = _cornu.alike(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, pointwise("maximum", a, b)))


@_offered
def fmin(x1, x2):
    a, b = _cornu.alike(x1, x2)
    return where(isnan(a), b, where(isnan(b), a, pointwise("minimum", a, b)))


@_offered
def erfc(x):
    return pointwise("subtract", 1.0, pointwise("erf", x))


@_offered
def cbrt(x):
    x = floats(x)
    return pointwise("multiply", pointwise("sign", x), pointwise("power", pointwise("absolute", x), 1 / 3))


@_offered
def sinc(x):
    x = pointwise("multiply", floats(x), _math.pi)
    zero = pointwise("equal", x, 0.0)
    safe = pointwise("select", zero, 1.0, x)
    return pointwise("select", zero, 1.0, pointwise("divide", pointwise("sin", safe), safe))


@_offered
def logaddexp2(x1, x2):
    log2 = _math.log(2)
    return pointwise("divide", pointwise("logaddexp", pointwise("multiply", floats(x1), log2), pointwise("multiply", floats(x2), log2)), log2)


@_offered
def deg2rad(x):
    return pointwise("multiply", floats(x), _math.pi / 180)


@_offered
def rad2deg(x):
    return pointwise("multiply", floats(x), 180 / _math.pi)


@_offered
def heaviside(x1, x2):
    x1, x2 = (floats(x) for x in _cornu.alike(x1, x2))
    return pointwise("select", pointwise("equal", x1, 0.0), x2, tensor(pointwise("greater", x1, 0.0), x1.dtype))


@_offered
def signbit(x):
    x = tensor(x)
    if not x.dtype.is_floating:
        return pointwise("less", x, 0)
    return pointwise("less", pointwise("select", pointwise("equal", x, 0.0), pointwise("reciprocal", x), x), 0.0)


@_offered
def isposinf(x):
    return pointwise("equal", floats(x), _math.inf)


@_offered
def isneginf(x):
    return pointwise("equal", floats(x), -_math.inf)


@_offered
def isreal(x):
    return pointwise("logical_or", tensor(x, "bool"), True)


@_offered
def clip(x, x_min, x_max):
    x = tensor(x)
    return pointwise("minimum", pointwise("maximum", x, _like(x, x_min)), _like(x, x_max))


def _like(x, bound):
    """A bound in x's dtype, as NumPy has it for whole numbers."""
    return bound if type(bound) in (builtins.int, builtins.float) and x.dtype.is_floating else tensor(bound)


@_offered
def where(condition, x1=None, x2=None):
    if (x1 is None) != (x2 is None):
        raise ValueError("where takes both x1 and x2, or neither of them")
    if x1 is None:
        from cornu.keras.ops._numbers import nonzero

        return nonzero(condition)
    return pointwise("select", condition, x1, x2)


@_offered
def isclose(x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False):
    a, b = (floats(x) for x in _cornu.alike(x1, x2))
    near = pointwise("less_equal", pointwise("absolute", pointwise("subtract", a, b)), pointwise("add", atol, pointwise("multiply", rtol, pointwise("absolute", b))))
    near = pointwise("logical_and", near, pointwise("logical_and", pointwise("isfinite", a), pointwise("isfinite", b)))
    near = pointwise("logical_or", near, pointwise("equal", a, b))
    return pointwise("logical_or", near, pointwise("logical_and", pointwise("isnan", a), pointwise("isnan", b))) if equal_nan else near


@_offered
def allclose(x1, x2, rtol=1e-05, atol=1e-08, equal_nan=False):
    from cornu.keras.ops._reduce import all

    return all(isclose(x1, x2, rtol, atol, equal_nan))


@_offered
def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    import numpy as np

    x = tensor(x)
    if not x.dtype.is_floating:
        return x
    limits = np.finfo("float32" if x.dtype == "bfloat16" else x.dtype)
    posinf = builtins.float(limits.max) if posinf is None else posinf
    neginf = builtins.float(limits.min) if neginf is None else neginf
    x = pointwise("select", pointwise("isnan", x), nan, x)
    x = pointwise("select", pointwise("equal", x, _math.inf), posinf, x)
    return pointwise("select", pointwise("equal", x, -_math.inf), neginf, x)


@_offered
def ldexp(x1, x2):
    return pointwise("multiply", floats(x1), pointwise("exp2", floats(x2)))


@_offered
def real(x):
    return tensor(x)


@_offered
def conj(x):
    return tensor(x)


conjugate = conj
__all__.append("conjugate")


@_offered
def select(condlist, choicelist, default=0):
    out = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        out = pointwise("select", condition, choice, out)
    return out
