"""The model that answers better than the starter, offered once on the first run."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.backend import Backend, open_sizing
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.buttons import IconLabel
from app.gui.icons import icon
from app.gui.jobs import Jobs
from app.gui.labels import WrappedLabel
from app.gui.theme import GRID, HALF, set_role


@dataclass(frozen=True, slots=True)
class Offer:
    """`id`: of the catalogue; `size`: of the download, in words; `fit`: how it would run here, one sentence;
    `host`: where it would come from.
    """

    id: str
    name: str
    size: str
    fit: str
    host: str


class OfferCard(QFrame):
    """Hidden until there is something to offer; its room is kept, so that nothing moves under the mouse."""

    wanted = Signal(str)
    """The id of the model to download."""

    def __init__(self, backend: Backend, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._backend = backend
        self._jobs = jobs
        self._looked = False
        self._id = ""
        self.title = WrappedLabel(" ")
        set_role(self.title, "title")
        self.fit = WrappedLabel(" ")
        self.note = WrappedLabel("\n")
        set_role(self.note, "muted")
        self.download = QPushButton(icon("download"), self.tr("Download"))
        self.download.clicked.connect(lambda: self.wanted.emit(self._id))
        self.not_now = QPushButton(self.tr("Not now"))
        set_role(self.not_now, "link")
        self.not_now.clicked.connect(self.hide)
        self._lay_out()
        room = self.sizePolicy()
        room.setRetainSizeWhenHidden(True)
        self.setSizePolicy(room)
        self.hide()

    @Slot()
    def look(self) -> None:
        """Find out in the background what to offer, once. Asks nothing of the network."""
        page = self.parentWidget()
        if not self._looked and page is not None and page.isVisible():
            self._looked = True
            self._jobs.run(
                lambda token: find_offer(self._backend, token), on_event=self._show, on_error=_offer_nothing
            )

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(HALF)
        for each in (self.title, self.fit, self.note):
            words.addWidget(each)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, HALF, 0, 0)
        buttons.setSpacing(GRID)
        buttons.addWidget(self.download)
        buttons.addWidget(self.not_now)
        buttons.addStretch(1)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID * 3, GRID * 2, GRID * 3, GRID * 2)
        row.setSpacing(GRID * 2)
        row.addWidget(IconLabel("spark", "accent", 24), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)

    def _show(self, offer: Offer) -> None:
        self._id = offer.id
        title = self.tr("For better answers: {name}, {size} download")
        self.title.setText(title.format(name=offer.name, size=offer.size))
        self.fit.setText(offer.fit)
        note = self.tr(
            "The starter model works right away, without it. Only a download that you ask for uses the network: "
            "this one comes from {host}."
        )
        self.note.setText(note.format(host=offer.host))
        self.download.setAccessibleName(self.tr("Download {name}").format(name=offer.name))
        self.not_now.setAccessibleName(self.tr("Not now: stay with the starter model"))
        self.show()


def find_offer(backend: Backend, cancel: CancelToken) -> Iterator[Offer]:
    """The model recommended for this machine; nothing when that is the starter, or is on this computer already.

    Raises `AppError` when it cannot be told or there is no room on the disk, and `Cancelled`.
    """
    from app.assistants.choose_model import explain, known_lists, recommend
    from app.engine.choose import hub_endpoint, models_folder
    from app.models.catalog import load_catalog
    from app.models.disk import check_room, in_words
    from app.models.installed import installed_models
    from app.models.recognising import catalog_model_of

    catalog, settings = load_catalog(), backend.settings.current
    sizing, measurements = open_sizing(backend.paths, backend.settings)
    try:
        machine = sizing.machine(cancel)
    finally:
        sizing.close()
    found = recommend(catalog, machine, measurements.speed, known_lists(catalog, backend.paths.file_lists))
    if found is None or found.best.model.tier == "starter" or found.best.fit is None or not found.best.bytes:
        return
    model, folder = found.best.model, models_folder(settings, backend.paths)
    if model in [catalog_model_of(each, catalog) for each in installed_models(folder)]:
        return
    check_room(folder, found.best.bytes)
    host = urlsplit(hub_endpoint(settings)).hostname or ""
    yield Offer(model.id, model.name, in_words(found.best.bytes), explain(found.best.fit), host)


def _offer_nothing(_error: AppError) -> None:
    """Whoever looks for models on their page is told why there is none."""
