"""keras.datasets.boston_housing."""
from cornu.keras.datasets._files import housing


def load_data(path="boston_housing.npz", test_split=0.2, seed=113):
    """Prices of houses by 13 figures. (One of them rests on a racist assumption: for teaching about that, not for models.)"""
    return housing(path, "datasets.boston_housing", test_split, seed)
