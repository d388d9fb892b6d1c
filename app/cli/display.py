"""Whether a window can be shown."""

import os
import sys


def has_display() -> bool:
    """Linux without X11 and Wayland has none; a Qt platform chosen by hand counts as one."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
