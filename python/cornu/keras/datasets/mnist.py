"""keras.datasets.mnist."""
from cornu.keras.datasets._files import images, located


def load_data(path="mnist.npz"):
    """MNIST: 60,000 and 10,000 handwritten digits, uint8 [n, 28, 28], and their classes 0 to 9."""
    return images(located(path, "datasets.mnist"))
