"""compile, fit, evaluate, predict: the part of Model that trains."""
import threading

from cornu import _cornu
from cornu.keras import _custom, _data
from cornu.keras._steps import Steps


class _Alone:
    """One thread at a time computes with a model; callbacks, in the same thread, may too."""

    def __init__(self):
        self.lock = threading.RLock()
        self.feeding = None  # the thread in which a generator makes a batch for fit

    def __enter__(self):
        if self.feeding == threading.get_ident():
            raise RuntimeError("a generator that feeds fit, evaluate or predict cannot call the model that is waiting for its batch; call another model, or make the batches first")
        self.lock.acquire()

    def __exit__(self, *_):
        self.lock.release()

    def fed_by(self, next_batch):
        def fed():
            self.feeding = threading.get_ident()
            try:
                return next_batch()
            finally:
                self.feeding = None

        return fed


class Trainer(Steps):
    stop_training = False
    history = None
    _optimizer = None
    run_eagerly = False

    def compile(self, optimizer="rmsprop", loss=None, loss_weights=None, metrics=None, weighted_metrics=None, run_eagerly=False, steps_per_execution=1,
                jit_compile="auto", auto_scale_loss=True, threads=0):
        from cornu.keras import losses, metrics as all_metrics, optimizers

        if run_eagerly and not self._steps_of_its_own("train_step", "test_step", "predict_step"):
            raise _cornu.UnsupportedError("compile: run_eagerly is for models with a train_step, test_step or predict_step of their own; cornu compiles every other step. "
                                          "Print tensors with cornu.print, or call the model on data")
        optimizer = optimizers.get(optimizer)
        self._model.compile({"optimizer": optimizer, "loss": losses._for_compile(loss), "loss_weights": loss_weights, "metrics": all_metrics._for_compile(metrics),
                             "weighted_metrics": all_metrics._for_compile(weighted_metrics), "threads": threads})
        optimizer._compiled_with(self._model)
        for stale in ("_metric_objects", "_weighted_objects", "_tracker", "_own_steps"):
            self.__dict__.pop(stale, None)
        self.__dict__.update(run_eagerly=bool(run_eagerly), _optimizer=optimizer, loss=loss, _given_metrics=metrics, _given_weighted=weighted_metrics, _loss_weights=loss_weights)
        self.stop_training = False

    @property
    def compiled(self):
        return self._model.compiled

    @property
    def optimizer(self):
        if self._optimizer is None and self._model.compiled:
            from cornu.keras import optimizers

            optimizer = optimizers.deserialize(self._model.compile_config()["optimizer"])
            optimizer._compiled_with(self._model)
            self.__dict__["_optimizer"] = optimizer
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self.__dict__["_optimizer"] = optimizer

    @property
    def metrics_names(self):
        return ["loss"] + (["compile_metrics"] if self.__dict__.get("_given_metrics") or self.__dict__.get("_given_weighted") else [])

    def get_compile_config(self):
        return self._model.compile_config()

    def compile_from_config(self, config):
        from cornu.keras import saving

        config = {key: saving.deserialize_keras_object(value) for key, value in config.items()}
        self.compile(**{key: config[key] for key in ("optimizer", "loss", "loss_weights", "metrics", "weighted_metrics") if key in config})

    def fit(self, x=None, y=None, batch_size=None, epochs=1, verbose="auto", callbacks=None, validation_split=0.0, validation_data=None, shuffle=True,
            class_weight=None, sample_weight=None, initial_epoch=0, steps_per_epoch=None, validation_steps=None, validation_batch_size=None, validation_freq=1):
        from cornu.keras.callbacks import History, prepared

        if self._steps_of_its_own("train_step"):
            from cornu.keras import _steps

            return _steps.fit(self, x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle, class_weight, sample_weight, initial_epoch,
                              steps_per_epoch, validation_steps, validation_batch_size, validation_freq)
        if steps_per_epoch is None:
            x, y, sample_weight, batch_size, shuffle = _data.arrays_of(x, y, sample_weight, batch_size, shuffle)
        if validation_steps is None and validation_batch_size is None and hasattr(validation_data, "_plain"):
            *validation_data, validation_batch_size, _ = _data.arrays_of(validation_data, None, None, None, False)
        if self._model.dtype_policy != "float64":
            _data.note_float64(x)
        history = History()
        callbacks = prepared(callbacks, self, {"epochs": epochs, "verbose": verbose}, history)
        self.stop_training = False
        options = {
            "batch_size": batch_size, "epochs": epochs, "verbose": verbose, "callbacks": callbacks, "validation_split": validation_split,
            "validation_data": _validation(validation_data, self._alone), "shuffle": shuffle, "class_weight": class_weight, "initial_epoch": initial_epoch,
            "steps_per_epoch": steps_per_epoch, "validation_steps": validation_steps, "validation_batch_size": validation_batch_size,
            "validation_freq": validation_freq,
        }
        data = self._packed(x, y, sample_weight, shuffle)
        with self._alone:
            history.history, history.epoch, steps = _cornu.fit_model(self._model, data, options, self)
        history.params = {"verbose": verbose, "epochs": epochs, "steps": steps}
        self.history = history
        return history

    def evaluate(self, x=None, y=None, batch_size=None, verbose="auto", sample_weight=None, steps=None, callbacks=None, return_dict=False, **kwargs):
        from cornu.keras.callbacks import prepared

        if self._steps_of_its_own("test_step"):
            from cornu.keras import _steps

            return _steps.evaluate(self, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict)
        options = {"batch_size": batch_size, "verbose": verbose, "steps": steps, "callbacks": prepared(callbacks, self, {"verbose": verbose})}
        data = self._packed(x, y, sample_weight)
        with self._alone:
            logs = _cornu.evaluate_model(self._model, data, options, self)
        return _scores(logs, return_dict)

    def predict(self, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
        if self._steps_of_its_own("predict_step"):
            from cornu.keras import _steps

            return _steps.predict(self, x, batch_size, verbose, steps, callbacks)
        if verbose == 0 and callbacks is None and steps is None and self._model.built:
            shape = getattr(x, "shape", None)
            if shape and type(shape[0]) is int and 0 < shape[0] <= (batch_size or 32):  # one batch, and nothing to show
                return self.predict_on_batch(x)
        if callbacks is not None:
            from cornu.keras.callbacks import prepared

            callbacks = prepared(callbacks, self, {"verbose": verbose})
        options = {"batch_size": batch_size, "verbose": verbose, "steps": steps, "callbacks": callbacks or ()}
        data = self._packed(x)
        with self._alone:
            outputs = _cornu.predict_model(self._model, data, options, self)
        return self._shaped(outputs)

    def train_on_batch(self, x, y=None, sample_weight=None, class_weight=None, return_dict=False):
        if self._steps_of_its_own("train_step"):
            from cornu.keras import _steps

            return _steps.on_batch(self, "train_step", x, y, sample_weight, class_weight, return_dict)
        self._prepare(x)
        with self._alone:
            return _scores(_cornu.train_on_batch_model(self._model, x, y, sample_weight, class_weight), return_dict)

    def test_on_batch(self, x, y=None, sample_weight=None, return_dict=False):
        if self._steps_of_its_own("test_step"):
            from cornu.keras import _steps

            return _steps.on_batch(self, "test_step", x, y, sample_weight, None, return_dict)
        self._prepare(x)
        with self._alone:
            return _scores(_cornu.test_on_batch_model(self._model, x, y, sample_weight), return_dict)

    def predict_on_batch(self, x):
        if not self._model.built:
            self._prepare(x)
        with self._alone:
            y = _cornu.predict_on_batch_model(self._model, x)
        return y if type(y) is not list else self._shaped(y)

    # ---- between Python's data and C++'s

    def _packed(self, x, y=None, sample_weight=None, shuffle=False):
        if not _data.is_batches(x):
            self._prepare(x)
            return (x, y, sample_weight)
        next_batch, steps = _data.pack(x, y, sample_weight, shuffle)
        packed = self._alone.fed_by(next_batch), steps
        if self._call_is_own() and not self._model.built:
            first = _data.peeked(packed)
            self._prepare(first[1][0])
            return first[0]
        return packed

    def _prepare(self, x):
        if self.__dict__.get("_parts") is not None and not self._model.built:
            _custom.prepare_inputs(self, x)

    def _shaped(self, outputs):
        """The outputs as the model was wired: one, a list, a dict."""
        if len(outputs) == 1:
            return outputs[0]
        template = self._output_template()
        if isinstance(template, dict):
            return dict(zip(self._model.output_names(), outputs))
        return outputs

    def _output_template(self):
        if self.__dict__.get("_parts") is not None:
            return self.__dict__.get("_result")
        return self._model.outputs()

    def _steps_of_its_own(self, *steps):
        """Whether a class of one's own says what one of these does, or what they are made of."""
        return any(getattr(type(self), step) is not getattr(Steps, step) for step in (*steps, *(("compute_loss", "compute_metrics") if "predict_step" not in steps else ())))


def _validation(data, alone):
    if data is None:
        return None
    parts = data if isinstance(data, (tuple, list)) else (data,)
    if len(parts) == 1 and isinstance(data, (tuple, list)) or len(parts) > 3:
        raise ValueError(f"validation_data is (x, y) or (x, y, sample_weight), and was given {len(parts)} parts")
    packed = _data.pack(*parts)
    return packed if len(packed) == 3 else (alone.fed_by(packed[0]), packed[1])


def _scores(logs, return_dict):
    if return_dict:
        return dict(sorted(logs.items()))
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
