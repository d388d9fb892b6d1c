"""One summary to be read: its title, how it was made, and its points under their headings."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app.assistants.summarize.events import Point, Summary
from app.assistants.summarize.wording import grouped
from app.gui.buttons import icon_button
from app.gui.icons import icon
from app.gui.labels import WrappedLabel
from app.gui.summarize.point_row import PointRow
from app.gui.summarize.wording import breakable, heading_of, is_right_to_left, made_of, title_of
from app.gui.theme import GRID, HALF, set_role


class SummaryCard(QFrame):
    """Points are built when the card is first open, so that a hundred documents appear at once."""

    opened = Signal(object)
    """A `Source`."""

    moved = Signal(object, int)
    """From a `PointRow` up (-1) or down (1)."""

    def __init__(self, summary: Summary, *, joint: bool, open_: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.summary = summary
        self.joint = joint
        self._rows: list[PointRow] = []
        self._points: QWidget | None = None
        self.setAccessibleName(self.tr("Summary of {title}").format(title=title_of(summary)))
        self._title = WrappedLabel(breakable(title_of(summary)))
        set_role(self._title, "heading")
        self._turn(self._title)
        self.toggle: QToolButton = icon_button("chevron-down", self.tr("Show or hide the points"))
        self.toggle.clicked.connect(self._toggled)
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(self._title, 1)
        head.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(GRID * 3, GRID * 2, GRID * 2, GRID * 2)
        self._column.setSpacing(HALF)
        self._column.addLayout(head)
        self._column.addWidget(self._small(made_of(summary), "muted"))
        for remark in summary.remarks:
            self._column.addWidget(self._small(remark, "muted"))
        self.show_points(open_)

    @property
    def rows(self) -> tuple[PointRow, ...]:
        """Those that can be seen."""
        return tuple(self._rows) if self._points is not None and not self._points.isHidden() else ()

    def show_points(self, shown: bool) -> None:
        if shown and self._points is None:
            self._points = self._build()
            self._column.addWidget(self._points)
        if self._points is not None:
            self._points.setVisible(shown)
        self.toggle.setIcon(icon("chevron-up" if shown else "chevron-down", "muted"))

    @Slot()
    def _toggled(self) -> None:
        self.show_points(not self.rows)

    def _build(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, GRID, 0, 0)
        column.setSpacing(HALF)
        points = self.summary.points
        if not points:
            column.addWidget(self._small(self.tr("Nothing was found that would make a summary."), "muted"))
        for title, members in grouped(points, self.summary.style):
            if title:
                column.addWidget(self._heading(title, first=not self._rows))
            for point in members:
                column.addWidget(self._row(point))
        return whole

    def _row(self, point: Point) -> PointRow:
        bullet = self.summary.style != "brief"
        row = PointRow(point, bullet=bullet, name_files=self.joint and self.summary.style == "minutes")
        if self._rows:
            row.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # Tab stops once in a card; arrows go on from there
        row.opened.connect(self.opened)
        row.moved.connect(lambda step: self.moved.emit(row, step))
        self._rows.append(row)
        return row

    def _heading(self, title: str, *, first: bool) -> QLabel:
        label = WrappedLabel(heading_of(title))
        set_role(label, "title")
        label.setContentsMargins(0, 0 if first else GRID + HALF, 0, HALF // 2)
        self._turn(label)
        return label

    def _turn(self, label: QLabel) -> None:
        """To the side where its words begin."""
        if is_right_to_left(label.text()):
            label.setLayoutDirection(Qt.LayoutDirection.RightToLeft)

    def _small(self, text: str, role: str) -> QLabel:
        label = WrappedLabel(text)
        set_role(label, role)
        return label
