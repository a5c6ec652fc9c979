"""keras.ops's own: conversions, shapes, choices and loops."""
import builtins

from cornu import _cornu
from cornu.keras._dispatch import KerasTensor, Tensor, Variable, is_concrete, op, pointwise, primitive, tensor

__all__ = []


def _offered(f):
    __all__.append(f.__name__)
    return op(f)


def _plain(f):
    __all__.append(f.__name__)
    return f


@_plain
def convert_to_tensor(x, dtype=None, sparse=None, ragged=None):
    if sparse or ragged:
        raise NotImplementedError("sparse and ragged tensors are not supported by cornu")
    return x if isinstance(x, KerasTensor) and dtype is None else cast(x, dtype) if dtype is not None else tensor(x)


@_plain
def convert_to_numpy(x):
    import numpy as np

    if isinstance(x, KerasTensor):
        raise ValueError("a KerasTensor has no numbers: it stands for what a model will compute")
    return np.asarray(x)


@_plain
def array(x, dtype=None):
    return convert_to_tensor(x, dtype)


@_offered
def cast(x, dtype):
    return tensor(x, dtype)


@_offered
def saturate_cast(x, dtype):
    import numpy as np

    x = tensor(x)
    if str(dtype) in ("bfloat16", "float32", "float64", "bool"):
        return tensor(x, dtype)
    limits = np.iinfo(str(dtype))
    return tensor(pointwise("minimum", pointwise("maximum", x, tensor(float(limits.min) if x.dtype.is_floating else max(limits.min, np.iinfo(x.dtype).min), x.dtype)),
                            tensor(float(limits.max) if x.dtype.is_floating else min(limits.max, np.iinfo(x.dtype).max), x.dtype)), dtype)


@_plain
def shape(x):
    """A tuple of ints. In a trace these are the sizes of the batch at hand; of a KerasTensor open ones are None."""
    return tuple(x.shape) if hasattr(x, "shape") else tuple(tensor(x).shape)


@_plain
def size(x):
    if isinstance(x, KerasTensor):
        total = 1
        for n in x.shape:
            total = None if n is None or total is None else total * n
        return total
    return tensor(x).size


@_plain
def ndim(x):
    return len(shape(x))


@_plain
def dtype(x):
    return x.dtype if hasattr(x, "dtype") else tensor(x).dtype


@_plain
def is_tensor(x):
    return isinstance(x, (Tensor, KerasTensor))


@_offered
def copy(x):
    return pointwise("add", tensor(x), 0) if tensor(x).dtype != "bool" else tensor(x)


@_offered
def stop_gradient(variable):
    x = tensor(variable)
    return primitive("stop_gradient", x) if x.dtype.is_floating else x


# ---- choices

def _leaves(structure):
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in _leaves(part)]
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in _leaves(structure[key])]
    return [] if structure is None else [structure]


def _rebuilt(structure, leaves):
    if isinstance(structure, (list, tuple)):
        parts = [_rebuilt(part, leaves) for part in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    if isinstance(structure, dict):
        made = {key: _rebuilt(structure[key], leaves) for key in sorted(structure)}
        return {key: made[key] for key in structure}
    return None if structure is None else next(leaves)


def _mapped(function, structure, *more):
    rows = zip(_leaves(structure), *(_leaves(m) for m in more), strict=True)
    return _rebuilt(structure, iter([function(*row) for row in rows]))


@_offered
def cond(pred, true_fn, false_fn):
    """One of two results. While numbers are there only that one is computed; in a trace both are, and one is chosen."""
    if not isinstance(pred, (Tensor, Variable)) or is_concrete(pred):
        return true_fn() if bool(pred) else false_fn()

    def choose(a, b):
        return _mapped(lambda a, b: pointwise("select", pred, a, b), a, b)

    return _cornu.record_branches(pred, true_fn, false_fn, choose) if _cornu.recording() and not _cornu.tracing() else choose(true_fn(), false_fn())


@_offered
def switch(index, branches, *operands):
    index = tensor(index, "int32")
    index = pointwise("minimum", pointwise("maximum", index, 0), len(branches) - 1)
    if is_concrete(index):
        return branches[int(index)](*operands)
    out = branches[0](*operands)
    for i, branch in enumerate(branches[1:], 1):
        out = _mapped(lambda a, b, i=i: pointwise("select", pointwise("equal", index, i), b, a), out, branch(*operands))
    return out


# ---- loops

def _traced(structure):
    return builtins.any(_cornu.is_traced(leaf) for leaf in _leaves(structure))


@_plain
def scan(f, init, xs=None, length=None, reverse=False, unroll=1):
    """carry, ys: f(carry, x) -> (carry, y) along the first axis of xs; compiled as one loop."""
    state = [tensor(leaf) for leaf in _leaves(init)]
    sequences = [tensor(leaf) for leaf in _leaves(xs)]
    if not sequences:
        import numpy as np

        sequences = [tensor(np.arange(int(length), dtype=np.int32))]
    structure = {}

    def body(carried, slices):
        x = None if xs is None else _rebuilt(xs, iter(slices))
        new, y = f(_rebuilt(init, iter(carried)), x)
        structure["y"] = y
        return [_cornu.convert(n, c.dtype) for n, c in zip(_leaves(new), carried, strict=True)] + [tensor(leaf) for leaf in _leaves(y)]

    out = _cornu.scan(body, state, sequences, bool(reverse))
    return _rebuilt(init, iter(out[: len(state)])), _rebuilt(structure["y"], iter(out[len(state) :]))


@_plain
def fori_loop(lower, upper, body_fun, init_val):
    lower, upper = int(lower), int(upper)
    if upper <= lower:
        return init_val
    import numpy as np

    return scan(lambda carry, i: (body_fun(i, carry), None), init_val, np.arange(lower, upper, dtype=np.int32))[0]


@_plain
def while_loop(cond, body, loop_vars, maximum_iterations=None):
    """While numbers are there, a loop of Python's. In a trace it runs maximum_iterations times, and keeps what there is once cond is false."""
    one = not isinstance(loop_vars, (list, tuple))
    variables = tuple(tensor(v) for v in ((loop_vars,) if one else loop_vars))

    def after(state):
        new = body(*state)
        return tuple(new) if isinstance(new, (list, tuple)) else (new,)

    if not _traced(variables):
        steps = 0
        while (maximum_iterations is None or steps < maximum_iterations) and bool(cond(*variables)):
            variables = after(variables)
            steps += 1
    else:
        if maximum_iterations is None:
            raise NotImplementedError(f"{_cornu.users_line()}: while_loop in a trace needs maximum_iterations: a compiled program knows its length")

        def step(state, _):
            go = cond(*state)
            return _mapped(lambda new, old: pointwise("select", go, new, old), after(state), state), None

        variables, _ = scan(step, variables, length=maximum_iterations)
    return variables[0] if one else type(loop_vars)(variables) if isinstance(loop_vars, list) else variables


@_plain
def map(f, xs):
    return scan(lambda carry, x: (carry, f(x)), tensor(0), xs)[1]


@_plain
def vectorized_map(function, elements):
    return map(function, elements)


@_plain
def vectorize(pyfunc, *, excluded=None, signature=None):
    if signature is not None or excluded:
        raise NotImplementedError("vectorize: signature and excluded are not supported")
    return lambda *args: pyfunc(*args)


@_plain
def custom_gradient(f):
    """f(*tensors) -> (result, gradient), with gradient(slope of the result) -> the slope of each tensor: both are traced and compiled."""
    import functools

    def result(*args, **kwargs):
        tensors = [tensor(a) for a in args]
        value, gradient = f(*tensors, **kwargs)
        if not isinstance(value, (list, tuple)):
            return _cornu.custom_gradient(value, tensors, gradient)
        values = [tensor(v) for v in value]

        def of_one(k):
            return lambda slope: gradient(*(slope if i == k else pointwise("multiply", v, 0) for i, v in enumerate(values)))

        return type(value)(_cornu.custom_gradient(v, tensors, of_one(k)) for k, v in enumerate(values))

    return functools.wraps(f)(op(result))


@_plain
def rearrange(tensor, pattern, **axes_lengths):
    """einops's: "b (h w) c -> b h w c"."""
    from cornu.keras.ops import _shape

    def parsed(side):
        groups, inside = [], None
        for word in side.replace("(", " ( ").replace(")", " ) ").split():
            if word == "(":
                inside = []
            elif word == ")":
                groups.append(inside)
                inside = None
            elif inside is not None:
                inside.append(word)
            else:
                groups.append([word])
        return groups

    left, right = (parsed(side) for side in pattern.split("->"))
    known = dict(axes_lengths)
    sizes = tensor.shape
    for group, n in zip(left, sizes, strict=True):
        open_, rest = [a for a in group if a not in known and a != "1"], 1
        for a in group:
            rest *= known.get(a, 1)
        if len(open_) > 1:
            raise ValueError(f"rearrange: give the sizes of all but one of {open_}")
        if open_:
            known[open_[0]] = None if n is None else n // rest
    flat = [a for group in left for a in group]
    x = _shape.reshape(tensor, [-1 if known.get(a, 1) is None else known.get(a, 1) for a in flat])
    order = [a for group in right for a in group]
    x = _shape.transpose(x, [flat.index(a) for a in order])

    def product(group):
        total = 1
        for a in group:
            total = -1 if known.get(a, 1) is None or total == -1 else total * known.get(a, 1)
        return total

    return _shape.reshape(x, [product(group) for group in right])
