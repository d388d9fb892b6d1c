"""When documents are read into the library, and which."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QPlainTextEdit, QWidget

from app.base.edition import recognises_text
from app.base.settings import SettingsStore
from app.gui.settings.section import Section
from app.gui.theme import GRID, set_role

_LARGEST = (10, 50, 100, 200, 500, 1000, 2000, 4000)  # MiB
_SAVE_AFTER_MS = 1000
_LINES = 4


class ReadingSection(Section):
    """Tells of each change; the page saves it."""

    changed = Signal(str, object)
    """Name of the setting, and its value."""

    def __init__(self, settings: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Reading documents"), parent)
        self._settings = settings
        self.schedule = self._make_schedule()
        self.add(self.tr("&When to read"), self.schedule, self._about_schedules())
        self.recognise = self._add_switch(
            self.tr("&Pictures"),
            self.tr("Recognise text in scans and pictures"),
            "recognise_text",
            self.tr("This takes longest; everything else is read first.")
            if recognises_text()
            else self.tr("This edition of Alcove cannot do that. Install the full edition of Alcove."),
        )
        self.recognise.setEnabled(recognises_text())
        self.archives = self._add_switch(
            self.tr("&Archives"), self.tr("Look into zip and tar files and mailboxes"), "read_archives"
        )
        self.hidden = self._add_switch(
            self.tr("&Hidden files"), self.tr("Read hidden files and folders"), "read_hidden"
        )
        self.largest = self._make_largest()
        self.add(self.tr("&Largest file"), self.largest, self.tr("Larger ones are listed, but not read."))
        self.ignore = self._make_ignore()
        self._ignore_hint = self.add(self.tr("&Not to be read"), self.ignore, self._about_patterns())
        self._wrong = False  # what was typed cannot be saved
        self._later = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MS)
        self._later.timeout.connect(self._take_patterns)
        self.refresh()
        self.ignore.textChanged.connect(self._later.start)

    def refresh(self) -> None:
        """Show what holds; what is being typed, or cannot be saved, stays."""
        now = self._settings.current
        self.schedule.setCurrentIndex(self.schedule.findData(now.reading_schedule))
        self.largest.setCurrentIndex(self.largest.findData(now.largest_file))
        self.recognise.setChecked(now.recognise_text and recognises_text())
        self.archives.setChecked(now.read_archives)
        self.hidden.setChecked(now.read_hidden)
        if not self.ignore.hasFocus() and not self._wrong and tuple(self._patterns()) != now.ignore:
            self.ignore.setPlainText("\n".join(now.ignore))
            self._later.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.ignore and event.type() == QEvent.Type.FocusOut and self._later.isActive():
            self._later.stop()
            self._take_patterns()
        return super().eventFilter(watched, event)

    def _make_schedule(self) -> QComboBox:
        box = QComboBox()
        box.addItem(self.tr("Always"), "always")
        box.addItem(self.tr("When other programs need little"), "idle")
        box.addItem(self.tr("On mains power"), "plugged")
        box.addItem(self.tr("Only when I ask"), "manual")
        box.activated.connect(lambda: self.changed.emit("reading_schedule", box.currentData()))
        return box

    def _about_schedules(self) -> str:
        return self.tr(
            "New and changed files are read in the background. It always waits for answers, and for mains power when "
            "the battery is low."
        )

    def _add_switch(self, label: str, text: str, setting: str, hint: str = "") -> QCheckBox:
        box = QCheckBox(text)
        self.add(label, box, hint)
        box.setAccessibleName(text)
        box.clicked.connect(lambda on: self.changed.emit(setting, on))
        return box

    def _make_largest(self) -> QComboBox:
        box = QComboBox()
        for size in sorted({*_LARGEST, self._settings.current.largest_file}):
            box.addItem(self.tr("{n} MB").format(n=f"{size:,}"), size)
        box.activated.connect(lambda: self.changed.emit("largest_file", box.currentData()))
        return box

    def _make_ignore(self) -> QPlainTextEdit:
        field = QPlainTextEdit(tabChangesFocus=True)
        field.setPlaceholderText("drafts/\n*.tmp")
        field.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        field.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        field.setFixedHeight(field.fontMetrics().lineSpacing() * _LINES + GRID * 3)
        field.document().setDocumentMargin(0)
        set_role(field, "field")
        field.installEventFilter(self)
        return field

    def _about_patterns(self) -> str:
        return self.tr(
            "One name or pattern a line, as in a .gitignore file: “drafts/” leaves out folders of that name, “*.tmp” "
            "files with that ending. Files named .gitignore or .alcoveignore in your folders count as well."
        )

    def _patterns(self) -> list[str]:
        return [line.rstrip() for line in self.ignore.toPlainText().splitlines() if line.strip()]

    @Slot()
    def _take_patterns(self) -> None:
        """Saved when each line can be followed; else the sentence below names one that cannot."""
        from app.retrieval.ignoring import is_pattern  # only who types here waits for the library behind it

        patterns = self._patterns()
        wrong = next((each for each in patterns if not is_pattern(each)), None)
        self._wrong = wrong is not None
        set_role(self._ignore_hint, "small" if wrong is None else "failure")
        if wrong is not None:
            said = self.tr("“{line}” is no pattern, so nothing was changed.").format(line=wrong)
            self._ignore_hint.setText(said)
            return
        self._ignore_hint.setText(self._about_patterns())
        if tuple(patterns) != self._settings.current.ignore:
            self.changed.emit("ignore", tuple(patterns))
