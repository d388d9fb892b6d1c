"""Files come back the same when every text is written anew as it was; see benchmarks/roundtrip.py for all formats."""

import re
import zipfile
from pathlib import Path

import pytest

from app.documents.layout.formats import read_layout, write_layout
from app.documents.layout.zip_rewriting import rewritten
from app.documents.limits import Limits
from tests.fixtures.package_views import differences, same_members

_SAMPLES = Path(__file__).resolve().parents[4] / "resources" / "samples"
_SUFFIXES = (".docx", ".pptx", ".xlsx", ".odt")
_LARGEST = 200_000  # bytes; the benchmark takes the larger ones too


def _files(folder: Path) -> list[Path]:
    return sorted(
        each for each in folder.rglob("*") if each.suffix in _SUFFIXES and each.stat().st_size < _LARGEST
    )


def _check(path: Path, out: Path) -> list[str]:
    segments = read_layout(path, Limits()).segments
    assert segments and len({each.key for each in segments}) == len(segments)
    write_layout(path, out, {each.key: each.text for each in segments}, "", Limits())
    assert same_members(path, out), path.name
    write_layout(path, out, {}, "", Limits(), force=True)
    return differences(path, out)


@pytest.mark.parametrize("path", _files(_SAMPLES), ids=lambda path: path.name)
def test_samples_come_back_the_same(path: Path, tmp_path: Path) -> None:
    assert _check(path, tmp_path / path.name) == []


def test_real_files_come_back_the_same(shared: Path, tmp_path: Path) -> None:
    files = _files(shared / "documents")[::4]
    assert len(files) > 8
    assert {path.name: found for path in files if (found := _check(path, tmp_path / path.name))} == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (rb"<w:r>", b"<w:r><w:rPr><w:caps/></w:rPr>"),
        (rb"(<w:t[^>]*>[^<]*)</w:t>", rb"\1!</w:t>"),
        (rb"<w:tc>", b'<w:tc w:x="1">'),
        (rb"<w:pStyle w:val=\"[^\"]+\"", b'<w:pStyle w:val="Other"'),
    ],
)
def test_the_comparison_sees_changes(before: bytes, after: bytes, tmp_path: Path) -> None:
    path, out = _SAMPLES / "ward-medication-protocol.docx", tmp_path / "changed.docx"
    with zipfile.ZipFile(path) as container:
        data = container.read("word/document.xml")
    changed = re.sub(before, after, data, count=1)
    assert changed != data
    rewritten(path, out, {"word/document.xml": changed}, Limits())
    assert len(differences(path, out)) == 1
