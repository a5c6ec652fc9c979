"""keras.saving: models and their parts as descriptions, to files and back; classes of one's own by their names."""
import os

from cornu import _cornu
from cornu.keras.utils._lazy import lazy

_registered = {}  # by "package>name"
_scopes = []  # of custom_object_scope, the innermost last


def register_keras_serializable(package="Custom", name=None):
    """Makes a class or function known to files, as "package>name"."""

    def register(thing):
        key = f"{package}>{name or thing.__name__}"
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            raise ValueError(f"Cannot register a class that does not have a get_config() method: {thing.__name__}")
        _registered[key] = thing
        thing._registered_name = key
        return thing

    return register


def get_registered_name(obj):
    return vars(obj).get("_registered_name", obj.__name__) if hasattr(obj, "__dict__") else obj.__name__


def names_in_files(obj):
    """(module, registered name) of an object's class, as Keras writes them, or None where the class stands for something of C++'s."""
    from cornu.keras.layers import Layer

    cls = type(obj)
    if not isinstance(obj, Layer):
        return None
    if cls.__module__.startswith("cornu."):
        return "keras.layers", None
    return (None if cls.__module__ == "__main__" else cls.__module__), get_registered_name(cls)


def parts_in_files(obj):
    """[(place, handle)] of the layers that are attributes, as Keras walks through them: by the names of the attributes, in lists and dicts by
    their classes."""
    from cornu.keras import _custom, _names
    from cornu.keras.layers import Layer
    from cornu.keras.models import Model

    parts = dict(getattr(obj, "_parts", None) or {})
    if isinstance(obj, Model):  # an attribute, too: what comes after it in the alphabet is found there first
        parts["layers"] = _custom.parts_of(obj)
    found = [] if obj.__dict__.get("_own_handle") is None else [("", obj._own_handle)]

    def inside(container, place):
        used = {}
        for value in container.values() if isinstance(container, dict) else container:
            if not isinstance(value, (Layer, list, tuple, dict)):
                continue
            name = _names.snake_case(type(value).__name__) if isinstance(value, Layer) else "container"
            used[name] = n = used.get(name, -1) + 1
            visit(value, f"{place}/{name}_{n}" if n else f"{place}/{name}")

    def visit(value, place):
        if isinstance(value, Layer):
            found.append((place, value._handle))
        elif isinstance(value, (list, tuple, dict)):
            inside(value, place)

    for name in sorted(parts):
        visit(parts[name], name)
    return found


def get_custom_objects():
    """What is known by name, for reading and writing."""
    return _registered


def get_registered_object(name, custom_objects=None, module_objects=None):
    for known in (custom_objects or {}, *reversed(_scopes), _registered, module_objects or {}):
        for key in (name, f"Custom>{name}"):
            if key in known:
                return known[key]
    for key, thing in _registered.items():
        if key.rsplit(">", 1)[-1] == name:
            return thing
    return None


class CustomObjectScope:
    """Within it, files may name these: custom_object_scope({"MyLayer": MyLayer})."""

    def __init__(self, custom_objects):
        self.custom_objects = dict(custom_objects)

    def __enter__(self):
        _scopes.append(self.custom_objects)
        return self

    def __exit__(self, *_):
        _scopes.remove(self.custom_objects)


custom_object_scope = CustomObjectScope


def description_of(thing):
    """What a file holds in the place of a function, of an object that it is a method of, or of an object."""
    owner = getattr(thing, "__self__", None)
    thing = owner if owner is not None and hasattr(owner, "get_config") else thing
    if getattr(thing, "__name__", "") == "<lambda>":
        raise _cornu.UnsupportedError("a model with a lambda in it cannot be saved: cornu never runs code from a file. Make it a function of a name, with def")
    return serialize_keras_object(thing)


def serialize_keras_object(obj):
    """A description of it, as files have it."""
    if obj is None or isinstance(obj, (bool, int, float, str)):
        return obj
    if isinstance(obj, (list, tuple)):
        return [serialize_keras_object(item) for item in obj]
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if hasattr(obj, "__cornu_name__"):
        return obj.__cornu_name__
    if hasattr(obj, "get_config") and not isinstance(obj, type):
        cls = type(obj)
        own = not cls.__module__.startswith("cornu.")
        module = None if own and cls.__module__ == "__main__" else cls.__module__ if own else _namespace(obj)
        return {"module": module, "class_name": cls.__name__, "config": serialize_keras_object(obj.get_config()), "registered_name": get_registered_name(cls) if own else None}
    if callable(obj):
        return {"module": "builtins", "class_name": "function", "config": get_registered_name(obj), "registered_name": "function"}
    if hasattr(obj, "tolist"):
        return obj.tolist()
    raise TypeError(f"cannot describe {obj!r}: its class {type(obj).__name__} has no get_config()")


def _namespace(obj):
    if hasattr(obj, "_namespace"):
        return obj._namespace
    return "keras" if hasattr(obj, "_model") else "keras.layers"


def deserialize_keras_object(config, custom_objects=None, safe_mode=True, **kwargs):
    """What a description describes."""
    if isinstance(config, (list, tuple)):
        return [deserialize_keras_object(item, custom_objects) for item in config]
    if not isinstance(config, dict):
        return config
    if "class_name" not in config:
        return {key: deserialize_keras_object(value, custom_objects) for key, value in config.items()}
    name, inner = config["class_name"], config.get("config")
    if name == "function":
        return _function(inner, custom_objects)
    if name == "__lambda__":
        raise _cornu.UnsafeError("a description holds a Python lambda: cornu never runs code from a file")
    custom = get_registered_object(config.get("registered_name") or name, custom_objects) or get_registered_object(name, custom_objects)
    if custom is not None:
        with CustomObjectScope(custom_objects or {}):
            return custom.from_config(dict(inner or {})) if hasattr(custom, "from_config") else custom(**(inner or {}))
    if name in ("Sequential", "Functional", "Model"):
        return model_from_description(config, custom_objects)
    for known in _families(config.get("module")):
        if name in known:
            return known[name].from_config(dict(inner or {}))
    _cornu.layer_from_config(name, {})  # says what it is, if it is something that cornu lacks
    raise TypeError(f"Could not locate class '{name}'. Give it in custom_objects, or register it with keras.saving.register_keras_serializable")


def _families(module):
    from cornu.keras import constraints, initializers, layers, losses, metrics, optimizers, regularizers
    from cornu.keras.optimizers import schedules

    families = {"keras.layers": layers, "keras.losses": losses, "keras.metrics": metrics, "keras.optimizers": optimizers, "keras.optimizers.schedules": schedules,
                "keras.initializers": initializers, "keras.regularizers": regularizers, "keras.constraints": constraints}
    first = families.get(module)
    return [m._classes for m in ([first] if first else []) + list(families.values())]


def _function(name, custom_objects):
    found = get_registered_object(name, custom_objects)
    if found is not None:
        return found
    from cornu.keras import activations, losses, metrics

    for module in (activations, losses, metrics):
        if name in dir(module) or hasattr(module, name):
            return getattr(module, name)
    raise ValueError(f"Could not locate function '{name}'. Give it in custom_objects, or register it with keras.saving.register_keras_serializable")


# ---- models

def _custom_of(description, custom_objects):
    """The class or function of one's own that a description names, or None."""
    name = description.get("class_name")
    if name == "function":
        return get_registered_object(description.get("config"), custom_objects) if isinstance(description.get("config"), str) else None
    registered = description.get("registered_name")
    return (get_registered_object(registered, custom_objects) if registered else None) or get_registered_object(name, custom_objects)


def _descriptions(config):
    """All descriptions of objects within a config."""
    if isinstance(config, dict):
        if isinstance(config.get("class_name"), str) and "config" in config:
            yield config
        for value in config.values():
            yield from _descriptions(value)
    elif isinstance(config, list):
        for item in config:
            yield from _descriptions(item)


def _with_objects(config, custom_objects, key=""):
    """The description with Python's objects in the place of those that C++ does not know."""
    if isinstance(config, list):
        return [_with_objects(item, custom_objects, key) for item in config]
    if not isinstance(config, dict):
        return config
    if isinstance(config.get("class_name"), str) and "config" in config:
        if config["class_name"] == "__lambda__":
            raise _cornu.UnsafeError("the file holds a Python lambda: cornu never runs code from a file")
        custom = _custom_of(config, custom_objects)
        if custom is not None:
            from cornu.keras import _catalogue

            made = deserialize_keras_object(config, custom_objects)
            if getattr(made, "_handle", None) is None:
                return _catalogue.option(key, made)
            rest = {name: _with_objects(value, custom_objects) for name, value in config.items() if name not in ("config", "registered_name", "build_config")}
            return rest | {"module": "keras.layers", "config": {"name": made.name}, "object": made}
    return {name: _with_objects(value, custom_objects, name) for name, value in config.items()}


def model_from_description(description, custom_objects=None):
    """A model from what to_json() or get_config() said of it; its weights begin anew."""
    from cornu.keras.models import adopted

    custom = _custom_of(description, custom_objects)
    if custom is not None:
        with CustomObjectScope(custom_objects or {}):
            return custom.from_config(dict(description["config"]))
    wiring = {name: value for name, value in description.items() if name != "compile_config"}  # which compile_from_config reads
    return adopted(_cornu.model_from_config(_with_objects(wiring, custom_objects)))


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):
    path = os.fspath(filepath)
    if not overwrite and os.path.exists(path):
        raise ValueError(f"{path} is there already, and overwrite is False")
    if path.endswith((".h5", ".hdf5")):
        raise _cornu.UnsupportedError(f"{path}: whole models in .h5 files are not supported by cornu; name it .keras, or call save_weights() with a name that ends in .weights.h5")
    if not path.endswith(".keras"):
        raise ValueError(f"Invalid filepath extension for saving: {path}. A model's file ends in .keras")
    model._model.save(path)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    """The model that a .keras file holds. A lambda in it is refused; classes and functions of one's own are named by custom_objects."""
    from cornu.keras.models import adopted

    path = os.fspath(filepath)
    if not os.path.exists(path):
        raise FileNotFoundError(f"File not found: filepath={path}. Please ensure the file is an accessible `.keras` zip file.")
    if custom_objects or _scopes or _registered or not compile:
        description = _description_in(path)
        if description is not None and (not compile or any(_custom_of(d, custom_objects) is not None for d in _descriptions(description))):
            return _load_with_own(path, description, custom_objects, compile)
    return adopted(_cornu.load_model(path))


def _description_in(path, most=1 << 26):
    """config.json of an archive that is one; what is wrong with any other, C++ says."""
    import json
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size <= most:
                return json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, ValueError):
        pass
    return None


def _load_with_own(path, description, custom_objects, compile):
    """A model with classes or functions of one's own: its layers from the description, then weights and optimizer from the file."""
    model = model_from_description(description, custom_objects)
    if not model.built:
        shape = (description.get("build_config") or {}).get("input_shape") or description["config"].get("build_input_shape")
        if shape is None:
            raise ValueError(f"{path}: the file does not say what the model's input looks like")
        model.build(tuple(shape))
    with CustomObjectScope(custom_objects or {}):
        if compile and (description.get("compile_config") or {}).get("optimizer"):
            model.compile_from_config(description["compile_config"])
    model.load_weights(path)
    return model


def load_weights(model, filepath, **kwargs):
    model.load_weights(filepath, **kwargs)


def save_weights(model, filepath, overwrite=True, **kwargs):
    model.save_weights(filepath, overwrite)


__getattr__ = lazy(__name__)[0]
