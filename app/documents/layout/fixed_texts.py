"""Texts of a workbook that have to stay what they are, because something compares with them or names them."""

import fnmatch
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
_COMPARING = re.compile(r"\A(?:<>|<=|>=|[<>=])")  # criteria begin with these: "<>Closed"
_ORDINARY = re.compile(r"~([*?~])|(\[)")  # in criteria; ~ stands before what would be a wildcard
_LOOKING_UP = re.compile(r"\b(?:INDIRECT|HYPERLINK)\s*\(", re.IGNORECASE)
_NAMED = frozenset("sheet table definedName named-range named-expression database-range".split())


class FixedTexts:
    """What formulas, lists of allowed values, filters and pivot tables of a workbook mention.

    A literal with * or ? stands for all texts it matches, as in criteria. Names of sheets, tables and ranges are fixed
    where a formula looks up by name what a cell says (`INDIRECT`).
    """

    def __init__(self, package: Package, parts: Iterable[str]) -> None:
        self._literals: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []
        self._columns: set[str] = set()
        self._names: set[str] = set()
        self._looks_up = False
        for part in parts:
            root = package.root(part)
            for element in root.iter() if root is not None else ():
                self._note(element)

    def _note(self, element: Element) -> None:
        name = local(element)
        formula = (
            (element.text or "") if name in _FORMULAS else attribute(element, "formula")
        )  # Excel, then Calc
        if name in _NAMED:
            self._names.update(_compared(attribute(element, each)) for each in ("name", "displayName"))
        if formula:
            self._looks_up = self._looks_up or _LOOKING_UP.search(formula) is not None
            for text in _LITERAL.findall(formula):
                self._note_literal(_compared(text.replace('""', '"')))
                if name == "formula1":
                    self._literals.update(map(_compared, text.split(",")))
            self._columns.update(
                _compared(_QUOTED.sub(r"\1", each.lstrip("@"))) for each in _COLUMN.findall(formula)
            )
        elif name in ("filter", "customFilter"):
            self._note_literal(_compared(element.get("val", "")))
        elif name == "cacheField":
            self._literals.add(_compared(element.get("name", "")))

    def _note_literal(self, text: str) -> None:
        wanted = _COMPARING.sub("", text)
        self._literals |= {text, wanted}
        if not {"*", "?"}.isdisjoint(wanted) and any(map(str.isalnum, wanted)):
            self._patterns.append(_pattern(wanted))

    def holds(self, text: str, *, heading: bool) -> bool:
        """Whether `text` must stay; `heading`: of a column of a table."""
        compared = _compared(text)
        return (
            compared in self._literals
            or (heading and compared in self._columns)
            or (self._looks_up and compared in self._names)
            or any(each.fullmatch(compared) for each in self._patterns)
        )


def _pattern(criterion: str) -> re.Pattern[str]:
    """The wildcards of spreadsheets are those of file names, but for square brackets."""
    return re.compile(fnmatch.translate(_ORDINARY.sub(lambda found: f"[{found[1] or found[2]}]", criterion)))


def _compared(text: str) -> str:
    """As spreadsheets compare: capitals do not count."""
    return " ".join(text.split()).casefold()
