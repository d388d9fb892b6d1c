"""Asking each document: the switch, the table that grows, what is kept, and the offer below other answers."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextDocumentFragment
from PySide6.QtWidgets import QMenu

from app.assistants.ask_each.events import Asking, EachFinished, RowFound
from app.assistants.events import Source
from app.assistants.records import Record, write_record
from app.assistants.tables import Row, Table
from app.documents.document import Place
from app.gui.chat.suggestions import EachSuggestion, SummarySuggestion
from app.gui.chat.table import AnswerTable
from app.gui.chat.table_model import Column

QUESTION = "Which contracts end in 2026?"


def row(name: str, answer: str, order: float | None = None, page: int = 1) -> Row:
    quote = f"It ends on {answer}."
    source = Source(1, f"/docs/{name}", Place("page", page), "", quote, 0, len(quote), 0.7, quote)
    return Row(source, answer, 11, 11 + len(answer), 0.9, "", order)


LATE, SOON = row("a-late.pdf", "1 May 2026", 2.0), row("b-soon.pdf", "3 March 2026", 1.0, 4)
VAGUE = row("c-vague.pdf", "two years")
TABLE = Table("When does it end?", "in 2026", (SOON, LATE), (VAGUE,), 1, 2, 6, 6, 0, 0.4)


@pytest.fixture
def each(window, script, backend, monkeypatch):
    """The scripted answers, with those of a request for each document; `script.hold` makes them wait after a row."""
    requests = []

    def answer(request, cancel):
        if not request.each:
            yield from script(request, cancel)
            return
        requests.append(request)
        store = backend.conversations
        store.add_question(request.conversation, request.question)
        yield Asking(0, 0, "", TABLE.asked, TABLE.condition)
        number = store.begin_answer(request.conversation)
        yield Asking(1, 6, "/docs/a-late.pdf", TABLE.asked, TABLE.condition)
        yield RowFound(LATE)
        while not script.hold.is_set() and not cancel.wait(0.01):
            pass
        table, state = TABLE, "complete"
        if cancel.cancelled:
            table, state = replace(TABLE, rows=(LATE,), unsure=(), documents=1), "stopped"
        else:
            yield RowFound(VAGUE, sure=False)
            yield RowFound(SOON)
        store.save_answer(number, "1 row", state, write_record(Record(table=table)))
        if request.instead_of is not None:
            store.drop_turn(request.instead_of)
        yield EachFinished(table, "1 row", state, number)

    monkeypatch.setattr(window.chat.answers, "_answerer", answer)
    return requests


def cells(table: AnswerTable, column: Column) -> list[str]:
    return [table.model.index(row, column).data() for row in range(table.model.rowCount())]


@pytest.fixture
def table(window, each, ask):
    """A finished one, asked for by the switch in the composer."""
    window.chat.composer._each.click()
    ask(QUESTION)
    return window.chat.view.transcript.last_answer.table


def test_each_document_is_asked_only_when_wanted(window, each, ask, script):
    assert not window.chat.composer.each
    ask("How long is the notice?")
    assert each == [] and len(script.requests) == 1
    assert window.chat.composer._each.accessibleName() == "Ask each document by itself"
    window.chat.composer._each.click()
    assert window.chat.composer.field.placeholderText() == "Ask each document in My documents"
    ask(QUESTION)
    assert [each[0].question, each[0].scope] == [QUESTION, "My documents"]
    window.chat.new_conversation()
    assert not window.chat.composer.each
    window.chat.composer._choose("", by_person=True)
    assert not window.chat.composer._each.isVisible()  # plain chat has no documents


def test_the_table_says_what_was_asked_and_how_many_there_are(window, table):
    view = window.chat.view.transcript.last_answer
    assert cells(table, Column.ANSWER) == ["3 March 2026", "1 May 2026", "Not sure: two years"]
    assert cells(table, Column.PLACE) == ["Page 4", "Page 1", "Page 1"]
    assert table._asked.text() == "Asked of each document: When does it end? Wanted: in 2026."
    assert (
        table.text
        == "Documents asked: 6 · in the table: 2 · not sure: 1 · not “in 2026”: 1 · no answer: 2 · 0.4 s"
    )
    assert (
        table.rows.isVisible() and not view.words.text.isVisible() and not view.feedback.buttons.isVisible()
    )
    table.show_table(replace(TABLE, unapplied=True))
    assert "no condition applied" in table.text


def test_rows_are_sorted_by_what_they_mean(table):
    table.rows.horizontalHeader().setSortIndicator(Column.ANSWER, Qt.SortOrder.DescendingOrder)
    assert cells(table, Column.DOCUMENT) == ["a-late.pdf", "b-soon.pdf", "c-vague.pdf"]
    table.rows.horizontalHeader().setSortIndicator(Column.ANSWER, Qt.SortOrder.AscendingOrder)
    assert cells(table, Column.DOCUMENT) == ["b-soon.pdf", "a-late.pdf", "c-vague.pdf"]


def test_a_row_opens_its_quote_and_is_copied(window, table, qtbot):
    table.rows.selectRow(0)
    with qtbot.waitSignal(window.chat.view.listed.opened) as opened:
        qtbot.keyClick(table.rows, Qt.Key.Key_Return)
    assert opened.args[0] == SOON.source
    qtbot.keyClick(table.rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Document\tPlace\tAnswer\tQuote",
        "b-soon.pdf\tPage 4\t3 March 2026\tIt ends on 3 March 2026.",
    ]
    table.rows.clearSelection()
    window.chat.view.transcript.last_answer.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 4


def test_a_chosen_row_stays_chosen_when_the_rows_are_sorted(table):
    table.rows.selectRow(0)
    table.rows.horizontalHeader().setSortIndicator(Column.ANSWER, Qt.SortOrder.DescendingOrder)
    (chosen,) = table.rows.selectionModel().selectedRows()
    assert (chosen.row(), chosen.data()) == (1, "b-soon.pdf")


def test_rows_are_copied_as_shown_and_are_no_formulas(table):
    table.model.add(row("=d.pdf", "=1+1"), sure=True)
    lines = table.model.as_lines(range(table.model.rowCount())).splitlines()
    assert lines[-1].split("\t")[2] == "Not sure: two years"
    assert ["'=d.pdf", "Page 1", "'=1+1"] in [line.split("\t")[:3] for line in lines]


def test_text_of_a_document_is_no_html_in_a_tooltip(table):
    table.model.add(row("d.pdf", "<b>now</b>\n\u2003x"), sure=True)
    tip = table.model.index(2, Column.QUOTE).data(Qt.ItemDataRole.ToolTipRole)
    assert "“It ends on <b>now</b> x.”" in QTextDocumentFragment.fromHtml(tip).toPlainText()


def test_the_menu_opens_the_row_it_was_asked_for(table, monkeypatch, qtbot):
    class Menu(QMenu):
        def exec(self, _at):
            table.model.show_table(replace(TABLE, rows=(LATE,), unsure=()))  # while it is open
            self.actions()[0].trigger()

    monkeypatch.setattr("app.gui.chat.table.QMenu", Menu)
    with qtbot.waitSignal(table.opened) as opened:
        table.rows._show_menu(table.rows.visualRect(table.model.index(0, 0)).center())
    assert opened.args[0] == SOON.source


def test_rows_come_while_documents_are_asked_and_a_stop_keeps_them(window, each, script, qtbot):
    script.hold.clear()
    window.chat.ask(QUESTION, each=True)
    view = window.chat.view.transcript.last_answer
    qtbot.waitUntil(lambda: view.table is not None and view.table.model.rowCount() == 1)
    assert view.progress_text == "Asking document 1 of 6…" and view.table.text == "1 row so far"
    number = window.chat.view.current
    window.chat.new_conversation()
    window.chat.open_conversation(number)  # in the middle of it
    view = window.chat.view.transcript.last_answer
    assert cells(view.table, Column.ANSWER) == ["1 May 2026"]
    with qtbot.waitSignal(window.chat.answers.ended):
        assert window.chat.stop()
    assert view.table.text.startswith("1 of 6 documents asked") and view.state_text.startswith("Stopped")


def test_it_is_there_again_later_and_is_asked_again_in_the_same_way(window, table, each, qtbot):
    number = window.chat.view.current
    window.chat.new_conversation()
    window.chat.open_conversation(number)
    shown = window.chat.view.transcript.last_answer.table
    assert shown is not table and cells(shown, Column.ANSWER)[0] == "3 March 2026"
    with qtbot.waitSignal(window.chat.answers.ended):
        window.chat.view._again_last()
    assert len(each) == 2 and each[1].instead_of is not None
    assert window.chat.view.transcript.turns == 1


def test_an_answer_to_such_a_question_offers_it(window, ask, each, monkeypatch, qtbot):
    ask("How long is the notice?")
    assert window.chat.view.transcript.findChildren(EachSuggestion) == []
    ask(QUESTION)
    (offer,) = window.chat.view.transcript.findChildren(EachSuggestion)
    said = []
    monkeypatch.setattr(window.chat._messages, "show_note", lambda text, *_: said.append(text))
    window.chat.composer._choose("")
    offer.button.click()
    assert said == ["Choose the documents to ask first, below your question."] and each == []
    window.chat.composer._choose("My documents")
    with qtbot.waitSignal(window.chat.answers.ended):
        qtbot.mouseClick(offer.button, Qt.MouseButton.LeftButton)
    assert each[0].question == QUESTION and window.chat.view.transcript.turns == 3


@pytest.mark.parametrize(
    ("question", "offered"),
    [
        ("Summarise what the witness says about the water leak", True),
        ("please summarize the lease", True),
        ("Could you give me a short summary of the contracts?", True),
        ("Which contracts have a summary of costs?", False),
        ("What does the summary say?", False),
    ],
)
def test_a_question_for_a_summary_leads_to_the_page_for_it(window, ask, question, offered):
    ask(question)
    offers = window.chat.view.transcript.findChildren(SummarySuggestion)
    assert len(offers) == offered
    if offered:
        assert window.chat.view.transcript.findChildren(EachSuggestion) == []
        offers[0].button.click()
        assert window._stack.currentWidget() is window.page("summarize")


@pytest.mark.parametrize("width", [300, 420, 600, 900])
def test_every_column_can_be_reached_however_narrow_it_is(window, table, qtbot, width):
    rows = table.rows
    table.setFixedWidth(width)
    qtbot.waitUntil(lambda: table.width() == width)
    QGuiApplication.processEvents()
    assert not any(rows.isColumnHidden(each) for each in Column)
    needed = sum(rows.columnWidth(each) for each in Column)
    bar = rows.horizontalScrollBar()
    assert bar.maximum() == max(0, needed - rows.viewport().width())
    assert (bar.maximum() > 0) is bar.isVisible() is (width < 500)
    assert rows.columnWidth(Column.QUOTE) >= 160
    shown = rows.visualRect(table.model.index(0, Column.ANSWER))
    assert shown.left() < rows.viewport().width() - 60
    last = rows.visualRect(table.model.index(table.model.rowCount() - 1, 0))
    assert last.bottom() <= rows.viewport().height()  # the bar has its own room


def test_a_file_of_it(window, table, tmp_path, monkeypatch, qtbot):
    monkeypatch.setattr(
        "app.gui.saving.QFileDialog.getSaveFileName",
        lambda *_: (str(tmp_path / "contracts"), ""),
    )
    table._export.click()
    qtbot.waitUntil(lambda: (tmp_path / "contracts.csv").exists())
    assert "3 March 2026" in (tmp_path / "contracts.csv").read_text(encoding="utf-8-sig")
