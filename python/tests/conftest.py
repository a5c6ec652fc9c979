"""What all tests share: each begins with the same seed and the same names."""
import pytest

import cornu as tf


@pytest.fixture(autouse=True)
def same_beginning():
    tf.keras.utils.set_random_seed(7)
    tf.keras.backend.clear_session()
