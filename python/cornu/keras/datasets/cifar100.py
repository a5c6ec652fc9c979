"""keras.datasets.cifar100."""
from cornu.keras.datasets._files import cifar


def load_data(label_mode="fine"):
    """CIFAR-100: 50,000 and 10,000 pictures, uint8 [n, 32, 32, 3], and their 100 classes, or 20 ("coarse"), uint8 [n, 1]."""
    if label_mode not in ("fine", "coarse"):
        raise ValueError(f'cifar100: label_mode={label_mode!r} is neither "fine" nor "coarse"')
    train, test = cifar("cifar-100-python", "cifar-100-python", ["train", "test"], f"{label_mode}_labels")
    return train, test
