"""The cells that are named are those of the words in view, not of the evidence that their source was found by."""

import json

import openpyxl
import pytest
from PySide6.QtGui import QGuiApplication

from app.assistants.events import Claim, Lead, Quote, Source
from app.documents.limits import Limits
from app.documents.reading import read_document
from app.gui.viewer.citations import citations_of

ROWS = [("City", "Person", "Phone"), ("Hamburg", "Anna Meyer", "0800 1"), ("Bonn", "Lea Kern", "0800 2")]
ROWS += [("Kiel", "Mia Lang", "0800 3"), ("Trier", "Paul Roth", "0800 4")]


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    """A real spreadsheet, its table beginning in C4, and what the reader reads from it."""
    path = tmp_path_factory.mktemp("sheets") / "offices.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Offices"
    for number, row in enumerate(ROWS):
        for column, words in enumerate(row):
            book.active.cell(4 + number, 3 + column, words)
    book.save(path)
    document = read_document(path, Limits()).document
    assert document is not None
    return path, document.places[0]


@pytest.fixture
def source(offices, add_file, index_db):
    """Found by the row of Hamburg."""
    path, sheet = offices
    add_file(path, [(sheet.place, sheet.text)])
    with index_db.transaction() as db:
        db.execute("UPDATE places SET rows = ?", (json.dumps(sheet.rows),))
    quote = next(line for line in sheet.text.splitlines() if "Hamburg" in line)
    start = sheet.text.index(quote)
    return Source(1, str(path), sheet.place, "", quote, start, start + len(quote), 0.9, sheet.text, "C5:E5")


def span_of(source, words):
    start = source.passage.index(words)
    return start, start + len(words)


def test_the_exact_answer_outside_the_evidence_names_its_own_cells(pane, source, opened):
    lead = Lead("Paul Roth", 1, *span_of(source, "Paul Roth"), 0.9)
    citations = citations_of(source, (source,), (), lead)

    pane.open_citations(citations)
    opened()
    assert (pane.area.text.view.quote.selectedText(), pane.header.place.text()) == (
        source.quote,
        "Offices · C5:E5",
    )

    pane.citation_bar.previous.click()
    opened()
    assert pane.area.text.view.quote.selectedText() == "Paul Roth"
    assert pane.header.place.text() == "Offices · C8:E8"
    pane.citation_bar.copy.click()
    assert QGuiApplication.clipboard().text().endswith("offices.xlsx · Offices · C8:E8")


def test_a_quote_of_a_sentence_names_its_own_cells(pane, source, opened):
    start, end = span_of(source, "Mia Lang")[0], span_of(source, "Paul Roth")[1]
    claim = Claim(0, 9, (1,), True, (Quote(1, start, end),))
    citations = citations_of(source, (source,), (claim,))
    pane.open_citations(citations)
    opened()
    pane.citation_bar.next.click()
    opened()
    assert pane.area.text.view.quote.selectedText().startswith("Mia Lang")
    assert pane.header.place.text() == "Offices · C7:E8"


def test_words_that_are_not_there_name_no_cells(pane, source, opened, cite):
    pane.open_source(cite(source.file, source.place, "Nobody wrote this."))
    opened()
    assert pane.header.place.text() == "Offices"
