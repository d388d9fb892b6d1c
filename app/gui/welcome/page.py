"""The page of the first run. Every way out of it leads on: samples, an own folder, or straight to the chat."""

import json
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import resource
from app.gui.buttons import IconLabel
from app.gui.errors import MessageBar
from app.gui.icons import app_icon, icon
from app.gui.jobs import Job, Jobs
from app.gui.text_format import time_left
from app.gui.theme import GRID, HALF, scrolled, set_role
from app.gui.welcome.offer import OfferCard
from app.retrieval.protocol import IndexFinished, IndexProgress

SAMPLES = "Samples"
_OFFER_AFTER_MS = 500  # the page and the workers come first


class WelcomePage(QWidget):
    """Three promises, three ways to begin, and a better model for who wants one."""

    asked = Signal(str, str)
    """A sample question, and the collection to ask it over."""

    folder_chosen = Signal(str)
    skipped = Signal()
    samples_added = Signal()
    model_wanted = Signal(str)
    """The id of a model of the catalogue to download."""

    def __init__(
        self, backend: Backend, jobs: Jobs, messages: MessageBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        set_role(self, "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._backend = backend
        self._jobs = jobs
        self._messages = messages
        self._job: Job | None = None
        self._samples = QPushButton(icon("spark", "on_accent"), self.tr("Try it with the sample library"))
        set_role(self._samples, "primary")
        self._samples.clicked.connect(self._add_samples)
        self._own = QPushButton(icon("folder-plus"), self.tr("Add my own folder…"))
        self._own.clicked.connect(self._choose_folder)
        self._skip = QPushButton(self.tr("Skip"))
        set_role(self._skip, "link")
        self._skip.clicked.connect(self.skipped)
        self._note = QLabel()
        set_role(self._note, "muted")
        self._bar = QProgressBar(textVisible=False, maximum=1000)
        self._bar.setAccessibleName(self.tr("Reading the samples"))
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.clicked.connect(self.stop)
        self._questions = QVBoxLayout()
        self._questions.setSpacing(GRID)
        self.offer = OfferCard(backend, jobs)
        self.offer.wanted.connect(self.model_wanted)
        self._lay_out()
        self._show_reading(reading=False)

    @property
    def question_buttons(self) -> list[QPushButton]:
        return [each for each in self.findChildren(QPushButton) if each.property("role") == "choice"]

    @Slot()
    def stop(self) -> bool:
        """Stop reading the samples; false when nothing is read."""
        if self._job is None or not self._job.running:
            return False
        self._job.stop()
        return True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._samples.isVisible():
            self._samples.setFocus()
        QTimer.singleShot(_OFFER_AFTER_MS, self.offer, self.offer.look)

    def _lay_out(self) -> None:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(GRID * 4, GRID * 4, GRID * 4, GRID * 4)
        column.setSpacing(GRID * 2)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(QSize(64, 64), self.devicePixelRatioF()))
        title = QLabel(self.tr("Welcome to Alcove"))
        set_role(title, "heading")
        text = QLabel(self.tr("Ask your own documents, on your own computer."))
        set_role(text, "muted")
        column.addStretch(1)
        for label in (picture, title, text):
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(GRID)
        column.addWidget(self._promises())
        column.addSpacing(GRID)
        ways = QHBoxLayout()
        ways.setSpacing(GRID)
        ways.addStretch(1)
        for each in (self._samples, self._own, self._skip):
            ways.addWidget(each)
        ways.addStretch(1)
        column.addLayout(ways)
        reading = QHBoxLayout()
        reading.setSpacing(GRID * 2)
        reading.addWidget(self._bar, 1)
        reading.addWidget(self._stop)
        column.addWidget(self._note, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addLayout(reading)
        column.addLayout(self._questions)
        column.addSpacing(GRID)
        column.addWidget(self.offer)
        column.addStretch(2)
        holder.setMaximumWidth(720)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolled(holder))

    def _promises(self) -> QFrame:
        card = QFrame()
        set_role(card, "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        column.setSpacing(GRID * 2)
        for picture, name, sentence in (
            ("lock", self.tr("Private"), self.tr("Your documents and questions never leave this computer.")),
            ("shield", self.tr("Honest"),
             self.tr("Every answer shows the words it comes from; what no document supports is marked.")),
            ("bolt", self.tr("Quick"), self.tr("It works without a network, on an ordinary laptop.")),
        ):  # fmt: skip
            heading = QLabel(name)
            set_role(heading, "title")
            words = QVBoxLayout()
            words.setSpacing(HALF // 2)
            words.addWidget(heading)
            words.addWidget(QLabel(sentence, wordWrap=True))
            row = QHBoxLayout()
            row.setSpacing(GRID * 2)
            row.addWidget(IconLabel(picture, "accent", 24))
            row.addLayout(words, 1)
            column.addLayout(row)
        return card

    @Slot()
    def _add_samples(self) -> None:
        folder = resource("samples")
        if not folder.is_dir():
            self._messages.show_error(
                AppError(
                    self.tr("The sample library is missing."), self.tr("Add a folder of your own instead.")
                )
            )
            return
        self._backend.collections.add(SAMPLES, [folder])
        self._note.setText(self.tr("Getting ready to read the samples…"))
        self._bar.setValue(0)
        self._show_reading(reading=True)
        self._job = self._jobs.run(
            lambda token: self._read(str(folder), token),
            on_event=self._progressed,
            on_done=self._ready,
            on_error=self._failed,
            on_stopped=self._stopped,
            owner=self,
        )

    def _read(self, folder: str, token: CancelToken) -> Iterator[IndexProgress | IndexFinished]:
        return self._backend.library.refresh([folder], token)

    def _progressed(self, event: IndexProgress | IndexFinished) -> None:
        if isinstance(event, IndexProgress) and event.total:
            text = self.tr("Reading {n} of {total} documents…").format(n=event.done, total=event.total)
            if event.seconds_left is not None:
                text += " " + time_left(event.seconds_left)
            self._note.setText(text)
            self._bar.setValue(round(1000 * event.done / event.total))

    def _failed(self, error: AppError) -> None:
        self._show_reading(reading=False)
        self._messages.show_error(error)

    def _stopped(self) -> None:
        """What was read so far is kept, and reading goes on with the first question."""
        self._show_reading(reading=False)
        self.samples_added.emit()

    def _ready(self) -> None:
        self._show_reading(reading=False)
        self.samples_added.emit()
        for button in (self._samples, *self.question_buttons):
            button.hide()
        self._note.setText(self.tr("The samples are ready. Ask one of these, or your own question:"))
        self._note.show()
        for question in sample_questions():
            button = QPushButton(icon("chat", "accent"), question)
            set_role(button, "choice")
            button.clicked.connect(lambda _=False, text=question: self.asked.emit(text, SAMPLES))
            self._questions.addWidget(button)
        self._skip.setText(self.tr("Go to the chat"))

    def _show_reading(self, *, reading: bool) -> None:
        for each in (self._note, self._bar, self._stop):
            each.setVisible(reading)
        for button in (self._samples, self._own):
            button.setEnabled(not reading)

    @Slot()
    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder with documents"))
        if chosen:
            self.folder_chosen.emit(chosen)


def sample_questions(limit: int = 3) -> list[str]:
    """The questions about the samples that are marked for this page; none when the file cannot be read."""
    try:
        entries: Any = json.loads(resource("sample_questions.json").read_text("utf-8"))
    except (OSError, ValueError):
        return []
    groups = entries.values() if isinstance(entries, dict) else [entries]
    chosen = [each["question"] for group in groups for each in group if each.get("welcome")]
    return chosen[:limit]
