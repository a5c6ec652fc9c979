"""keras.models: Sequential, functional models, and models of one's own."""
import os
import weakref

from cornu import _cornu
from cornu.keras import _custom, _data, _names
from cornu.keras._layer import KerasTensor, Layer, policy_name, wrapped
from cornu.keras._training import Trainer, _Alone
from cornu.keras.utils._lazy import lazy


class Model(Trainer, Layer):
    """Layers and their weights, to be trained: Model(inputs, outputs) of KerasTensors, or a subclass with a call() of its own."""

    _model = None
    _objects = ()  # what keeps Python's objects of its layers

    def __init__(self, *args, **kwargs):
        names = ("inputs", "outputs", "name", "trainable")
        given = dict(zip(names, args)) | kwargs
        inputs, outputs = given.pop("inputs", None), given.pop("outputs", None)
        if inputs is None and outputs is None:
            return _custom.init_model(self, **given)
        unknown = set(given) - set(names)
        if unknown or inputs is None or outputs is None:
            raise TypeError(f"Model takes inputs, outputs, name and trainable, {'and was given ' + ', '.join(sorted(unknown)) if unknown else 'the first two together'}")
        self._take(_cornu.functional(_plain(inputs), _plain(outputs), given.get("name") or _names.auto_name("functional"), _names.next_model_seed(), policy_name()))
        self._keep_layers()
        if not given.get("trainable", True):
            self.trainable = False

    def __call__(self, *args, **kwargs):
        if len(args) == 1 and self._model.built and not (kwargs and (len(kwargs) > 1 or kwargs.get("training", True))):
            with self._alone:
                y = _cornu.call_model(self._model, args[0])
            if y is not None:
                return y
        return super().__call__(*args, **kwargs)

    def _keep_layers(self):
        """Keeps Python's objects of its layers, and gives those that the wiring alone has kept so far the calls that they were part of."""
        self.__dict__["_objects"] = layers = self.layers
        missing = {layer._handle.id: layer for layer in layers if not layer._calls}
        seen, todo = set(), _flat(self._model.outputs()) if missing and self._model.inputs() is not None else []
        while todo:
            symbol = todo.pop()
            call = (symbol.layer.id, symbol.serial)
            if call in seen:
                continue
            seen.add(call)
            inputs = symbol.inputs
            todo += inputs
            if symbol.layer.id in missing:
                taken = inputs or [symbol]  # of an Input, its own output
                missing[symbol.layer.id].__dict__.setdefault("_calls", []).append((taken[0] if len(taken) == 1 else taken, symbol.outputs))

    def _take(self, native):
        if policy_name() != "float32" and not native.built:
            native.dtype_policy = policy_name()
        object.__setattr__(self, "_model", native)
        object.__setattr__(self, "_alone", _Alone())
        self._adopt(native.as_layer)

    # ---- what it is made of

    @property
    def layers(self):
        return [wrapped(handle) for handle in self._model.layers()]

    @layers.setter
    def layers(self, _):
        raise AttributeError("`Model.layers` cannot be set; a Sequential has add() and pop()")

    def get_layer(self, name=None, index=None):
        if name is not None:
            return wrapped(self._model.get_layer(name))
        if index is None:
            raise ValueError("Provide either a layer name or layer index at `get_layer`.")
        layers = self.layers
        if not -len(layers) <= index < len(layers):
            raise ValueError(f"get_layer: the model has {len(layers)} layers, and layer {index} was asked for")
        return layers[index]

    @property
    def name(self):
        return self._model.name

    @property
    def inputs(self):
        return _flat(self._symbols()[0])

    @property
    def outputs(self):
        return _flat(self._symbols()[1])

    @property
    def input(self):
        return self._symbols()[0]

    @property
    def output(self):
        return self._symbols()[1]

    def _symbols(self):
        """(inputs, outputs) as it was wired."""
        inputs = self._model.inputs()
        if inputs is None:
            raise AttributeError(f"the model '{self.name}' is not wired of KerasTensors, and has no inputs and outputs of that kind")
        return inputs, self._model.outputs()

    @property
    def input_names(self):
        return self._model.input_names()

    @property
    def output_names(self):
        return self._model.output_names()

    @property
    def input_shape(self):
        return _one(self._model.input_shapes())

    @property
    def output_shape(self):
        return _one(self._model.output_shapes())

    @property
    def built(self):
        return self._model.built

    @built.setter
    def built(self, _):
        pass

    def build(self, input_shape=None):
        self._model.build(input_shape)

    @property
    def trainable(self):
        return self._model.trainable

    @trainable.setter
    def trainable(self, trainable):
        self._model.trainable = bool(trainable)

    @property
    def dtype_policy(self):
        from cornu.keras import mixed_precision

        return mixed_precision.Policy(self._model.dtype_policy)

    def _penalties(self):
        return [loss for layer in self.layers for loss in layer.losses]

    def get_weights(self):
        return self._model.get_weights()

    def set_weights(self, weights):
        _cornu.settle_readings()
        self._model.set_weights(list(weights))

    def count_params(self):
        return self._model.count_params()

    def reset_states(self):
        self._model.reset_states()

    def summary(self, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False, layer_range=None):
        if positions is not None or layer_range is not None:
            raise _cornu.UnsupportedError("summary: positions and layer_range are not supported by cornu")
        _cornu.print_summary(self._model, line_length, expand_nested, show_trainable, print_fn)

    # ---- files and descriptions

    def save(self, filepath, overwrite=True, zipped=None, **kwargs):
        from cornu.keras import saving

        saving.save_model(self, filepath, overwrite)

    def save_weights(self, filepath, overwrite=True, **kwargs):
        if not overwrite and os.path.exists(filepath):
            raise ValueError(f"{filepath} is there already, and overwrite is False")
        self._model.save_weights(str(filepath))

    def load_weights(self, filepath, skip_mismatch=False, **kwargs):
        if skip_mismatch:
            raise _cornu.UnsupportedError("load_weights: skip_mismatch is not supported by cornu; the file must fit the model")
        _cornu.settle_readings()
        self._model.load_weights(str(filepath))

    def to_json(self, **kwargs):
        return self._model.to_json()

    def get_config(self):
        return self._model.config()["config"]

    @classmethod
    def from_config(cls, config, custom_objects=None):
        if cls._call_is_own():
            return cls(**config)
        from cornu.keras import saving

        name = "Sequential" if issubclass(cls, Sequential) else "Functional"
        return saving.model_from_description({"module": "keras", "class_name": name, "config": config, "registered_name": None}, custom_objects)

    @classmethod
    def _call_is_own(cls):
        return cls.call is not Layer.call

    def program_text(self, mode="train", batch_size=32):
        """The compiled step, kernel by kernel: what runs for each batch. `mode`: train, test or predict."""
        return self._model.program_text(mode, batch_size)

    def export(self, filepath, format="tf_saved_model", **kwargs):
        raise _cornu.UnsupportedError(f"export to {format} is not supported by cornu; save() writes a .keras file, which Keras reads")

    def quantize(self, mode, **kwargs):
        raise _cornu.UnsupportedError(f"quantize({mode!r}) is not supported by cornu; the policy mixed_bfloat16 computes in a smaller type")


class Sequential(Model):
    """Layers one after the other."""

    def __init__(self, layers=None, trainable=True, name=None):
        native = _cornu.sequential(name or _names.auto_name("sequential"))
        native.seed = _names.next_model_seed()
        self._take(native)
        self.__dict__["_objects"] = []
        for layer in layers or []:
            self.add(layer)
        if not trainable:
            self.trainable = False

    def add(self, layer, rebuild=True):
        if isinstance(layer, KerasTensor) and layer.is_input:
            self._model.add(layer.layer)
        elif not isinstance(layer, Layer):
            raise ValueError(f"Only instances of `keras.Layer` can be added to a Sequential model. Received: {layer!r} (of type {type(layer)})")
        else:
            self._model.add(layer._lasting_handle())
            self._objects.append(layer)
            layer.__dict__["_sequential"] = weakref.ref(self)
        self.__dict__.pop("_wired", None)

    def pop(self, rebuild=True):
        layer = wrapped(self._model.pop())
        self.__dict__["_objects"] = [kept for kept in self._objects if kept is not layer]
        self.__dict__.pop("_wired", None)
        return layer

    def _symbols(self):
        """Its layers called one after the other on KerasTensors, which also gives each its input and output."""
        if "_wired" not in self.__dict__:
            shape = self.input_shape
            first = x = _cornu.input(shape[1:], self._model.input_names()[0], "float32")
            for layer in self.layers:
                layer.__dict__.pop("_calls", None)
                x = layer(x)
            self.__dict__["_wired"] = first, x
        return self._wired


def _plain(group):
    return list(group) if isinstance(group, tuple) else group


def _flat(group):
    if isinstance(group, dict):
        return list(group.values())
    return list(group) if isinstance(group, (list, tuple)) else [group]


def _one(shapes):
    return shapes[0] if len(shapes) == 1 else shapes


def adopted(native):
    """Python's object for a model that C++ made."""
    sequential = native.class_name == "Sequential"
    model = (Sequential if sequential else Model).__new__(Sequential if sequential else Model)
    model._take(_cornu.as_sequential(native) if sequential else native)
    model._keep_layers()
    for layer in model._objects if sequential else ():
        layer.__dict__["_sequential"] = weakref.ref(model)
    return model


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    from cornu.keras import saving

    return saving.load_model(filepath, custom_objects, compile, safe_mode)


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):
    model.save(filepath, overwrite)


def model_from_json(json_string, custom_objects=None):
    import json

    from cornu.keras import saving

    return saving.model_from_description(json.loads(json_string), custom_objects)


def clone_model(model, input_tensors=None, clone_function=None, call_function=None, recursive=False, **kwargs):
    """A model of the same layers with weights of its own."""
    if input_tensors is not None or clone_function is not None or call_function is not None:
        raise _cornu.UnsupportedError("clone_model: input_tensors and functions are not supported by cornu; wire the new model, or change its config")
    if model._call_is_own():
        return type(model).from_config(model.get_config())
    return adopted(_cornu.clone_model(model._model, _names.next_model_seed()))


__getattr__ = lazy(__name__)[0]
