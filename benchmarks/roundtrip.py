"""Whether files come back the same when every text is “translated” into itself.

“identical”: all members, or all bytes, are the same when no text changes. “rewritten the same”: every segment is
written anew all the same, and text, formatting of each character, links, tables and pictures are compared by an
independent reading. Files of the shared data where they exist, and the samples of the project.
Run: python -m benchmarks.roundtrip
"""

import tempfile
import time
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

from app.documents.document import ReadFailure
from app.documents.layout.formats import read_layout, write_layout
from app.documents.limits import Limits
from benchmarks.libraries import shared_data
from tests.fixtures.package_views import differences, same_members

_SAMPLES = Path(__file__).resolve().parents[1] / "resources" / "samples"
_PACKAGES = (".docx", ".pptx", ".xlsx", ".odt", ".odp", ".ods")
_PAGES = (".html", ".htm", ".xhtml")
_TEXTS = (".md", ".srt", ".vtt", ".po", ".txt")


def main() -> None:
    shared = shared_data()
    folders = [_SAMPLES] if shared is None else [shared / "documents", shared / "translation", _SAMPLES]
    print("format  files  identical  rewritten the same  segments  ms/segment")
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for suffix in (*_PACKAGES, ".epub", *_PAGES, *_TEXTS):
            files = sorted(each for root in folders for each in root.rglob(f"*{suffix}") if each.is_file())
            row = _Row(suffix)
            for path in files:
                failed += row.add(path, Path(folder) / path.name)
            if row.files:
                print(row)
    print("\n".join(failed) or "no differences")


class _Row:
    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self.files = self._identical = self._same = self._segments = 0
        self._seconds = 0.0

    def add(self, path: Path, out: Path) -> list[str]:
        """Count one file; what differed."""
        limits = Limits()
        try:
            began = time.perf_counter()
            segments = read_layout(path, limits).segments
            write_layout(path, out, {}, "", limits, force=True)
            self._seconds += time.perf_counter() - began
        except ReadFailure as failure:
            return [f"{path.name}: not read ({failure.reason})"]
        self.files += 1
        self._segments += len(segments)
        found = _compare(self._suffix)(path, out)
        self._same += not found
        write_layout(path, out, {each.key: each.text for each in segments}, "", limits)
        zipped = zipfile.is_zipfile(path)
        identical = same_members(path, out) if zipped else path.read_bytes() == out.read_bytes()
        self._identical += identical
        return [f"{path.name}: {each}" for each in (*found, *(() if identical else ("not identical",)))]

    def __str__(self) -> str:
        speed = 1000 * self._seconds / max(self._segments, 1)
        return (
            f"{self._suffix[1:]:6}  {self.files:5}  {self._identical:9}  {self._same:18}  "
            f"{self._segments:8}  {speed:10.2f}"
        )


def _compare(suffix: str) -> Callable[[Path, Path], list[str]]:
    if suffix in _PACKAGES:
        return differences
    if suffix == ".epub":
        return _book_differences
    return _page_differences if suffix in _PAGES else _text_differences


def _book_differences(before: Path, after: Path) -> list[str]:
    found: list[str] = []
    with zipfile.ZipFile(before) as one, zipfile.ZipFile(after) as other:
        if one.namelist() != other.namelist():
            return ["the list of members"]
        for name in one.namelist():
            old, new = one.read(name), other.read(name)
            if old != new and _page(old) != _page(new):
                found.append(name)
    return found


def _page_differences(before: Path, after: Path) -> list[str]:
    same = _page(before.read_bytes()) == _page(after.read_bytes())
    return [] if same else ["another page"]


def _text_differences(before: Path, after: Path) -> list[str]:
    """Plain formats have no two ways to write the same, but for the ends of lines."""
    old, new = before.read_bytes(), after.read_bytes()
    return [] if old.splitlines() == new.splitlines() else ["other lines"]


def _page(data: bytes) -> list[tuple[str, str]]:
    reader = _PageReader()
    reader.feed(data.decode("utf-8", "surrogateescape"))
    reader.close()
    return reader.seen


class _PageReader(HTMLParser):
    """Tags with their attributes, and texts, entities resolved."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, str(sorted(attrs, key=str))))

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(("/" + tag, ""))

    def handle_data(self, data: str) -> None:
        if self.seen and self.seen[-1][0] == "#text":
            data = self.seen.pop()[1] + data
        self.seen.append(("#text", data))


if __name__ == "__main__":
    main()
