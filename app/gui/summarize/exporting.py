"""Summaries for elsewhere: the clipboard, or a file beside the document."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.assistants.summarize.events import Summary
from app.base.jobs import CancelToken
from app.gui.errors import MessageBar
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.saving import ask_where, tell_saved
from app.gui.summarize.pdf import write_pdf
from app.gui.summarize.wording import title_of

Format = Literal["md", "docx", "pdf"]
_SUFFIXES = (".md", ".txt", ".html", ".docx", ".pdf")
_FORBIDDEN = str.maketrans(dict.fromkeys('<>:"/\\|?*', "-"))


class ExportButton(QPushButton):
    """“Export” with its menu."""

    copy_wanted = Signal()
    save_wanted = Signal(str)
    """A `Format`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(icon("download"), self.tr("Export"), parent)
        menu = QMenu(self)
        copy = menu.addAction(icon("copy"), self.tr("Copy"))
        copy.setShortcut(QKeySequence("Ctrl+Shift+C"))
        copy.triggered.connect(lambda: self.copy_wanted.emit())
        self.addAction(copy)  # so that its key works while the menu is closed
        menu.addSeparator()
        named: tuple[tuple[Format, str], ...] = (
            ("md", self.tr("Save as Markdown…")), ("docx", self.tr("Save as Word…")), ("pdf", self.tr("Save as PDF…")),
        )  # fmt: skip
        for format_, text in named:
            action = menu.addAction(text)
            action.triggered.connect(lambda _checked=False, chosen=format_: self.save_wanted.emit(chosen))
        self.setMenu(menu)


@dataclass(frozen=True, slots=True)
class _Saving:
    path: Path
    summaries: tuple[Summary, ...]


class Exporter(QObject):
    """Copies at once, writes on a thread, and says where the file is."""

    def __init__(
        self,
        summaries: Callable[[], Sequence[Summary]],
        jobs: Jobs,
        messages: MessageBar,
        window: QWidget,
    ) -> None:
        """`summaries`: what is shown when something is exported. The dialogs belong to `window`."""
        super().__init__(window)
        self._summaries = summaries
        self._jobs = jobs
        self._messages = messages
        self._window = window

    @Slot()
    def copy(self) -> None:
        """As Markdown for plain fields, and formatted for others."""
        from app.assistants.summarize.export import as_html, as_markdown

        summaries = self._summaries()
        if not summaries:
            return
        data = QMimeData()
        data.setText(as_markdown(summaries))
        data.setHtml(as_html(summaries))
        QGuiApplication.clipboard().setMimeData(data)
        self._messages.show_note(self.tr("The summary was copied."))

    @Slot(str)
    def save(self, format_: Format) -> None:
        """Ask where, and write."""
        summaries = tuple(self._summaries())
        if not summaries:
            return
        kinds = {"md": self.tr("Markdown"), "docx": self.tr("Word documents"), "pdf": self.tr("PDF")}
        path = ask_where(
            self._window,
            self.tr("Save the summary"),
            suggested_file(summaries, format_),
            {f".{format_}": kinds[format_]},
            self._messages.show_error,
            accepted=_SUFFIXES,
        )
        if path is not None:
            self.write(path, summaries)

    def write(self, path: Path, summaries: Sequence[Summary]) -> None:
        """In the format of the suffix of `path`; a message says where it is, or what went wrong."""
        saving = _Saving(path, tuple(summaries))
        self._jobs.run(
            lambda token: _write(saving, token),
            on_event=lambda path: tell_saved(path, self._messages),
            owner=self,
        )


def suggested_file(summaries: Sequence[Summary], format_: Format) -> Path:
    """ "NAME summary.md" beside the document; beside the first of several, named after the joint summary."""
    first = summaries[0]
    files = [Path(each.file) for each in summaries if each.file]
    folder = files[0].parent if files else Path.home()
    name = Path(first.file).stem if first.file else title_of(first).translate(_FORBIDDEN)[:80].strip()
    return folder / f"{name} summary.{format_}"


def _write(saving: _Saving, _cancel: CancelToken) -> Iterator[Path]:
    from app.assistants.summarize.export import as_html, check_no_source, write_summaries

    path, summaries = saving.path, saving.summaries
    check_no_source(path, [each.file for each in summaries])
    if path.suffix.casefold() == ".pdf":
        write_pdf(path, as_html(summaries), title_of(summaries[0]))
    else:
        write_summaries(path, summaries)
    yield path
