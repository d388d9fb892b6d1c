"""What a person does with a saved file of a newer version: Alcove itself never starts it."""

import os
import shlex
from pathlib import Path


def next_step(file: Path) -> str:
    """A sentence or two, by the ending of `file`, which lies where it was saved."""
    return f"Alcove does not start it. Quit Alcove, then {_how(file)}"


def _how(file: Path) -> str:
    quoted = shlex.quote(str(file))
    match file.suffix.lower():
        case ".deb":
            return f"open it with a double-click, or type in a terminal: sudo apt install {quoted}"
        case ".run":
            return f"type in a terminal: sh {quoted}"
        case ".appimage" if not os.access(file, os.X_OK):
            return "allow it in its properties to be run as a program, and open it with a double-click."
        case ".dmg":
            return "open it with a double-click and drag Alcove onto Applications."
        case ".zip":
            return (
                "unpack it into a new folder and move alcove-data there from the old one, beside the program."
            )
        case _:
            return "open it with a double-click."
