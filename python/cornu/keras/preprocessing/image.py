"""keras.preprocessing.image."""
import numpy as np

from cornu.keras.utils._images import array_to_img, img_to_array, load_img, save_img
from cornu.keras.utils._lazy import lazy

__all__ = ["array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"]

_LAYERS = "use keras.utils.image_dataset_from_directory, and RandomFlip, RandomRotation, RandomZoom and their likes as layers"
__getattr__, _ = lazy(__name__, {}, dict.fromkeys(
    ("ImageDataGenerator", "DirectoryIterator", "NumpyArrayIterator", "Iterator", "DataFrameIterator", "apply_affine_transform",
     "apply_brightness_shift", "apply_channel_shift", "random_brightness", "random_channel_shift", "random_rotation", "random_shear",
     "random_shift", "random_zoom"), _LAYERS))


def smart_resize(x, size, interpolation="bilinear", data_format="channels_last", backend_module=None):
    """[height, width, channels], or a batch of them, resized to `size` without distortion: the middle is cut out, as large as fits."""
    from cornu.keras.layers import Resizing
    from cornu.keras.utils._images import _channels_last

    _channels_last(data_format, "smart_resize")
    images = x if len(x.shape) == 4 else x[None]
    if len(images.shape) != 4 or len(size) != 2:
        raise ValueError(f"smart_resize: [height, width, channels] or a batch of them, and a size of 2 integers are expected; "
                         f"shape {tuple(x.shape)} and size {size} given")
    made = Resizing(int(size[0]), int(size[1]), interpolation=interpolation, crop_to_aspect_ratio=True)(images)
    made = np.asarray(made) if isinstance(x, np.ndarray) else made
    return made if len(x.shape) == 4 else made[0]
