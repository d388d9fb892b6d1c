"""Tables within sheets: their columns are named like the cells of their first row, or the file counts as damaged."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from app.documents.layout.cell_texts import text_of
from app.documents.layout.packages import Package, child, named

_RANGE = re.compile(r"([A-Z]+)(\d+)(?::[A-Z]+(\d+))?")
_NEW_LINE = "_x000a_"


@dataclass(frozen=True, slots=True)
class _Label:
    """An attribute of a table's column that repeats the text of a cell."""

    column: Element
    attribute: str
    cell: Element
    string: Element
    text: str


class TableLabels:
    """The labels of one table in a sheet whose cells are `cells` (reference -> cell)."""

    def __init__(self, package: Package, part: str, sheet: str) -> None:
        self._package = package
        self._part = part
        self._sheet = sheet
        self._labels: list[_Label] = []

    def collect(self, cells: dict[str, Element], strings: list[Element]) -> Iterator[Element]:
        """Find the labels; yields the strings (`si`, `is`) that head columns."""
        table = self._package.root(self._part)
        found = _RANGE.fullmatch(table.get("ref", "")) if table is not None else None
        columns = child(table, "tableColumns") if table is not None else None
        if table is None or found is None or columns is None:
            return
        first = _column_number(found[1])
        for offset, column in enumerate(columns):
            letters = _column_name(first + offset)
            if table.get("headerRowCount") != "0":
                string = self._add(column, "name", cells.get(letters + found[2]), strings)
                if string is not None:
                    yield string
            if column.get("totalsRowLabel"):
                self._add(column, "totalsRowLabel", cells.get(letters + (found[3] or found[2])), strings)

    def _add(
        self, column: Element, attribute: str, cell: Element | None, strings: list[Element]
    ) -> Element | None:
        string = string_of(cell, strings) if cell is not None else None
        if cell is not None and string is not None:
            self._labels.append(_Label(column, attribute, cell, string, text_of(string)))
        return string

    def follow(self) -> None:
        """Give the columns the texts that their cells have now; two columns never get the same."""
        changed = [each for each in self._labels if text_of(each.string) != each.text]
        for label in changed:
            label.column.set(label.attribute, text_of(label.string).replace("\n", _NEW_LINE))
            self._package.change(self._part)
        for label in changed:
            if label.attribute == "name":
                self._make_unique(label)

    def _make_unique(self, label: _Label) -> None:
        parent = label.column.getparent()
        others = {
            each.get("name", "").casefold()
            for each in (parent if parent is not None else ())
            if each is not label.column
        }
        name = text_of(label.string)
        number = 1
        while label.column.get("name", "").casefold() in others:
            number += 1
            label.column.set("name", f"{name} {number}".replace("\n", _NEW_LINE))
        if number > 1:
            _set_inline(label.cell, f"{name} {number}")
            self._package.change(self._sheet)


def string_of(cell: Element, strings: list[Element]) -> Element | None:
    """The element that holds the text of a cell, None for numbers and formulas."""
    if child(cell, "f") is not None:
        return None
    if cell.get("t") == "inlineStr":
        return child(cell, "is")
    value = child(cell, "v")
    if cell.get("t") != "s" or value is None or not (value.text or "").strip().isdigit():
        return None
    index = int((value.text or "").strip())
    return strings[index] if index < len(strings) else None


def _set_inline(cell: Element, text: str) -> None:
    for each in list(cell):
        cell.remove(each)
    cell.set("t", "inlineStr")
    SubElement(SubElement(cell, named(cell, "is")), named(cell, "t")).text = text


def _column_number(letters: str) -> int:
    number = 0
    for each in letters:
        number = number * 26 + ord(each) - 64
    return number


def _column_name(number: int) -> str:
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name
