"""keras.ops.linalg: norm is traced and differentiated; decompositions are NumPy's, of tensors whose numbers are there."""
from cornu.keras._dispatch import op
from cornu.keras.ops._numbers import _returned, array
from cornu.keras.ops._products import norm

__all__ = ["norm"]


def _decomposition(name, function=None, adapt=None):
    def f(x, *args, **kwargs):
        import numpy as np

        from cornu.keras._dispatch import floats

        x = array(floats(x), name)
        args = [array(a, name) if hasattr(a, "numpy") else a for a in args]
        y = getattr(np.linalg, function or name)(x, *args, **kwargs)
        return _returned(tuple(y) if isinstance(y, tuple) else y, x.dtype)

    f.__name__ = f.__qualname__ = name
    globals()[name] = op(f)
    __all__.append(name)


for _name in "det eigh inv pinv qr slogdet solve svd matrix_rank".split():
    _decomposition(_name)


@op
def cholesky(x, upper=False):
    import numpy as np

    from cornu.keras._dispatch import floats

    y = np.linalg.cholesky(array(floats(x), "cholesky"))
    return _returned(np.swapaxes(y, -1, -2) if upper else y, y.dtype)


@op
def lstsq(a, b, rcond=None):
    import numpy as np

    a = array(a, "lstsq")
    return _returned(np.linalg.lstsq(a, array(b, "lstsq"), rcond)[0], a.dtype)


@op
def solve_triangular(a, b, lower=False):
    import numpy as np

    a = array(a, "solve_triangular")
    return _returned(np.linalg.solve(np.tril(a) if lower else np.triu(a), array(b, "solve_triangular")), a.dtype)


@op
def logdet(x):
    import numpy as np

    x = array(x, "logdet")
    return _returned(np.linalg.slogdet(x)[1], x.dtype)


@op
def cholesky_inverse(x, upper=False):
    import numpy as np

    x = array(x, "cholesky_inverse")
    return _returned(np.linalg.inv(np.swapaxes(x, -1, -2) @ x if upper else x @ np.swapaxes(x, -1, -2)), x.dtype)


__all__ += ["cholesky", "lstsq", "solve_triangular", "logdet", "cholesky_inverse"]
