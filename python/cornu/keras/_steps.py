"""train_step, test_step and predict_step: what they are made of, and the loop that runs one's own. Its ops are put off, and each step runs
as a few compiled Programs; the step's Python runs for each batch."""
from cornu import _cornu
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
        self._loss_tracker().update_state(loss)
        variables = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data):
        from cornu.keras.utils import unpack_x_y_sample_weight

        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        self._loss_tracker().update_state(self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False))
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


# ---- the loop

def _map(function, structure):
    if isinstance(structure, (list, tuple)):
        return type(structure)(_map(function, v) for v in structure)
    if isinstance(structure, dict):
        return {k: _map(function, v) for k, v in structure.items()}
    return None if structure is None else function(structure)


def _leaves(structure):
    found = []
    _map(found.append, structure)
    return found


def _arrays(structure):
    return _map(lambda v: v if hasattr(v, "shape") and hasattr(v, "dtype") and not hasattr(v, "iloc") else np.asarray(v), structure)


def _pack(x, y, sample_weight):
    if y is None:
        return x if not isinstance(x, (tuple, list)) else (x,)
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def _tensors(structure):
    def tensor(v):
        v = _cornu.convert(v, None)
        return _cornu.convert(v, "float32") if v.dtype == "float64" else v

    return _map(tensor, structure)


def _batches(data, batch_size, order):
    """Of arrays: tensors, batch_size rows at a time, in this order."""
    n = len(_leaves(data[0])[0])
    for at in range(0, n, batch_size):
        rows = slice(at, at + batch_size) if order is None else order[at : at + batch_size]
        yield _tensors(_pack(*(_map(lambda v: np.asarray(v)[rows], part) for part in data)))


class _Source:
    """Batches for one epoch after the other."""

    def __init__(self, x, y, sample_weight, batch_size, shuffle, steps):
        from cornu.keras import _data

        self.steps, self.shuffle, self.epoch = steps, shuffle, 0
        self.batch_size = batch_size or 32
        self.given = x
        self.plain = not _data.is_batches(x)
        if self.plain:
            self.arrays = tuple(_arrays(part) for part in (x, y, sample_weight))
            self.samples = len(_leaves(self.arrays[0])[0])
            self.length = -(-self.samples // self.batch_size)
        else:
            self.next, self.length = _data.pack(x, y, sample_weight, shuffle)

    def __iter__(self):
        from cornu.keras import _names

        limit = self.steps
        self.epoch += 1
        if self.plain:
            order = None
            if self.shuffle:
                seed = getattr(_names, "shuffle_seed", lambda: 0)()
                order = np.random.default_rng([seed, self.epoch]).permutation(self.samples)
            for i, batch in enumerate(_batches(self.arrays, self.batch_size, order)):
                if limit is not None and i >= limit:
                    return
                yield batch
            return
        i = 0
        while limit is None or i < limit:
            batch = self.next()
            if batch is None:
                return
            x, y, sample_weight = batch
            yield _tensors(_pack(x, y, sample_weight))
            i += 1


def _numbers(logs):
    """What a step returned, as floats; a dict in it is laid flat."""
    out = {}
    for name, value in logs.items():
        if isinstance(value, dict):
            out.update(_numbers(value))
        else:
            value = np.asarray(value)
            out[name] = float(value) if value.size == 1 else value.tolist()
    return out


def _own_callbacks(callbacks, model, params):
    from cornu.keras.callbacks import prepared

    ready = prepared(callbacks, model, params)
    for callback in ready:
        if getattr(callback, "_native", None) is not None:
            raise _cornu.UnsupportedError(f"{type(callback).__name__} follows runs that are compiled as a whole; a model with a train_step of its own takes callbacks written in Python")
    return ready


def _tell(callbacks, hook, *args):
    for callback in callbacks:
        if hook in callback._own_hooks():
            getattr(callback, hook)(*args)


def fit(model, x, y, batch_size, epochs, verbose, callbacks, validation_split, validation_data, shuffle, class_weight, sample_weight, initial_epoch, steps_per_epoch,
        validation_steps, validation_batch_size, validation_freq):
    """Model.fit for a model with a train_step of its own."""
    from cornu.keras.callbacks import History
    from cornu.keras.utils import Progbar

    if class_weight is not None:
        raise _cornu.UnsupportedError("fit: class_weight is not supported with a train_step of one's own; give sample_weight")
    if validation_split:
        (x, y, sample_weight), validation_data = _cut(x, y, sample_weight, validation_split)
    source = _Source(x, y, sample_weight, batch_size, shuffle, steps_per_epoch)
    steps = steps_per_epoch or source.length
    history = History()
    params = {"verbose": verbose, "epochs": epochs, "steps": steps}
    callbacks = _own_callbacks(callbacks, model, params)
    history.set_params(params)
    history.set_model(model)
    verbose = 1 if verbose == "auto" else int(verbose)
    model.stop_training = False
    each = [hook for hook in ("on_train_batch_begin", "on_train_batch_end") if any(hook in c._own_hooks() for c in callbacks)]
    logs = {}
    _tell(callbacks, "on_train_begin", {})
    for epoch in range(initial_epoch, epochs):
        model.reset_metrics()
        _tell(callbacks, "on_epoch_begin", epoch, {})
        if verbose:
            print(f"Epoch {epoch + 1}/{epochs}")
        bar = Progbar(steps, verbose=verbose, unit_name="step") if verbose else None
        logs, i = {}, -1
        for i, batch in enumerate(source):
            if each:
                _tell(callbacks, "on_train_batch_begin", i, {})
            logs = model.train_step(batch)
            if each:
                _tell(callbacks, "on_train_batch_end", i, _numbers(logs))
            if bar is not None and i + 1 != steps:
                bar.update(i + 1, list(_numbers(logs).items()) if verbose == 1 else (), finalize=False)
            if model.stop_training:
                break
        if i < 0:
            raise ValueError("fit: the data gave no batch")
        logs = _numbers(logs)
        if validation_data is not None and (epoch + 1) % (validation_freq or 1) == 0:
            parts = validation_data if isinstance(validation_data, (tuple, list)) else (validation_data,)
            values = evaluate(model, parts[0], parts[1] if len(parts) > 1 else None, validation_batch_size or batch_size, 0, parts[2] if len(parts) > 2 else None, validation_steps,
                              None, True)
            logs.update({f"val_{name}": value for name, value in values.items()})
        if bar is not None:
            bar.update(i + 1, list(logs.items()), finalize=True)
        for name, value in logs.items():
            history.history.setdefault(name, []).append(value)
        history.epoch.append(epoch)
        _tell(callbacks, "on_epoch_end", epoch, logs)
        if model.stop_training:
            break
    _tell(callbacks, "on_train_end", logs)
    model.history = history
    return history


def _cut(x, y, sample_weight, share):
    n = len(_leaves(_arrays(x))[0])
    at = int(n * (1 - share))
    parts = [_arrays(p) for p in (x, y, sample_weight)]
    return tuple(_map(lambda v: v[:at], p) for p in parts), tuple(_map(lambda v: v[at:], p) for p in parts)


def evaluate(model, x, y, batch_size, verbose, sample_weight, steps, callbacks, return_dict):
    """Model.evaluate for a model with a test_step of its own, or a train_step."""
    callbacks = _own_callbacks(callbacks, model, {"verbose": verbose})
    model.reset_metrics()
    _tell(callbacks, "on_test_begin", {})
    logs = {}
    for i, batch in enumerate(_Source(x, y, sample_weight, batch_size, False, steps)):
        _tell(callbacks, "on_test_batch_begin", i, {})
        logs = model.test_step(batch)
        _tell(callbacks, "on_test_batch_end", i, {})
    logs = _numbers(logs)
    _tell(callbacks, "on_test_end", logs)
    if verbose and verbose != 0:
        print(" - ".join(f"{name}: {value:.4f}" for name, value in logs.items()))
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def predict(model, x, batch_size, verbose, steps, callbacks):
    """Model.predict for a model with a predict_step of its own."""
    callbacks = _own_callbacks(callbacks, model, {"verbose": verbose})
    _tell(callbacks, "on_predict_begin", {})
    made = []
    for batch in _Source(x, None, None, batch_size, False, steps):
        made.append(_map(np.asarray, model.predict_step(batch)))
    _tell(callbacks, "on_predict_end", {})
    first = made[0]
    if isinstance(first, dict):
        return {k: np.concatenate([m[k] for m in made]) for k in first}
    if isinstance(first, (list, tuple)):
        return [np.concatenate(parts) for parts in zip(*made)]
    return np.concatenate(made)
