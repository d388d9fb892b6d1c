"""Which of a repository's files to download: the combo box, and where its list comes from."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QDate, QLocale, QSignalBlocker, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.backend import Backend
from app.base.errors import AppError
from app.gui.jobs import Jobs
from app.gui.labels import WrappedLabel
from app.gui.models.detail.file_lists import FileLists
from app.gui.theme import GRID, HALF, set_role
from app.models.catalog import CatalogModel
from app.models.disk import in_words
from app.models.sizes import expected_bytes

if TYPE_CHECKING:
    from app.models.catalog_refresh import FileList


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
        self._suggested: tuple[str, ...] = ()
        self._sizes: dict[str, int | None] = {}
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
    def quantisation(self) -> str:
        """Of the version that is chosen; "" when there is none, or its name does not say."""
        return str(self.box.currentData() or "")

    @property
    def size_text(self) -> str:
        """ "2.3 GB"; "" when it is not known."""
        size = self._sizes.get(self.quantisation)
        return in_words(size) if size else ""

    @property
    def text(self) -> str:
        return self._state.text()

    def show_model(self, model: CatalogModel, repository: str) -> None:
        """What the catalogue suggests, and soon the list as it was last fetched."""
        self._begin(repository, model.quantisations)
        self._fill([(each, expected_bytes(model, each)) for each in model.quantisations])
        self._tell_date()
        self._lists.look(repository, ask=False)

    def show_repository(self, repository: str) -> None:
        """The person has just chosen it, so the hub is asked."""
        self._begin(repository, ())
        self._fill([])
        self._tell_date()
        self.ask_hub()

    @Slot()
    def ask_hub(self) -> None:
        self.refresh.setEnabled(False)
        self._say(self.tr("Asking for the list of files…"))
        self._lists.look(self._repository, ask=True)

    def _begin(self, repository: str, suggested: Sequence[str]) -> None:
        self._repository, self._suggested, self.files = repository, tuple(suggested), None
        with QSignalBlocker(self.box):
            self.box.clear()  # what was chosen for another model says nothing about this one

    @Slot(str, object)
    def _show(self, repository: str, files: "FileList") -> None:
        if repository != self._repository:
            return
        self.files = files
        sizes: dict[str, int | None] = {}
        for choice in files.choices:
            sizes.setdefault(choice.quantisation, choice.bytes)
        self._fill(list(sizes.items()))
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

    def _fill(self, versions: Sequence[tuple[str, int | None]]) -> None:
        """Keeps what was chosen where it is still there, else takes the first that is suggested."""
        before = self.quantisation
        self._sizes = dict(versions)
        best = _best(self._suggested, list(self._sizes))
        with QSignalBlocker(self.box):
            self.box.clear()
            for quantisation, size in versions:
                said = quantisation or self.tr("As published")
                said += f" · {in_words(size)}" if size else ""
                said += self.tr(" · suggested") if quantisation == best and self._suggested else ""
                self.box.addItem(said, quantisation)
            wanted = self.box.findData(before) if before else -1
            self.box.setCurrentIndex(max(0, wanted if wanted >= 0 else self.box.findData(best)))
        self.box.setEnabled(len(versions) > 1)
        self.box.setVisible(bool(versions))

    def _tell_date(self) -> None:
        self.refresh.setEnabled(True)
        if self.files is None:
            self.refresh.setText(self.tr("Get the list of files"))
            said = self.tr("Sizes are expected ones.") if self.box.count() else ""
        else:
            self.refresh.setText(self.tr("Refresh file list"))
            fetched = self.files.fetched.astimezone()
            day = QLocale().toString(QDate(fetched.year, fetched.month, fetched.day), "d MMMM yyyy")
            empty = self.tr("It holds no GGUF file that Alcove can use. ") if not self.files.choices else ""
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


def _best(suggested: Sequence[str], there: Sequence[str]) -> str:
    """What to offer first: as suggested, else what is small and still good, else anything."""
    return next((each for each in (*suggested, "Q4_K_M", *there) if each in there), "")


def _meaning() -> str:
    return QCoreApplication.translate(
        "VersionChoice",
        "The number after Q is how many bits each weight takes: fewer make the model smaller and quicker, and "
        "a little less careful.",
    )
