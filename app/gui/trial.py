"""The window as `alcove --self-test` tries it: shown, every page opened, a PDF drawn, and closed again."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from app.base.errors import AppError
from app.base.paths import DataPaths
from app.gui.application import make_application, run_window
from app.gui.main_window import MainWindow
from app.gui.text_format import to_html
from app.gui.theme import DARK, LIGHT

_PAGES = ("welcome", "library", "summarize", "translate", "models", "settings", "chat")
_PICTURE = QSize(1200, 200)
_CODE = {
    "python": "total = 1",
    "js": "let total = 1;",
    "sql": "SELECT 1",
    "bash": "echo $HOME",
    "c": "int total = 1;",
}


def show_and_close(paths: DataPaths) -> None:
    """The real start of the window on `paths`, each of its pages, and the real end. Raises `AppError`."""
    app = make_application()
    seen: list[str] = []
    QTimer.singleShot(0, app, lambda: _visit(app, seen))  # begins when the window's event loop does
    code = run_window(paths)
    if code != 0 or seen != list(_PAGES):
        raise AppError(f"The window ended with {code} after the pages {seen}.", "Install Alcove again.")


def draw_text(text: str, file: Path) -> None:
    """A picture of `text`, black on white, as PNG."""
    make_application()
    picture = QImage(_PICTURE, QImage.Format.Format_RGB32)
    picture.fill(QColor("white"))
    painter = QPainter(picture)
    painter.setFont(QFont("sans-serif", 28))
    painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, text)
    painter.end()
    picture.save(str(file))


def draw_page(file: Path) -> None:
    """Draw the first page of a PDF as the viewer does. Raises `AppError` when nothing comes of it."""
    from PySide6.QtPdf import QPdfDocument

    make_application()
    document = QPdfDocument()
    failed = document.load(str(file)) is not QPdfDocument.Error.None_
    picture = QImage() if failed else document.render(0, QSize(400, 560))
    document.close()
    if picture.isNull():
        raise AppError(f"The first page of {file.name} cannot be drawn.", "Install Alcove again.")


def colour_code() -> None:
    """Code as answers show it, in several languages, light and dark. Raises `AppError` where it has no colours."""
    for language, code in _CODE.items():
        for colours in (LIGHT, DARK):
            if "<span" not in to_html(f"```{language}\n{code}\n```", (), (), colours):
                raise AppError(f"Code in {language} cannot be coloured.", "Install Alcove again.")


def _visit(app: QApplication, seen: list[str]) -> None:
    (window,) = (each for each in app.topLevelWidgets() if isinstance(each, MainWindow))
    for name in _PAGES:
        window.show_page(name)
        if not window.grab().isNull():
            seen.append(name)
    window.close()
