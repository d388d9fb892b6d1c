"""Numbers and names out of a GGUF header, checked."""

import unicodedata

from app.models.gguf_header import BadHeader, Header, Listed

_MAX_NAME = 120


def whole(header: Header, key: str, default: int) -> int:
    """A whole number that is not negative; lists (one number a block) give their largest."""
    value = header.fields.get(key, default)
    if isinstance(value, Listed):
        value = max((each for each in value.numbers if type(each) is int), default=-1)
    if type(value) is not int or value < 0:
        raise BadHeader(f"its field {clean(key)} is no sensible number")
    return value


def per_block(header: Header, key: str, blocks: int, default: int | tuple[int, ...]) -> tuple[int, ...]:
    """One number for each block; a single number counts for all of them. Raises `BadHeader`."""
    value = header.fields.get(key)
    if isinstance(value, Listed):
        numbers = tuple(each for each in value.numbers if type(each) is int and each >= 0)
        if len(numbers) < blocks or len(numbers) < len(value.numbers):
            raise BadHeader(f"its field {clean(key)} does not fit its layers")
        return numbers[:blocks]
    if value is None and isinstance(default, tuple):
        return default
    return (whole(header, key, 0),) * blocks


def clean(text: str) -> str:
    """One short line without control or direction characters: names are shown, and anyone can write them."""
    shown = "".join(each for each in text if unicodedata.category(each)[0] != "C")
    return " ".join(shown.split())[:_MAX_NAME]
