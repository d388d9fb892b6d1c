"""The process in which layouts are read and written: limits, refusals, and files that stay whole."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.documents.layout.process import LAYOUT_LIMITS, LayoutProcess
from app.documents.limits import Limits
from tests.unit.documents.conftest import write_scan, write_zip

_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
Make = Callable[..., LayoutProcess]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[LayoutProcess] = []

    def making(limits: Limits = LAYOUT_LIMITS) -> LayoutProcess:
        made.append(LayoutProcess(limits, tmp_path / "work", tmp_path / "logs"))
        return made[-1]

    yield making
    for each in made:
        each.close()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.txt"
    path.write_text("The keys are in the drawer.")
    return path


def _swamp(tmp_path: Path) -> Path:
    path = tmp_path / "slow.html"
    path.write_text("<b>x" * 1_000_000)
    return path


def test_reading_and_writing(make: Make, note: Path, tmp_path: Path) -> None:
    layout = make()
    assert layout.pid is None
    found = layout.segments(note, CancelToken())
    assert [each.text for each in found.segments] == ["The keys are in the drawer."]
    out = tmp_path / "anders.txt"
    out.write_text("old")
    layout.write(note, out, {found.segments[0].key: "Die Schlüssel."}, "de", CancelToken())
    assert out.read_text(encoding="utf-8") == "Die Schlüssel."
    assert note.read_text() == "The keys are in the drawer."
    assert sorted(each.name for each in tmp_path.iterdir()) == ["anders.txt", "logs", "note.txt", "work"]
    layout.close()
    assert layout.pid is None and not any((tmp_path / "work").iterdir())


@_POSIX
def test_names_need_not_be_unicode(make: Make, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    try:
        path.write_text("Inside.")
    except OSError:
        pytest.skip("this file system wants Unicode names")
    out = path.with_name(f"{path.stem}-de.txt")
    make().write(path, out, {"1": "Innen."}, "de", CancelToken())
    assert out.read_text() == "Innen."


def test_what_cannot_be_worked_on_is_said(make: Make, tmp_path: Path) -> None:
    layout = make()
    (tmp_path / "empty.txt").touch()
    (tmp_path / "tune.mp3").write_bytes(b"ID3")
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04 not a zip")
    (tmp_path / "really.docx").write_bytes(b"%PDF-1.4 no")
    write_zip(tmp_path / "bomb.epub", {"mimetype": "application/epub+zip", "a": b"\0" * 20_000_000})
    write_scan(tmp_path / "scan.pdf")
    (tmp_path / "numbers.md").write_text("1, 2, 3")
    expected = {
        "empty.txt": "empty",
        "tune.mp3": "layout",
        "broken.docx": "damaged",
        "really.docx": "another kind",
        "bomb.epub": "larger than it looks",
        "scan.pdf": "looks like a scan",
        "numbers.md": "no text",
        "gone.txt": "not there",
        ".": "folder",
    }
    for name, what in expected.items():
        with pytest.raises(AppError) as error:
            layout.segments(tmp_path / name, CancelToken())
        assert what in error.value.what and error.value.remedy, name
    with pytest.raises(AppError, match="larger than 0 MB"):
        make(replace(LAYOUT_LIMITS, file_bytes=10)).segments(_written(tmp_path / "b.txt"), CancelToken())


def _written(path: Path) -> Path:
    path.write_text("More than ten bytes.")
    return path


def test_the_source_is_never_replaced(make: Make, note: Path, tmp_path: Path) -> None:
    layout = make()
    others = [note, tmp_path / "work" / ".." / "note.txt"]
    (tmp_path / "work").mkdir()
    if sys.platform != "win32":
        (tmp_path / "link.txt").symlink_to(note)
        (tmp_path / "hard.txt").hardlink_to(note)
        others += [tmp_path / "link.txt", tmp_path / "hard.txt"]
    for out in others:
        with pytest.raises(AppError, match="would replace"):
            layout.write(note, out, {"1": "x"}, "de", CancelToken())
    for out in (tmp_path / "no" / "a.txt", tmp_path / "a.docx", tmp_path):
        with pytest.raises(AppError):
            layout.write(note, out, {"1": "x"}, "de", CancelToken())
    assert note.read_text() == "The keys are in the drawer."


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(make: Make, note: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(0o500)
    with pytest.raises(AppError, match="could not be written"):
        make().write(note, locked / "a.txt", {"1": "x"}, "de", CancelToken())


@_POSIX
def test_a_slow_file_is_given_up_and_the_next_is_read(make: Make, note: Path, tmp_path: Path) -> None:
    layout = make(replace(LAYOUT_LIMITS, seconds=1.0))
    with pytest.raises(AppError, match="given up after 1 seconds"):
        layout.segments(_swamp(tmp_path), CancelToken())
    patient = make()
    assert patient.segments(note, CancelToken()).segments


@_POSIX
def test_stop_ends_work_at_once(make: Make, note: Path, tmp_path: Path) -> None:
    layout = make()
    layout.segments(note, CancelToken())
    cancel = CancelToken()
    threading.Timer(0.2, cancel.cancel).start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        layout.segments(_swamp(tmp_path), cancel)
    assert time.monotonic() - began < 3
    assert layout.segments(note, CancelToken()).segments


def test_it_is_light_to_import() -> None:
    script = (
        "import sys, app.documents.layout.process\n"
        "heavy = {'lxml', 'kreuzberg', 'numpy', 'pydantic', 'docx', 'markdown_it'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
