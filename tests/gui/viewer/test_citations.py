"""What an answer cites: listed in its order, marked all at once, and stepped through across documents."""

import re
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.assistants.events import Claim, Lead, Quote, Source
from app.documents.document import Place
from app.gui.viewer.citations import citations_of, listed

FIRST = "The rent is 900 euro. It is paid on the first day. The deposit is 900 euro, too."
SECOND = ["Nothing stands in this line.", "Either party may give", "notice two months ahead."]
RULES = "Keys are handed over by noon. Breakfast is at eight. Keys are never lent."


def source_of(number, path, place, text, words):
    start = text.index(words)
    return Source(number, str(path), place, "", words, start, start + len(words), 0.9, text)


def quote_of(source, words):
    start = source.passage.index(words)
    return Quote(source.number, start, start + len(words))


@pytest.fixture
def lease(tmp_path, make_pdf, add_file):
    path = make_pdf(tmp_path / "lease.pdf", [re.split(r"(?<=\.) ", FIRST), SECOND])
    add_file(path, [(Place("page", 1), FIRST), (Place("page", 2), " ".join(SECOND))])
    return path


@pytest.fixture
def rules(tmp_path, add_file):
    path = tmp_path / "rules.docx"
    path.write_bytes(b"PK")
    add_file(path, [(Place("document", 1), RULES)])
    return path


@pytest.fixture
def sources(lease, rules):
    return (
        source_of(1, lease, Place("page", 1), FIRST, "It is paid on the first day."),
        source_of(2, rules, Place("document", 1), RULES, "Breakfast is at eight."),
        source_of(3, lease, Place("page", 2), " ".join(SECOND), "notice two months ahead."),
    )


@pytest.fixture
def claims(sources):
    """Three sentences: the second rests on two documents, the third names a source without its words."""
    first, second, _ = sources
    return (
        Claim(
            30, 60, (1, 2), True, (quote_of(first, "The deposit"), quote_of(second, "Keys are never lent."))
        ),
        Claim(0, 29, (1,), True, (quote_of(first, "It is paid"),)),
        Claim(61, 90, (3, 9), True),
    )


def words(citations):
    return [each.text for each in citations.places]


def test_quotes_are_listed_in_the_order_of_the_sentences(sources, claims):
    found = citations_of(sources[0], sources, claims, Lead("900 euro", 1, 12, 20, 0.9))

    assert words(found) == ["900 euro", "It is paid", "The deposit", "Keys are never lent.", SECOND[2]]
    assert found.first == 1


def test_the_words_that_were_chosen_are_opened_whether_cited_or_not(sources, claims):
    deposit = quote_of(sources[0], "The deposit")
    chosen = replace(sources[0], quote="The deposit", start=deposit.start, end=deposit.end)
    assert citations_of(chosen, sources, claims).first == 1

    found = citations_of(sources[1], sources, claims)
    assert words(found) == [
        "It is paid",
        "The deposit",
        "Breakfast is at eight.",
        "Keys are never lent.",
        SECOND[2],
    ]
    assert found.first == 2

    last = citations_of(replace(sources[1], number=7), sources, claims)
    assert (last.first, words(citations_of(sources[1]))) == (4, ["Breakfast is at eight."])


def test_rows_are_gone_through_in_their_order(sources):
    found = listed(sources[1], sources)
    assert words(found) == [each.quote for each in sources] and found.first == 1


def test_all_quotes_of_the_document_are_marked_and_the_chosen_one_most(pane, sources, claims, opened):
    pane.open_citations(citations_of(sources[0], sources, claims))
    opened()

    marks = pane.area.pdf.view.marks
    assert [mark.look for mark in marks.on_page(0)] == ["other", "quote"]
    assert [mark.look for mark in marks.on_page(1)] == ["other"]
    assert pane.citation_bar.label.text() == "Quote 1 of 4, in 2 documents"


def test_the_same_words_elsewhere_on_the_page_are_not_mistaken(pane, lease, opened):
    """ "900 euro" stands in the first line and in the third."""
    start = FIRST.rindex("900 euro")
    lead = Lead("900 euro", 1, start, start + 8, 0.9)
    source = source_of(1, lease, Place("page", 1), FIRST, "It is paid on the first day.")

    pane.open_citations(
        citations_of(replace(source, quote="900 euro", start=start, end=start + 8), (source,), (), lead)
    )
    opened()

    line = pane.area.pdf.view.marks.quote.lines[0]
    assert line.bottom() == pytest.approx(72 + 2 * 18 + 3, abs=3)


def test_words_that_were_not_at_hand_are_read_from_the_index(pane, sources, opened):
    quote = Quote(2, 53, 73)
    far = replace(sources[1], passage="elsewhere", passage_start=900)
    found = citations_of(far, (far,), (Claim(0, 5, (2,), True, (quote,)),))
    pane.open_citations(replace(found, first=1))
    opened()

    assert pane.area.text.view.quote.selectedText() == "Keys are never lent."


def test_steps_lead_through_pages_and_documents_and_around(pane, sources, claims, opened, qtbot):
    pane.open_citations(citations_of(sources[0], sources, claims))
    opened()
    seen = []
    for _ in range(4):
        qtbot.keyClick(pane, Qt.Key.Key_F3)
        opened()
        seen.append((pane.header.name.text(), pane.header.place.text()))
    assert seen == [
        ("lease.pdf", "Page 1"),
        ("rules.docx", ""),
        ("lease.pdf", "Page 2"),
        ("lease.pdf", "Page 1"),
    ]

    qtbot.keyClick(pane, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    opened()
    assert pane.area.pdf.view.page == 1
    pane.citation_bar.previous.click()
    opened()
    assert pane.area.text.view.quote.selectedText() == "Keys are never lent."


def test_the_quote_is_copied_with_its_source(pane, sources, claims, opened):
    pane.open_citations(citations_of(sources[2], sources, claims))
    opened()
    pane.citation_bar.copy.click()

    assert QGuiApplication.clipboard().text() == "“notice two months ahead.”\nlease.pdf · Page 2"


def test_one_quote_has_no_others_to_go_to_and_a_file_has_none(pane, sources, opened):
    pane.open_source(sources[0])
    opened()
    assert pane.citation_bar.isVisible() and not pane.citation_bar.next.isVisible()
    pane.open_file(sources[0].file)
    opened()
    assert not pane.citation_bar.isVisible()
    assert pane.area.pdf.view.marks.on_page(0) == []


def test_others_in_a_text_are_marked_as_well(pane, rules, opened):
    first = source_of(1, rules, Place("document", 1), RULES, "Breakfast is at eight.")
    claim = Claim(
        0, 9, (1,), True, (quote_of(first, "Keys are never lent."), quote_of(first, "Breakfast is at eight."))
    )
    pane.open_citations(citations_of(first, (first,), (claim,)))
    opened()

    marked = [each.cursor.selectedText() for each in pane.area.text.view.extraSelections()]
    assert marked == ["Keys are never lent.", "Breakfast is at eight."]
