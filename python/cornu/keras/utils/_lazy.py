"""Modules whose names are loaded when they are first asked for, so that `import cornu` stays quick, and that say what they lack."""
import difflib
import importlib


def lazy(module, where, absent=None):
    """__getattr__ and __dir__ for the package `module`. `where`: {name: submodule}; `absent`: {name: why, and what instead}."""
    absent = absent or {}

    def __getattr__(name):
        if name in where:
            value = getattr(importlib.import_module(where[name], module), name)
            setattr(importlib.import_module(module), name, value)
            return value
        shown = module.replace("cornu.", "")
        if name in absent:
            raise AttributeError(f"cornu has no {shown}.{name}: {absent[name]}")
        near = difflib.get_close_matches(name, where, 1)
        raise AttributeError(f"cornu has no {shown}.{name}" + (f"; did you mean {near[0]}?" if near else ""))

    def __dir__():
        return sorted(where)

    return __getattr__, __dir__


def table(**by_module):
    """{name: submodule} of submodule="name name ..."."""
    return {name: f".{module}" for module, names in by_module.items() for name in names.split()}


def refused(message):
    """The error for what Keras has and cornu refuses by name: a NotImplementedError."""
    from cornu import UnsupportedError

    return UnsupportedError(message)
