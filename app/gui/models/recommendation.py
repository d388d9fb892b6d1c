"""The model to take on this machine, in one card."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.assistants.choose_model import explain
from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.labels import WrappedLabel
from app.gui.models.entries import ModelEntry
from app.gui.models.judging import Picture
from app.gui.theme import GRID, HALF, set_role


class RecommendationCard(QFrame):
    """Name, why, and one button: download it, use it, or nothing where it answers already."""

    download_wanted = Signal(object)
    """A `ModelEntry`."""
    use_wanted = Signal(object)
    try_wanted = Signal(object)
    """An `InstalledModel`, both."""
    chosen = Signal(str)
    """The key of a model to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "calm")
        self._entry: ModelEntry | None = None
        self._runner_up = ""
        self._short = False
        self.name = QPushButton()
        set_role(self.name, "link")
        self.name.setToolTip(self.tr("Show it in the list"))
        self.name.clicked.connect(self._choose)
        self._title = QLabel(self.tr("Recommended for this computer"))
        set_role(self._title, "title")
        self.why = WrappedLabel()
        self.why_not = WrappedLabel()
        set_role(self.why_not, "muted")
        self.runner_up = QPushButton()
        set_role(self.runner_up, "link")
        self.runner_up.clicked.connect(lambda: self.chosen.emit(self._runner_up))
        self.button = QPushButton()
        self.button.clicked.connect(self._act)
        self._lay_out()
        self.hide()

    @property
    def text(self) -> str:
        return " ".join((self.name.text(), self.why.text(), self.why_not.text()))

    def show_picture(self, picture: Picture) -> None:
        """Hidden while nothing is recommended and the graphics cards are still looked for."""
        found = picture.recommendation
        self.setVisible(found is not None or picture.complete)
        if found is None:
            self._show_none()
            return
        by_id = {each.catalog.id: each for each in reversed(picture.entries) if each.catalog is not None}
        self._entry = by_id.get(found.best.model.id)
        self.name.setText(found.best.model.name)
        self.name.show()
        self.why.setText(explain(found.best.fit) if found.best.fit is not None else "")
        doubts = [self.tr("Why not a bigger one: {reason}").format(reason=found.why_not_bigger)]
        if not found.why_not_bigger:
            doubts = []
        if picture.speed is None:
            doubts.append(self.tr("Measuring this computer tells how fast it will be."))
        self.why_not.setText(" ".join(doubts))
        runner_up = None if found.runner_up is None else by_id.get(found.runner_up.model.id)
        self._runner_up = runner_up.key if runner_up is not None else ""
        next_best = found.runner_up.model.name if found.runner_up is not None else ""
        self.runner_up.setText(self.tr("Next best: {name}").format(name=next_best))
        self.set_short(self._short)
        self._show_button()

    def set_short(self, short: bool) -> None:
        """Two lines instead of three, where there is little room."""
        self._short = short
        self.why_not.setVisible(bool(self.why_not.text()) and not short)
        self.runner_up.setVisible(bool(self._runner_up) and not short)

    def _show_none(self) -> None:
        self._entry = None
        self.name.setText("")
        self.why.setText(self.tr("No model fits into the memory that is free now. Close other programs."))
        for each in (self.name, self.why_not, self.runner_up, self.button):
            each.hide()

    def _show_button(self) -> None:
        entry = self._entry
        self.button.setVisible(entry is not None)
        if entry is None:
            return
        if entry.in_use:
            text, picture = self.tr("In use"), "check"
        elif entry.untried:
            text, picture = self.tr("Try it"), "play"
        elif entry.ready:
            text, picture = self.tr("Use"), "play"
        else:
            text, picture = self.tr("Download"), "download"
        set_role(self.button, "" if entry.in_use else "primary")
        self.button.setText(text)
        self.button.setIcon(icon(picture, "muted" if entry.in_use else "on_accent"))
        self.button.setEnabled(not entry.in_use)
        self.button.setAccessibleName(f"{text}: {entry.name}")

    def _lay_out(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(HALF)
        first.addWidget(self._title)
        first.addWidget(self.name)
        first.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addLayout(first)
        words.addWidget(self.why)
        words.addWidget(self.why_not)
        side = QVBoxLayout()
        side.setSpacing(HALF)
        side.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        side.addWidget(self.runner_up, 0, Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 2, GRID + HALF, GRID * 2, GRID + HALF)
        row.setSpacing(GRID * 2)
        row.addWidget(IconLabel("spark", "accent"), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addLayout(side)

    @Slot()
    def _choose(self) -> None:
        if self._entry is not None:
            self.chosen.emit(self._entry.key)

    @Slot()
    def _act(self) -> None:
        entry = self._entry
        if entry is None:
            return
        if entry.untried:
            self.try_wanted.emit(entry.installed)
        elif entry.ready:
            self.use_wanted.emit(entry.installed)
        else:
            self.download_wanted.emit(entry)
