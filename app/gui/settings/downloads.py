"""Where models are downloaded from, how fast, and with which access token."""

from dataclasses import replace

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.base.settings import SettingsStore
from app.base.web_address import is_web_address
from app.engine.choose import hub_endpoint
from app.gui.jobs import Jobs
from app.gui.settings.section import Section
from app.gui.settings.token_row import TokenRow
from app.gui.theme import set_role

_LIMITS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)  # MiB a second


class DownloadsSection(Section):
    """Tells of each change; the page saves it."""

    changed = Signal(str, object)
    """Name of the setting, and its value."""

    def __init__(self, settings: SettingsStore, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Downloads"), parent)
        self._settings = settings
        self.mirror = QLineEdit(settings.current.mirror, clearButtonEnabled=True)
        self.mirror.setPlaceholderText(hub_endpoint(replace(settings.current, mirror="")))
        self.mirror.editingFinished.connect(self._take_mirror)
        self._mirror_hint = self.add(self.tr("Mi&rror address"), self.mirror, self._about_mirrors())
        self.limit = self._make_limit()
        self.add(self.tr("&Speed limit"), self.limit, self.tr("Of all downloads together."))
        self.token = TokenRow(settings, jobs)
        buttons = (self.token.enter, self.token.forget)
        self._token_hint = self.add(self.tr("Access to&ken"), self.token, self._about_tokens(), buttons)

    def refresh(self) -> None:
        """Show what holds for the hub that is now in use."""
        self._token_hint.setText(self._about_tokens())
        self.token.refresh()

    def _about_mirrors(self) -> str:
        return self.tr(
            "Another address to fetch models from, such as a server inside your company. Empty means the one shown."
        )

    def _about_tokens(self) -> str:
        return self.tr(
            "For models that are given only to accounts that accepted their licence. It is kept in the system's "
            "keyring and sent to {host} only."
        ).format(host=self.token.host)

    def _make_limit(self) -> QComboBox:
        box = QComboBox()
        now = self._settings.current.download_limit
        box.addItem(self.tr("As fast as it goes"), None)
        for limit in sorted({*_LIMITS, *([] if now is None else [now])}):
            box.addItem(self.tr("{n} MiB/s").format(n=f"{limit:g}"), limit)
        box.setCurrentIndex(box.findData(now) if now is not None else 0)
        box.activated.connect(lambda: self.changed.emit("download_limit", box.currentData()))
        return box

    @Slot()
    def _take_mirror(self) -> None:
        """Saved when it is an address; else the sentence below says what is missing."""
        text = self.mirror.text().strip()
        fine = not text or is_web_address(text)
        set_role(self._mirror_hint, "small" if fine else "failure")
        if not fine:
            self._mirror_hint.setText(
                self.tr(
                    "This is no web address, so nothing was changed. It reads https://host, without password."
                )
            )
            return
        self._mirror_hint.setText(self._about_mirrors())
        if text.rstrip("/") != self._settings.current.mirror:
            self.changed.emit("mirror", text)
            self.mirror.setText(self._settings.current.mirror)
