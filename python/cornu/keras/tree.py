"""keras.tree: what is nested in lists, tuples, named tuples and dicts, leaf by leaf. Dicts go by their sorted keys."""


class MAP_TO_NONE:
    """What a function given to traverse() returns where None is to stand."""


def _children(structure):
    """[(key, child)] of what is nested, or None of a leaf."""
    if isinstance(structure, dict):
        try:
            keys = sorted(structure)
        except TypeError:  # of several kinds
            keys = list(structure)
        return [(key, structure[key]) for key in keys]
    if isinstance(structure, (list, tuple)):
        return list(enumerate(structure))
    return None


def _made(like, children):
    """The same kind of thing of other children."""
    if isinstance(like, dict):
        by_key = dict(zip([key for key, _ in _children(like)], children))
        filled = {key: by_key[key] for key in like}
        return filled if type(like) is dict else type(like)(filled) if not hasattr(like, "default_factory") else type(like)(like.default_factory, filled)
    if isinstance(like, tuple) and hasattr(like, "_fields"):
        return type(like)(*children)
    return type(like)(children)


def is_nested(structure):
    return _children(structure) is not None


def flatten_with_path(structure):
    """[(path, leaf)]; a path is a tuple of keys and indices."""
    children = _children(structure)
    if children is None:
        return [((), structure)]
    return [((key, *path), leaf) for key, child in children for path, leaf in flatten_with_path(child)]


def flatten(structure):
    """Its leaves."""
    return [leaf for _, leaf in flatten_with_path(structure)]


def _refuse():
    raise ValueError("Structures don't have the same nested structure.")


def _together(structures):
    """The children of each, side by side."""
    all_children = [_children(s) for s in structures]
    first = all_children[0]
    for structure, children in zip(structures, all_children):
        if children is None or [key for key, _ in children] != [key for key, _ in first] or isinstance(structure, dict) != isinstance(structures[0], dict):
            _refuse()
    return [tuple(child for _, child in side) for side in zip(*all_children)]


def map_structure(func, *structures, none_is_leaf=True):
    """func of the leaves at each place, in a structure like the first."""
    if not structures:
        raise ValueError("Must provide at least one structure")
    if not is_nested(structures[0]):
        if any(is_nested(s) for s in structures):
            _refuse()
        return None if structures[0] is None and not none_is_leaf else func(*structures)
    return _made(structures[0], [map_structure(func, *children, none_is_leaf=none_is_leaf) for children in _together(structures)])


def map_structure_up_to(shallow_structure, func, *structures):
    """func of what the structures have in the places of the first one's leaves."""
    if not structures:
        raise ValueError("Must provide at least one structure")
    if not is_nested(shallow_structure):
        return func(*structures)
    return _made(shallow_structure, [map_structure_up_to(shallow, func, *rest) for shallow, *rest in _together((shallow_structure, *structures))])


def map_shape_structure(func, structure):
    """map_structure where tuples and lists of sizes are leaves."""
    if isinstance(structure, (list, tuple)) and all(size is None or isinstance(size, int) for size in structure) or not is_nested(structure):
        return func(structure)
    return _made(structure, [map_shape_structure(func, child) for _, child in _children(structure)])


def traverse(func, structure, top_down=True):
    """func of every part, from the whole to the leaves or the other way; what it returns stands in the part's place, unless it is None."""
    def inside(s):
        children = _children(s)
        return s if children is None else _made(s, [traverse(func, child, top_down) for _, child in children])

    given = structure if top_down else inside(structure)
    result = func(given)
    if result is None:
        return inside(structure) if top_down else given
    return None if result is MAP_TO_NONE else result


def assert_same_structure(a, b, check_types=None):
    map_structure(lambda *_: None, a, b)


def assert_same_paths(a, b):
    paths = [{path for path, _ in flatten_with_path(s)} for s in (a, b)]
    if paths[0] != paths[1]:
        raise ValueError(f"`a` and `b` don't have the same paths.\nOnly in `a`: {sorted(paths[0] - paths[1], key=repr)}\nOnly in `b`: {sorted(paths[1] - paths[0], key=repr)}")


def pack_sequence_as(structure, flat_sequence):
    """A structure like this one, with these leaves."""
    leaves = list(flat_sequence)
    if len(leaves) != len(flatten(structure)):
        raise ValueError(f"pack_sequence_as: the structure has {len(flatten(structure))} leaves, and {len(leaves)} were given")
    rest = iter(leaves)

    def filled(s):
        children = _children(s)
        return next(rest) if children is None else _made(s, [filled(child) for _, child in children])

    return filled(structure)


def lists_to_tuples(structure):
    return traverse(lambda s: tuple(s) if isinstance(s, list) else None, structure, top_down=False)
