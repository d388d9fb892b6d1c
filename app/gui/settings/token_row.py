"""The access token for models that are not given to everybody: entered, kept and forgotten here, never shown."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QLineEdit, QMessageBox, QPushButton, QWidget

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.settings import SettingsStore
from app.engine.choose import hub_endpoint
from app.gui.jobs import Jobs
from app.gui.labels import WrappedLabel
from app.gui.theme import set_role
from app.models.download.access_token import delete_token, read_token, write_token
from app.models.hub_search import host_of


class TokenRow(QWidget):
    """Says whether one is kept for the hub in use. The keyring may ask the person something: that is a job's work."""

    def __init__(self, settings: SettingsStore, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._jobs = jobs
        self._asked_for = ""  # the hub whose token was looked for
        self.state = WrappedLabel()
        self.enter = QPushButton(self.tr("Set…"))
        self.enter.setAccessibleName(self.tr("Set the access token"))
        self.enter.clicked.connect(self._enter)
        self.forget = QPushButton(self.tr("Remove"))
        self.forget.setAccessibleName(self.tr("Remove the access token"))
        self.forget.clicked.connect(self._ask_to_forget)
        self.forget.setEnabled(False)
        self.setFocusProxy(self.enter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.state)

    @property
    def host(self) -> str:
        """The only one the token goes to."""
        return host_of(hub_endpoint(self._settings.current))

    def sizeHint(self) -> QSize:
        """As high as its buttons, so that label and state stand on one line with them."""
        return super().sizeHint().expandedTo(QSize(0, self.enter.sizeHint().height()))

    def refresh(self) -> None:
        """Look once for each hub: a locked keyring must not ask for its password at every visit."""
        endpoint = hub_endpoint(self._settings.current)
        if endpoint != self._asked_for:
            self._asked_for = endpoint
            self._ask_keyring(lambda: None)

    @Slot()
    def _enter(self) -> None:
        dialog = QInputDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("Access token"))
        dialog.setLabelText(self.tr("Access token of your account at {host}:").format(host=self.host))
        dialog.setTextEchoMode(QLineEdit.EchoMode.Password)
        dialog.setOkButtonText(self.tr("Keep"))
        dialog.textValueSelected.connect(self._keep)
        dialog.open()

    @Slot(str)
    def _keep(self, token: str) -> None:
        endpoint = hub_endpoint(self._settings.current)
        self._ask_keyring(lambda: write_token(endpoint, token))

    @Slot()
    def _ask_to_forget(self) -> None:
        endpoint = hub_endpoint(self._settings.current)
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle(self.tr("Access token"))
        box.setText(self.tr("Remove the access token for {host}?").format(host=self.host))
        box.setInformativeText(self.tr("Downloading gated models then needs a new one."))
        remove = box.addButton(self.tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        remove.clicked.connect(lambda: self._ask_keyring(lambda: delete_token(endpoint)))
        box.open()

    def _ask_keyring(self, change: Callable[[], object]) -> None:
        """Change something, then look; buttons wait meanwhile."""
        endpoint = hub_endpoint(self._settings.current)

        def work(_cancel: CancelToken) -> Iterator[tuple[str, bool]]:
            change()
            yield endpoint, read_token(endpoint) is not None

        self._say(self.tr("Asking the keyring…"))
        self.enter.setEnabled(False)
        self.forget.setEnabled(False)
        self._jobs.run(work, on_event=self._show, on_error=self._fail)

    def _show(self, answer: tuple[str, bool]) -> None:
        endpoint, kept = answer
        if endpoint != hub_endpoint(self._settings.current):
            return  # another hub was chosen meanwhile; its answer is on the way
        self._say(self.tr("One is kept.") if kept else self.tr("None is kept."))
        self.enter.setEnabled(True)
        self.forget.setEnabled(kept)

    def _fail(self, error: AppError) -> None:
        self._asked_for = ""  # the next visit may find it unlocked
        self._say(f"{error.what} {error.remedy}", role="failure")
        self.enter.setEnabled(True)
        self.forget.setEnabled(True)

    def _say(self, text: str, role: str = "") -> None:
        set_role(self.state, role)
        self.state.setText(text)
        self.setAccessibleDescription(text)
