"""cornu: Keras in native C++. `import cornu as tf` for scripts of tf.keras, `from cornu import keras` for scripts of Keras 3."""
from cornu._cornu import (ArgumentError, Error, FormatError, InternalError, IoError, LimitError, NumericError, ShapeError, UnsafeError,
                          UnsupportedError, __version__)
from cornu import keras
