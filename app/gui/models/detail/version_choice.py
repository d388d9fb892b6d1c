"""Which of a repository's files to download: the combo box, and where its list comes from."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QSignalBlocker, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.assistants.choose_model import judge
from app.backend import Backend
from app.base.errors import AppError
from app.gui.jobs import Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.detail.file_lists import FileLists
from app.gui.theme import GRID, HALF, set_role
from app.hardware.fit import USUAL_CONTEXT, Fit, Speed
from app.hardware.processor import quick_types
from app.models.catalog import CatalogModel
from app.models.disk import in_words
from app.models.sizes import expected_bytes

if TYPE_CHECKING:
    from app.hardware.probe import Machine
    from app.models.catalog_refresh import FileList


@dataclass(frozen=True, slots=True)
class Version:
    """`quantisation`: "" where the name does not say; `name`: of the `GgufChoice`, "" while the list is not known."""

    quantisation: str
    name: str
    bytes: int | None = None


class _Box(QComboBox):
    """Turning the wheel scrolls the pane, it does not choose another version."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class VersionChoice(QWidget):
    """Shows what is known at once; the hub is asked when the person wants it."""

    changed = Signal()
    """Another version, or a list of files that was not known before."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lists = FileLists(backend, jobs, self)
        self._lists.found.connect(self._show)
        self._lists.ended.connect(self._ended)
        self._lists.failed.connect(self._failed)
        self._repository = ""
        self._model: CatalogModel | None = None
        self._here: Version | None = None
        self.files: FileList | None = None
        self.box = _Box()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setAccessibleName(self.tr("Version to download"))
        self.box.setAccessibleDescription(_meaning())
        self.box.setToolTip(_meaning())
        self.box.currentIndexChanged.connect(lambda: self.changed.emit())
        self.refresh = QPushButton()
        set_role(self.refresh, "link")
        self.refresh.clicked.connect(self.ask_hub)
        self._state = WrappedLabel()
        set_role(self._state, "small")
        self._lay_out()

    @property
    def version(self) -> Version | None:
        """What is chosen; None when there is nothing to choose."""
        chosen: Version | None = self.box.currentData()
        return chosen

    @property
    def size_text(self) -> str:
        """ "2.3 GB"; "" when it is not known."""
        return in_words(self.version.bytes) if self.version is not None and self.version.bytes else ""

    @property
    def text(self) -> str:
        return self._state.text()

    def show_origin(
        self, origin: CatalogModel | str, *, ask: bool = False, here: Version | None = None
    ) -> None:
        """What the catalogue suggests, and soon the list of the repository as it was last fetched.

        `ask`: the person has just chosen it, so the hub is asked. `here`: is on this computer, and not offered.
        """
        self._model = None if isinstance(origin, str) else origin
        self._repository = origin if isinstance(origin, str) else origin.gguf_repository or ""
        self._here, self.files = here, None
        with QSignalBlocker(self.box):
            self.box.clear()  # what was chosen for another model says nothing about this one
        known = self._model
        self._fill(
            []
            if known is None
            else [Version(each, "", expected_bytes(known, each)) for each in known.quantisations]
        )
        self._tell_date()
        if ask:
            self.ask_hub()
        else:
            self._lists.look(self._repository, ask=False)

    def estimate(self, machine: "Machine", speed: Speed | None, context: int = USUAL_CONTEXT) -> Fit | None:
        """How the version that is chosen would run, by what the catalogue knows; None when it does not."""
        model, version, files = self._model, self.version, self.files
        if model is None or version is None:
            return None if model is None else judge(model, machine, speed, files, None, context).fit
        if version.name and not version.quantisation:
            return None
        if files is not None:  # of several with this quantisation, the one that is chosen
            files = replace(files, choices=tuple(each for each in files.choices if each.name == version.name))
        return judge(model, machine, speed, files, version.quantisation, context).fit

    @Slot()
    def ask_hub(self) -> None:
        self.refresh.setEnabled(False)
        self._say(self.tr("Asking for the list of files…"))
        self._lists.look(self._repository, ask=True)

    @Slot(str, object)
    def _show(self, repository: str, files: "FileList") -> None:
        if repository != self._repository:
            return
        self.files = files
        self._fill([Version(each.quantisation, each.name, each.bytes) for each in files.choices])
        self.changed.emit()

    @Slot(str)
    def _ended(self, repository: str) -> None:
        if repository == self._repository:
            self._tell_date()

    @Slot(str, object)
    def _failed(self, repository: str, error: AppError) -> None:
        if repository == self._repository:
            self._tell_date()
            self._say(f"{error.what} {error.remedy} {self.text}")

    def _fill(self, found: Sequence[Version]) -> None:
        """Keeps what was chosen where it is still there, else takes the first that is suggested."""
        before = self.version
        suggested = () if self._model is None else self._model.quantisations
        versions = [each for each in found if self._here is None or not _same(each, self._here)]
        alike = Counter(each.quantisation for each in versions)
        best = _best(suggested, versions)
        with QSignalBlocker(self.box):
            self.box.clear()
            for each in versions:
                said = each.quantisation or self.tr("As published")
                said = each.name if alike[each.quantisation] > 1 and each.name else said
                said += f" · {in_words(each.bytes)}" if each.bytes else ""
                said += self.tr(" · suggested") if each is best and suggested else ""
                self.box.addItem(said, each)
            kept = next((each for each in versions if before is not None and _same(each, before)), best)
            self.box.setCurrentIndex(versions.index(kept) if kept is not None else -1)
        self.box.setEnabled(len(versions) > 1)
        self.box.setVisible(bool(versions))

    def _tell_date(self) -> None:
        self.refresh.setEnabled(True)
        if self.files is None:
            self.refresh.setText(self.tr("Get the list of files"))
            said = self.tr("The real size may differ a little.") if self.box.count() else ""
        else:
            self.refresh.setText(self.tr("Refresh file list"))
            fetched = self.files.fetched.astimezone()
            day = QLocale().toString(QDate(fetched.year, fetched.month, fetched.day), "d MMMM yyyy")
            empty = "" if self.box.count() else self.tr("There is no other version. ")
            if not self.files.choices:
                empty = self.tr("It holds no GGUF file that Alcove can use. ")
            said = empty + self.tr("List of files as of {day}.").format(day=day)
        self._say(said)
        self.refresh.setAccessibleDescription(self.tr("Asks {name}").format(name=self._repository))

    def _say(self, text: str) -> None:
        self._state.setText(text)
        self._state.setVisible(bool(text))

    def _lay_out(self) -> None:
        label = QLabel(self.tr("&Version"))
        label.setBuddy(self.box)
        label.setToolTip(_meaning())
        head = QHBoxLayout()
        head.setSpacing(GRID)
        head.addWidget(label)
        head.addStretch(1)
        head.addWidget(self.refresh)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(HALF)
        column.addLayout(head)
        column.addWidget(self.box)
        column.addWidget(self._state)


def _same(one: Version, other: Version) -> bool:
    """By name where both have one, else by quantisation."""
    if one.name and other.name:
        return one.name.casefold() == other.name.casefold()
    return one.quantisation == other.quantisation


def _best(suggested: Sequence[str], there: Sequence[Version]) -> Version | None:
    """What to offer first: as suggested, else what is small and still good, else anything, what is fast here first."""
    quick = quick_types()
    wanted = (
        *suggested,
        "Q4_K_M",
        *sorted((each.quantisation for each in there), key=lambda each: each not in quick),
    )
    return next((each for kind in wanted for each in there if each.quantisation == kind), None)


def _meaning() -> str:
    return QCoreApplication.translate(
        "VersionChoice",
        "The number after Q is how many bits each weight takes: fewer make the model smaller and quicker, and "
        "a little less careful.",
    )
