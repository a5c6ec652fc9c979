"""Pictures to arrays and back. With Pillow they are Pillow's; without it, PNG, PPM, PGM and BMP files are read all the same."""
import io
import os

import numpy as np

from cornu.keras.utils import _png

_METHODS = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3), "rgba": ("RGBA", 4)}


def pillow():
    """PIL.Image, or None where Pillow is not installed."""
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image


class Picture:
    """What load_img gives where there is no Pillow: size, mode, and the values by np.asarray."""

    def __init__(self, values):
        self._values = values
        self.height, self.width = values.shape[:2]
        self.size = (self.width, self.height)
        self.mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[values.shape[2]]

    def __array__(self, dtype=None, copy=None):
        values = self._values[:, :, 0] if self.mode == "L" else self._values
        return values.astype(dtype) if dtype is not None else values

    def save(self, path, format=None):
        with (path if hasattr(path, "write") else open(path, "wb")) as f:
            f.write(_png.encode(self._values))

    def convert(self, mode):
        """To L, RGB or RGBA."""
        values = self._values
        colours, alpha = (values[..., :3], values[..., 3:]) if values.shape[2] >= 3 else (values[..., :1], values[..., 1:])
        if mode == "L":
            if colours.shape[2] == 3:  # ITU-R 601-2, in Pillow's integers
                colours = ((colours.astype(np.uint32) @ np.array([19595, 38470, 7471], np.uint32) + 0x8000) >> 16)[..., None]
            return Picture(colours.astype(np.uint8))
        colours = np.repeat(colours, 3, axis=2) if colours.shape[2] == 1 else colours
        if mode == "RGBA":
            alpha = alpha if alpha.shape[2] else np.full((*colours.shape[:2], 1), 255, np.uint8)
            colours = np.concatenate([colours, alpha], axis=2)
        return Picture(np.ascontiguousarray(colours))

    def resize(self, size, resample="nearest", box=None):
        """The nearest pixel for each; of the part (left, top, right, bottom)."""
        if resample not in ("nearest", 0):
            raise ImportError(f"resizing by {resample!r} needs Pillow: pip install pillow, or interpolation=\"nearest\"")
        left, top, right, bottom = box or (0, 0, self.width, self.height)
        columns = left + ((np.arange(size[0]) + 0.5) * (right - left) / size[0]).astype(int)
        rows = top + ((np.arange(size[1]) + 0.5) * (bottom - top) / size[1]).astype(int)
        return Picture(self._values[rows][:, columns])


def _opened(data, name):
    image = pillow()
    if image is not None:
        return image.open(io.BytesIO(data))
    values = _png.decode(data, name)
    if values is None:
        raise ImportError(f"{name} is no 8-bit PNG, PPM, PGM or BMP file: other formats need Pillow (pip install pillow)")
    return Picture(values)


def load_img(path, color_mode="rgb", target_size=None, interpolation="nearest", keep_aspect_ratio=False):
    """A picture from a file, in `color_mode` ("grayscale", "rgb", "rgba"), resized to `target_size` (height, width). With
    keep_aspect_ratio its middle is cut out first, as large as fits."""
    if color_mode not in _MODES:
        raise ValueError(f"load_img: color_mode={color_mode!r} is none of {', '.join(_MODES)}")
    if interpolation not in _METHODS:
        raise ValueError(f"load_img: interpolation={interpolation!r} is none of {', '.join(_METHODS)}")
    if isinstance(path, io.BytesIO):
        data, name = path.read(), "the picture"
    elif isinstance(path, (str, bytes, os.PathLike)):
        with open(path, "rb") as f:
            data, name = f.read(), os.fsdecode(path)
    else:
        raise TypeError(f"load_img: a path or a BytesIO is expected, {type(path).__name__} given")
    picture = _opened(data, name)
    mode = _MODES[color_mode][0]
    if picture.mode != mode and not (mode == "L" and picture.mode in ("I", "I;16")):
        picture = picture.convert(mode)
    if target_size is None or picture.size == (target_size[1], target_size[0]):
        return picture
    box = None
    if keep_aspect_ratio:
        width, height = picture.size
        cut_h, cut_w = min(height, width * target_size[0] // target_size[1]), min(width, height * target_size[1] // target_size[0])
        left, top = (width - cut_w) // 2, (height - cut_h) // 2
        box = (left, top, left + cut_w, top + cut_h)
    method = interpolation
    if pillow() is not None:
        method = pillow().Resampling[interpolation.upper()]
    return picture.resize((target_size[1], target_size[0]), method, box=box)


def _channels_last(data_format, what):
    if data_format not in (None, "channels_last"):
        from cornu.keras.utils._lazy import refused

        raise refused(f"{what}: data_format={data_format!r}: cornu keeps channels last; transpose the array")


def img_to_array(img, data_format=None, dtype=None):
    """[height, width, channels] of a picture, float32 unless `dtype` says otherwise."""
    _channels_last(data_format, "img_to_array")
    x = np.asarray(img).astype(dtype or _floatx())
    if x.ndim not in (2, 3):
        raise ValueError(f"img_to_array: a picture has 2 or 3 axes, shape {x.shape} given")
    return x[:, :, None] if x.ndim == 2 else x


def array_to_img(x, data_format=None, scale=True, dtype=None):
    """A picture of [height, width, channels]; `scale`: its values from least to largest become 0 to 255."""
    _channels_last(data_format, "array_to_img")
    x = np.asarray(x, dtype=dtype or _floatx())
    if x.ndim != 3 or x.shape[2] not in (1, 3, 4):
        raise ValueError(f"array_to_img: [height, width, 1, 3 or 4 channels] is expected, shape {x.shape} given")
    if scale:
        x = x - x.min()
        x = x / (x.max() or 1.0) * 255
    image = pillow()
    if image is None:
        return Picture(np.ascontiguousarray(x.astype(np.uint8)))
    if x.shape[2] == 1:
        return image.fromarray(x[:, :, 0].astype(np.int32 if x.max() > 255 else np.uint8))
    return image.fromarray(x.astype(np.uint8))


def save_img(path, x, data_format=None, file_format=None, scale=True, **kwargs):
    """Writes [height, width, channels] to a picture file; the format by the name's ending or `file_format`."""
    _channels_last(data_format, "save_img")
    kind = (file_format or os.path.splitext(os.fspath(path))[1][1:] or "png").lower()
    picture = array_to_img(x, scale=scale)
    if pillow() is None:
        if kind != "png":
            raise ImportError(f"save_img: writing {kind!r} needs Pillow (pip install pillow); PNG works without")
        picture.save(path)
        return
    if kind in ("jpg", "jpeg"):
        kind = "jpeg"
        picture = picture.convert("RGB") if picture.mode == "RGBA" else picture
    picture.save(path, format=kind, **kwargs)


def _floatx():
    from cornu.keras.config import floatx

    return floatx()
