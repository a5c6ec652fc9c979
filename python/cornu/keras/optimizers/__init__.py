"""keras.optimizers: how weights follow their gradients."""
from cornu import _cornu
from cornu.keras import _catalogue, _own
from cornu.keras.optimizers import schedules
from cornu.keras.utils._lazy import lazy


class Rate(float):
    """A learning rate as Keras's optimizers have it: a number that may be assigned to."""

    _of = None

    def numpy(self):
        import numpy as np

        return np.float32(self)

    value = numpy

    def assign(self, rate):
        self._of.learning_rate = float(rate)


class Optimizer(_catalogue.Described):
    """The base of optimizers. One of your own has update_step(gradient, variable, learning_rate), and build(variables) where it keeps
    something for each."""

    _family = "optimizer"
    _namespace = "keras.optimizers"
    _model = None  # C++'s model that was compiled with it
    _direct = None  # its state in training loops of one's own
    _undecayed = None  # ([regular expressions of names], [paths]) of weights that weight decay leaves out
    built = False
    build = _own.build
    add_variable_from_reference = _own.add_variable_from_reference
    _get_variable_index = _own.index_of
    _rate = _own.rate

    def _compiled_with(self, model):
        self._model = model

    def _at_work(self):
        """What keeps its state: its own loop's, or a compiled model's."""
        return self._direct or self._model

    @property
    def learning_rate(self):
        at_work = self._at_work()
        if self._direct is not None and _cornu.recording():  # a step is written down: what the rate will be then
            recorded = self._direct.recorded_learning_rate()
            if recorded is not None:
                return recorded
        rate = at_work.learning_rate if at_work is not None else None
        if rate is None:
            rate = self._given.get("learning_rate", self.__dict__.get("_config", {}).get("learning_rate"))
            if isinstance(rate, schedules.LearningRateSchedule):
                rate = rate(0)
            elif isinstance(rate, dict):
                rate = schedules.deserialize(rate)(0)
        rate = Rate(rate)
        rate._of = self
        return rate

    @learning_rate.setter
    def learning_rate(self, rate):
        if isinstance(rate, schedules.LearningRateSchedule):
            raise _cornu.UnsupportedError("a schedule is given to an optimizer when it is made; compile the model with a new optimizer")
        at_work = self._at_work()
        if at_work is not None:
            at_work.learning_rate = float(rate)
        if "_rate_now" in self.__dict__:
            self._rate_now.assign(float(rate))
        self._given["learning_rate"] = self._config["learning_rate"] = float(rate)

    lr = learning_rate

    @property
    def iterations(self):
        at_work = self._at_work()
        if self._direct is not None and _cornu.recording():
            recorded = self._direct.recorded_iterations()
            if recorded is not None:
                return recorded
        return at_work.iterations if at_work is not None else 0

    def apply_gradients(self, grads_and_vars):
        """One step: [(gradient, Variable), ...]."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [v for _, v in pairs])

    def apply(self, grads, trainable_variables=None):
        if trainable_variables is None:
            trainable_variables = self._trainable_variables
        if _own.is_own(self):
            return _own.apply(self, grads, trainable_variables)
        if self._direct is None:
            self._direct = _cornu.DirectOptimizer(self)
        self._direct.apply(list(grads), list(trainable_variables))

    @property
    def variables(self):
        if self._direct is not None:
            return self._direct.variables()
        return self._model.optimizer_variables() if self._model is not None else []

    def exclude_from_weight_decay(self, var_list=None, var_names=None):
        """Before the optimizer is used: weight decay leaves out these variables, and those in whose name one of these regular expressions is found."""
        if _own.is_own(self):
            raise _cornu.UnsupportedError(f"{type(self).__name__}: an optimizer of one's own leaves weights out by itself, in update_step")
        if self._at_work() is not None:
            raise ValueError("`exclude_from_weight_decay()` can only be configured before the optimizer is built: call it before compile()")
        self._undecayed = list(var_names or []), [f"{v._layer}/{v.path}" for v in var_list or []]

    def __cornu_config__(self):
        described = super().__cornu_config__()
        return _cornu.optimizer_excluding(described, *self._undecayed) if self._undecayed else described

    # ---- for update_step of one's own

    def assign(self, variable, value):
        variable.assign(value)

    def assign_add(self, variable, value):
        variable.assign_add(value)

    def assign_sub(self, variable, value):
        variable.assign_sub(value)

    def add_optimizer_variables(self, trainable_variables, name, initializer="zeros"):
        """One more variable for each of these: a list, or for several names a list of lists."""
        if isinstance(name, str):
            return [self.add_variable_from_reference(v, name, initializer) for v in trainable_variables]
        return tuple([self.add_variable_from_reference(v, n, initializer) for v in trainable_variables] for n in name)

    def update_step(self, gradient, variable, learning_rate):
        raise NotImplementedError(f"{type(self).__name__} computes in C++; a subclass of Optimizer says here what one step does")


_classes = {}
_catalogue.make_classes(Optimizer, _cornu.optimizer_classes(), "optimizers", _classes)
globals().update(_classes)


def get(identifier):
    if isinstance(identifier, str):
        for name, cls in _classes.items():
            if name.lower() == identifier.lower():
                return cls()
    return _catalogue.from_name(_classes, identifier, Optimizer, "optimizer")


def serialize(optimizer):
    return _catalogue.serialized(optimizer)


def deserialize(config, custom_objects=None):
    return get(config)


__getattr__ = lazy(__name__, absent={"legacy": "Keras itself has them no more; optimizers of the same names serve", "MultiOptimizer": "an optimizer of one's own may hold others",
                                     "OptimizerMap": "an optimizer of one's own may hold others"})[0]
