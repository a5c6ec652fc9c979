"""keras.ops: on KerasTensors they wire, on tensors that are traced they join the graph, on all others they compute."""
from cornu.keras.ops._core import *
from cornu.keras.ops._index import *
from cornu.keras.ops._nn import *
from cornu.keras.ops._normalize import *
from cornu.keras.ops._numbers import *
from cornu.keras.ops._pointwise import *
from cornu.keras.ops._products import *
from cornu.keras.ops._reduce import *
from cornu.keras.ops._shape import *
from cornu.keras.ops._index import slice_ as slice
from cornu.keras.ops import image, linalg, nn, numpy
from cornu.keras.ops.linalg import *

_UNOFFERED = {
    "adaptive_average_pool": "layers.AveragePooling2D", "adaptive_max_pool": "layers.MaxPooling2D", "associative_scan": "ops.scan", "ctc_decode": "losses.CTC",
    "ctc_loss": "losses.CTC", "fold": "ops.scatter", "erfinv": "ops.erf", "jvp": "GradientTape",
    "view": "ops.cast", "view_as_complex": "two real tensors", "view_as_real": "two real tensors", "stft": "np.fft on arrays", "istft": "np.fft on arrays",
    "rfft": "np.fft on arrays", "irfft": "np.fft on arrays", "fft": "np.fft on arrays", "fft2": "np.fft on arrays", "ifft2": "np.fft on arrays",
}


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    import difflib

    near = _UNOFFERED.get(name) or next((f"ops.{n}" for n in difflib.get_close_matches(name, [n for n in globals() if not n.startswith("_")], 1)), None)
    raise AttributeError(f"cornu has no keras.ops.{name}" + (f"; the nearest that it offers is {near}" if near else ""))
