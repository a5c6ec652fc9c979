import numpy as np

from ..layer_values import L, case

RNG = np.random.default_rng(6)


def bytes_(*shape):
    return RNG.integers(0, 256, shape).astype("uint8")


def cases():
    for method in ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"):
        yield case(L.Resizing(3, 7, interpolation=method), (5, 4, 2))
        yield case(L.Resizing(4, 3, interpolation=method, antialias=True), (9, 4, 1))
    # TensorFlow has no gradient of "area": see image.json.
    yield case(L.Resizing(3, 4, interpolation="area"), bytes_(2, 5, 3, 2), smooth=False)
    yield case(L.Resizing(4, 5), (4, 5, 3))
    yield case(L.Resizing(2, 2), (6, 6, 1))
    yield case(L.Resizing(1, 8, interpolation="bicubic"), (3, 1, 1))
    yield case(L.Resizing(3, 3, crop_to_aspect_ratio=True), (4, 7, 1))
    yield case(L.Resizing(4, 2, crop_to_aspect_ratio=True, interpolation="nearest"), (5, 6, 2))
    yield case(L.Resizing(3, 3, pad_to_aspect_ratio=True, fill_value=0.5), (4, 7, 1))
    yield case(L.Resizing(3, 5, pad_to_aspect_ratio=True), (6, 3, 2))
    yield case(L.Resizing(4, 4), bytes_(2, 3, 5, 3), smooth=False)
    yield case(L.Resizing(5, 4, interpolation="bicubic"), bytes_(2, 3, 5, 1), smooth=False)
    yield case(L.Resizing(3, 3), np.float32(RNG.integers(-64, 64, (4, 5, 2)) / 32), by_row=False)

    yield case(L.CenterCrop(2, 3), (5, 6, 2))
    yield case(L.CenterCrop(4, 3), (4, 6, 1))
    yield case(L.CenterCrop(5, 3), (4, 6, 1))
    yield case(L.CenterCrop(3, 7), (4, 6, 2))
    yield case(L.CenterCrop(2, 3), bytes_(2, 4, 4, 3), smooth=False)

    # At other times than training; in training the draws differ between libraries.
    for layer in (L.RandomFlip(), L.RandomFlip("horizontal", seed=3), L.RandomRotation(0.2), L.RandomRotation((-0.1, 0.3), fill_mode="constant", fill_value=1.0, interpolation="nearest"),
                  L.RandomZoom(0.2), L.RandomZoom((-0.3, 0.1), 0.2, fill_mode="wrap", seed=2), L.RandomTranslation(0.2, (-0.1, 0.3), fill_mode="nearest"),
                  L.RandomContrast(0.3), L.RandomContrast((0.1, 0.5), value_range=(0, 1), seed=1), L.RandomBrightness(0.3), L.RandomBrightness((-0.2, 0.4), value_range=[0, 1]),
                  L.RandomCrop(3, 4, seed=4)):
        yield case(layer, (3, 4, 2))
    # Where chance has one choice. Of bytes: TensorFlow's gradient of a transformed image is only near it.
    yield case(L.RandomRotation(0.0), (3, 4, 2), training=True, smooth=False)
    yield case(L.RandomRotation((0.25, 0.25)), bytes_(2, 4, 3, 1), training=True, smooth=False)
    yield case(L.RandomZoom((0.5, 0.5), (-0.25, -0.25), fill_mode="constant", fill_value=0.5), bytes_(2, 5, 4, 2), training=True, smooth=False)
    yield case(L.RandomTranslation((0.25, 0.25), (-0.375, -0.375), fill_mode="wrap"), bytes_(2, 4, 4, 1), training=True, smooth=False)
    yield case(L.RandomContrast((0.0, 0.0), value_range=(-1, 1)), (3, 4, 2), training=True, smooth=False)
    yield case(L.RandomBrightness((0.25, 0.25), value_range=(-1, 1)), (3, 4, 2), training=True, smooth=False)
    yield case(L.RandomCrop(4, 3, seed=1), (4, 5, 2), training=True)
    yield case(L.RandomCrop(6, 3, seed=1), (4, 5, 1), training=True)
    yield case(L.RandomCrop(2, 3), (3, 4, 2))
