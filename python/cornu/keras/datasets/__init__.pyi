# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.datasets import boston_housing as boston_housing
from cornu.keras.datasets import california_housing as california_housing
from cornu.keras.datasets import cifar10 as cifar10
from cornu.keras.datasets import cifar100 as cifar100
from cornu.keras.datasets import fashion_mnist as fashion_mnist
from cornu.keras.datasets import imdb as imdb
from cornu.keras.datasets import mnist as mnist
from cornu.keras.datasets import reuters as reuters
