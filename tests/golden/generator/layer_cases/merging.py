import numpy as np

from ..layer_values import case, L

A = np.array([[True, False, True], [False, False, False], [True, True, True]])
B = np.array([[True, True, False], [False, True, False], [True, False, True]])


def cases():
    for make in (L.Add, L.Multiply, L.Average, L.Maximum, L.Minimum):
        smooth = make not in (L.Maximum, L.Minimum)  # equal numbers meet here and there
        yield case(make(), (4,), (4,), smooth=smooth)
        yield case(make(), (2, 3), (2, 3), (2, 3), smooth=smooth)
        yield case(make(), (2, 3), (1, 3), (2, 1), smooth=smooth)
        yield case(make(), (2, 3), (3,), smooth=smooth)
        yield case(make(), (3,), (2, 2, 3), smooth=smooth)
        yield case(make(), (3, 2), (3, 2), masks=[A, B], smooth=smooth)
        yield case(make(), (3, 2), (3, 2), masks=[A, None], smooth=smooth)
        yield case(make(), (3, 2), (3, 2), masks=[None, B], smooth=smooth)
        yield case(make(), (3, 2), (3, 2), (3, 2), masks=[A, B, A], smooth=smooth)
        yield case(make(name="one"), (4,), apply=lambda layer, xs: layer(xs), smooth=smooth)
    yield case(L.Subtract(), (4,), (4,))
    yield case(L.Subtract(), (2, 3), (1, 3))
    yield case(L.Subtract(), (2, 3), (3,))
    yield case(L.Subtract(), (3, 2), (3, 2), masks=[A, B])

    yield case(L.Concatenate(), (4,), (2,))
    yield case(L.Concatenate(axis=1), (2, 3), (1, 3), (3, 3))
    yield case(L.Concatenate(axis=-2), (2, 3), (1, 3))
    yield case(L.Concatenate(axis=2), (2, 3, 2), (2, 1, 2))
    yield case(L.Concatenate(), (3, 2), (3, 1), masks=[A, B])
    yield case(L.Concatenate(), (3, 2), (3, 1), masks=[A, None])
    yield case(L.Concatenate(axis=1), (3, 2), (3, 2), masks=[A, B])
    yield case(L.Concatenate(axis=1), (3, 2), (2, 2), masks=[A, None])

    yield case(L.Dot(axes=1), (4,), (4,))
    yield case(L.Dot(axes=-1, normalize=True), (4,), (4,))
    yield case(L.Dot(axes=(1, 2)), (3, 4), (5, 3))
    yield case(L.Dot(axes=2), (3, 4), (2, 4))
    yield case(L.Dot(axes=(2, 1)), (3, 4), (4, 2), masks=[A, None])
    yield case(L.Dot(axes=[-1, -2], normalize=True), (3, 4), (4, 2))
    yield case(L.Dot(axes=(1, 1)), (3, 2), (3,))
    yield case(L.Dot(axes=(1, 1)), (3,), (3, 2))
    yield case(L.Dot(axes=(2, 3)), (2, 3, 2), (2, 2, 3))
    yield case(L.Concatenate(name="one"), (4,), apply=lambda layer, xs: layer(xs))
