"""Questions about one row of a spreadsheet, over the real retrieval worker."""

from collections.abc import Iterator

import openpyxl
import pytest

from app.base.jobs import CancelToken
from app.retrieval.client import Library
from app.retrieval.protocol import Hit
from tests.fixtures.homes import prepared

CITIES = ("Hamburg", "Bremen", "Kiel", "Bonn", "Köln", "Essen", "Mainz", "Trier", "Ulm", "Jena")
PEOPLE = ("Anna Meyer", "Jonas Wolf", "Mia Lang", "Paul Roth", "Lea Kern")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("sheets")
    book = openpyxl.Workbook()
    prices = book.active
    prices.title = "Price list"
    prices["B2"] = "Prices 2025"
    for row in [
        ("Item", "Colour", "Price"),
        *((f"Item {n}", "red" if n % 2 else "blue", 10 + n / 4) for n in range(1, 201)),
    ]:
        prices.append((None, *row))
    staff = book.create_sheet("Offices")
    staff.append(("City", "Responsible person", "Phone"))
    for number, city in enumerate(CITIES):
        staff.append((city, PEOPLE[number % 5], f"0800 {number:04}"))
    book.save(folder / "report.xlsx")
    paths = prepared(tmp_path_factory.mktemp("library"))
    library = Library(paths)
    list(library.refresh([str(folder)], CancelToken()))
    yield library
    library.close()


def best(library: Library, question: str, mode: str) -> Hit:
    return library.search(question, CancelToken(), mode=mode, evidence=True).hits[0]  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["hybrid", "keyword"])
@pytest.mark.parametrize(
    ("question", "row", "sheet", "cells"),
    [
        ("What is the price of item 117?", "Item: Item 117; Colour: red; Price: 39.25", "Price list", "B120:D120"),
        ("Which colour does item 64 have?", "Item: Item 64; Colour: blue; Price: 26", "Price list", "B67:D67"),
        ("Who is responsible for Hamburg?", "City: Hamburg; Responsible person: Anna Meyer; Phone: 0800 0000",
         "Offices", "A2:C2"),
        ("What is the phone number of the office in Trier?",
         "City: Trier; Responsible person: Mia Lang; Phone: 0800 0007", "Offices", "A9:C9"),
    ],
)  # fmt: skip
def test_the_row_that_is_asked_for_is_the_evidence(library, question, row, sheet, cells, mode):
    hit = best(library, question, mode)
    (span,) = hit.evidence
    assert hit.text[span.start : span.end] == row
    assert (hit.place.label, hit.cells) == (sheet, cells)
