"""The detail pane: one model, or what to do while none is chosen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.backend import Backend, ModelParts
from app.gui.jobs import Jobs
from app.gui.models.detail.actions import Actions
from app.gui.models.detail.facts import FactRows, FactsList
from app.gui.models.detail.fit_section import FitSection
from app.gui.models.detail.header import Header
from app.gui.models.detail.other_versions import OtherVersions
from app.gui.models.detail.version_choice import Version
from app.gui.models.entries import ModelEntry
from app.gui.models.headers import can_answer
from app.gui.theme import GRID, scrolled, set_role
from app.gui.viewer.notice import Notice
from app.gui.viewer.outside import show_in_folder

if TYPE_CHECKING:
    from app.hardware.probe import Machine
    from app.models.installed import InstalledModel

_FULL_PRECISION = ("F16", "BF16", "F32")


class DetailPane(QWidget):
    """Header, buttons, fit and facts of one model, in a scroll area."""

    download_wanted = Signal(object, str, str)
    """The `ModelEntry`, the quantisation chosen ("" where its name does not say), and the name of the `GgufChoice`
    ("" while the list of files is not known)."""

    use_wanted = Signal(object)
    try_wanted = Signal(object)
    remove_wanted = Signal(object)
    verify_wanted = Signal(object)
    quantise_wanted = Signal(object)
    adapter_wanted = Signal(object)
    tune_wanted = Signal(object)
    """Each of these carries the `InstalledModel`."""

    instead_wanted = Signal(str)
    """The catalogue's id of a model to show instead of one that cannot run."""

    def __init__(
        self, backend: Backend, parts: ModelParts, jobs: Jobs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._entry: ModelEntry | None = None
        self.header = Header(parts.catalog)
        self.header.instead_wanted.connect(self.instead_wanted)
        self.buttons = Actions()
        self.fit = FitSection(backend, parts, jobs)
        self.fit.changed.connect(self._tell)
        self.others = OtherVersions(backend, parts, jobs)
        self.facts = FactsList()
        self._rows = FactRows(self)
        self.empty = Notice()
        self.empty.say(
            "list",
            self.tr("No model chosen"),
            self.tr("Choose one from the list to see what it is for, how much memory it takes and how fast it "
                    "writes on this computer."),
        )  # fmt: skip
        self._connect()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._make_detail())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)

    def show_entry(self, entry: ModelEntry | None, machine: "Machine | None") -> None:
        """None: nothing is chosen. `machine` None: not looked at yet. Cheap for an entry that is shown already."""
        other = entry is None or self._entry is None or entry.key != self._entry.key
        self._entry = entry
        self._stack.setCurrentIndex(0 if entry is None else 1)
        if entry is None:
            return
        if other:
            self._area.verticalScrollBar().setValue(0)
        self.header.show_entry(entry)
        self.fit.show_entry(entry, machine)
        self.others.show_entry(entry, machine)
        self._tell()

    @Slot()
    def _tell(self) -> None:
        """Buttons and facts, which depend on the version chosen and on the header of the file."""
        if self._entry is None:
            return
        size = self.fit.versions.size_text
        text = self.tr("Download · {size}").format(size=size) if size else self.tr("Download")
        self.buttons.download.setText(text)
        self.buttons.show_buttons(self._buttons(self._entry))
        self.facts.show_rows(self._rows.of(self._entry, self.fit.header))

    def _buttons(self, entry: ModelEntry) -> list[QPushButton]:
        offered = self.buttons
        model, header = entry.installed, self.fit.header
        removing = [] if model is None or model.starter else [offered.remove]
        if model is None or model.missing:
            listed = self.fit.versions.version is not None or not isinstance(entry.origin, str)
            return [offered.download, *removing] if entry.origin and listed else removing
        buttons = [offered.folder, offered.verify, *removing]
        if entry.in_use:
            buttons.append(offered.in_use)
        if entry.untried:
            buttons.append(offered.try_out)
        elif not entry.in_use and can_answer(model, header):
            buttons.append(offered.use)
        if header is not None and header.can_write:
            buttons += [offered.adapters, offered.tune]
        if header is not None and header.quantisation in _FULL_PRECISION:
            buttons.append(offered.quantise)
        return buttons

    def _connect(self) -> None:
        for button, signal in (
            (self.buttons.use, self.use_wanted), (self.buttons.try_out, self.try_wanted),
            (self.buttons.remove, self.remove_wanted), (self.buttons.verify, self.verify_wanted),
            (self.buttons.quantise, self.quantise_wanted), (self.buttons.adapters, self.adapter_wanted),
            (self.buttons.tune, self.tune_wanted),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, wanted=signal: wanted.emit(self._installed()))
        self.buttons.folder.clicked.connect(lambda: show_in_folder(str(self._installed().file)))
        self.buttons.download.clicked.connect(lambda: self._download(self.fit.versions.version))
        self.others.download.clicked.connect(lambda: self._download(self.others.versions.version))

    def _download(self, version: Version | None) -> None:
        wanted = version or Version("", "")
        self.download_wanted.emit(self._entry, wanted.quantisation, wanted.name)

    def _installed(self) -> "InstalledModel":
        assert self._entry is not None and self._entry.installed is not None
        return self._entry.installed

    def _make_detail(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 3)
        column.setSpacing(GRID * 2)
        line = QFrame()
        set_role(line, "line")
        for each in (self.header, self.buttons, self.fit, self.others, line, self.facts):
            column.addWidget(each)
        column.addStretch(1)
        self._area = scrolled(holder)
        return self._area
