"""train_step, test_step and predict_step: what they are made of, and how one's own run. Their Python runs once for each kind of batch,
which writes down what they do; from then on C++ runs that for every batch."""
import weakref

from cornu import _cornu
from cornu._function import Function, put_together, taken_apart
from cornu.keras.utils._lazy import deferred

np = deferred("numpy")


class Steps:
    """What Model offers to steps of one's own."""

    def train_step(self, data):
        from cornu._tape import GradientTape
        from cornu.keras.utils import unpack_x_y_sample_weight

        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
        self._loss_tracker().update_state(loss, sample_weight=_rows(x))
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data):
        from cornu.keras.utils import unpack_x_y_sample_weight

        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._loss_tracker().update_state(self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False), sample_weight=_rows(x))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data):
        from cornu.keras.utils import unpack_x_y_sample_weight

        return self(unpack_x_y_sample_weight(data)[0], training=False)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The compiled loss of this batch, and what layers added to it."""
        from cornu.keras import losses

        given = self.__dict__.get("loss")
        total = None
        if given is not None and y is not None:
            pairs = _paired(given, y, y_pred, self.__dict__.get("_loss_weights"))
            for loss, target, output, factor in pairs:
                one = _cornu.apply_loss(losses._for_compile(loss), target, output, sample_weight)
                one = one if factor is None else one * factor
                total = one if total is None else total + one
        for penalty in self.losses:
            total = penalty if total is None else total + penalty
        if total is None:
            raise ValueError("No loss to compute. Provide a `loss` argument in `compile()`, or add one with add_loss.")
        return total

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        for metric in self._compiled_metrics():
            metric.update_state(y, y_pred)
        for metric in self._compiled_metrics(weighted=True):
            metric.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self):
        return {metric.name: metric.result() for metric in self.metrics}

    def reset_metrics(self):
        for metric in self.metrics:
            metric.reset_state()

    def _loss_tracker(self):
        if "_tracker" not in self.__dict__:
            from cornu.keras import metrics

            self.__dict__["_tracker"] = metrics.Mean(name="loss")
        return self._tracker

    def _compiled_metrics(self, weighted=False):
        key = "_weighted_objects" if weighted else "_metric_objects"
        if key not in self.__dict__:
            given = self.__dict__.get("_given_weighted" if weighted else "_given_metrics")
            if isinstance(given, dict) or isinstance(given, (list, tuple)) and any(isinstance(m, (list, tuple, dict)) for m in given):
                raise NotImplementedError("a step of one's own takes metrics as one list")
            self.__dict__[key] = [_metric_object(m) for m in (given if isinstance(given, (list, tuple)) else [] if given is None else [given])]
        return self.__dict__[key]

    @property
    def metrics(self):
        """The loss's mean, the compiled metrics, and metrics that are attributes."""
        from cornu.keras.metrics import Metric

        own = [v for name, v in self.__dict__.items() if isinstance(v, Metric) and name != "_tracker"]
        return [self._loss_tracker(), *self._compiled_metrics(), *self._compiled_metrics(weighted=True), *own]


class _ByName:
    """A metric that was compiled by a name or a function, at work on tensors."""

    def __init__(self, metric, name):
        self._metric, self.name, self._state = metric, name, None

    def update_state(self, y_true, y_pred, sample_weight=None):
        if self._state is None:
            self._state = _cornu.MetricState(_resolved(self._metric, y_true, y_pred))
        self._state.update(y_true, y_pred, sample_weight)

    def result(self):
        return self._state.result() if self._state is not None else 0.0

    def reset_state(self):
        if self._state is not None:
            self._state.reset()


def _resolved(metric, y_true, y_pred):
    return metric


def _metric_object(metric):
    from cornu.keras import metrics

    if isinstance(metric, metrics.Metric):
        return metric
    name = metric if isinstance(metric, str) else getattr(metric, "__name__", "metric")
    return _ByName(metrics._one(metric), name)


def _rows(x):
    """The size of a batch, by which its loss counts."""
    return taken_apart(x)[0][0].shape[0]


def _paired(loss, y, y_pred, weights):
    """[(loss, y_true, y_pred, weight)] of the outputs."""
    if isinstance(y_pred, dict):
        names = list(y_pred)
        losses = loss if isinstance(loss, dict) else dict.fromkeys(names, loss)
        weights = weights or {}
        return [(losses[n], y[n], y_pred[n], weights.get(n)) for n in names if losses.get(n) is not None]
    if isinstance(y_pred, (list, tuple)):
        losses = list(loss) if isinstance(loss, (list, tuple)) else [loss] * len(y_pred)
        weights = list(weights) if weights is not None else [None] * len(y_pred)
        return [item for item in zip(losses, y, y_pred, weights) if item[0] is not None]
    return [(loss[0] if isinstance(loss, (list, tuple)) else loss, y, y_pred, weights if isinstance(weights, (int, float)) else None)]


# ---- one's own, run by C++

def _numbers(logs, found=None):
    """([name], [tensor]) of what a step returned; a dict in it is laid flat."""
    found = ([], []) if found is None else found
    if logs is not None and not isinstance(logs, dict):
        raise ValueError(f"a train_step or test_step returns a dict of metrics by name, and one returned {logs!r}")
    for name, value in (logs or {}).items():
        if isinstance(value, dict):
            _numbers(value, found)
        else:
            found[0].append(name)
            found[1].append(value)
    return found


def _step(model, kind, template, key):
    """C++'s object for a step on batches of this structure."""
    known = model.__dict__.setdefault("_own_steps", {})
    place = kind, key, model.run_eagerly
    if place not in known:
        of = weakref.ref(model)  # which keeps the step

        def run(tensors):
            return _numbers(getattr(of(), kind)(put_together(template, tensors)))

        known[place] = _cornu.OwnStep(run, model.run_eagerly)
    return known[place]


def _map(function, structure):
    if isinstance(structure, (list, tuple)):
        return type(structure)(_map(function, v) for v in structure)
    if isinstance(structure, dict):
        return {k: _map(function, v) for k, v in structure.items()}
    return None if structure is None else function(structure)


def _arrays(structure):
    return _map(lambda v: v if hasattr(v, "shape") and hasattr(v, "dtype") and not hasattr(v, "iloc") else np.asarray(v), structure)


def _pack(x, y, sample_weight):
    if y is None:
        return x if not isinstance(x, (tuple, list)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def _weighted(y, sample_weight, class_weight):
    """sample_weight times that of each label's class; one-hot labels name their largest."""
    if class_weight is None:
        return sample_weight
    labels = np.asarray(y)
    labels = labels.argmax(-1) if labels.ndim > 1 and labels.shape[-1] > 1 else np.rint(labels).reshape(len(labels)).astype(int)
    by_label = np.ones(max(int(labels.max(initial=0)), *class_weight) + 1, np.float32)
    for label, weight in class_weight.items():
        by_label[label] = weight
    weights = by_label[labels]
    return weights if sample_weight is None else np.asarray(sample_weight, np.float32) * weights.reshape(weights.shape + (1,) * (np.ndim(sample_weight) - weights.ndim))


def _packed(x, y, sample_weight, class_weight):
    """(leaves, template, key) of a batch, or of all samples."""
    x, y, sample_weight = (_arrays(part) for part in (x, y, sample_weight))
    return taken_apart(_pack(x, y, _weighted(y, sample_weight, class_weight)))


def _pass(model, kind, x, y, sample_weight, shuffle=False, class_weight=None):
    """What C++ goes through: (step, arrays) or (step, next_batch, number of batches)."""
    from cornu.keras import _data

    if not _data.is_batches(x):
        leaves, template, key = _packed(x, y, sample_weight, class_weight)
        return _step(model, kind, template, key), leaves
    packed = _data.pack(x, y, sample_weight, shuffle)
    (next_batch, steps), first = _data.peeked(packed)
    _, template, key = _packed(*first, class_weight)

    def leaves_of_next():
        batch = next_batch()
        if batch is None:
            return None
        leaves, _, present = _packed(*batch, class_weight)
        if present != key:
            raise ValueError(f"the batches of one run have one structure: the first was {first!r}, and one came as {batch!r}")
        return leaves

    return _step(model, kind, template, key), model._alone.fed_by(leaves_of_next), steps


def fit(model, x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle, class_weight, sample_weight, initial_epoch, steps_per_epoch,
        validation_steps, validation_batch_size, validation_freq):
    """Model.fit for a model with a train_step of its own."""
    from cornu.keras.callbacks import History, prepared

    if validation_split and validation_data is None:
        (x, y, sample_weight), validation_data = _cut(x, y, sample_weight, validation_split)
    train = _pass(model, "train_step", x, y, sample_weight, shuffle, class_weight)
    validation = None
    if validation_data is not None:
        parts = validation_data if isinstance(validation_data, (tuple, list)) else (validation_data,)
        validation = _pass(model, "test_step", *parts, *[None] * (3 - len(parts)))
    history = History()
    callbacks = prepared(callbacks, model, {"epochs": epochs, "verbose": verbose}, history)
    model.stop_training = False
    runs = model.__dict__["_runs"] = model.__dict__.get("_runs", -1) + 1
    options = {"batch_size": batch_size, "epochs": epochs, "verbose": verbose, "callbacks": callbacks, "shuffle": shuffle, "initial_epoch": initial_epoch, "runs": runs,
               "steps_per_epoch": steps_per_epoch, "validation_steps": validation_steps, "validation_batch_size": validation_batch_size, "validation_freq": validation_freq or 1}
    with model._alone:
        history.history, history.epoch, steps = _cornu.fit_own(model._model, train, validation, options, model)
    history.params = {"verbose": verbose, "epochs": epochs, "steps": steps}
    model.history = history
    return history


def _cut(x, y, sample_weight, share):
    parts = [_arrays(p) for p in (x, y, sample_weight)]
    n = len(taken_apart(parts[0])[0][0])
    at = int(n * (1 - share))
    return tuple(_map(lambda v: v[:at], p) for p in parts), tuple(_map(lambda v: v[at:], p) for p in parts)


def evaluate(model, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict):
    """Model.evaluate for a model with a test_step of its own."""
    from cornu.keras.callbacks import prepared

    options = {"batch_size": batch_size, "verbose": verbose, "steps": steps, "callbacks": prepared(callbacks, model, {"verbose": verbose})}
    data = _pass(model, "test_step", x, y, sample_weight)
    with model._alone:
        return _scores(_cornu.evaluate_own(model._model, data, options, model), return_dict)


def on_batch(model, kind, x, y, sample_weight, class_weight, return_dict):
    """One step, train_on_batch or test_on_batch."""
    leaves, template, key = _packed(x, y, sample_weight, class_weight)
    with model._alone:
        return _scores(_cornu.on_batch_own(_step(model, kind, template, key), leaves, model._model), return_dict)


def _scores(logs, return_dict):
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def predict(model, x, batch_size, verbose, steps, callbacks):
    """Model.predict for a model with a predict_step of its own."""
    from cornu.keras import _data
    from cornu.keras.callbacks import CallbackList, prepared

    tell = CallbackList(prepared(callbacks, model, {"verbose": verbose}))
    of = weakref.ref(model)
    step = model.__dict__.setdefault("_own_steps", {}).setdefault("predict_step", Function(lambda data: of().predict_step(data)))
    step = model.predict_step if model.run_eagerly else step
    tell.on_predict_begin()
    made = []
    for i, batch in enumerate(_predicted_batches(_data, x, batch_size or 32)):
        if steps is not None and i >= steps:
            break
        tell.on_predict_batch_begin(i)
        made.append(_map(np.asarray, step(_map(_tensor, batch))))
        tell.on_predict_batch_end(i, {"outputs": made[-1]})
    tell.on_predict_end()
    if not made:
        raise ValueError("predict: the data gave no batch")
    if isinstance(made[0], dict):
        return {k: np.concatenate([m[k] for m in made]) for k in made[0]}
    if isinstance(made[0], (list, tuple)):
        return [np.concatenate(parts) for parts in zip(*made)]
    return np.concatenate(made)


def _predicted_batches(_data, x, batch_size):
    if _data.is_batches(x):
        next_batch, _ = _data.pack(x)
        while (batch := next_batch()) is not None:
            yield _pack(*batch)
        return
    x = _arrays(x)
    n = len(taken_apart(x)[0][0])
    for at in range(0, n, batch_size):
        yield _pack(_map(lambda v: v[at : at + batch_size], x), None, None)


def _tensor(v):
    v = _cornu.convert(v, None)
    return _cornu.convert(v, "float32") if v.dtype == "float64" else v
