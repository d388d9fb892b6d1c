"""Which search models, rerankers or readers there are: to download, to import from a folder, and to remove."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.languages import language_name
from app.gui.jobs import Jobs
from app.gui.theme import GRID, set_role
from app.models.disk import in_words
from app.models.encoder_files import SETTINGS, Kind

if TYPE_CHECKING:
    from app.models.catalog import CatalogModel

_BYTES_PER_PARAMETER = 4  # weights of such models are mostly kept in 32 bits
_SHOWN_LANGUAGES = 3
_WIDTHS = (14, 14, 22, 10)  # of the columns after the first, in steps of the grid


@dataclass(frozen=True, slots=True)
class _Row:
    """A model of the catalogue, an installed one, or both."""

    title: str
    languages: str
    size: str
    licence: str
    about: str
    offered: "CatalogModel | None"
    installed: str = ""


class EncoderDialog(QDialog):
    """Says what was chosen; the settings page does the work."""

    fetch_wanted = Signal(object)
    """A `CatalogModel`."""

    import_wanted = Signal()
    removed = Signal(str)
    """Name of a model that is no longer there."""

    def __init__(self, backend: Backend, jobs: Jobs, kind: Kind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        titles = {
            "embedding": self.tr("Search models"),
            "reranking": self.tr("Rerankers"),
            "reading": self.tr("Readers"),
        }
        self.setWindowTitle(titles[kind])
        self._backend, self._jobs, self._kind = backend, jobs, kind
        self._rows: list[_Row] = []
        self._busy = False
        self.list = self._make_list()
        self.about = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        set_role(self.about, "small")
        self.about.setMinimumHeight(self.about.fontMetrics().lineSpacing() * 3)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.download = QPushButton(self.tr("&Download"))
        self.download.clicked.connect(self._download)
        self.remove = QPushButton(self.tr("&Remove"))
        self.remove.clicked.connect(self._ask_to_remove)
        self.remove.setAutoDefault(False)
        self.folder = QPushButton(self.tr("&Import a folder…"))
        self.folder.setAutoDefault(False)
        self.folder.clicked.connect(self._import)
        buttons.addButton(self.folder, QDialogButtonBox.ButtonRole.ResetRole)
        buttons.addButton(self.remove, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.download, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.download.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.setSpacing(GRID)
        column.addWidget(self.list, 1)
        column.addWidget(self.about)
        column.addWidget(buttons)
        self.resize(GRID * 104, GRID * 60)
        self.removed.connect(self._refresh)
        self._choose()
        self._refresh()

    def _make_list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setHeaderLabels(
            [self.tr("Model"), self.tr("Languages"), self.tr("Size"), self.tr("Licence"), ""]
        )
        made.setRootIsDecorated(False)
        made.setAllColumnsShowFocus(True)
        made.setUniformRowHeights(True)
        made.setAccessibleName(self.windowTitle())
        header = made.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate(_WIDTHS, start=1):
            header.resizeSection(column, GRID * width)
        made.currentItemChanged.connect(self._choose)
        return made

    @Slot(bool)
    def show_busy(self, on: bool) -> None:
        """Whether another model is arriving: one at a time."""
        self._busy = on
        self.folder.setDisabled(on)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        self._jobs.run(self._look, on_event=self._fill, owner=self)

    def _look(self, _cancel: CancelToken) -> Iterator[list[_Row]]:
        from app.assistants.add_encoder import installed_as, offered_encoders
        from app.engine.choose import models_folder
        from app.models.catalog import load_catalog
        from app.models.encoders import Encoders

        encoders = Encoders(models_folder(self._backend.settings.current, self._backend.paths))
        catalog = load_catalog()
        rows, seen = [], set()
        for model in offered_encoders(catalog, self._kind):
            there = installed_as(model, encoders)
            size = (
                in_words(there.bytes)
                if there
                else self.tr("about {size}").format(
                    size=in_words(_rounded(model.parameters * _BYTES_PER_PARAMETER))
                )
            )
            licence = model.licence.name if model.licence else ""
            limits = model.licence.limits if model.licence else ""
            about = " ".join(each for each in (catalog.family(model.family).about, limits) if each)
            rows.append(
                _Row(
                    model.name,
                    self._languages(model),
                    size,
                    licence,
                    about,
                    model,
                    there.name if there else "",
                )
            )
            seen.add(there.name if there else "")
        for each in encoders.installed(self._kind):
            if each.name not in seen:
                source = each.card.source
                about = self.tr("Imported from a folder.") if source == "import" else source
                rows.append(_Row(each.name, "", in_words(each.bytes), "", about, None, each.name))
        yield rows

    def _languages(self, model: "CatalogModel") -> str:
        if "mul" in model.languages:
            return self.tr("Many")
        return ", ".join(language_name(code) for code in model.languages[:_SHOWN_LANGUAGES])

    def _fill(self, rows: list[_Row]) -> None:
        now = self.list.currentIndex().row()
        self._rows = rows
        self.list.clear()
        for row in rows:
            state = self.tr("Installed") if row.installed else ""
            if self._is_used(row):
                state = self.tr("In use")
            item = QTreeWidgetItem([row.title, row.languages, row.size, row.licence, state])
            item.setSizeHint(0, QSize(0, GRID * 4))
            self.list.addTopLevelItem(item)
        if rows:
            self.list.setCurrentIndex(self.list.model().index(max(0, min(now, len(rows) - 1)), 0))

    def _row(self) -> _Row | None:
        number = self.list.currentIndex().row()
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def _is_used(self, row: _Row) -> bool:
        chosen = getattr(self._backend.settings.current, SETTINGS[self._kind])
        return bool(chosen) and row.installed == chosen

    @Slot()
    def _choose(self) -> None:
        row = self._row()
        about = row.about if row else ""
        if self._busy:
            about = self.tr("Another model is arriving; wait for it, or stop it. {about}").format(about=about)
        self.about.setText(about)
        self.download.setEnabled(row is not None and not row.installed and not self._busy)
        self.remove.setEnabled(row is not None and bool(row.installed) and not self._is_used(row))

    @Slot()
    def _download(self) -> None:
        row = self._row()
        if row is not None and row.offered is not None and not row.installed:
            self.fetch_wanted.emit(row.offered)
            self.accept()

    @Slot()
    def _import(self) -> None:
        self.accept()
        self.import_wanted.emit()

    @Slot()
    def _ask_to_remove(self) -> None:
        """Gigabytes may be gone, and they are only a network away."""
        row = self._row()
        if row is None or not row.installed:
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.windowTitle())
        box.setIcon(QMessageBox.Icon.Question)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Delete “{name}” ({size})?").format(name=row.title, size=row.size))
        box.setInformativeText(self.tr("To use it again it must be downloaded or imported again."))
        remove = box.addButton(self.tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        name = row.installed
        remove.clicked.connect(lambda: self._remove(name))
        box.open()

    def _remove(self, name: str) -> None:
        def work(_cancel: CancelToken) -> Iterator[str]:
            from app.assistants.add_encoder import remove_encoder
            from app.engine.choose import models_folder
            from app.models.encoders import Encoders

            settings, paths = self._backend.settings.current, self._backend.paths
            encoders = Encoders(models_folder(settings, paths))
            yield remove_encoder(name, self._kind, encoders, settings, paths.index_db).name

        self._jobs.run(work, on_event=self.removed.emit, on_error=self._refuse, owner=self)

    def _refuse(self, error: AppError) -> None:
        """Where the person looks just now."""
        self.about.setText(f"{error.what} {error.remedy}")


def _rounded(size: int) -> int:
    """Two digits: it is only an estimate."""
    step = int(10 ** max(0, len(str(size)) - 2))
    return round(size / step) * step
