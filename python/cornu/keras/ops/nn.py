"""keras.ops.nn."""
from cornu.keras.ops._nn import *
from cornu.keras.ops._normalize import *
