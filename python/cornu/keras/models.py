"""keras.models: Sequential and functional models."""
from cornu import _cornu
from cornu.keras import _data, _names
from cornu.keras.layers import Layer, _holds_symbols, wrapped

_run = _cornu


def _no_stop(model):
    model.stop_training = False


class Model(Layer):
    """Layers and their weights, to be trained: Model(inputs, outputs) of KerasTensors, or a subclass with call()."""

    _model = None
    _owned = None
    stop_training = False
    history = None

    def __init__(self, inputs=None, outputs=None, name=None, trainable=True, **kwargs):
        if outputs is None:
            raise NotImplementedError("Model needs inputs and outputs")
        self._take(_cornu.functional(inputs, outputs, name or _names.auto_name("functional"), _names.next_model_seed()))
        if not trainable:
            self.trainable = False

    def _take(self, native):
        self._model = native
        self._adopt(native.as_layer)

    # ---- what it is made of

    @property
    def layers(self):
        return [wrapped(handle) for handle in self._model.layers()]

    @layers.setter
    def layers(self, _):
        raise AttributeError("`Model.layers` cannot be set; add() and pop() change a Sequential")

    def get_layer(self, name=None, index=None):
        if name is not None:
            return wrapped(self._model.get_layer(name))
        if index is None:
            raise ValueError("get_layer needs a name or an index")
        layers = self.layers
        if not -len(layers) <= index < len(layers):
            raise ValueError(f"get_layer: the model has {len(layers)} layers, and layer {index} was asked for")
        return layers[index]

    @property
    def name(self):
        return self._model.name

    @property
    def built(self):
        return self._model.built

    def build(self, input_shape=None):
        self._model.build(input_shape)

    @property
    def trainable(self):
        return self._model.trainable

    @trainable.setter
    def trainable(self, trainable):
        self._model.trainable = bool(trainable)

    def get_weights(self):
        return self._model.get_weights()

    def set_weights(self, weights):
        self._model.set_weights(weights)

    def count_params(self):
        return self._model.count_params()

    def summary(self, line_length=None, positions=None, print_fn=None, expand_nested=False, show_trainable=False, layer_range=None):
        if positions is not None or layer_range is not None:
            raise NotImplementedError("summary: positions and layer_range are not supported by cornu")
        _cornu.print_summary(self._model, line_length, expand_nested, show_trainable, print_fn)

    # ---- training

    def compile(self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None, weighted_metrics=None, run_eagerly=False, steps_per_execution=1,
                jit_compile="auto", auto_scale_loss=True, threads=0):
        self._model.compile({"optimizer": optimizer, "loss": loss, "loss_weights": loss_weights, "metrics": metrics, "weighted_metrics": weighted_metrics, "threads": threads})

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0, validation_data=None, shuffle=True,
            class_weight=None, sample_weight=None, initial_epoch=0, steps_per_epoch=None, validation_steps=None, validation_batch_size=None, validation_freq=1):
        from cornu.keras.callbacks import History, prepared

        history = History()
        callbacks = prepared(callbacks, self, {"epochs": epochs, "verbose": verbose}, history)
        _no_stop(self)
        options = {
            "batch_size": batch_size, "epochs": epochs, "verbose": verbose, "callbacks": callbacks, "validation_split": validation_split,
            "validation_data": _validation(validation_data), "shuffle": shuffle, "class_weight": class_weight, "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch, "validation_steps": validation_steps, "validation_batch_size": validation_batch_size,
            "validation_freq": validation_freq,
        }
        series, history.epoch, steps = _run.fit(self._model, _data.pack(x, y, sample_weight, shuffle), options, self)
        history.history = series
        history.params = {"verbose": verbose, "epochs": epochs, "steps": steps}
        self.history = history
        return history

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None, steps=None, callbacks=None, return_dict=False):
        from cornu.keras.callbacks import prepared

        options = {"batch_size": batch_size, "verbose": verbose, "steps": steps, "callbacks": prepared(callbacks, self, {"verbose": verbose})}
        return _scores(_run.evaluate(self._model, _data.pack(x, y, sample_weight), options, self), return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        from cornu.keras.callbacks import prepared

        options = {"batch_size": batch_size, "verbose": verbose, "steps": steps, "callbacks": prepared(callbacks, self, {"verbose": verbose})}
        return self._shaped(_run.predict(self._model, _data.pack(x), options, self))

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        return _scores(_run.train_on_batch(self._model, x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        return _scores(_run.test_on_batch(self._model, x, y, sample_weight), return_dict)

    def predict_on_batch(self, x):
        return self._shaped(_run.predict_on_batch(self._model, x))

    def _shaped(self, outputs):
        """The outputs as the model was wired: one, a list, a dict."""
        return outputs[0] if len(outputs) == 1 else outputs

    # ---- files

    def save(self, filepath, overwrite=True, **kwargs):
        _may_write(filepath, overwrite)
        self._model.save(str(filepath))

    def save_weights(self, filepath, overwrite=True, **kwargs):
        _may_write(filepath, overwrite)
        self._model.save_weights(str(filepath))

    def load_weights(self, filepath, skip_mismatch=False, **kwargs):
        if skip_mismatch:
            raise NotImplementedError("load_weights: skip_mismatch is not supported by cornu; the file must fit the model")
        self._model.load_weights(str(filepath))

    def to_json(self, **kwargs):
        return self._model.to_json()

    def get_config(self):
        return self._model.config()["config"]

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


class Sequential(Model):
    """Layers one after the other."""

    def __init__(self, layers=None, trainable=True, name=None):
        native = _cornu.sequential(name or _names.auto_name("sequential"))
        native.seed = _names.next_model_seed()
        self._take(native)
        for layer in layers or []:
            self.add(layer)
        if not trainable:
            self.trainable = False

    def add(self, layer, rebuild=True):
        if isinstance(layer, _cornu.KerasTensor) and layer.is_input:
            return self._model.add(layer.layer)
        if not isinstance(layer, Layer):
            raise ValueError(f"Only instances of `keras.Layer` can be added to a Sequential model; {layer!r} of type {type(layer).__name__} was given")
        self._model.add(layer._handle)
        self._owned = (self._owned or []) + [layer]

    def pop(self, rebuild=True):
        handle = self._model.pop()
        return wrapped(handle)


def _validation(data):
    if data is None or not isinstance(data, (tuple, list)):
        return None if data is None else _data.pack(data)
    if not 2 <= len(data) <= 3:
        raise ValueError(f"validation_data is (x, y) or (x, y, sample_weight), and was given {len(data)} parts")
    return _data.pack(*data)


def _scores(logs, return_dict):
    if return_dict:
        return dict(sorted(logs.items()))
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _may_write(filepath, overwrite):
    import os

    if not overwrite and os.path.exists(filepath):
        raise ValueError(f"{filepath} is there already, and overwrite is False")


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):
    from cornu.keras import saving

    return saving.load_model(filepath, custom_objects=custom_objects, compile=compile, safe_mode=safe_mode)


def save_model(model, filepath, overwrite=True, **kwargs):
    model.save(filepath, overwrite=overwrite, **kwargs)


def adopted(native):
    """Python's object for a model that C++ made."""
    sequential = native.class_name == "Sequential"
    model = Sequential.__new__(Sequential) if sequential else Model.__new__(Model)
    model._take(_cornu.as_sequential(native) if sequential else native)
    return model


def model_from_json(json_string, custom_objects=None):
    return adopted(_cornu.model_from_json(json_string))


def model_from_config(config, custom_objects=None):
    return adopted(_cornu.model_from_config(config))


def clone_model(model, input_tensors=None, clone_function=None, **kwargs):
    return adopted(_cornu.clone_model(model._model, _names.next_model_seed()))
