"""tf.function: Python that runs once for each kind of arguments, and is a compiled Program from then on."""
import types

from cornu import _cornu

_eagerly = False


class Place:
    """Where a tensor stood in a structure."""

    def __init__(self, index):
        self.index = index


def is_array(value):
    return isinstance(value, _cornu.Tensor) or not isinstance(value, (_cornu.Variable, _cornu.KerasTensor, type)) and hasattr(value, "shape") and (
        hasattr(value, "__array__") or hasattr(value, "__dlpack__"))


def taken_apart(structure):
    """(tensors, the structure with Places for them, a key: equal for structures that differ in the numbers of tensors alone)."""
    leaves = []

    def visit(value):
        kind = type(value)
        if isinstance(value, dict):
            parts = {k: visit(value[k]) for k in value}
            return {k: p[0] for k, p in parts.items()}, (dict, *((k, p[1]) for k, p in parts.items()))
        if isinstance(value, (list, tuple)):
            parts = [visit(v) for v in value]
            made = kind(*(p[0] for p in parts)) if hasattr(value, "_fields") else (list if isinstance(value, list) else tuple)(p[0] for p in parts)
            return made, (kind, *(p[1] for p in parts))
        if is_array(value):
            leaves.append(value)
            return Place(len(leaves) - 1), Place
        if value is None or kind in (bool, int, float, str, bytes):
            return value, (kind, value)
        return value, (kind, id(value))

    template, key = visit(structure)
    return leaves, template, key


def put_together(template, leaves):
    if isinstance(template, dict):
        return {k: put_together(v, leaves) for k, v in template.items()}
    if isinstance(template, (list, tuple)):
        parts = (put_together(v, leaves) for v in template)
        return type(template)(*parts) if hasattr(template, "_fields") else type(template)(parts)
    return leaves[template.index] if type(template) is Place else template


def _results(structure, leaves):
    """The structure with Places for tensors and Variables, which are appended to `leaves`."""
    if isinstance(structure, dict):
        return {k: _results(v, leaves) for k, v in structure.items()}
    if isinstance(structure, (list, tuple)):
        parts = [_results(v, leaves) for v in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    if is_array(structure) or isinstance(structure, _cornu.Variable):
        leaves.append(structure)
        return Place(len(leaves) - 1)
    return structure


class Function:
    """What @tf.function makes of a function.

    For arguments of new shapes and dtypes, or other numbers and objects of Python's, the function itself runs once: that is traced and
    compiled, Variables that it assigns to and random numbers included. After that no Python of it runs; what it does besides computing
    with tensors (print, append to a list) happens only while it is traced. `if` and `while` on the values of tensors are errors that name
    the line: ops.where and ops.cond choose, ops.while_loop and ops.scan repeat. tf.config.run_functions_eagerly(True) has Python run in
    each call. Inside of a GradientTape, or of another function that is traced, it runs as part of that.
    """

    def __init__(self, python_function, input_signature=None):
        self.python_function, self._signature, self._known, self._kept = python_function, input_signature, {}, []
        for name in ("__name__", "__qualname__", "__doc__", "__module__", "__wrapped__"):
            try:
                setattr(self, name, getattr(python_function, name))
            except AttributeError:
                pass

    def __call__(self, *args, **kwargs):
        from cornu import _tape

        if _eagerly or _tape.recording() or _cornu.recording() or _cornu.tracing():
            return self.python_function(*args, **kwargs)
        if self._signature is not None:
            args = tuple(_cornu.convert(a, s.dtype) if hasattr(s, "dtype") else a for a, s in zip(args, self._signature, strict=True))
        given, template, key = taken_apart((args, kwargs))
        tensors, kinds = [], []
        for leaf in given:
            tensor, *kind = _cornu.tensor_like(leaf)
            tensors.append(tensor)
            kinds.append(tuple(kind))
        signature = key, tuple(kinds)
        known = self._known.get(signature)
        if known is None:
            known = self._known[signature] = self._traced(template, tensors)
            self._kept.append(template)  # objects in it are known by their id
        program, result = known
        return put_together(result, program(tensors))

    def _traced(self, template, tensors):
        result = None

        def run(placeholders):
            nonlocal result
            leaves = []
            args, kwargs = put_together(template, placeholders)
            result = _results(self.python_function(*args, **kwargs), leaves)
            return leaves

        return _cornu.record(run, tensors), result

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        name = f"_function_{id(self)}"
        bound = instance.__dict__.get(name)
        if bound is None:
            bound = instance.__dict__[name] = Function(types.MethodType(self.python_function, instance), self._signature)
        return bound

    def experimental_get_tracing_count(self):
        """For how many kinds of arguments it was traced."""
        return len(self._known)

    def get_concrete_function(self, *args, **kwargs):
        raise NotImplementedError("cornu has no graph functions of TensorFlow's; save a model with model.save()")


def function(func=None, input_signature=None, autograph=True, jit_compile=None, reduce_retracing=False, **options):
    """tf.function: see Function."""
    if func is None:
        return lambda f: function(f, input_signature)
    return func if isinstance(func, Function) else Function(func, input_signature)


def run_functions_eagerly(run_eagerly):
    global _eagerly
    _eagerly = bool(run_eagerly)


def functions_run_eagerly():
    return _eagerly


def py_function(func=None, inp=None, Tout=None, name=None):
    """func(*tensors) of Python, on numbers: at once, or in each run of the compiled step that is being traced.

    What it costs there: each run waits for Python's lock, copies inp and the results, and no other part of the step runs meanwhile: a few
    microseconds if nobody else holds the lock, and what the function itself takes; with numbers that are there, only the latter. No gradient goes through it. In a trace the
    function runs once more on zeros, for the shapes of its results, which are the same from then on.
    """
    return _python(func, inp, Tout, False)


def numpy_function(func=None, inp=None, Tout=None, stateful=True, name=None):
    """py_function for functions of NumPy arrays. What it costs is said there."""
    return _python(func, inp, Tout, True)


def _python(func, inp, wanted, arrays):
    several = isinstance(wanted, (list, tuple))
    made = _cornu.py_function(func, list(inp), list(wanted) if several else [] if wanted is None else [wanted], arrays)
    return made if several else made[0] if made else None
