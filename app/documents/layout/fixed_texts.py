"""Texts of a workbook that have to stay what they are, because something compares with them or names them."""

import re
from collections.abc import Iterable

from lxml.etree import _Element as Element

from app.documents.layout.packages import Package, attribute, local

_FORMULAS = frozenset(
    "f formula formula1 formula2 calculatedColumnFormula totalsRowFormula definedName".split()
)
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
_COLUMN = re.compile(r"\[([^\[\]]+)\]")
_QUOTED = re.compile(r"'(.)")


class FixedTexts:
    """What formulas, lists of allowed values, filters and pivot tables of a workbook mention."""

    def __init__(self, package: Package, parts: Iterable[str]) -> None:
        self._literals: set[str] = set()
        self._columns: set[str] = set()
        for part in parts:
            root = package.root(part)
            for element in root.iter() if root is not None else ():
                self._note(element)

    def _note(self, element: Element) -> None:
        name = local(element)
        formula = (
            (element.text or "") if name in _FORMULAS else attribute(element, "formula")
        )  # Excel, then Calc
        if formula:
            for text in _LITERAL.findall(formula):
                self._literals.add(_compared(text.replace('""', '"')))
                if name == "formula1":
                    self._literals.update(map(_compared, text.split(",")))
            self._columns.update(
                _compared(_QUOTED.sub(r"\1", each.lstrip("@"))) for each in _COLUMN.findall(formula)
            )
        elif name in ("filter", "customFilter"):
            self._literals.add(_compared(element.get("val", "")))
        elif name == "cacheField":
            self._literals.add(_compared(element.get("name", "")))

    def holds(self, text: str, *, heading: bool) -> bool:
        """Whether `text` must stay; `heading`: of a column of a table."""
        compared = _compared(text)
        return compared in self._literals or (heading and compared in self._columns)


def _compared(text: str) -> str:
    """As spreadsheets compare: capitals do not count."""
    return " ".join(text.split()).casefold()
