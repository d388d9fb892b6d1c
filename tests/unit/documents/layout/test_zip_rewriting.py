import zipfile
from pathlib import Path

import pytest

from app.documents.document import ReadFailure, Verdict
from app.documents.layout.zip_rewriting import rewritten
from app.documents.limits import Limits


@pytest.fixture
def container(tmp_path: Path) -> Path:
    """A stored member, a compressed one whose sizes follow its data, one with an extra field, and a comment."""
    path = tmp_path / "source.zip"
    with path.open("wb") as stream:
        stream.seekable = lambda: False  # type: ignore[method-assign]  # then sizes are written behind the data
        with zipfile.ZipFile(stream, "w") as writing:
            writing.writestr(zipfile.ZipInfo("mimetype", (2001, 2, 3, 4, 5, 6)), b"application/epub+zip")
            writing.writestr("text.xml", b"words " * 500, zipfile.ZIP_DEFLATED, 1)
            extra = zipfile.ZipInfo("Größe.bin")
            extra.extra = b"\x99\x99\x02\x00ab"
            writing.writestr(extra, b"\x00\x01")
            writing.comment = b"kept"
    return path


def test_only_the_named_member_changes(container: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.zip"
    rewritten(container, out, {"Größe.bin": b"new", "missing": b""}, Limits())
    with zipfile.ZipFile(container) as before, zipfile.ZipFile(out) as after:
        assert after.testzip() is None
        assert after.namelist() == before.namelist()
        assert after.comment == b"kept"
        assert after.read("Größe.bin") == b"new"
        for name in before.namelist():
            old, new = before.getinfo(name), after.getinfo(name)
            assert (old.date_time, old.compress_type, old.external_attr) == (
                new.date_time,
                new.compress_type,
                new.external_attr,
            )
        assert after.read("text.xml") == before.read("text.xml")
        assert after.getinfo("text.xml").compress_size == before.getinfo("text.xml").compress_size
        assert after.getinfo("Größe.bin").extra == b"\x99\x99\x02\x00ab"
    assert out.read_bytes()[30:58] == b"mimetypeapplication/epub+zip"


def test_a_member_that_ends_too_early_is_refused(container: Path, tmp_path: Path) -> None:
    data = bytearray(container.read_bytes())
    start = data.index(b"PK\x01\x02")
    data[start + 42 : start + 46] = (len(data) - 10).to_bytes(4, "little")  # where the first member begins
    container.write_bytes(data)
    with pytest.raises(ReadFailure) as failure:
        rewritten(container, tmp_path / "out.zip", {}, Limits())
    assert failure.value.verdict == Verdict.damaged
