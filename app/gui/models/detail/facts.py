"""What is known of a model, as rows of a name and a text."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, QObject, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.gui.labels import WrappedLabel
from app.gui.models.detail.wording import (
    languages_in_words,
    purposes_in_words,
    tokens_and_words,
    unverified_in_words,
)
from app.gui.models.entries import ModelEntry
from app.gui.models.wording import gain_in_words, parameters
from app.gui.theme import GRID, set_role
from app.models.catalog import CatalogModel, Licence, Thinking
from app.models.disk import in_words

if TYPE_CHECKING:
    from app.models.gguf import GgufFacts

Row = tuple[str, str]
_LABEL_WIDTH = GRID * 13


class FactsList(QWidget):
    """Names at the left, texts at the right that can be selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GRID)
        self._grid.setVerticalSpacing(GRID)
        self._grid.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[Row] = []

    @property
    def rows(self) -> list[Row]:
        return self._rows

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Widgets are made anew only when a row has changed."""
        if list(rows) == self._rows:
            return
        self._rows = list(rows)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, (name, text) in enumerate(rows):
            label, value = WrappedLabel(name), WrappedLabel(text)
            set_role(label, "muted")
            label.setFixedWidth(_LABEL_WIDTH)
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setAccessibleName(f"{name}: {text}")
            self._grid.addWidget(label, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(value, number, 1, Qt.AlignmentFlag.AlignTop)


class FactRows(QObject):
    """Puts what is known into rows."""

    def of(self, entry: ModelEntry, header: "GgufFacts | None") -> list[Row]:
        """Everything known of the model of `entry`; `header`: of its file, where it is installed."""
        rows: list[Row] = []
        if entry.catalog is not None:
            rows += self._of_catalog(entry.catalog)
        if entry.parameters:
            rows.append((self.tr("Parameters"), parameters(entry)))
        if header is not None:
            rows += self._of_header(header, complete=entry.catalog is None)
        if entry.installed is not None:
            rows.append((self.tr("File"), str(entry.installed.file)))
            if entry.installed.bytes:
                rows.append((self.tr("Size on disk"), in_words(entry.installed.bytes)))
            if entry.tuning is not None and entry.tuning.figures is not None:
                size = in_words(entry.tuning.bytes)
                copy = self.tr("A copy as {kind} ({size}) answers. {gain}")
                gain = gain_in_words(entry.tuning.figures)
                rows.append((self.tr("Tuned"), copy.format(kind=entry.tuning.kind, size=size, gain=gain)))
            if app := _owner(entry.installed.source):
                rows.append(
                    (
                        self.tr("Belongs to"),
                        self.tr("{app}. Alcove uses the file where it lies.").format(app=app),
                    )
                )
        if entry.repository:
            rows.append((self.tr("Repository"), entry.repository))
        if entry.catalog is not None:
            rows += self._remarks(entry.catalog)
        return rows

    def _of_catalog(self, model: CatalogModel) -> Iterator[Row]:
        yield self.tr("Good for"), purposes_in_words(model.purposes)
        if model.languages:
            yield self.tr("Languages"), languages_in_words(model.languages)
        yield from self._licence(model.licence, sure="licence" not in model.unverified)
        if model.gated:
            yield (
                self.tr("Access"),
                self.tr("The publisher asks you to accept its terms on its web page before you download."),
            )
        yield self.tr("Made by"), model.developer
        if model.context:
            yield self.tr("Trained for"), tokens_and_words(model.context)

    def _licence(self, licence: Licence | None, *, sure: bool) -> Iterator[Row]:
        """`sure`: it was read in the model's own files."""
        if licence is None:
            yield self.tr("Licence"), self.tr("Not known. Read the model’s page before you use it at work.")
            return
        yield self.tr("Licence"), f"{licence.name}. {licence.limits}"
        allowed = {
            True: self.tr("Allowed"),
            False: self.tr("Not allowed"),
            None: self.tr("It depends; read the licence"),
        }
        said = allowed[licence.commercial]
        if not sure and licence.commercial is not None:
            said = self.tr("{answer}, as far as Alcove knows. Check it on the model’s page first.").format(
                answer=said
            )
        yield self.tr("Commercial use"), said

    def _of_header(self, header: "GgufFacts", *, complete: bool) -> Iterator[Row]:
        """`complete`: nothing else tells what the catalogue would."""
        if complete:
            yield self.tr("Trained for"), tokens_and_words(header.context_length)
            yield self.tr("Architecture"), header.architecture
        yield self.tr("Version"), header.quantisation
        if header.can_write and header.chat_template is None:
            yield (
                self.tr("Chat format"),
                self.tr("The file holds none, so it goes on with a text instead of chatting."),
            )
        if header.parts > 1:
            yield self.tr("Files"), QLocale().toString(header.parts)

    def _remarks(self, model: CatalogModel) -> Iterator[Row]:
        if model.thinking is not None:
            yield self.tr("Thinking"), self._thinking(model.thinking)
        if model.recurrent:
            yield (
                self.tr("Long chats"),
                self.tr(
                    "It keeps a running state: when an earlier message changes, it reads the chat again from the start."
                ),
            )
        if model.prompt.hint:
            yield self.tr("Hint"), model.prompt.hint
        if model.notes:
            yield self.tr("Note"), model.notes
        doubtful = [each for each in model.unverified if each != "licence" or model.licence is None]
        if doubtful:
            yield (
                self.tr("Not certain"),
                self.tr("{facts}. The model’s own files were not looked at for this.").format(
                    facts=unverified_in_words(doubtful)
                ),
            )

    def _thinking(self, thinking: Thinking) -> str:
        if thinking.variable is None and thinking.by_default:
            return self.tr("It always thinks before it answers, which takes time.")
        if thinking.by_default:
            return self.tr(
                "It thinks by default before it answers; Alcove turns that off, so it answers at once."
            )
        return self.tr("It can think before it answers; Alcove leaves that off, so it answers at once.")


def _owner(source: str) -> str:
    """The app a model used in place belongs to; "" for Alcove's own."""
    from app.models.installed import PLACE

    return source.removeprefix(PLACE) if source.startswith(PLACE) else ""
