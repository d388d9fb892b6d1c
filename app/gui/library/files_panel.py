"""Files with filters above and, below, why the chosen one is not ready."""

from collections.abc import Sequence

from PySide6.QtCore import QLocale, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.library.file_rows import FileRow
from app.gui.library.file_table import FileTable
from app.gui.library.files_model import FilesModel
from app.gui.library.states import (
    ATTENTION,
    PACKED,
    PACKED_IN,
    READING,
    READY,
    STATES,
    can_be_read_again,
    explanation,
    look_of,
    word_for,
)
from app.gui.text_format import file_name
from app.gui.theme import GRID, HALF, set_role

_NARROW = GRID * 75
_PAUSE_MS = 120  # after the last key, before filtering


class WhyCard(QFrame):
    """Says what is the matter with one file and what to do."""

    retry_wanted = Signal(object)
    reveal_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._on_disk = ""
        self._picture = IconLabel("info")
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        set_role(self._title, "title")
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.retry = QPushButton(icon("refresh"), self.tr("Read again"))
        self.retry.clicked.connect(lambda: self.retry_wanted.emit([self._on_disk]))
        reveal = QPushButton(icon("folder"), self.tr("Show in folder"))
        reveal.clicked.connect(lambda: self.reveal_wanted.emit(self._on_disk))
        words = QVBoxLayout()
        words.setSpacing(HALF)
        words.addWidget(self._title)
        words.addWidget(self._text)
        said = QHBoxLayout()
        said.setSpacing(GRID + HALF)
        said.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        said.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        buttons.addWidget(self.retry)
        buttons.addWidget(reveal)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(GRID * 2, GRID + HALF, GRID + HALF, GRID + HALF)
        self._row.setSpacing(GRID + HALF)
        self._row.addLayout(said, 1)
        self._row.addLayout(buttons)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the buttons stand below."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self._row.setDirection(
            QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        )

    @property
    def text(self) -> str:
        return f"{self._title.text()}: {self._text.text()}"

    @Slot(object)
    def show_row(self, row: FileRow | None) -> None:
        """Hidden for a file that is ready."""
        if row is None or row.state == READY:
            self.hide()
            return
        look = look_of(row.state)
        self._on_disk = row.on_disk
        self._picture.show_icon(look.icon, look.role)
        self._title.setText(word_for(row.state))
        self._text.setText(explanation(row.file, row.state))
        self.retry.setVisible(can_be_read_again(row.state))
        self.setAccessibleName(self.text)
        self.show()


class FilesPanel(QWidget):
    """Filters, table and card over one model."""

    def __init__(self, jobs: Jobs | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = FilesModel(jobs, self)
        self.table = FileTable(self.model)
        self.why = WhyCard()
        self.field = self._make_field()
        self.states = self._make_states()
        self._count = QLabel()
        set_role(self._count, "muted")
        self._nothing = self._make_nothing()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._nothing)
        filters = QHBoxLayout()
        filters.setSpacing(GRID)
        filters.addWidget(self.field, 1000)  # as wide as it may be, before the gap grows
        filters.addWidget(self.states)
        filters.addStretch(1)
        filters.addWidget(self._count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID + HALF)
        column.addLayout(filters)
        column.addWidget(self._stack, 1)
        column.addWidget(self.why)
        self.table.chosen.connect(self.why.show_row)
        self.table.archive_opened.connect(self.show_archive)
        self.model.arranged.connect(self._tell_count)
        self.states.currentIndexChanged.connect(self.apply_filters)

    def show_rows(self, rows: Sequence[FileRow]) -> None:
        """`rows` are sorted by name (see `rows_of`)."""
        self.model.show_rows(rows)

    @Slot()
    def show_attention(self) -> None:
        """Only the files that need the person."""
        self.field.clear()
        self.states.setCurrentIndex(self.states.findData(ATTENTION))

    @Slot(str)
    def show_archive(self, path: str) -> None:
        """Only the files in this archive, which becomes one of the choices."""
        chosen, at = PACKED_IN + path, self.states.findData(PACKED) + 1
        if not str(self.states.itemData(at)).startswith(PACKED_IN):  # of the archive before
            self.states.insertItem(at, "")
        self.states.setItemText(at, self.tr("In {name}").format(name=file_name(path)))
        self.states.setItemData(at, chosen)
        self.states.setCurrentIndex(at)
        self.field.clear()
        self.apply_filters()

    @Slot()
    def clear_filters(self) -> None:
        self.field.clear()
        self.states.setCurrentIndex(0)
        self.apply_filters()

    @Slot()
    def apply_filters(self) -> None:
        self.model.show_only(self.field.text(), self.states.currentData())

    def _make_field(self) -> QLineEdit:
        field = QLineEdit(placeholderText=self.tr("Filter by name or folder"), clearButtonEnabled=True)
        field.setAccessibleName(self.tr("Filter files by name or folder"))
        field.setToolTip(self.tr("Filter by name or folder (Ctrl+F)"))
        field.setAcceptDrops(False)
        field.setMaximumWidth(GRID * 44)
        field.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        pause.timeout.connect(self.apply_filters)
        field.textChanged.connect(lambda: pause.start())
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self, lambda: _focus(field))
        find.setContext(Qt.ShortcutContext.WindowShortcut)
        return field

    def _make_states(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(self.tr("Filter files by state"))
        box.addItem(self.tr("All states"), "")
        box.addItem(self.tr("Needs attention"), ATTENTION)
        box.addItem(word_for(READY), READY)
        box.addItem(word_for(READING), READING)
        box.addItem(self.tr("In an archive"), PACKED)
        box.insertSeparator(box.count())
        for state in STATES:
            if state not in (READY, READING):
                box.addItem(icon(look_of(state).icon, look_of(state).role), word_for(state), state)
        box.setMaxVisibleItems(box.count())
        box.view().setMinimumWidth(box.view().sizeHintForColumn(0) + GRID * 4)
        return box

    def _make_nothing(self) -> QWidget:
        text = QLabel(self.tr("No file matches these filters."), alignment=Qt.AlignmentFlag.AlignHCenter)
        set_role(text, "muted")
        clear = QPushButton(self.tr("Show all files"))
        set_role(clear, "link")
        clear.clicked.connect(self.clear_filters)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.addStretch(1)
        column.addWidget(text)
        column.addWidget(clear, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return holder

    @Slot()
    def _tell_count(self) -> None:
        shown, total, locale = self.model.rowCount(), self.model.total, QLocale()
        self._stack.setCurrentWidget(self.table if shown or not total else self._nothing)
        if shown < total:
            self._count.setText(
                self.tr("{n} of {total}").format(n=locale.toString(shown), total=locale.toString(total))
            )
        self._count.setVisible(shown < total)


def _focus(field: QLineEdit) -> None:
    field.setFocus(Qt.FocusReason.ShortcutFocusReason)
    field.selectAll()
