"""Writes the type stubs (.pyi) of cornu's public modules, from the modules as they are once loaded.

    PYTHONPATH=<build>/python python stubs.py [--check]

Most of cornu's classes are made at import from C++'s lists of fields, and modules load their names when asked: a type checker sees
neither, hence these files. --check: writes nothing, exits 1 if they are not up to date.
"""
import importlib
import importlib.util
import inspect
import keyword
import pathlib
import sys
import types

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEAD = "# Made by python/scripts/stubs.py.\n"

# What methods return whose Python does not say.
RETURNS = {
    "fit": "Any", "predict": "Any", "predict_on_batch": "Any", "evaluate": "Any", "get_weights": "list[NDArray[Any]]", "count_params": "int",
    "summary": "None", "compile": "None", "save": "None", "save_weights": "None", "set_weights": "None", "to_json": "str", "get_config": "dict[str, Any]",
    "build": "None", "__len__": "int", "__bool__": "bool", "__float__": "float", "__int__": "int", "__repr__": "str", "__init__": "None",
    "to_categorical": "NDArray[Any]", "pad_sequences": "NDArray[Any]", "img_to_array": "NDArray[Any]", "numpy": "NDArray[Any]",
    "load_model": "Model", "clone_model": "Model", "model_from_json": "Model", "set_random_seed": "None",
}
SPECIAL = ("__call__", "__len__", "__iter__", "__getitem__", "__bool__", "__float__", "__int__", "__array__", "__enter__", "__exit__", "__setitem__")
ARITHMETIC = [f"__{p}{op}__" for op in ("add", "sub", "mul", "truediv", "floordiv", "pow", "matmul", "mod") for p in ("", "r")] + [
    "__neg__", "__lt__", "__le__", "__gt__", "__ge__", "__and__", "__or__", "__invert__"]


def importable(module):
    """Whether a module is a public one of cornu's with a file of its own: tf.math and its like are made in memory."""
    return module.__name__.split(".")[0] == "cornu" and "._" not in module.__name__ and getattr(module, "__spec__", None) is not None


# What every layer takes beside its own options.
OF_EVERY_LAYER = ("name", "trainable", "dtype", "input_shape", "batch_input_shape", "input_dim", "batch_size", "activity_regularizer", "autocast")


def public_modules():
    """{dotted name: module}, all of cornu's that users may import."""
    found = {}

    def visit(name):
        if name in found:
            return
        found[name] = importlib.import_module(name)
        for short in dir(found[name]):
            if short.startswith("_"):
                continue
            try:
                value = getattr(found[name], short)
            except AttributeError:
                continue
            if isinstance(value, types.ModuleType) and importable(value):
                visit(value.__name__)

    visit("cornu")
    for extra in ("cornu.data", "cornu.keras", *(f"cornu.keras.{m}" for m in importlib.import_module("cornu.keras")._MODULES)):
        if importlib.util.find_spec(extra):
            visit(extra)
    return found


def public_names(module):
    """{name: value} of what the module offers; modules among them are those of cornu."""
    listed = getattr(module, "__all__", None) or dir(module)
    names = {}
    for name in sorted(n for n in listed if not n.startswith("_") or n == "__version__"):
        if keyword.iskeyword(name):
            continue
        try:
            value = getattr(module, name)
        except AttributeError:
            continue
        if isinstance(value, types.ModuleType):
            if value.__name__.split(".")[0] != "cornu" or "._" in value.__name__:
                continue
        elif getattr(value, "__module__", "cornu").split(".")[0] not in ("cornu", "builtins", "numpy"):
            continue  # what the module imports for itself
        names[name] = value
    return names


def homes(modules):
    """{id: (module, name)}: where each class and function is defined for the reader: the module that it names, else the deepest."""
    found = {}
    for module in sorted(modules, key=lambda m: (-m.count("."), m)):
        for name, value in public_names(modules[module]).items():
            if isinstance(value, (type, types.FunctionType, types.BuiltinFunctionType)) or callable(value):
                at = found.get(id(value))
                if at is None or getattr(value, "__module__", None) == module != at[0] or (at[0] == module and name == getattr(value, "__name__", "")):
                    found[id(value)] = (module, name)
    return found


def type_of_default(value):
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "float"
    return "Any"


def parameters(signature, skip_self=False):
    """The text between the parentheses."""
    parts, star, slash = [], False, None
    for i, p in enumerate(signature.parameters.values()):
        if skip_self and i == 0:
            continue
        if not p.name.isidentifier() or keyword.iskeyword(p.name):
            return "*args: Any, **kwargs: Any"
        if p.kind is p.POSITIONAL_ONLY:
            slash = len(parts) + 1
        if p.kind is p.VAR_POSITIONAL:
            parts.append(f"*{p.name}: Any")
            star = True
            continue
        if p.kind is p.VAR_KEYWORD:
            parts.append(f"**{p.name}: Any")
            continue
        if p.kind is p.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        parts.append(f"{p.name}: Any" if p.default is p.empty else f"{p.name}: {type_of_default(p.default)} = ...")
    if slash:
        parts.insert(slash, "/")
    return ", ".join(parts)


def signature_of(value):
    try:
        return inspect.signature(value)
    except (TypeError, ValueError):
        return None


def function(name, value, indent="", method=False, static=False):
    """One def. A method's own first parameter is self or cls already."""
    if name in ARITHMETIC:
        return f"{indent}def {name}(self{'' if name in ('__neg__', '__invert__') else ', other: Any'}) -> Any: ..."
    signature = signature_of(value)
    inner = "*args: Any, **kwargs: Any" if signature is None else parameters(signature, skip_self=method and not static)
    own = "" if static or not method else "self" if not isinstance(method, str) else method
    arguments = ", ".join(p for p in (own, inner) if p)
    return f"{indent}def {name}({arguments}) -> {RETURNS.get(name, 'Any')}: ..."


def class_text(name, cls, known, module):
    """A class: its base if that is public, its constructor, methods and properties."""
    base = next((b for b in cls.__mro__[1:] if id(b) in known), None)
    bases = ""
    if base is not None:
        where, short = known[id(base)]
        bases = short if where == module else f"{where}.{short}"
    elif issubclass(cls, BaseException):
        builtin = [b.__name__ for b in cls.__mro__ if b.__module__ == "builtins" and b not in (object, BaseException)]
        bases = builtin[0] if builtin else "Exception"
    lines = []
    shown = set()
    inherited = set() if base is None else set(base.__mro__)
    if not issubclass(cls, BaseException):
        signature = signature_of(cls)
        inner = "*args: Any, **kwargs: Any" if signature is None else parameters(signature)
        if getattr(cls, "_options", None) is not None and "__init__" not in vars(cls) and inner.endswith("**kwargs: Any") and any(b.__name__ == "Layer" for b in cls.__mro__):
            more = [f"{n}: Any = ..." for n in OF_EVERY_LAYER if n not in cls._options]
            inner = inner.removesuffix("**kwargs: Any") + ", ".join(["*", *more])
        lines.append(f"    def __init__(self{', ' + inner if inner else ''}) -> None: ...")
    for owner in cls.__mro__:
        if owner in inherited or owner is object or issubclass(owner, BaseException) or owner.__module__.split(".")[0] not in ("cornu",):
            continue
        for short, value in vars(owner).items():
            if short in shown or (short.startswith("_") and short not in SPECIAL and short not in ARITHMETIC):
                continue
            if not short.isidentifier() or keyword.iskeyword(short) or isinstance(value, type):
                continue
            shown.add(short)
            if isinstance(value, property) or type(value).__name__ in ("getset_descriptor", "member_descriptor", "cached_property", "nb_static_property"):
                lines += ["    @property", f"    def {short}(self) -> Any: ..."]
                if not isinstance(value, property) or value.fset:
                    lines += [f"    @{short}.setter", f"    def {short}(self, value: Any) -> None: ..."]
            elif isinstance(value, staticmethod):
                lines += ["    @staticmethod", function(short, value.__func__, "    ", True, True)]
            elif isinstance(value, classmethod):
                lines += ["    @classmethod", function(short, value.__func__, "    ", "cls")]
            elif callable(value):
                lines.append(function(short, value, "    ", True))
            else:
                lines.append(f"    {short}: Any")
    if base is None and not issubclass(cls, BaseException) and hasattr(cls, "__getattr__"):
        lines.append("    def __getattr__(self, name: str) -> Any: ...")
    return [f"class {name}{f'({bases})' if bases else ''}:", *(lines or ["    ..."])]


def stub(module_name, module, known):
    """The text of one .pyi file."""
    body, imports = [], set()
    for name, value in public_names(module).items():
        if isinstance(value, types.ModuleType) and not importable(value):
            body.append(f"{name}: Any")
        elif isinstance(value, types.ModuleType):
            if value.__name__ == f"{module_name}.{name}":
                imports.add(f"from {module_name} import {name} as {name}")
            else:
                parent, _, short = value.__name__.rpartition(".")
                imports.add(f"from {parent} import {short} as {name}")
        if isinstance(value, types.ModuleType):
            continue
        home = known.get(id(value), (module_name, name))
        if home[0] != module_name:
            imports.add(f"from {home[0]} import {home[1]} as {name}")
        elif home[1] != name:
            body.append(f"{name} = {home[1]}")
        elif isinstance(value, type):
            body += class_text(name, value, known, module_name)
            base = next((b for b in value.__mro__[1:] if id(b) in known), None)
            if base is not None and known[id(base)][0] != module_name:
                imports.add(f"import {known[id(base)][0]}")
        elif callable(value):
            body.append(function(name, value))
        else:
            kind = type(value).__name__
            body.append(f"{name}: {kind if kind in ('str', 'int', 'float', 'bool') else 'Any'}")
    ordered = [line for line in body]
    text = "\n".join(ordered)
    if "NDArray" in text:
        imports.add("from numpy.typing import NDArray")
    if "-> Model:" in text and "class Model" not in text:
        imports.add("from cornu.keras.models import Model")
    return HEAD + "\n".join(["from typing import Any", "", *sorted(imports), "", text]).rstrip() + "\n"


def stubs():
    """{path: text} of all stubs."""
    modules = public_modules()
    known = homes(modules)
    made = {}
    for name, module in modules.items():
        parts = name.split(".")
        path = ROOT.joinpath(*parts)
        path = path / "__init__.pyi" if (path / "__init__.py").exists() else path.with_suffix(".pyi")
        made[path] = stub(name, module, known)
    return made


def main():
    stale = []
    for path, text in stubs().items():
        if not path.exists() or path.read_text() != text:
            stale.append(str(path.relative_to(ROOT)))
            if "--check" not in sys.argv:
                path.write_text(text)
    print("\n".join(stale) or "up to date")
    if stale and "--check" in sys.argv:
        sys.exit(1)


if __name__ == "__main__":
    main()
