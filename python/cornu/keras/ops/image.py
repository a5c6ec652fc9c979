"""keras.ops.image: what needs no more than a few ops. For augmentation there are layers."""
from cornu import _cornu
from cornu.keras.ops import _reduce
from cornu.keras._dispatch import floats, op, pointwise, tensor
from cornu.keras.ops._shape import pad, stack


def _last(data_format):
    if data_format not in (None, "channels_last"):
        raise NotImplementedError("image ops keep channels last; data_format='channels_first' is not supported")


@op
def resize(images, size, interpolation="bilinear", antialias=False, crop_to_aspect_ratio=False, pad_to_aspect_ratio=False, fill_mode="constant", fill_value=0.0,
           data_format=None):
    _last(data_format)
    if antialias or fill_mode != "constant":
        raise NotImplementedError("image.resize: antialias and fill_mode are not supported")
    from cornu.keras import layers

    images = floats(images)
    one = images.ndim == 3
    layer = layers.Resizing(*size, interpolation=interpolation, crop_to_aspect_ratio=crop_to_aspect_ratio, pad_to_aspect_ratio=pad_to_aspect_ratio, fill_value=fill_value)
    made = layer(_cornu.reshape(images, [1, *images.shape]) if one else images)
    return _cornu.reshape(made, list(made.shape[1:])) if one else made


@op
def rgb_to_grayscale(images, data_format=None):
    _last(data_format)
    images = floats(images)
    import numpy as np

    return _reduce.sum(pointwise("multiply", images, np.array([0.2989, 0.5870, 0.1140], np.float32)), -1, True)


@op
def crop_images(images, top_cropping=None, left_cropping=None, bottom_cropping=None, right_cropping=None, target_height=None, target_width=None, data_format=None):
    _last(data_format)
    images = tensor(images)
    height, width = images.shape[-3:-1]
    top = top_cropping if top_cropping is not None else height - bottom_cropping - target_height
    left = left_cropping if left_cropping is not None else width - right_cropping - target_width
    bottom = bottom_cropping if bottom_cropping is not None else height - top - target_height
    right = right_cropping if right_cropping is not None else width - left - target_width
    return images[..., top : height - bottom, left : width - right, :]


@op
def pad_images(images, top_padding=None, left_padding=None, bottom_padding=None, right_padding=None, target_height=None, target_width=None, data_format=None):
    _last(data_format)
    images = tensor(images)
    height, width = images.shape[-3:-1]
    top = top_padding if top_padding is not None else target_height - height - bottom_padding
    left = left_padding if left_padding is not None else target_width - width - right_padding
    bottom = bottom_padding if bottom_padding is not None else target_height - height - top
    right = right_padding if right_padding is not None else target_width - width - left
    return pad(images, [[0, 0]] * (images.ndim - 3) + [[top, bottom], [left, right], [0, 0]])


@op
def rgb_to_hsv(images, data_format=None):
    _last(data_format)
    images = floats(images)
    r, g, b = images[..., 0], images[..., 1], images[..., 2]
    value = _reduce.max(images, -1)
    span = value - _reduce.min(images, -1)
    safe = pointwise("select", span > 0, span, 1.0)
    hue = pointwise("select", pointwise("equal", value, r), (g - b) / safe, pointwise("select", pointwise("equal", value, g), 2.0 + (b - r) / safe, 4.0 + (r - g) / safe))
    hue = pointwise("mod", hue / 6.0, 1.0) * tensor(span > 0, images.dtype)
    saturation = pointwise("select", value > 0, span / pointwise("select", value > 0, value, 1.0), 0.0)
    return stack([hue, saturation, value], -1)
