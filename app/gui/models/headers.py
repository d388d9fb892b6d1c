"""What the files of models say of themselves, and by that which of them can answer."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.base.errors import AppError

if TYPE_CHECKING:
    from app.models.gguf import GgufFacts
    from app.models.installed import InstalledModel


class HeaderCache:
    """Facts of GGUF files, read anew only when a file has changed: a header may take a fifth of a second."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int], GgufFacts | None]] = {}

    def facts(self, file: Path) -> "GgufFacts | None":
        """None for a file that is no sound model, or is not there."""
        from app.models.gguf import read_facts

        try:
            now = file.stat()
        except OSError:
            return None
        state = (now.st_size, now.st_mtime_ns)
        known = self._known.get(file)
        if known is None or known[0] != state:
            try:
                known = (state, read_facts(file))
            except AppError:
                known = (state, None)
            self._known[file] = known
        return known[1]


def can_answer(model: "InstalledModel", facts: "GgufFacts | None") -> bool:
    """Whether the model may be offered for chats: its files are there, it has loaded here, and it writes.

    `facts` None: not known; then the model is given the chance to say so itself.
    """
    return not model.missing and model.loads and (facts is None or facts.can_write)
