"""Layer: Python's object for a handle of C++'s. The catalogue's classes and one's own derive from it."""
import weakref

from cornu import _cornu
from cornu.keras import _catalogue, _custom, _names

KerasTensor = _cornu.KerasTensor
_wrappers = weakref.WeakValueDictionary()  # Python's objects by the handles that they stand for


def wrapped(handle):
    """The object of Python's for a handle of C++'s: the one that there is, else a new one."""
    found = _wrappers.get(handle.id)
    if found is not None:
        return found
    from cornu.keras import layers, models

    if handle.class_name in ("Sequential", "Functional", "Model"):
        return models.adopted(_cornu.model_of(handle))
    cls = layers._classes.get(handle.class_name) or Layer
    layer = cls.__new__(cls)
    layer._adopt(handle)
    return layer


class InputSpec:
    """What a layer of one's own says of its inputs."""

    def __init__(self, dtype=None, shape=None, ndim=None, max_ndim=None, min_ndim=None, axes=None, allow_last_axis_squeeze=False, name=None, optional=False):
        self.dtype, self.shape, self.ndim, self.max_ndim, self.min_ndim, self.axes, self.name = dtype, shape, ndim, max_ndim, min_ndim, axes, name


class Layer(_custom.Traceable):
    """The base of all layers. One of your own has build() and call(), which is traced and compiled with the model."""

    _options = None
    _class_name = None
    _more = True
    _written = False  # whether a class of one's own says anew what one of the catalogue computes
    _handle = None
    _calls = ()
    _prefix = "layer"
    __signature__ = _catalogue.LazySignature()

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not cls.__module__.startswith("cornu."):
            cls._prefix = _names.snake_case(cls.__name__)
            cls._written = cls._written or (cls._class_name is not None and "call" in vars(cls))

    def __init__(self, *args, **kwargs):
        if self._class_name is None:
            return _custom.init_layer(self, *args, **kwargs)
        if self._written:
            common = {k: kwargs.pop(k) for k in ("name", "trainable") if k in kwargs}
            self._make(args, kwargs)
            object.__setattr__(self, "_native", self._handle)
            return _custom.init_layer(self, **common)
        self._make(args, kwargs)

    def _make(self, args, kwargs):
        """The handle of a class from the catalogue."""
        given = _catalogue.bound(type(self), args, kwargs)
        config = {name: _catalogue.option(name, value) for name, value in given.items()}
        if config.get("name", "") is None:
            del config["name"]
        batch = config.pop("batch_size", None)
        if config.get("input_shape") is not None:
            config["batch_input_shape"] = [batch, *config.pop("input_shape")]
        if "input_dim" in config and "input_dim" not in self._options:
            config["batch_input_shape"] = [batch, config.pop("input_dim")]
        weights = config.pop("weights", None)
        if "dtype" in config:
            config["dtype"] = _dtype_of(self._class_name, config["dtype"])
        self._adopt(_cornu.layer_from_config(self._class_name, config))
        if not self._handle.name:
            self._handle.suggest_name(_names.auto_name(self._prefix))
        if weights is not None:
            raise _cornu.UnsupportedError(f"{type(self).__name__}: give first weights to set_weights() once the layer is built, or an initializer of keras.initializers.Constant")

    def _adopt(self, handle):
        object.__setattr__(self, "_handle", handle)
        _wrappers[handle.id] = self

    # ---- calls

    def __call__(self, *args, **kwargs):
        if (args and type(args[0]) is KerasTensor) or holds_symbols(args) or holds_symbols(kwargs.values()):
            return self._wire(args, kwargs)
        return _custom.compute(self, args, kwargs)

    def _wire(self, args, kwargs):
        if _custom.is_custom(self):
            return _custom.call_on_symbols(self, args, kwargs)
        inputs, symbols, options = self._arguments(args, kwargs)
        outputs = _cornu.call_on_symbols(self._handle, inputs, symbols, options)
        self.__dict__.setdefault("_calls", []).append((inputs, outputs))
        return outputs[0] if len(outputs) == 1 else outputs

    def _arguments(self, args, kwargs):
        """(inputs, KerasTensors by keyword, options) of a call on KerasTensors."""
        args = list(args)
        symbols, options = {}, {}
        for name, value in kwargs.items():
            if name in ("query", "value", "key", "inputs", "sequences", "sequence") and holds_symbols([value]):
                args.append(value)
            elif value is None:
                continue
            elif holds_symbols([value]):
                symbols[name] = value
            else:
                options[name] = value
        return (args[0] if len(args) == 1 else args), symbols, options

    # ---- what belongs to every layer

    @property
    def name(self):
        return self._handle.name

    @name.setter
    def name(self, name):
        self._handle.name = name

    @property
    def path(self):
        return self.name

    @property
    def trainable(self):
        return self._handle.trainable

    @trainable.setter
    def trainable(self, trainable):
        self._handle.trainable = bool(trainable)

    @property
    def built(self):
        return bool(self.__dict__.get("_built") or self._calls or self._handle.weights())

    @built.setter
    def built(self, built):
        self.__dict__["_built"] = bool(built)

    def build(self, input_shape=None):
        """Makes the weights, for inputs of this shape with the batch axis first."""
        if _custom.is_custom(self):
            return super().build(input_shape)
        if not self._handle.weights() and input_shape is not None:
            _build(self._handle, _shapes_of(input_shape))

    # ---- weights

    def _weights_now(self):
        """Its weights, made now if the layer was only wired so far."""
        weights = self._handle.weights()
        if not weights and self._calls:
            inputs = self._calls[0][0]
            shapes = [x.shape for x in (inputs if isinstance(inputs, (list, tuple)) else [inputs]) if isinstance(x, KerasTensor)]
            _build(self._handle, shapes)
            weights = self._handle.weights()
        return weights

    def get_weights(self):
        self._weights_now()
        return self._handle.get_weights()

    def set_weights(self, weights):
        self._weights_now()
        _cornu.settle_readings()
        self._handle.set_weights(list(weights))

    def count_params(self):
        self._weights_now()
        return self._handle.count_params()

    # ---- descriptions

    def get_config(self):
        if not _custom.is_custom(self):
            return self._handle.config()["config"]
        inner = self._native.config()["config"] if self._native is not None else {}
        return inner | {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def _lasting_handle(self):
        """The handle for C++ to hold: one that keeps the layer, if that is Python's."""
        return _cornu.kept(self._handle, self) if _custom.is_custom(self) else self._handle

    def __cornu_config__(self):
        return self._lasting_handle().held()

    @property
    def input(self):
        return self._only_call("input")[0]

    @property
    def output(self):
        outputs = self._only_call("output")[1]
        return outputs[0] if len(outputs) == 1 else outputs

    def _only_call(self, what):
        sequential = self.__dict__.get("_sequential")
        if not self._calls and sequential is not None and sequential() is not None and sequential().built:
            sequential()._symbols()
        if len(self._calls) != 1:
            calls = f"has been called {len(self._calls)} times, so there is no one" if self._calls else "has not been called, so there is no"
            raise AttributeError(f"the layer '{self.name}' {calls} {what}; call it on a KerasTensor for another")
        return self._calls[0]

    def get_input_at(self, index):
        return self._calls[index][0]

    def get_output_at(self, index):
        outputs = self._calls[index][1]
        return outputs[0] if len(outputs) == 1 else outputs

    @property
    def dtype_policy(self):
        from cornu.keras import mixed_precision

        return mixed_precision.Policy(policy_name())

    @property
    def compute_dtype(self):
        return "bfloat16" if policy_name() == "mixed_bfloat16" else policy_name()

    @property
    def variable_dtype(self):
        return "float64" if policy_name() == "float64" else "float32"

    dtype = variable_dtype

    @property
    def losses(self):
        """What the last call on tensors added to the loss; without one, the penalties of the weights as they are."""
        found = super().losses
        if found or _custom.is_custom(self) or not self.trainable:
            return found
        return self._penalties()

    def _penalties(self):
        from cornu.keras import regularizers

        found, fields = [], self._handle.fields()
        for field, value in fields.items():
            if field.endswith("_regularizer") and field != "activity_regularizer" and value is not None:
                name = field.removesuffix("_regularizer")
                weights = [v for v in _custom._all_weights(self) if v.path.rsplit("/", 1)[-1] in (name, name + "_kernel")]
                found += [regularizers.get(value)(v) for v in weights]
        return found

    def adapt(self, data, batch_size=None, steps=None):
        """Learns from data what the layer needs to know: before the layer is used."""
        if self._calls or self._handle.weights():
            raise ValueError(f"the layer '{self.name}' has been used already; call adapt() on the data first")
        _cornu.adapt(self._handle, _gathered(data, steps))

    def get_vocabulary(self, include_special_tokens=True):
        words = _cornu.get_vocabulary(self._handle)
        return words

    def __getattr__(self, name):
        if name.startswith("__") or name == "_handle":
            raise AttributeError(name)
        handle = self.__dict__.get("_handle")
        if handle is not None:
            found = [w for w in self._weights_now() if w.path == name or w.path.endswith("/" + name)]
            if len(found) == 1:
                return next(v for v in _custom._all_weights(self) if v.id == found[0].id)
            if self._options is not None and name in self._options:
                return _attribute(name, handle.fields().get(name, self._options[name]))
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}" + (f"; it is not built, and has no weights yet" if name in ("kernel", "bias", "gamma", "beta", "embeddings") else ""))

    def __reduce__(self):
        from cornu.keras import _pickling

        return _pickling.reduce_layer(self)

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def policy_name():
    """The dtype policy of what is made now."""
    import sys

    config = sys.modules.get("cornu.keras.config")  # nobody has set one, if it is not loaded
    return config.dtype_policy().name if config else "float32"


def _dtype_of(class_name, dtype):
    """A layer's own dtype as C++ reads it: nothing, where it is that of the models made now."""
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name", dtype)
    name = getattr(dtype, "name", dtype)
    policy = policy_name()
    if name is None or name == policy:
        return None
    if {name, policy} <= {"float32", "mixed_bfloat16"}:
        return {"own": name}
    if name in ("float64", "float32"):
        raise _cornu.UnsupportedError(f"{class_name}: dtype {name!r} in models of {policy}: a model's layers share the width of their numbers; call keras.config.set_dtype_policy({name!r}) first")
    return name


def _build(handle, shapes):
    """Makes a layer's weights by a trace on inputs of these shapes."""
    import numpy as np

    zeros = [np.zeros([2 if n is None else n for n in shape], np.float32) for shape in shapes]
    _cornu.call_on_tensors(handle, zeros, {}, {}, False)


def _shapes_of(shape):
    return [tuple(s) for s in shape] if shape and isinstance(shape[0], (list, tuple)) else [tuple(shape)]


def holds_symbols(values):
    """Whether a KerasTensor is among them, or in lists and dicts among them."""
    for value in values:
        kind = type(value)
        if kind is KerasTensor or ((kind is list or kind is tuple) and holds_symbols(value)) or (kind is dict and holds_symbols(value.values())):
            return True
    return False


def _attribute(name, value):
    """An option as Keras's layers have it: activations as functions, initializers as objects, sizes as tuples."""
    if name.endswith("activation") and isinstance(value, str):
        from cornu.keras import activations

        return activations.get(value)
    if isinstance(value, dict) and "class_name" in value:
        from cornu.keras import saving

        return saving.deserialize_keras_object(value)
    return tuple(value) if isinstance(value, list) else value


def _gathered(data, steps=None):
    """All of the data as one array: batches one below the other."""
    import itertools

    import numpy as np

    from cornu.keras import _data

    if not _data.is_batches(data):
        return data
    batches = itertools.islice(iter(data), steps)
    return np.concatenate([np.asarray(b[0] if isinstance(b, tuple) else b) for b in batches])
