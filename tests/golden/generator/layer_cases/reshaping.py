from ..layer_values import case, L


def cases():
    yield case(L.Flatten(), (2, 3))
    yield case(L.Flatten(), (4,))
    yield case(L.Flatten(), ())
    yield case(L.Flatten(), (2, 2, 3))
    yield case(L.Reshape((3, 2)), (6,))
    yield case(L.Reshape((-1, 2)), (2, 4))
    yield case(L.Reshape((6,)), (3, 2))
    yield case(L.Reshape((1, -1, 2)), (3, 2))
    yield case(L.Permute((1,)), (4,))
    yield case(L.Permute((2, 1)), (3, 2))
    yield case(L.Permute((3, 1, 2)), (2, 3, 2))
    yield case(L.Permute([1, 3, 2]), (2, 3, 2))
    yield case(L.RepeatVector(1), (3,))
    yield case(L.RepeatVector(3), (4,))
    yield case(L.RepeatVector(n=2, name="twice"), (1,))
