"""From characters of a text to the units of UTF-16, in which a text document counts, and back."""

from array import array
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate


class TextOffsets:
    """Of one text; a text without characters beyond the basic plane costs nothing."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _units(self) -> "array[int] | None":
        """The unit at which each character begins, and the end; None where both count alike."""
        if self._text.isascii() or max(self._text) <= "\uffff":
            return None
        return array("I", accumulate((1 + (each > "\uffff") for each in self._text), initial=0))

    def units(self, character: int) -> int:
        return character if self._units is None else self._units[character]

    def character(self, unit: int) -> int:
        """The one that the unit belongs to."""
        return unit if self._units is None else bisect_right(self._units, unit) - 1
