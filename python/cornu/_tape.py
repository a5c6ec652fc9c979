"""GradientTape: gradients of what is computed directly, or recorded."""
from cornu import _cornu

_recording = []


def recording():
    """Whether some tape records: then models compute op by op."""
    return bool(_recording)


def _flat(structure):
    if isinstance(structure, (list, tuple)):
        return [leaf for part in structure for leaf in _flat(part)]
    if isinstance(structure, dict):
        return [leaf for key in structure for leaf in _flat(structure[key])]
    return [structure]


def _rebuilt(structure, leaves):
    if isinstance(structure, (list, tuple)):
        parts = [_rebuilt(part, leaves) for part in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    if isinstance(structure, dict):
        return {key: _rebuilt(value, leaves) for key, value in structure.items()}
    return next(leaves)


class GradientTape:
    """Remembers the ops in its `with` block, for their gradients. Variables that are trained are watched; other tensors when watch() says so."""

    def __init__(self, persistent=False, watch_accessed_variables=True):
        self._persistent, self._automatic = persistent, watch_accessed_variables
        self._tape, self._used, self._watched, self._inside = _cornu.Tape(), False, [], False

    def __enter__(self):
        if self._inside:
            raise ValueError("Tape is still recording, This can happen if you try to re-enter an already-active tape.")
        self._inside = True
        self._tape.record()
        _recording.append(self)
        return self

    def __exit__(self, *exception):
        self._inside = False
        self._tape.stop()
        if self in _recording:
            _recording.remove(self)

    def watch(self, tensor):
        for leaf in _flat(tensor):
            self._tape.watch(leaf)
            self._watched.append(leaf)

    def watched_variables(self):
        return tuple(v for v in self._watched if isinstance(v, _cornu.Variable))

    def stop_recording(self):
        return _Paused(self)

    def reset(self):
        inside = self._inside
        self._tape.forget()
        self._tape = _cornu.Tape()
        if inside:
            self._tape.record()

    def gradient(self, target, sources, output_gradients=None, unconnected_gradients="none"):
        """d(target)/d(each of sources), in their structure; None where the tape saw no way from one to the other."""
        if self._used and not self._persistent:
            raise RuntimeError("A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)")
        leaves = _flat(sources)
        variables = [_variable(s) for s in leaves]
        if not self._automatic:
            watched = {id(w) for w in self._watched}
            variables = [v if id(v) in watched or not isinstance(v, _cornu.Variable) else None for v in variables]
        targets = _flat(target)
        seeds = [] if output_gradients is None else _flat(output_gradients)
        known = [v for v in variables if v is not None]
        found = iter(self._tape.gradients(targets, known, seeds))
        slopes = [None if v is None else next(found) for v in variables]
        if not self._persistent:
            self._used = True
            if not self._inside:
                self._tape.forget()
        if str(unconnected_gradients).lower().endswith("zero"):
            from cornu.keras.ops import zeros_like

            slopes = [zeros_like(s) if g is None else g for g, s in zip(slopes, leaves)]
        return _rebuilt(sources, iter(slopes))

    def jacobian(self, target, sources, unconnected_gradients="none", parallel_iterations=None, experimental_use_pfor=True):
        """The derivative of each element of the target: one walk for each."""
        from cornu.keras import ops

        import numpy as np

        leaves = _flat(sources)
        size = int(np.prod(target.shape, dtype=int))
        rows = []
        for i in range(size):
            seed = np.zeros(size, np.float32)
            seed[i] = 1
            rows.append(self._tape.gradients([target], leaves, [ops.cast(seed.reshape(target.shape), target.dtype)]))
        if not self._persistent:
            self._used = True
            self._tape.forget()
        made = []
        for k, leaf in enumerate(leaves):
            made.append(None if rows[0][k] is None else ops.reshape(ops.stack([row[k] for row in rows]), (*target.shape, *leaf.shape)))
        return _rebuilt(sources, iter(made))


def _variable(source):
    return source


class _Paused:
    def __init__(self, tape):
        self._tape = tape

    def __enter__(self):
        self._tape._tape.stop()

    def __exit__(self, *exception):
        self._tape._tape.record()
