"""keras.ops.numpy."""
from cornu.keras.ops._index import *
from cornu.keras.ops._numbers import *
from cornu.keras.ops._pointwise import *
from cornu.keras.ops._products import *
from cornu.keras.ops._reduce import *
from cornu.keras.ops._shape import *
