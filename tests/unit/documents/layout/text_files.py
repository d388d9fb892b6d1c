"""Reading and writing a small file in this process."""

from collections.abc import Callable, Mapping
from pathlib import Path

from app.documents.layout.formats import output_suffix, read_layout, write_layout
from app.documents.layout.segment import Segment
from app.documents.limits import Limits


def segments(path: Path) -> list[Segment]:
    return list(read_layout(path, Limits()).segments)


def texts(path: Path) -> list[str]:
    return [each.text for each in segments(path)]


def rewritten(path: Path, targets: Mapping[str, str], language: str = "", *, force: bool = False) -> bytes:
    out = path.with_name(f"out{output_suffix(path)}")
    write_layout(path, out, targets, language, Limits(), force=force)
    return out.read_bytes()


def changed(path: Path, change: Callable[[str], str], language: str = "") -> bytes:
    return rewritten(path, {each.key: change(each.text) for each in segments(path)}, language)


def is_reproduced(path: Path) -> bool:
    """Whether the same bytes come out, as they are and when every segment is written anew."""
    same = {each.key: each.target or each.text for each in segments(path)}
    source = path.read_bytes()
    return rewritten(path, same) == source and rewritten(path, same, force=True) == source
