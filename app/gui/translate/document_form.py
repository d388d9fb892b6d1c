"""What to translate, into which language, with which terms, and where to."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.base.errors import AppError
from app.documents.layout.formats import FORMATS, output_suffixes
from app.gui.file_field import FileField
from app.gui.labels import ElidedLabel
from app.gui.saving import ask_where
from app.gui.theme import GRID, HALF, set_role
from app.gui.translate.glossary_menu import GlossaryMenu
from app.gui.translate.language_boxes import show_detected, source_box, target_box
from app.gui.translate.refusal import Refusal
from app.gui.translate.wishes import EngineFacts, FileWish
from app.storage.glossaries import Glossary


class DocumentForm(QWidget):
    """Everything has an answer from the start but the file."""

    started = Signal(object)
    """A `FileWish`."""

    languages_changed = Signal()
    """By the person's hand."""

    failed = Signal(object)
    """An `AppError`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._file: Path | None = None
        self._out: Path | None = None
        self._ticked_for: tuple[Path | None] | None = None
        self._allowed = True
        self._detected = ""
        self.file = FileField(
            self.tr("Drop a document here"),
            self.tr("Word, PowerPoint, Excel, OpenDocument, web pages, Markdown, text, subtitles, EPUB, PO and PDF. "
                    "The layout is kept; your file is never changed."),
            tuple(FORMATS),
        )  # fmt: skip
        self.source_box = source_box(self.tr("Language of the document"))
        self.target_box = target_box(self.tr("Language to translate into"))
        self.glossaries = GlossaryMenu()
        self.out_label = ElidedLabel()
        self.out_button = QPushButton(self.tr("Change…"))
        self.out_button.setAccessibleName(self.tr("Change where the translation is saved"))
        self.refusal = Refusal()
        self.start_button = QPushButton(self.tr("Translate"))
        self.start_button.setToolTip(self.tr("Translate the document (Ctrl+Enter)"))
        self.start_button.setShortcut("Ctrl+Return")
        set_role(self.start_button, "primary")
        self._lay_out()
        self._connect()
        self._refresh()

    @property
    def wish(self) -> FileWish | None:
        """None while there is no file."""
        if self._file is None:
            return None
        chosen = self.glossaries.chosen
        return FileWish(self._file, self.source_box.code, self.target_box.code, chosen, self._out)

    @property
    def source_code(self) -> str:
        """As chosen, else as recognised; "" while nobody knows."""
        return self.source_box.code or self._detected

    def take_file(self, file: Path) -> None:
        self._file, self._out, self._detected = file, None, ""
        pdf = file.suffix.lower() == ".pdf"
        self.file.show_file(
            file,
            self.tr("A PDF becomes a Word file, or a web page, with the original beside the translation.") if pdf else "",
        )  # fmt: skip
        show_detected(self.source_box, "")
        self._refresh()

    def show_detected(self, code: str) -> None:
        """ "" for a document that does not tell."""
        self._detected = code
        show_detected(self.source_box, code)

    def show_glossaries(
        self, glossaries: Sequence[Glossary], preselected: Sequence[int], file: Path | None
    ) -> None:
        """What is chosen beforehand for `file` is chosen once; then what the person ticks counts."""
        fresh = self._ticked_for is None or file != self._ticked_for[0]
        self._ticked_for = (file,)
        self.glossaries.show_glossaries(glossaries, preselected if fresh else None)

    def show_engine(self, facts: EngineFacts) -> None:
        self._allowed = facts.refusal is None
        self.refusal.show_refusal(facts.refusal)
        self._refresh()

    def _lay_out(self) -> None:
        arrow = QLabel("→")
        set_role(arrow, "muted")
        languages = QHBoxLayout()
        languages.setSpacing(GRID)
        languages.addWidget(self.source_box, 1)
        languages.addWidget(arrow)
        languages.addWidget(self.target_box, 1)
        place = QHBoxLayout()
        place.setSpacing(GRID)
        place.addWidget(self.out_label, 1)
        place.addWidget(self.out_button)
        card = QFrame()
        set_role(card, "card")
        self._grid = QGridLayout(card)
        self._grid.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        self._grid.setHorizontalSpacing(GRID * 2)
        self._grid.setVerticalSpacing(GRID + HALF)
        self._grid.setColumnStretch(1, 1)
        self._add(self.tr("&Languages"), languages, self.source_box)
        self._add(self.tr("&Glossaries"), self.glossaries, self.glossaries)
        self._add(self.tr("&Save as"), place, self.out_button)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.start_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        for each in (self.file, card, self.refusal):
            column.addWidget(each)
        column.addLayout(foot)

    def _add(self, text: str, field: QWidget | QHBoxLayout, buddy: QWidget) -> None:
        label = QLabel(text)
        label.setBuddy(buddy)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        if isinstance(field, QWidget):
            self._grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignLeft)
        else:
            self._grid.addLayout(field, row, 1)

    def _connect(self) -> None:
        for box in (self.source_box, self.target_box):
            box.language_chosen.connect(self._refresh)
            box.language_chosen.connect(self.languages_changed)
        self.out_button.clicked.connect(self._choose_out)
        self.start_button.clicked.connect(self._start)

    @Slot()
    def _refresh(self) -> None:
        self.glossaries.set_languages(self.source_box.code, self.target_box.code)
        self.start_button.setEnabled(self._file is not None and self._allowed)
        self.out_button.setEnabled(self._file is not None)
        if self._file is None:
            self.out_label.setText(self.tr("Beside the document"))
        elif self._out is None:
            self.out_label.setText(self.tr("Beside the document, with the language in its name"))
        else:
            self.out_label.setText(str(self._out))

    @Slot()
    def _choose_out(self) -> None:
        """The person is asked before a file is replaced; the document itself never is."""
        assert self._file is not None
        endings = output_suffixes(self._file) or (self._file.suffix,)
        usual = self._file.with_name(f"{self._file.stem}.{self.target_box.code}{endings[0]}")
        kinds = {ending: ending.removeprefix(".").upper() for ending in endings}
        out = ask_where(self, self.tr("Save the translation as"), usual, kinds, self.failed.emit)
        if out is not None:
            self._out = out
            self._refresh()

    @Slot()
    def _start(self) -> None:
        wish = self.wish
        if wish is not None:
            self.started.emit(wish)


def why_unusable(file: Path) -> AppError | None:
    """A kind of file whose layout cannot be kept; what else may be wrong shows when it is opened."""
    if output_suffixes(file):
        return None
    kinds = ", ".join(suffix.removeprefix(".") for suffix in FORMATS)
    what = QCoreApplication.translate("Translation", "Alcove cannot keep the layout of {name}.")
    remedy = QCoreApplication.translate("Translation", "These kinds of files work: {kinds}.")
    return AppError(what.format(name=file.name), remedy.format(kinds=kinds))
