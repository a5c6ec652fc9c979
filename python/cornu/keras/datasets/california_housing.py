"""keras.datasets.california_housing."""
from cornu.keras.datasets._files import housing


def load_data(version="large", path="california_housing.npz", test_split=0.2, seed=113):
    """Median prices of houses in 20,640 districts ("small": the first 600) by 8 figures."""
    if version not in ("small", "large"):
        raise ValueError(f'california_housing: version={version!r} is neither "small" nor "large"')
    return housing(path, "datasets.california_housing", test_split, seed, 600 if version == "small" else None)
