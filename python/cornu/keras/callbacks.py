"""keras.callbacks: C++'s callbacks, and the base of one's own."""
from cornu import _cornu
from cornu.keras import _catalogue
from cornu.keras.utils._lazy import lazy

_HOOKS = tuple(_cornu.callback_hooks)
_OLDER = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class Callback:
    """What is told how training goes: any of Keras's hooks, each with the number of its epoch or batch and the logs so far.

    A hook that a class does not have costs nothing; neither do batches, unless it has one for them. `model` is the model, `params` what
    fit was called with; model.stop_training = True ends the run.
    """

    model = None
    params = None
    _native = None
    _run = None

    def set_params(self, params):
        self.params = params

    def set_model(self, model):
        self.model = model

    def _own_hooks(self):
        """The hooks that run Python's code."""
        own = []
        for hook in _HOOKS:
            for name in (hook, _OLDER.get(hook)):
                method = name and getattr(self, name, None)
                if method is not None and getattr(method, "__func__", method) not in _builtin_hooks:
                    own.append(hook)
                    break
        return own


def _hook(name, numbered):
    if numbered:
        def hook(self, number, logs=None):
            if self._native is not None:
                self._native.call(name, number, logs, self._run)
    else:
        def hook(self, logs=None):
            if self._native is not None:
                self._native.call(name, 0, logs, self._run)
    hook.__name__ = name
    hook.__qualname__ = f"Callback.{name}"
    return hook


_builtin_hooks = set()
for _name in _HOOKS:
    _function = _hook(_name, "epoch" in _name or "batch" in _name)
    _builtin_hooks.add(_function)
    setattr(Callback, _name, _function)


def _batch_hooks(name, older):
    builtin = getattr(Callback, name)

    def older_hook(self, batch, logs=None):
        builtin(self, batch, logs)

    def hook(self, batch, logs=None):
        getattr(self, older)(batch, logs)

    for function, called in ((hook, name), (older_hook, older)):
        function.__name__, function.__qualname__ = called, f"Callback.{called}"
        _builtin_hooks.add(function)
        setattr(Callback, called, function)


for _name, _of in _OLDER.items():
    _batch_hooks(_name, _of)


class _BuiltIn(Callback):
    """One of C++'s: its options, and after a run what it found out, are attributes."""

    _make = None
    _fields = ()
    _required = 0

    def __init__(self, *args, **kwargs):
        given = dict(zip(self._fields, args))
        for name, value in kwargs.items():
            if name not in self._fields:
                raise TypeError(f"{type(self).__name__} has no option {name!r}; it takes ({', '.join(self._fields)})")
            given[name] = value
        for name in self._fields[: self._required]:
            if name not in given:
                raise TypeError(f"{type(self).__name__}() lacks the argument {name!r}")
        self._native = getattr(_cornu, f"callback_{self._make}")(self._checked(given))

    def _checked(self, given):
        return given

    def __getattr__(self, name):
        native = self.__dict__.get("_native")
        found = native.get(name) if native is not None else ()
        if found:
            return found[0]
        raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __setattr__(self, name, value):
        native = self.__dict__.get("_native")
        if native is None or not native.set(name, value):
            super().__setattr__(name, value)


class EarlyStopping(_BuiltIn):
    _make = "early_stopping"
    _fields = ("monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights", "start_from_epoch")


class ModelCheckpoint(_BuiltIn):
    _make = "model_checkpoint"
    _fields = ("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode", "save_freq", "initial_value_threshold")
    _required = 1

    def _checked(self, given):
        return given | {"filepath": str(given["filepath"])}


class ReduceLROnPlateau(_BuiltIn):
    _make = "reduce_lr_on_plateau"
    _fields = ("monitor", "factor", "patience", "verbose", "mode", "min_delta", "cooldown", "min_lr")


class LearningRateScheduler(_BuiltIn):
    _make = "learning_rate_scheduler"
    _fields = ("schedule", "verbose")
    _required = 1

    def _checked(self, given):
        schedule = given["schedule"]

        def rate(epoch, present):
            try:
                return schedule(epoch, present)
            except TypeError:  # Keras's older form, schedule(epoch)
                return schedule(epoch)

        return given | {"schedule": rate}


class CSVLogger(_BuiltIn):
    _make = "csv_logger"
    _fields = ("filename", "separator", "append")
    _required = 1

    def _checked(self, given):
        return given | {"filename": str(given["filename"])}


class TensorBoard(_BuiltIn):
    _make = "tensor_board"
    _fields = ("log_dir", "histogram_freq", "write_graph", "write_images", "write_steps_per_second", "update_freq", "profile_batch", "embeddings_freq",
               "embeddings_metadata")

    def _checked(self, given):
        for name in ("write_images", "profile_batch", "embeddings_freq", "embeddings_metadata"):
            if given.pop(name, None):
                raise _cornu.UnsupportedError(f"TensorBoard: {name} is not supported by cornu")
        return given | ({"log_dir": str(given["log_dir"])} if "log_dir" in given else {})


class BackupAndRestore(_BuiltIn):
    _make = "backup_and_restore"
    _fields = ("backup_dir", "save_freq", "double_checkpoint", "delete_checkpoint")
    _required = 1

    def _checked(self, given):
        given.pop("double_checkpoint", None)  # a whole file is there at any time as it is
        return given | {"backup_dir": str(given["backup_dir"])}


class SwapEMAWeights(_BuiltIn):
    _make = "swap_ema_weights"
    _fields = ("swap_on_epoch",)


class TerminateOnNaN(_BuiltIn):
    _make = "terminate_on_nan"


class ProgbarLogger(_BuiltIn):
    _make = "progbar_logger"


for _class in (EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, LearningRateScheduler, CSVLogger, TensorBoard, BackupAndRestore, SwapEMAWeights, TerminateOnNaN, ProgbarLogger):
    _class.__doc__ = _catalogue.doc_of(_class.__name__)


class LambdaCallback(Callback):
    """Hooks given as functions: LambdaCallback(on_epoch_end=lambda epoch, logs: print(logs))."""

    def __init__(self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None, on_train_end=None, on_train_batch_begin=None, on_train_batch_end=None, **kwargs):
        hooks = {k: v for k, v in locals().items() if k.startswith("on_")} | kwargs
        for name, function in hooks.items():
            if name not in _HOOKS and name not in _OLDER.values():
                raise TypeError(f"LambdaCallback has no hook {name!r}; it takes {', '.join(_HOOKS)}")
            if function is not None:
                setattr(self, name, function)


class History(Callback):
    """What fit returns: `history`, each logged name's values by epoch, and `epoch`, their numbers. It does not keep the model, which
    keeps it."""

    _model = None

    def __init__(self):
        self.history = {}
        self.epoch = []

    @property
    def model(self):
        return self._model() if self._model is not None else None

    def set_model(self, model):
        import weakref

        self._model = weakref.ref(model)

    def __getstate__(self):
        return {name: value for name, value in self.__dict__.items() if name != "_model"}


class RemoteMonitor(Callback):
    def __init__(self, *args, **kwargs):
        raise _cornu.UnsupportedError("RemoteMonitor is not supported by cornu, which opens no connections; a Callback of one's own may")


class OrbaxCheckpoint(Callback):
    def __init__(self, *args, **kwargs):
        raise _cornu.UnsupportedError("OrbaxCheckpoint is not supported by cornu; ModelCheckpoint writes .keras files")


class CallbackList:
    """Several callbacks, called as one: for loops of one's own."""

    def __init__(self, callbacks=None, add_history=False, add_progbar=False, model=None, **params):
        self.callbacks = list(callbacks or [])
        if add_history:
            self.callbacks.append(History())
        self.set_model(model)
        self.set_params(params)

    def append(self, callback):
        self.callbacks.append(callback)

    def set_model(self, model):
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params):
        for callback in self.callbacks:
            callback.set_params(params)

    def __getattr__(self, name):
        if not name.startswith("on_"):
            raise AttributeError(name)

        def call(*args, **kwargs):
            for callback in self.callbacks:
                hook = getattr(callback, name, None)
                if hook is not None:
                    hook(*args, **kwargs)

        return call


def prepared(callbacks, model, params, history=None):
    """The list that a run is given: each callback knows its model."""
    if callbacks is None:
        callbacks = []
    elif isinstance(callbacks, CallbackList):
        callbacks = callbacks.callbacks
    elif not isinstance(callbacks, (list, tuple)):
        callbacks = [callbacks]
    ready = []
    for callback in callbacks:
        if not isinstance(callback, Callback):
            raise ValueError(f"a callback is an object of a keras.callbacks.Callback, and {callback!r} of type {type(callback).__name__} was given")
        callback.set_params(params)
        callback.set_model(model)
        ready.append(callback)
    if history is not None:
        history.set_params(params)
        history.set_model(model)
    return ready


__getattr__ = lazy(__name__)[0]
