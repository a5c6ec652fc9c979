# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras import activations as activations
from cornu.keras import backend as backend
from cornu.keras import callbacks as callbacks
from cornu.keras import config as config
from cornu.keras import constraints as constraints
from cornu.keras import datasets as datasets
from cornu.keras import dtype_policies as dtype_policies
from cornu.keras import initializers as initializers
from cornu.keras import layers as layers
from cornu.keras import losses as losses
from cornu.keras import metrics as metrics
from cornu.keras import mixed_precision as mixed_precision
from cornu.keras import models as models
from cornu.keras import ops as ops
from cornu.keras import optimizers as optimizers
from cornu.keras import preprocessing as preprocessing
from cornu.keras import random as random
from cornu.keras import regularizers as regularizers
from cornu.keras import saving as saving
from cornu.keras import tree as tree
from cornu.keras import utils as utils
from cornu.keras import wrappers as wrappers
from cornu.keras.backend import KerasTensor as KerasTensor
from cornu.keras.backend import Variable as Variable
from cornu.keras.callbacks import Callback as Callback
from cornu.keras.config import DTypePolicy as DTypePolicy
from cornu.keras.config import DTypePolicy as FloatDTypePolicy
from cornu.keras.constraints import Constraint as Constraint
from cornu.keras.initializers import Initializer as Initializer
from cornu.keras.layers import Input as Input
from cornu.keras.layers import InputSpec as InputSpec
from cornu.keras.layers import Layer as Layer
from cornu.keras.losses import Loss as Loss
from cornu.keras.metrics import Metric as Metric
from cornu.keras.models import Model as Functional
from cornu.keras.models import Model as Model
from cornu.keras.models import Sequential as Sequential
from cornu.keras.optimizers import Optimizer as Optimizer
from cornu.keras.optimizers.schedules import lazy as lazy
from cornu.keras.regularizers import Regularizer as Regularizer

__version__: str
def version() -> Any: ...
