"""Reading a translation against its source: filter, search, the table, and the chosen segment in full."""

from collections.abc import Iterable

from PySide6.QtCore import QLocale, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.assistants.translate.events import TranslatedSegment
from app.gui.icons import icon
from app.gui.switch import Switch
from app.gui.theme import GRID, set_role
from app.gui.translate.review_model import ReviewModel
from app.gui.translate.review_rows import ALL, EDITED, TO_CHECK
from app.gui.translate.review_table import ReviewTable
from app.gui.translate.segment_editor import SegmentEditor

_TYPING_MS = 200


class Review(QWidget):
    """Tells of edits; who listens checks and keeps them, and gives the result to `put`."""

    edited = Signal(object)
    """A `TranslatedSegment`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ReviewModel(self)
        self.table = ReviewTable(self.model)
        self.editor = SegmentEditor()
        self.filter = Switch(
            self.tr("Which segments are shown"),
            ((ALL, self.tr("All")), (TO_CHECK, self.tr("To check")), (EDITED, self.tr("Edited"))),
        )
        self.search = QLineEdit(placeholderText=self.tr("Search segments"), clearButtonEnabled=True)
        self.search.setAccessibleName(self.tr("Search segments"))
        self.search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        set_role(self.search, "search")
        self.next = QPushButton(icon("chevron-down"), self.tr("Next to check"))
        self.next.setToolTip(self.tr("Go to the next segment that should be looked at (Ctrl+Down)"))
        self._nothing = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        set_role(self._nothing, "muted")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._lay_out()
        self._connect()

    def show_segments(self, segments: Iterable[TranslatedSegment], source: str, target: str) -> None:
        """`source`, `target`: codes of the languages."""
        self.filter.choose(ALL)
        self.search.clear()
        self.table.set_languages(source, target)
        self.editor.set_languages(source, target)
        self.model.show_segments(segments)
        self._show_filtered()
        self.table.go_to(0)

    def put(self, segment: TranslatedSegment) -> None:
        """What the check made of an edit. An answer to an older edit of the same segment changes nothing."""
        known = self.model.rows.find(segment.key)
        if known is not None and known.target == segment.target:
            self.model.put(segment)

    def hand_over(self) -> None:
        """Keep what is being typed: the file is about to be written."""
        self.table.setFocus()
        self.editor.hand_over()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(self.filter)
        head.addStretch(1)
        self.search.setMaximumWidth(GRID * 32)
        head.addWidget(self.search, 2)
        head.addWidget(self.next)
        top = QWidget()
        over = QVBoxLayout(top)
        over.setContentsMargins(0, 0, 0, 0)
        over.addWidget(self.table, 1)
        over.addWidget(self._nothing, 1)
        self._splitter = QSplitter(Qt.Orientation.Vertical, handleWidth=1, childrenCollapsible=False)
        self._splitter.addWidget(top)
        self._splitter.addWidget(self.editor)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setSizes([GRID * 50, GRID * 18])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(head)
        column.addWidget(self._splitter, 1)

    def _connect(self) -> None:
        self.table.chosen.connect(self.editor.show_segment)
        self.editor.edited.connect(self.model.edit)
        self.model.edited.connect(self.edited)
        self.model.dataChanged.connect(self._show_counts)
        self.filter.chosen.connect(self._show_filtered)
        self.search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._show_filtered)
        self.next.clicked.connect(self.table.go_to_next_flagged)
        for keys, slot in (
            ("Ctrl+Down", self.table.go_to_next_flagged),
            ("Ctrl+F", self.search.setFocus),
        ):
            QShortcut(QKeySequence(keys), self, slot, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @Slot()
    def _show_filtered(self) -> None:
        self._typing.stop()
        self.model.show_only(self.filter.choice, self.search.text())
        self._show_counts()
        empty = not self.model.rowCount()
        self.table.setVisible(not empty)
        self._nothing.setVisible(empty)
        if self.search.text().strip():
            self._nothing.setText(self.tr("No segment has these words."))
        elif self.filter.choice == TO_CHECK:
            self._nothing.setText(self.tr("Nothing to check: numbers, formatting and terms are all there."))
        else:
            self._nothing.setText(self.tr("No segment was edited.") if self.model.rows.segments else "")

    @Slot()
    def _show_counts(self) -> None:
        names = {ALL: self.tr("All"), TO_CHECK: self.tr("To check"), EDITED: self.tr("Edited")}
        for choice, name in names.items():
            self.filter.show_text(choice, f"{name} {QLocale().toString(self.model.rows.count(choice))}")
        self.next.setEnabled(self.model.rows.count(TO_CHECK) > 0)

    def sizeHint(self) -> QSize:
        return QSize(GRID * 100, GRID * 70)
