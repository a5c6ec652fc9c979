"""keras.datasets.fashion_mnist."""
import os

import numpy as np


def load_data():
    """Fashion-MNIST: 60,000 and 10,000 pictures of clothes, uint8 [n, 28, 28] from 0 to 255, and their classes 0 to 9, uint8. From
    $CORNU_DATA, Keras's folder of data sets, or where Debian's package dataset-fashion-mnist puts it."""
    from cornu import _cornu
    from cornu.keras.utils._files import keras_home

    kept = os.path.join(keras_home(), "datasets")
    there = "CORNU_DATA" not in os.environ and os.path.exists(os.path.join(kept, "fashion-mnist", "train-images-idx3-ubyte.gz"))
    x_train, y_train, x_test, y_test = _cornu.fashion_mnist(kept if there else "")
    return (np.asarray(x_train), np.asarray(y_train)), (np.asarray(x_test), np.asarray(y_test))
