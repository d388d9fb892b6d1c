"""The licences of Alcove and of the parts it is built from."""

from collections.abc import Iterator
from importlib import metadata

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.base.paths import resource
from app.gui.theme import GRID


class LicencesDialog(QDialog):
    """Parts on the left, the text that covers the chosen one on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Licences"))
        self._texts = list(_licences())
        self._list = QListWidget()
        self._list.setSpacing(2)
        self._list.setAccessibleName(self.tr("Parts"))
        self._list.addItems([name for name, _ in self._texts])
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._text.setAccessibleName(self.tr("Licence text"))
        self._list.currentRowChanged.connect(lambda row: self._text.setPlainText(self._texts[row][1]))
        splitter = QSplitter(childrenCollapsible=False)
        splitter.addWidget(self._list)
        splitter.addWidget(self._text)
        splitter.setSizes([220, 560])
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID * 2, GRID * 2, GRID * 2, GRID * 2)
        column.addWidget(splitter, 1)
        column.addWidget(buttons)
        self.resize(800, 520)
        self._list.setCurrentRow(0)


def _licences() -> Iterator[tuple[str, str]]:
    """Name and text of each part: the shipped texts first, then what the packages say of themselves."""
    folder = resource("licences")
    for file in sorted(folder.glob("*.txt")) if folder.is_dir() else ():
        yield file.stem, file.read_text("utf-8", errors="replace")
    for name in _parts():
        try:
            part = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        yield f"{part.metadata['Name']} {part.version}", _text_of(part)


def _parts() -> list[str]:
    """The direct dependencies of Alcove by name."""
    try:
        wanted = metadata.requires("alcove") or []
    except metadata.PackageNotFoundError:
        return []
    names = [each.split(";")[0] for each in wanted if "extra ==" not in each]
    return sorted({"".join(_name(each)) for each in names}, key=str.casefold)


def _name(requirement: str) -> Iterator[str]:
    for letter in requirement.strip():
        if not (letter.isalnum() or letter in "-_."):
            return
        yield letter


def _text_of(part: metadata.Distribution) -> str:
    facts = {
        key: part.metadata[key] for key in part.metadata
    }  # asking for a field that is not there may raise
    licence = facts.get("License-Expression") or facts.get("License") or ""
    if not licence:
        marks = [each for each in part.metadata.get_all("Classifier") or [] if each.startswith("License ::")]
        licence = "; ".join(each.rsplit(" :: ", 1)[-1] for each in marks)
    texts = [f"{facts['Name']} {part.version}\n{licence}\n{facts.get('Home-page') or ''}".rstrip()]
    for file in part.files or ():
        if file.name.upper().startswith(("LICEN", "COPYING", "NOTICE")):
            path = part.locate_file(file)
            texts.append(path.read_text("utf-8", errors="replace") if hasattr(path, "read_text") else "")  # type: ignore[call-arg]
    return "\n\n".join(texts)
