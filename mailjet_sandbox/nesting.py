"""How deep JSON values may be nested: what cannot be written out again is not taken in."""

MAX_LEVELS = 100


def is_too_deep(value: object) -> bool:
    """Whether arrays and objects stand in one another more than MAX_LEVELS deep. Does not recurse itself."""
    level = [value]
    for _ in range(MAX_LEVELS + 1):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
