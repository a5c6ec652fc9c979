"""Classes with Keras's names and options, made from C++'s lists of fields: nothing is said twice."""
from cornu import _cornu
from cornu.keras import _own
from cornu.keras._orders import ORDERS, REQUIRED
from cornu.keras.utils._lazy import deferred

inspect = deferred("inspect")

try:
    from cornu._docs import DOCS
except ImportError:  # a build tree without them
    DOCS = {}


class LazySignature:
    """inspect.signature and help() of a class from the catalogue; made when asked for."""

    def __get__(self, instance, cls):
        if instance is not None or "__init__" in vars(cls) or getattr(cls, "_options", None) is None:
            raise AttributeError("__signature__")
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = []
        for i, (name, default) in enumerate(cls._options.items()):
            parameters.append(inspect.Parameter(name, kind, default=inspect.Parameter.empty if i < cls._required else _shown(default)))
        if cls._more:
            parameters.append(inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD))
        return inspect.Signature(parameters)


def _shown(default):
    """A default as Keras's signatures have it: "glorot_uniform" rather than its description."""
    if isinstance(default, dict) and "class_name" in default:
        from cornu.keras._names import snake_case

        return snake_case(default["class_name"])
    return default


def doc_of(name):
    """What the header says of the class and its options."""
    text, fields = DOCS.get(name, ("", {}))
    lines = [text] if text else []
    if fields:
        lines += [""] + [f"    {field}: {said}" for field, said in fields.items()]
    return "\n".join(lines) or None


def fill(cls, name, options, module, more=False):
    """Gives the class what the catalogue says of it. `more`: whether it takes options beyond these."""
    cls._has_dtype = "dtype" in options
    order = ORDERS.get((module, name))
    if order:
        options = {n: options.get(n) for n in order} | {n: v for n, v in options.items() if n not in order}
    cls._class_name = name
    cls._options = options
    cls._order = tuple(options)
    cls._required = REQUIRED.get((module, name), 0)
    cls._more = more
    return cls


def make_classes(base, classes, module, exported):
    """One subclass of `base` for each of `classes`, into the module's dict `exported`."""
    for entry in classes:
        name, options = entry[0], entry[1]
        own = {"__module__": base.__module__ if base.__module__ != "cornu.keras._layer" else f"cornu.keras.{module}", "__doc__": doc_of(name), "__qualname__": name}
        exported[name] = fill(type(name, (base,), own), name, options, module, base._more)


def bound(cls, args, kwargs):
    """{option: value} of a call of the class: what was given, by name."""
    if len(args) > len(cls._order):
        raise TypeError(f"{cls.__name__}() takes at most {len(cls._order)} positional arguments, {len(args)} were given: {', '.join(cls._order)}")
    given = dict(zip(cls._order, args))
    for name, value in kwargs.items():
        if name in given:
            raise TypeError(f"{cls.__name__}() got two values for the argument {name!r}")
        given[name] = value
    given = {name: value for name, value in given.items() if value is not None or cls._options.get(name, value) is not None or name == "name"}
    for name in cls._order[: cls._required]:
        if given.get(name) is None:
            raise TypeError(f"{cls.__name__}() lacks the argument {name!r}; it takes ({', '.join(cls._order)})")
    return given


_FUNCTIONS = {"activation": "activation", "initializer": "initializer", "regularizer": "regularizer", "constraint": "constraint"}


def option(name, value):
    """A value as C++ reads it: functions are wrapped by what the option is for, and classes stand for their objects."""
    if isinstance(value, type) and hasattr(value, "__cornu_config__"):
        return value()
    if callable(value) and not hasattr(value, "__cornu_config__") and not hasattr(value, "__cornu_name__"):
        wrap = _FUNCTIONS.get(name.rsplit("_", 1)[-1])
        if wrap:
            return getattr(_cornu, f"python_{wrap}")(value)
    return value


class Described:
    """The base of losses, initializers and the like: an object of C++'s that is known by its description."""

    _options = None
    _class_name = None
    _family = None  # "initializer"
    _namespace = None  # "keras.initializers"
    _more = False
    _has_dtype = False  # whether C++ has an option of that name
    __signature__ = LazySignature()

    def __init__(self, *args, **kwargs):
        if self._class_name is None:
            return _own.init(self, args, kwargs)
        given = bound(type(self), args, kwargs)
        if given.get("name", "") is None:
            del given["name"]
        dtype = given.get("dtype") if self._has_dtype else given.pop("dtype", None)
        if getattr(dtype, "name", dtype) not in (None, "float32") and self._family in ("loss", "metric"):
            raise _cornu.UnsupportedError(f"{type(self).__name__}: dtype {dtype!r} is not supported; losses and metrics are computed in float32, or float64 where the model is")
        self._given = {name: option(name, value) for name, value in given.items()}
        own = {name: value for name, value in given.items() if isinstance(value, Described) and _own.is_own(value)}  # a schedule of one's own: it has no description
        described = {name: value for name, value in self._given.items() if name not in own}
        description = {"module": self._namespace, "class_name": self._class_name, "config": described, "registered_name": None}
        try:
            self._config = getattr(_cornu, f"complete_{self._family}")(description)["config"] | own
        except _cornu.FormatError as error:
            if self._family != "optimizer" and "has no option" in str(error):
                raise TypeError(str(error)) from None  # as Keras, whose optimizers and layers alone raise a ValueError
            raise

    def __cornu_config__(self):
        if _own.is_own(self):
            return _own.describe(self)
        return {"module": self._namespace, "class_name": self._class_name, "config": self._given, "registered_name": None}

    def get_config(self):
        return dict(self.__dict__.get("_config", {}))

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def __getattr__(self, name):
        config = self.__dict__.get("_config")
        if config is not None and name in config:
            return config[name]
        if config is not None and self._options and name in self._options:
            return self._options[name]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __eq__(self, other):
        return type(self) is type(other) and self._config == getattr(other, "_config", None)

    __hash__ = object.__hash__

    def __repr__(self):
        return f"<{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.get('_given', {}).items())})>"


def from_name(known, identifier, base, what):
    """keras.<family>.get: by name, by description, by class, or as it is."""
    if identifier is None or isinstance(identifier, base):
        return identifier
    if isinstance(identifier, dict):
        return from_dict(known, identifier)
    if isinstance(identifier, type):
        return identifier()
    if isinstance(identifier, str):
        if identifier in known:
            return known[identifier]()
        from cornu.keras import saving

        custom = saving.get_registered_object(identifier)
        if custom is not None:
            return custom() if isinstance(custom, type) else custom
        full = getattr(_cornu, f"complete_{base._family}")({"class_name": identifier, "config": {}})  # knows other names, and near ones
        return from_dict(known, full)
    if callable(identifier):
        return identifier
    raise ValueError(f"Could not interpret {what} identifier: {identifier!r}")


def from_dict(known, description):
    cls = known.get(description.get("class_name"))
    if cls is not None:
        return cls.from_config(description.get("config") or {})
    from cornu.keras import saving

    return saving.deserialize_keras_object(description)


def serialized(object):
    """The full description of an object, as files have it."""
    from cornu.keras import saving

    return saving.serialize_keras_object(object)
