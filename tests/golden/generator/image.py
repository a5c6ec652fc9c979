"""Images seen through given affine maps, resampled by area, and the maps of the random layers for given draws."""
import keras
import numpy as np

from .common import grid, write

P = keras.layers


def transforms(rng):
    turn = np.array([[0.8, -0.6, 1.5, 0.6, 0.8, -1.25, 0, 0], [0.5, 0, 0.75, 0, 1.5, -1, 0, 0], [1, 0, -2.5, 0, 1, 3.25, 0, 0],
                     [1, 0.25, 0, -0.125, 1, 0, 0.125, -0.0625], [3, 0, -7, 0, -2.5, 9, 0, 0], [1, 0, 0, 0, 1, 0, -0.5, 0]], "float32")
    return np.concatenate([turn, grid(rng, (2, 8), -2, 2) * np.array([1, 1, 4, 1, 1, 4, 0, 0], "float32")])


def make():
    rng = np.random.default_rng(11)
    images, maps = grid(rng, (8, 4, 5, 2)), transforms(rng)
    cases = [{"fill_mode": mode, "interpolation": interpolation, "fill_value": value,
              "output": keras.ops.image.affine_transform(images, maps, interpolation, mode, value).numpy()}
             for mode in ("constant", "reflect", "wrap", "nearest") for interpolation in ("nearest", "bilinear") for value in (0.0, 0.75)
             if mode == "constant" or value == 0]
    thin = grid(rng, (8, 1, 3, 1))
    cases_thin = [{"fill_mode": mode, "output": keras.ops.image.affine_transform(thin, maps, "bilinear", mode, 0.0).numpy()}
                  for mode in ("constant", "reflect", "wrap", "nearest")]

    angles = grid(rng, (3,), -3, 3)
    zoom = np.array([[0.5, 1.25], [1.5, 0.75], [1.0, 2.0]], "float32")
    moved = grid(rng, (3, 2), -3, 3)
    rotation = P.RandomRotation(0.1)
    n = np.zeros(3, "float32")
    matrices = {
        "height": 4, "width": 6, "angles": angles, "zoom": zoom, "moved": moved,
        "rotations": rotation._compute_affine_matrix(0.5, 0.5, keras.ops.convert_to_tensor(np.degrees(angles)), n, n, n + 1, n, n, 4, 6).numpy(),
        "zooms": P.RandomZoom(0.1)._get_zoom_matrix(keras.ops.convert_to_tensor(zoom[:, ::-1].copy()), 4, 6).numpy(),
        "translations": P.RandomTranslation(0.1, 0.1)._get_translation_matrix(keras.ops.convert_to_tensor(moved[:, ::-1].copy())).numpy()}

    wide = grid(rng, (2, 5, 7, 1))
    area = [{"size": list(size), "output": keras.ops.image.resize(wide, size, interpolation="area").numpy()} for size in ((3, 4), (2, 7), (8, 9), (1, 1))]
    smart = [{"size": list(size), "output": keras.preprocessing.image.smart_resize(wide, size)} for size in ((3, 3), (2, 6), (9, 4))]
    write("image.json", {"images": images, "transforms": maps, "affine": cases, "thin": thin, "affine_thin": cases_thin, "matrices": matrices,
                         "wide": wide, "area": area, "smart_resize": smart})
