"""Formats of one text file: where its texts stand is all they differ in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.documents.layout.encoded import Encoded, read_text
from app.documents.layout.segment import Layout, Rebuilt
from app.documents.layout.stretches import Stretch, layout_of, rewritten
from app.documents.limits import Limits


@dataclass(frozen=True, slots=True)
class TextFormat:
    """`stretches` finds the texts of a file, in order."""

    stretches: Callable[[Encoded], list[Stretch]]

    def read(self, path: Path, limits: Limits) -> Layout:
        """The segments of the file at `path`. Raises `ReadFailure`."""
        return layout_of(self.stretches(read_text(path, limits)))

    def write(
        self,
        path: Path,
        out: Path,
        targets: Mapping[str, str],
        language: str,
        limits: Limits,
        *,
        force: bool = False,
    ) -> Rebuilt:
        """The text again; see `formats.FormatModule.write`. It becomes UTF-8 where its encoding lacks a character."""
        encoded = read_text(path, limits)
        text = rewritten(encoded.text, self.stretches(encoded), targets, force=force)
        out.write_bytes(encoded.encode(text))
        return Rebuilt()
