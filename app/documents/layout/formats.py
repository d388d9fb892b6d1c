"""The kinds of files whose layout Alcove keeps. Each is a module with `read` and `write`, imported only when needed."""

import importlib
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from app.documents import filetype
from app.documents.document import ReadFailure, Verdict
from app.documents.layout.segment import Layout, Rebuilt
from app.documents.limits import MIB, Limits

FORMATS: dict[str, str] = {
    ".docx": "docx",
    ".pptx": "pptx",
    ".xlsx": "xlsx",
    ".odt": "odf",
    ".odp": "odf",
    ".ods": "odf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".epub": "epub",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "plain",
    ".srt": "subtitles",
    ".vtt": "subtitles",
    ".po": "po",
    ".pdf": "bilingual",
}
_CONTAINERS = {
    ".docx": filetype.DOCX,
    ".pptx": filetype.PPTX,
    ".xlsx": filetype.XLSX,
    ".odt": filetype.ODT,
    ".odp": filetype.ODP,
    ".ods": filetype.ODS,
    ".epub": filetype.EPUB,
    ".pdf": filetype.PDF,
}
_NOT_TEXT = frozenset((*_CONTAINERS.values(), filetype.XLSB, filetype.PICTURE, filetype.RTF))
_WRONG_KIND = "The name ends in {suffix}, but the file is of another kind; give it the right ending."


class FormatModule(Protocol):
    """What each module of `FORMATS` offers."""

    def read(self, path: Path, limits: Limits) -> Layout:
        """The texts of the file. Raises `ReadFailure`."""

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
        """Write the file again at `out` with `targets` (segment key -> text with the same tags) in it.

        `language` is the code of the target, "" to leave the file's own. `force` writes segments anew even where
        nothing changed, to try the writing itself. Raises `ReadFailure`, and `OSError` for `out`.
        """


def read_layout(path: Path, limits: Limits) -> Layout:
    """The segments of the file at `path`. Raises `ReadFailure`, also when there are none, and `OSError`."""
    layout = _module(path, limits).read(path, limits)
    if not layout.segments:
        raise ReadFailure(Verdict.empty, "The file holds no text to translate.")
    return layout


def write_layout(
    path: Path,
    out: Path,
    targets: Mapping[str, str],
    language: str,
    limits: Limits,
    *,
    force: bool = False,
) -> Rebuilt:
    """Write the file at `path` again at `out`, as `FormatModule.write` says."""
    return _module(path, limits).write(path, out, targets, language, limits, force=force)


def output_suffixes(path: Path) -> tuple[str, ...]:
    """How the name of a translation of `path` may end, the usual way first; () for a kind that is not supported."""
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return (".docx", ".html")
    return (suffix,) if suffix in FORMATS else ()


def output_suffix(path: Path) -> str:
    """The usual ending of a translation of `path`: its own, ".docx" for PDF; "" for a kind that is not supported."""
    return next(iter(output_suffixes(path)), "")


def _module(path: Path, limits: Limits) -> FormatModule:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        kinds = ", ".join(each.removeprefix(".") for each in FORMATS)
        raise ReadFailure(
            Verdict.unsupported, f"Alcove cannot keep the layout of this kind of file; these work: {kinds}."
        )
    _check(path, suffix, limits)
    return cast(FormatModule, importlib.import_module(f"app.documents.layout.{FORMATS[suffix]}"))


def _check(path: Path, suffix: str, limits: Limits) -> None:
    """What a format module need not ask. Raises `ReadFailure` and `OSError`."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # opening a pipe waits forever
        raise ReadFailure(Verdict.unreadable, "This is not an ordinary file; choose one file.")
    if status.st_size == 0:
        raise ReadFailure(Verdict.empty, "The file is empty; choose one with text in it.")
    if status.st_size > limits.file_bytes:
        raise ReadFailure(
            Verdict.too_large, f"The file is larger than {limits.file_bytes // MIB} MB; divide it first."
        )
    with path.open("rb") as stream:
        found = filetype.media_type(path, stream.read(filetype.HEAD), limits)
    if found != _CONTAINERS.get(suffix, found) or (suffix not in _CONTAINERS and found in _NOT_TEXT):
        raise ReadFailure(Verdict.unsupported, _WRONG_KIND.format(suffix=suffix))
