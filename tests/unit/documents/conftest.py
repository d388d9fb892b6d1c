"""Documents made on the fly, one builder for each format."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents.document import Document, ReadResult, Verdict
from app.documents.limits import Limits


@pytest.fixture(scope="session", autouse=True)
def private_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """kreuzberg unpacks a native library into the temporary folder when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(tmp_path_factory.mktemp("native")))
        from app.documents import extraction

        assert extraction


Reader = Callable[..., ReadResult]


@pytest.fixture
def read() -> Reader:
    """Reads in this process: quick, and exceptions show."""
    from app.documents.reading import read_document

    def reading(path: Path, **limits: int) -> ReadResult:
        return read_document(path, Limits(**limits))

    return reading


@pytest.fixture
def read_text(read: Reader) -> Callable[[Path], Document]:
    def reading(path: Path) -> Document:
        result = read(path)
        assert result.verdict == Verdict.indexed, result
        assert result.document is not None
        return result.document

    return reading


def write_pdf(path: Path, pages: list[list[str]], **options: object) -> Path:
    """One page for each list of lines."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), **options)  # type: ignore[arg-type]
    for lines in pages:
        for row, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * row, line)
        canvas.showPage()
    canvas.save()
    return path


def write_scan(path: Path) -> Path:
    """A PDF of one page that is a picture."""
    from PIL import Image

    Image.new("L", (400, 300), 200).save(path, "PDF")
    return path


def write_zip(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in members.items():
            container.writestr(name, data)
    return path
