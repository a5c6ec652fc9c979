"""keras.datasets.cifar10."""
import numpy as np

from cornu.keras.datasets._files import cifar


def load_data():
    """CIFAR-10: 50,000 and 10,000 pictures, uint8 [n, 32, 32, 3], and their classes 0 to 9, uint8 [n, 1]."""
    *train, test = cifar("cifar-10-python", "cifar-10-batches-py", [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"], "labels")
    return (np.concatenate([x for x, _ in train]), np.concatenate([y for _, y in train])), test
