"""Draws Alcove's icon as Windows and macOS want it: python icon_files.py FILE.ico|FILE.icns…

Needs PySide6 (which draws the SVG) and Pillow (which knows both kinds of file).
"""

import os
import sys
from io import BytesIO
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICON = Path(__file__).resolve().parents[1] / "resources" / "icons" / "alcove.svg"
SIZES = {
    ".ico": (16, 20, 24, 32, 40, 48, 64, 256),  # at 100, 125, 150 and 200 % of the usual size
    ".icns": (32, 64, 128, 256, 512, 1024),
}


def drawn(size: int) -> Image.Image:
    """The icon, `size` pixels wide and high. A `QGuiApplication` must be there."""
    picture = QImage(size, size, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(str(ICON)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")  # type: ignore[call-overload]
    return Image.open(BytesIO(bytes(buffer.data().data())))


def write_icon(file: Path) -> None:
    """Every size is drawn by itself: made smaller, the lines of a large one would blur."""
    *smaller, largest = (drawn(size) for size in SIZES[file.suffix])
    sizes = [(size, size) for size in SIZES[file.suffix]]
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".ico":
        largest.save(file, sizes=sizes, append_images=smaller)
    else:
        largest.save(file, append_images=smaller)


if __name__ == "__main__":
    _app = QGuiApplication(sys.argv[:1])
    for each in sys.argv[1:]:
        write_icon(Path(each))
