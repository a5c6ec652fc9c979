# Made by python/scripts/stubs.py.
from typing import Any

from cornu.keras.datasets.imdb import located as located
from cornu.keras.datasets.imdb import read_npz as read_npz
from cornu.keras.datasets.imdb import texts as texts

def get_label_names() -> Any: ...
def get_word_index(path: Any = ...) -> Any: ...
def load_data(path: Any = ..., num_words: Any = ..., skip_top: float = ..., maxlen: Any = ..., test_split: float = ..., seed: float = ..., start_char: float = ..., oov_char: float = ..., index_from: float = ...) -> Any: ...
