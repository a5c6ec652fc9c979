"""Losses, metrics, optimizers, initializers, regularizers and constraints written in Python: what their base classes do for them, and
what C++ gets instead of a description."""
from cornu import _cornu
from cornu.keras._custom import _attributes, takes
from cornu.keras._dispatch import Variable

_METHODS = {"loss": "call", "metric": "update_state", "optimizer": "update_step", "initializer": "__call__", "regularizer": "__call__", "constraint": "__call__", "schedule": "__call__"}


def is_own(self):
    """Whether a Python method says what it does, and not C++."""
    return _METHODS.get(self._family) in _attributes(type(self))


def init(self, args, kwargs):
    """Base.__init__ for a class of the user's."""
    family = self._family
    if family == "loss":
        _init_loss(self, *args, **kwargs)
    elif family == "metric":
        _init_metric(self, *args, **kwargs)
    elif family == "optimizer":
        _init_optimizer(self, *args, **kwargs)
    elif args or kwargs:
        raise TypeError(f"{type(self).__name__}: the base class takes no arguments")


def _init_loss(self, name=None, reduction="sum_over_batch_size", dtype=None):
    self.name = name or _snake(self)
    self.reduction = reduction
    self.dtype = dtype or "float32"


def _init_metric(self, dtype=None, name=None):
    self.name = name or _snake(self)
    self.dtype = dtype or "float32"
    self.__dict__.setdefault("_own_weights", [])


def _init_optimizer(self, learning_rate=0.001, weight_decay=None, clipnorm=None, clipvalue=None, global_clipnorm=None, use_ema=False, ema_momentum=0.99,
                    ema_overwrite_frequency=None, loss_scale_factor=None, gradient_accumulation_steps=None, name=None, **kwargs):
    if kwargs:
        raise TypeError(f"{type(self).__name__}: Optimizer takes no {', '.join(kwargs)}")
    self.name = name or _snake(self)
    self._given = {"learning_rate": learning_rate, "weight_decay": weight_decay, "clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm,
                   "use_ema": use_ema, "ema_momentum": ema_momentum, "ema_overwrite_frequency": ema_overwrite_frequency, "loss_scale_factor": loss_scale_factor,
                   "gradient_accumulation_steps": gradient_accumulation_steps, "name": self.name}
    self._config = dict(self._given)


def _snake(self):
    from cornu.keras import _names

    return _names.snake_case(type(self).__name__)


def describe(self):
    """What C++ calls while it traces."""
    family = self._family
    if family == "loss":
        return _cornu.python_loss(self.call, getattr(self, "name", None) or _snake(self), getattr(self, "reduction", None) or "none")
    if family == "metric":
        return _cornu.python_whole_metric(self, self.name, list(self.__dict__.get("_own_weights", [])), takes(self.update_state, "sample_weight"))
    if family == "optimizer":
        return _describe_optimizer(self)
    return getattr(_cornu, f"python_{family}")(self)


# ---- metrics

def add_variable(self, shape=(), initializer="zeros", dtype=None, aggregation=None, name=None, **kwargs):
    """What a metric keeps between batches."""
    from cornu.keras import _catalogue

    own = self.__dict__.setdefault("_own_weights", [])
    shape = (shape,) if isinstance(shape, int) else tuple(shape or ())
    v = _cornu.new_weight(None, name or f"variable_{len(own)}", shape, str(dtype or "float32"), _catalogue.option("initializer", initializer), None, None, False)
    v._initial = _first_value(v, initializer)
    own.append(v)
    return v


def _first_value(v, initializer):
    return v.numpy().copy()


def reset(self):
    for v in self.__dict__.get("_own_weights", []):
        v.assign(v._initial)


# ---- optimizers

def _describe_optimizer(self):
    """Runs build() on a Variable that will stand for each weight, and sees what it keeps for it."""
    stand_in = _cornu.new_weight(None, "weight", (), "float32", "zeros", None, None, True)
    self._stand_in, self._slots, self.built = stand_in, [], False
    self.build([stand_in])
    return _cornu.python_optimizer(self, self._given, stand_in, self._iterations, self._slots)


def build(self, variables):
    """Optimizer.build: a subclass's calls it, then adds what it keeps."""
    self._trainable_variables = list(variables)
    self._indices = {id(v): i for i, v in enumerate(variables)}
    if self.__dict__.get("_iterations") is None:
        self._iterations = _cornu.new_weight(None, "iteration", (), "int64", "zeros", None, None, False)
    self.built = True


def add_variable_from_reference(self, reference_variable, name=None, initializer="zeros", **kwargs):
    if initializer != "zeros":
        raise NotImplementedError("add_variable_from_reference begins with zeros")
    v = _cornu.new_weight(None, name or "slot", tuple(reference_variable._shape), reference_variable._dtype, "zeros", None, None, False)
    if "_slots" in self.__dict__:
        if name in [s.name for s in self._slots]:
            v.name = f"{name}_{len(self._slots)}"
        self._slots.append(v)
    return v


def apply(self, gradients, variables):
    """update_step for each Variable, directly: in a training loop of one's own."""
    pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
    if not pairs:
        raise ValueError("No gradients provided for any variable.")
    if self.__dict__.get("_applied_to") is None:
        self.__dict__["_slots"] = []
        self.build(list(variables))
        self._applied_to = list(variables)
    for g, v in pairs:
        self.update_step(g, v, self._rate())
    self._iterations.assign_add(1)


def index_of(self, variable):
    found = self._indices.get(id(variable))
    if found is None:  # another Variable of the same weight, or the one that stands for each
        ids = [v.id for v in self._trainable_variables]
        return ids.index(variable.id) if variable.id in ids else 0
    return found


def rate(self):
    given = self._given["learning_rate"]
    if isinstance(given, Variable):
        return given
    if callable(given):
        return given(self._iterations)
    if "_rate_now" not in self.__dict__:  # so that a step that was traced follows it
        self._rate_now = _cornu.Variable(float(given), trainable=False, name="learning_rate")
    return self._rate_now
