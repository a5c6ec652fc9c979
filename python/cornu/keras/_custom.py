"""Layers and models written in Python. Their call() is traced: it runs while a model is wired, built or compiled, and what it records
runs for every batch without Python."""
from cornu import _cornu
from cornu.keras import _methods  # noqa: F401  what tensors can do
from cornu.keras._calls import Call
from cornu.keras._dispatch import KerasTensor, Tensor, Variable, _Place, _replace
from cornu.keras.utils._lazy import deferred

inspect = deferred("inspect")

_NUMBERS = (Tensor, Variable)


def _is_array(value):
    return isinstance(value, _NUMBERS) or hasattr(value, "__array__") and hasattr(value, "shape") or hasattr(value, "__dlpack__")


def _flatten(structure, symbols):
    """(leaves, the structure with places for them): KerasTensors if there are any, else tensors and arrays."""
    leaves = []

    def visit(value):
        if isinstance(value, KerasTensor) if symbols else _is_array(value):
            leaves.append(value)
            return _Place(len(leaves) - 1)
        if type(value) in (list, tuple):
            return type(value)(visit(v) for v in value)
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*(visit(v) for v in value))
        if isinstance(value, dict):
            return {k: visit(value[k]) for k in value}
        return value

    template = visit(structure)
    return leaves, template


def _filled(template, leaves):
    if isinstance(template, tuple) and hasattr(template, "_fields"):
        return type(template)(*(_filled(v, leaves) for v in template))
    return _replace(template, _Place, lambda place: leaves[place.index])


def _shapes(structure):
    """The shapes of what a layer is called on; the batch's is None."""
    if isinstance(structure, (Tensor, KerasTensor)):
        return (None, *structure.shape[1:]) if structure.ndim else ()
    if isinstance(structure, dict):
        return {k: _shapes(v) for k, v in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_shapes(v) for v in structure]
    return None


def _parameters(function):
    try:
        return inspect.signature(function).parameters
    except (TypeError, ValueError):
        return {}


def takes(function, name):
    parameters = _parameters(function)
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


def is_custom(layer):
    return layer.__dict__.get("_templates") is not None


# ---- the life of a layer of one's own

def init_layer(self, name=None, trainable=True, dtype=None, activity_regularizer=None, autocast=True, input_shape=None, input_dim=None, batch_size=None, **kwargs):
    """What Layer.__init__ does for a class of the user's."""
    if kwargs:
        raise TypeError(f"{type(self).__name__}: Layer takes name, trainable, dtype, activity_regularizer and autocast, and was given {', '.join(kwargs)}")
    from cornu.keras import _names

    if "call" not in _attributes(type(self)):
        raise NotImplementedError(f"{type(self).__name__} needs a call(self, inputs): what the layer computes")
    positional = [p for n, p in _parameters(type(self).call).items() if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    handle = _cornu.python_layer(self, type(self).__name__, name or "", bool(trainable), False, len(positional) > 2, keep=False)
    if not name:
        handle.suggest_name(_names.auto_name(_names.snake_case(type(self).__name__)))
    state = self.__dict__
    state.setdefault("_own_weights", []), state.setdefault("_parts", {}), state.setdefault("_templates", {})
    state["_dtype_name"] = getattr(dtype, "name", dtype)
    state["activity_regularizer"] = activity_regularizer
    self._adopt(handle)


_BASES = {f"cornu.keras.{m}" for m in "_layer _custom _catalogue layers models losses metrics optimizers initializers regularizers constraints optimizers.schedules".split()}


def _attributes(cls):
    """What classes that derive from cornu's say, beside what these say themselves."""
    found = set()
    for c in cls.__mro__:
        if c.__module__ in _BASES:
            break
        found |= set(vars(c))
    return found


def set_attribute(self, name, value):
    """What Layer.__setattr__ does: layers and Variables that become attributes belong to the layer."""
    parts = self.__dict__.get("_parts")
    if parts is None or name.startswith("_"):
        return
    if isinstance(value, Variable):
        if not any(w is value for w in self._own_weights) and getattr(value, "_layer", None) is None:
            value._layer = self._handle.name
            _cornu.adopt(value, _weights_handle(self), _free(self, value.name if value.name != "variable" else name))
            self._own_weights.append(value)
    elif name in parts or _layers_in(value):
        parts[name] = value


def _layers_in(value):
    """The layers in an attribute: itself, or those in lists and dicts."""
    from cornu.keras.layers import Layer

    if isinstance(value, Layer):
        return [value]
    if isinstance(value, (list, tuple)):
        return [layer for v in value for layer in _layers_in(v)]
    if isinstance(value, dict):
        return [layer for v in value.values() for layer in _layers_in(v)]
    return []


def parts_of(self):
    """The layers that are attributes, each once, in the order in which they became such."""
    found = []
    for value in self.__dict__.get("_parts", {}).values():
        for layer in _layers_in(value):
            if not any(layer is f for f in found):
                found.append(layer)
    return found


def _free(self, name):
    taken = {w.path for w in self._own_weights}
    path, n = name, 0
    while path in taken:
        n += 1
        path = f"{name}_{n}"
    return path


def _weights_handle(self):
    """Whose the weights are: the layer's own, or for a model those of a handle beside its layers."""
    if self.__dict__.get("_model") is None:
        return self._handle
    if "_own_handle" not in self.__dict__:
        self.__dict__["_own_handle"] = _cornu.python_layer(self, "Weights", f"{self.name}_weights", keep=False)
    return self.__dict__["_own_handle"]


def add_weight(self, shape=None, initializer=None, dtype=None, trainable=True, autocast=True, regularizer=None, constraint=None, aggregation=None,
               overwrite_with_gradient=False, name=None, **kwargs):
    """A weight of the layer: it begins as the initializer says, and belongs to the layer's models."""
    if kwargs:
        raise TypeError(f"add_weight() takes no {', '.join(kwargs)}")
    from cornu.keras import _catalogue, config

    if self._handle is None:
        raise RuntimeError(f"{type(self).__name__}: call super().__init__() before add_weight()")
    shape = () if shape is None else (shape,) if isinstance(shape, int) else tuple(shape)
    if initializer is None:
        initializer = "glorot_uniform" if str(dtype or "float32").startswith(("float", "bfloat")) else "zeros"
    variable = _cornu.new_weight(_weights_handle(self), _free(self, name or "variable"), shape, str(dtype or config.floatx()),
                                 _catalogue.option("initializer", initializer), _catalogue.option("regularizer", regularizer),
                                 _catalogue.option("constraint", constraint), bool(trainable))
    variable._layer = self._handle.name
    variable.regularizer, variable.constraint = regularizer, constraint
    self._own_weights.append(variable)
    return variable


# ---- calls

def compute(self, args, kwargs):
    """layer(tensors): in a trace part of the graph, else put off until it is read."""
    training = kwargs.pop("training", None)
    if is_custom(self):
        return _call_own(self, args, kwargs, training, symbols=False)
    inputs = args[0] if len(args) == 1 else list(args)
    inputs = list(inputs) if isinstance(inputs, (list, tuple)) and inputs and any(_is_array(v) for v in inputs) else [inputs]
    tensors, options = {}, {}
    for name, value in kwargs.items():
        if value is None:
            continue
        if _is_array(value) or isinstance(value, (list, tuple)) and value and all(_is_array(v) for v in value):
            tensors[name] = value
        else:
            options[name] = value
    return _run(self, self._handle, inputs, tensors, options, training)


def _run(self, handle, inputs, tensors, options, training):
    if training is not None and _cornu.tracing():
        options = {**options, "training": bool(training)}
    outputs, masks, losses = _cornu.call_on_tensors(handle, inputs, tensors, options, bool(training))
    for output, mask in zip(outputs, masks):
        if mask is not None:
            output._keras_mask = mask
    self.__dict__["_losses"] = losses
    return outputs[0] if len(outputs) == 1 else outputs


def call_on_symbols(self, args, kwargs):
    training = kwargs.pop("training", None)
    return _call_own(self, args, kwargs, training, symbols=True)


def _call_own(self, args, kwargs, training, symbols):
    mask = kwargs.pop("mask", None) if isinstance(kwargs.get("mask"), KerasTensor) else None
    leaves, template = _flatten((args, kwargs), symbols)
    if not leaves and args:  # numbers and lists of Python's
        from cornu.keras.ops import convert_to_tensor

        leaves, template = _flatten(((convert_to_tensor(args[0]), *args[1:]), kwargs), symbols)
    self._templates[len(leaves)] = template
    model = self.__dict__.get("_model")
    if model is not None and not symbols and not model.built and not _cornu.tracing():
        prepare_inputs(self, args[0])
        _cornu.build_for(model, [_cornu.convert(leaf, None) for leaf in leaves])
    if symbols:
        options = {} if training is None else {"training": bool(training)}
        outputs = _cornu.call_on_symbols(_cornu.kept(self._handle, self), leaves[0] if len(leaves) == 1 else leaves, {} if mask is None else {"mask": mask}, options)
        self.__dict__.setdefault("_calls", []).append(Call(args[0] if len(args) == 1 else list(args), outputs))
        for output in outputs:
            output._keras_layer = self
    else:
        made = _run(self, self._handle, leaves, {}, {}, training)
        outputs = made if isinstance(made, list) else [made]
    return _filled(self._result, outputs)


def trace_call(self, inputs, tensors, options, training, masks):
    """What C++ calls with the tensors of a trace: build() if it is due, then call(). Gives the outputs, flat, and their mask."""
    template = self._templates.get(len(inputs))
    if template is None:
        template = ((_Place(0) if len(inputs) == 1 else [_Place(i) for i in range(len(inputs))],), {})
    args, kwargs = _filled(template, inputs)
    args, kwargs = list(args), dict(kwargs)
    kwargs.update(tensors)
    call = self.call
    if "training" in options:
        training = options["training"]
    if takes(call, "training") and "training" not in kwargs:
        if not (len(args) > 1 and list(_parameters(call))[: len(args)].count("training")):
            kwargs["training"] = training
    incoming = masks[0] if len(masks) == 1 else masks if any(m is not None for m in masks) else None
    if "mask" in _parameters(call) and "mask" not in kwargs:
        kwargs["mask"] = incoming
    elif "mask" in kwargs and "mask" not in _parameters(call):
        del kwargs["mask"]
    _build_once(self, args)
    _cornu.declare(self._own_weights, self.__dict__.get("_own_handle") if self.__dict__.get("_model") is not None else None)
    result = call(*args, **kwargs)
    flat, self.__dict__["_result"] = _flatten_result(self, result)
    _penalize(self, flat)
    mask = None
    if "compute_mask" in _attributes(type(self)):
        mask = self.compute_mask(args[0], incoming)
    elif getattr(self, "supports_masking", False) and masks:
        mask = masks[0]
    return flat, mask


def _flatten_result(self, result):
    if result is None:
        raise ValueError(f"{type(self).__name__}.call() returned nothing")
    flat, template = [], None

    def visit(value):
        if isinstance(value, (list, tuple)):
            return type(value)(*(visit(v) for v in value)) if hasattr(value, "_fields") else type(value)(visit(v) for v in value)
        if isinstance(value, dict):
            return {k: visit(value[k]) for k in value}
        if isinstance(value, KerasTensor):
            raise TypeError(f"{type(self).__name__}.call() returned a KerasTensor made elsewhere; it must compute with what it is given")
        flat.append(value)
        return _Place(len(flat) - 1)

    template = visit(result)
    return flat, template


def _penalize(self, outputs):
    if self.__dict__.get("activity_regularizer") is not None and self.__dict__.get("_model") is None:
        from cornu.keras import regularizers

        penalty = regularizers.get(self.activity_regularizer)
        for output in outputs:
            _cornu.add_loss(penalty(output) / output.shape[0])


def _build_once(self, args):
    if self.__dict__.get("_built"):
        return
    self.__dict__["_built"] = True  # so that build may call the layer's parts
    if "build" not in _attributes(type(self)):
        return
    try:
        parameters = [p for p in _parameters(self.build).values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        shapes = _shapes(args[0]) if args else None
        required = [p for p in parameters if p.default is p.empty]
        if len(required) > 1 or required and required[0].name not in ("input_shape", "shape", "input_shapes") and required[0].name.endswith("_shape") and len(args) > 1:
            self.build(*(_shapes(a) for a in args[: len(parameters)]))
        elif parameters:
            self.build(shapes)
        else:
            self.build()
    except BaseException:
        self.__dict__["_built"] = False
        raise


# ---- models with a call() of their own

def init_model(self, name=None, trainable=True, **kwargs):
    """What Model.__init__ does for a class that was given no inputs and outputs."""
    kwargs.pop("dtype", None)
    if kwargs:
        raise TypeError(f"{type(self).__name__}: Model takes inputs, outputs, name and trainable, and was given {', '.join(kwargs)}")
    from cornu.keras import _names

    state = self.__dict__
    state.setdefault("_own_weights", []), state.setdefault("_parts", {}), state.setdefault("_templates", {})
    native = _cornu.python_model(self, type(self).__name__, name or _names.auto_name(_names.snake_case(type(self).__name__)))
    native.seed = _names.next_model_seed()
    self._take(native)
    if not trainable:
        self.trainable = False


def handles(self):
    """[(attribute, handle)] of the layers that are attributes."""
    own = self.__dict__.get("_own_handle")
    found = [] if own is None else [("weights", own)]
    for name, value in self.__dict__.get("_parts", {}).items():
        layers = _layers_in(value)
        for i, layer in enumerate(layers):
            if not any(layer._handle == h for _, h in found):
                found.append((name if len(layers) == 1 else f"{name}_{i}", layer._handle))
    return found


def output_names(self, n):
    """What losses and metrics of several outputs are named by."""
    template = self.__dict__.get("_result")
    if isinstance(template, dict):
        flat = sorted((place.index, key) for key, place in template.items() if isinstance(place, _Place))
        if len(flat) == n:
            return [key for _, key in flat]
    return ["output"] if n == 1 else [f"output_{i + 1}" for i in range(n)]


def prepare_inputs(self, x):
    """Tells C++ how many inputs the data has, and by which names, before the first batch."""
    if isinstance(x, dict):
        names = sorted(x)
        self._templates[len(names)] = (({name: _Place(i) for i, name in enumerate(names)},), {})
    elif isinstance(x, (list, tuple)) and x and all(_is_array(v) for v in x):
        names = [f"input_{i + 1}" for i in range(len(x))]
        self._templates.setdefault(len(x), ((type(x)(_Place(i) for i in range(len(x))),), {}))
    else:
        names = ["input"]
    _cornu.set_input_names(self._model, names)


class Traceable:
    """What Layer has of its classes' own: attributes that become parts, weights, and calls on tensors."""

    _parts = None
    _built = None
    _native = None  # C++'s layer under a subclass of one of C++'s that has a call() of its own
    supports_masking = False
    _trace_call = trace_call
    _handles = handles
    _output_names = output_names
    add_weight = add_weight
    add_variable = add_weight
    _compute = compute

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)
        if self.__dict__.get("_parts") is not None:
            set_attribute(self, name, value)

    def _fields(self):
        config = dict(self.get_config())
        for key in ("name", "trainable", "dtype"):
            config.pop(key, None)
        return config

    def build(self, input_shape):
        """Makes the weights; a layer of C++'s makes them when it is called."""
        self._built = True

    def call(self, *args, **kwargs):
        if self._native is None:
            raise NotImplementedError(f"{type(self).__name__} has no call()")
        training = kwargs.pop("training", None)
        return _run(self, self._native, [args[0]] if len(args) == 1 and not isinstance(args[0], (list, tuple)) else list(args[0] if len(args) == 1 else args), {}, kwargs, training)

    def add_loss(self, loss):
        """A scalar to add to what is trained on."""
        for one in loss if isinstance(loss, (list, tuple)) else [loss]:
            if not _cornu.add_loss(one):
                self.__dict__.setdefault("_added", []).append(one)

    @property
    def losses(self):
        """What the last call on tensors added to the loss: penalties of weights, of activities, add_loss."""
        return list(self.__dict__.get("_losses", [])) + list(self.__dict__.get("_added", []))

    def compute_mask(self, inputs, previous_mask=None):
        return previous_mask if self.supports_masking else None

    def compute_output_shape(self, *shapes):
        from cornu.keras.layers import Input

        outputs = self(*(Input(batch_shape=tuple(s)) for s in shapes))
        return outputs.shape if isinstance(outputs, KerasTensor) else [o.shape for o in outputs]

    @property
    def weights(self):
        return self.trainable_weights + self.non_trainable_weights

    @property
    def variables(self):
        return self.weights

    @property
    def trainable_weights(self):
        return [v for v in _all_weights(self) if v.trainable] if self.trainable else []

    @property
    def non_trainable_weights(self):
        return [v for v in _all_weights(self) if not (self.trainable and v.trainable)]

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights


_UNTRAINED = {"moving_mean", "moving_variance", "count", "seed_generator_state"}
_UNTRAINED_OF = {"Normalization": {"mean", "variance", "count"}, "SpectralNormalization": {"vector_u", "sn_u"}}


def _all_weights(layer):
    """Variables of a layer's weights, its own first. One Variable for each weight, for as long as the layer lives."""
    known = layer.__dict__.setdefault("_variables", {})
    found = []
    if layer.__dict__.get("_parts") is not None:
        found += layer._own_weights
        for part in parts_of(layer):
            frozen = not part.trainable
            for v in _all_weights(part):
                if frozen and v.trainable:
                    v = _view(known, v)
                found.append(v)
        return found
    model = layer.__dict__.get("_model")
    if model is not None:
        for part in layer.layers:
            frozen = not part.trainable
            found += [_view(known, v) if frozen and v.trainable else v for v in _all_weights(part)]
        return found
    untrained = _UNTRAINED | _UNTRAINED_OF.get(layer._handle.class_name, set())
    for weight in layer._weights_now():
        variable = known.get(weight.id)
        if variable is None:
            variable = known[weight.id] = _cornu.variable_of(weight, weight.path.rsplit("/", 1)[-1] not in untrained, weight.path.rsplit("/", 1)[-1])
            variable._layer = layer.name
        found.append(variable)
    return found


def _view(known, variable):
    """The Variable as one that is not trained: its layer is frozen."""
    key = ("frozen", variable.id)
    if key not in known:
        weight = _cornu.frozen_of(variable)
        known[key] = weight
    return known[key]


def __getattr__(name):
    if name in ("Lambda", "Wrapper"):
        from cornu.keras import _lambda

        return getattr(_lambda, name)
    raise AttributeError(name)
