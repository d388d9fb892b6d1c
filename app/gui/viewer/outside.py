"""Handing a document to the programs of the system."""

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_in_system(path: str) -> bool:
    """Open the file with the program meant for it; false when there is none."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(path))


def show_in_folder(path: str) -> bool:
    """Open the file manager at the file, or at the nearest folder that is still there."""
    target = Path(path)
    if target.exists() and sys.platform == "win32":
        # one string: Explorer reads its arguments in a way of its own
        subprocess.Popen(f'explorer /select,"{target}"')
        return True
    if target.exists() and sys.platform == "darwin":
        subprocess.Popen(["open", "-R", str(target)])
        return True
    folder = target if target.is_dir() else target.parent
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
