"""Finding words in the document in view."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication

from app.documents.document import Place
from app.gui.viewer.excerpts import MOST_CHARACTERS
from app.gui.viewer.finding import DocumentSearch, find_all, pattern_of, searchable

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
    spans = [] if pattern is None else find_all(pattern, searchable(text))
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


LONG = ("The keys are here and the tenant pays. " * (MOST_CHARACTERS // 39)).strip()


def test_a_very_long_text_marks_only_what_is_in_view(pane, tmp_path, add_file, opened, qtbot):
    """400,000 characters in one paragraph, which Qt paints slowest of all."""
    path = tmp_path / "long.txt"
    path.write_text("x")
    add_file(path, [(Place("document", 1), LONG)])
    pane.open_file(str(path))
    opened()
    find(pane, qtbot, "e")
    view, search = pane.area.text.view, pane.area.search
    assert len(search.hits) == 10_000 and pane.find_bar.count.text().replace(",", "") == "1 of 10000+"

    def marks():
        return [each.cursor.selectionStart() for each in view.extraSelections()]

    assert 50 < len(marks()) <= 401
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 40)
    qtbot.waitUntil(lambda: min(marks()[:-1]) > 1000)
    first, last = view.around_view()
    assert 50 < len(marks()) <= 401 and all(first <= each <= last for each in marks()[:-1])


def test_letters_typed_do_not_wait_for_a_long_text(qtbot):
    search = DocumentSearch(1, [LONG].__getitem__)
    for words in ("k", "ke", "keys"):
        search.find(words)
        assert search.searching and not search.hits
    qtbot.waitUntil(lambda: not search.searching)
    assert len(search.hits) == 10_000 and LONG[search.hits[-1].start :].startswith("keys")


def test_the_most_that_is_found_begins_at_the_place_in_view(qtbot):
    search = DocumentSearch(2, ["key " * 20_000, "key"].__getitem__)
    search.find("key", 0, 60_000)
    qtbot.waitUntil(lambda: not search.searching)
    assert search.current.start == 60_000 and len(search.hits) == 10_000 and search.more
    assert search.hits == sorted(set(search.hits))


@pytest.mark.parametrize(("start", "places"), [(0, [0, 2, 4]), (1, [1, 3]), (2, [0, 2, 4]), (5, [0, 2, 4])])
def test_what_was_found_never_overlaps(start, places):
    found = [span[0] for span in find_all(pattern_of("aa"), searchable("aaaaaa"), start)]
    assert sorted(found) == places and len(set(found)) == len(found)
