"""Finding words in the document in view."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication

from app.documents.document import Place
from app.documents.normalise import normalise
from app.gui.viewer.excerpts import MOST_CHARACTERS
from app.gui.viewer.finding import DocumentSearch, find_all, pattern_of

PAGES = [
    ["The tenant pays the rent.", "The landlord says thank you."],
    ["The docu-", "ment names the", "tenant’s duties."],
    ["THE TENANT leaves."],
]


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("the tenant", "of THE\nTenant.", ["THE\nTenant"]),
        ("document", "a docu-\nment here", ["docu-\nment"]),
        ("find", "a \ufb01nd", ["\ufb01nd"]),
        ("tenant's", "a tenant’s", ["tenant’s"]),
        ("a.b", "a.b axb", ["a.b"]),
        ("one two", "onetwo, one  two", ["one  two"]),
        ("  ", "anything", []),
    ],
)
def test_words_are_found_as_people_type_them(words, text, found):
    pattern = pattern_of(words)
    spans = [] if pattern is None else find_all(pattern, normalise(text))
    assert [text[start:end] for start, end in spans] == found


def test_the_search_begins_at_the_part_in_view_and_goes_around(qtbot):
    search = DocumentSearch(3, ["a hit", "hit hit", "a hit"].__getitem__)
    search.find("hit", 1, 2)
    qtbot.waitUntil(lambda: not search.searching)
    assert (search.position, len(search.hits)) == (3, 4)
    seen = []
    for _ in range(3):
        search.step(1)
        seen.append(search.position)
    search.step(-1)
    assert seen == [4, 1, 2] and search.position == 1
    search.clear()
    assert not search.hits and search.position == 0


@pytest.fixture
def lease(tmp_path, make_pdf):
    return make_pdf(tmp_path / "lease.pdf", PAGES)


def find(pane, qtbot, words):
    qtbot.keyClick(pane.area.currentWidget(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert pane.find_bar.isVisible() and pane.find_bar.field.hasFocus()
    pane.find_bar.field.setText(words)
    qtbot.waitUntil(lambda: not pane.area.search.searching)


def test_pages_are_searched_counted_and_gone_through(pane, lease, opened, qtbot):
    pane.open_file(str(lease))
    opened()
    find(pane, qtbot, "the tenant")
    bar, view = pane.find_bar, pane.area.pdf.view
    assert bar.count.text() == "1 of 3"
    assert [mark.look for mark in view.marks.on_page(0)] == ["chosen"]
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert bar.count.text() == "2 of 3"
    assert len(view.marks.on_page(1)[0].lines) == 2  # over the end of a line
    qtbot.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(pane, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "3 of 3"
    bar.field.setText("nowhere")
    assert bar.count.text() == "Not found" and not bar.next.isEnabled()


def test_escape_closes_the_search_and_leaves_the_words_to_be_copied(pane, lease, opened, qtbot):
    pane.open_file(str(lease))
    opened()
    find(pane, qtbot, "document")
    qtbot.keyClick(pane.find_bar.field, Qt.Key.Key_Escape)
    view = pane.area.pdf.view
    assert not pane.find_bar.isVisible() and not view.marks.on_page(1) and view.hasFocus()
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "document"
    with qtbot.waitSignal(pane.closed, timeout=1000):
        qtbot.keyClick(view, Qt.Key.Key_Escape)


def test_a_text_is_searched_too(pane, tmp_path, add_file, opened, qtbot):
    path = tmp_path / "rules.docx"
    path.write_bytes(b"PK")
    add_file(
        path,
        [
            (Place("section", 1, "Arrival"), "😀 Keys at noon.\nThe keys\nare ours."),
            (Place("section", 2), "No KEYS"),
        ],
    )
    pane.open_file(str(path))
    opened()
    find(pane, qtbot, "keys")
    view = pane.area.text.view
    marked = [each.cursor.selectedText() for each in view.extraSelections()]
    assert sorted(marked) == ["KEYS", "Keys", "keys"] and marked[-1] == "Keys"
    assert pane.find_bar.count.text() == "1 of 3"
    qtbot.keyClick(pane.find_bar.field, Qt.Key.Key_Escape)
    assert view.textCursor().selectedText() == "Keys" and not view.extraSelections()
    pane.open_file(str(path.with_name("gone.txt")))
    opened()
    assert not pane.header.find_button.isEnabled()


def test_recognised_pages_are_found_though_nothing_can_be_marked(
    pane, index_db, add_file, make_pdf, opened, qtbot, tmp_path
):
    path = add_file(
        make_pdf(tmp_path / "scan.pdf", [["Typed"], [""]]), [(Place("page", 2), "The rent is due.")]
    )
    with index_db.transaction() as db:
        db.execute("UPDATE places SET state = 'recognised'")
    pane.open_file(path)
    opened()
    find(pane, qtbot, "rent")
    assert pane.find_bar.count.text() == "1 of 1" and pane.area.pdf.view.page == 1
    assert pane.area.pdf.view.marks.on_page(1)[0].lines == ()


def test_another_part_of_a_long_text_is_searched_too(pane, tmp_path, add_file, cite, opened, qtbot):
    path = tmp_path / "long.txt"
    path.write_text("x")
    far = "The keys lie there."
    places = [(Place("section", n), "Keys here. " + "words " * (MOST_CHARACTERS // 12)) for n in range(1, 9)]
    add_file(path, [*places, (Place("section", 9), far)])
    pane.open_file(str(path))
    opened()
    find(pane, qtbot, "keys lie")
    assert pane.find_bar.count.text() == "Not found"
    pane.open_source(cite(path, Place("section", 9), far))
    opened()
    qtbot.waitUntil(lambda: not pane.area.search.searching)
    assert pane.find_bar.isVisible() and pane.find_bar.count.text() == "1 of 1"


def test_closing_the_search_announces_nothing(pane, lease, opened, qtbot, monkeypatch):
    pane.open_file(str(lease))
    opened()
    find(pane, qtbot, "the tenant")
    said = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(event))
    qtbot.keyClick(pane.find_bar.field, Qt.Key.Key_Escape)
    assert not pane.find_bar.isVisible() and said == []
