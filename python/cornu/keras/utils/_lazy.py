"""Modules whose names are loaded when they are first asked for, so that `import cornu` stays quick, and that say what they lack."""
import importlib
import sys


def lazy(module, where=(), absent=None):
    """__getattr__ and __dir__ for the package `module`. `where`: {name: submodule}; `absent`: {name: why, and what instead}."""
    where, absent = dict(where), absent or {}

    def __getattr__(name):
        if name in where:
            value = getattr(importlib.import_module(where[name], module), name)
            setattr(importlib.import_module(module), name, value)
            return value
        if name.startswith("__"):
            raise AttributeError(name)
        shown = module.replace("cornu.", "")
        if name in absent:
            raise AttributeError(f"cornu has no {shown}.{name}: {absent[name]}")
        near = nearest(name, [*where, *(n for n in vars(sys.modules[module]) if not n.startswith("_"))])
        raise AttributeError(f"cornu has no {shown}.{name}" + (f"; did you mean {near}?" if near else ""))

    def __dir__():
        return sorted(where)

    return __getattr__, __dir__


class deferred:
    """A module that is loaded when something of it is first asked for: `inspect = deferred("inspect")`."""

    def __init__(self, module):
        self.__dict__["_module"] = module

    def __getattr__(self, name):
        value = self.__dict__[name] = getattr(importlib.import_module(self._module), name)
        return value


def nearest(name, names):
    """The one of the names that is most like it, whatever its case and underscores, or None."""
    import difflib

    alike = {}
    for n in names:
        alike.setdefault(n.lower().replace("_", ""), []).append(n)
    found = difflib.get_close_matches(name.lower().replace("_", ""), alike, 1)
    return difflib.get_close_matches(name, alike[found[0]], 1, 0)[0] if found else None


def table(**by_module):
    """{name: submodule} of submodule="name name ..."."""
    return {name: f".{module}" for module, names in by_module.items() for name in names.split()}


def refused(message):
    """The error for what Keras has and cornu refuses by name: a NotImplementedError."""
    from cornu import UnsupportedError

    return UnsupportedError(message)
