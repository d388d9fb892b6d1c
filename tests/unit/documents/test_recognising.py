"""Scans made on the fly, read and recognised; the models are loaded once for all tests."""

import io
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont, ImageOps
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.documents import ocr, page_check
from app.documents.document import PlaceText, Verdict
from app.documents.limits import Limits
from app.documents.page_check import is_legible
from app.documents.reader_process import ReaderProcess
from app.documents.recognising import recognise
from tests.unit.documents.conftest import Reader, write_pdf

LEASE = (
    "The tenant pays the rent on the",
    "first day of each month by bank",
    "transfer to the land-",
    "lord.",
)
LEASE_TEXT = "The tenant pays the rent on the first day of each month by bank transfer to the landlord."
GARDEN = (
    "Roses need six hours of sunlight",
    "and should be watered early in the",
    "morning, never at night.",
)
_FONT = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
_SIZE = 22


def drawn(*columns: Sequence[str], title: str = "", width: int = 480) -> Image.Image:
    """Columns of lines side by side, under a title."""
    page = Image.new("L", (60 + width * len(columns), 320), 255)
    draw = ImageDraw.Draw(page)
    draw.text((40, 20), title, font=ImageFont.truetype(str(_FONT), _SIZE * 2), fill=0)
    font = ImageFont.truetype(str(_FONT), _SIZE)
    for number, lines in enumerate(columns):
        for row, line in enumerate(lines):
            draw.text((40 + width * number, 100 + 32 * row), line, font=font, fill=0)
    return page


@pytest.fixture
def text_of(tmp_path: Path) -> Callable[[Image.Image], PlaceText]:
    def recognising(picture: Image.Image) -> PlaceText:
        picture.save(tmp_path / "page.png")
        page = recognise(tmp_path / "page.png", 1, Limits())
        assert page is not None
        return page

    return recognising


def test_words_are_parted_and_line_ends_joined(text_of: Callable[[Image.Image], PlaceText]) -> None:
    page = text_of(drawn(LEASE))
    assert page.text == LEASE_TEXT
    assert page.state == "recognised" and 0.9 < page.quality <= 1


def test_columns_are_read_one_after_the_other_below_their_title(
    text_of: Callable[[Image.Image], PlaceText],
) -> None:
    page = text_of(drawn(LEASE, GARDEN, title="Terms"))
    assert page.text == f"Terms\n\n{LEASE_TEXT}\n\n{' '.join(GARDEN)}"
    assert [block.kind for block in page.blocks] == ["heading", "text", "text"]


@pytest.mark.parametrize("degrees", [180, 270])
def test_a_page_the_wrong_way_up(degrees: int, text_of: Callable[[Image.Image], PlaceText]) -> None:
    assert text_of(drawn(LEASE).rotate(degrees, expand=True)).text == LEASE_TEXT


def test_a_photograph_and_a_blank_page_hold_nothing(text_of: Callable[[Image.Image], PlaceText]) -> None:
    grain = np.random.default_rng(1).integers(0, 255, (12, 18), dtype=np.uint8)
    for picture in (Image.fromarray(grain).resize((360, 240)), Image.new("L", (300, 200), 255)):
        page = text_of(picture)
        assert (page.state, page.text, page.quality) == ("picture", "", 0.0)


def scanned(path: Path, scans: Sequence[tuple[Image.Image | None, str]]) -> Path:
    """A PDF of pages with a picture over all of it, and a line of text."""
    canvas = Canvas(str(path), pagesize=(540, 320))
    for picture, text in scans:
        if picture is not None:
            kept = io.BytesIO()
            picture.save(kept, "PNG")
            canvas.drawImage(ImageReader(kept), 0, 0, 540, 320)
        for row, line in enumerate(text.split("\n")):
            canvas.drawString(40, 290 - 14 * row, line)
        canvas.showPage()
    canvas.save()
    return path


def test_only_pages_without_usable_text_are_recognised(tmp_path: Path, read: Reader) -> None:
    long = "The agreement may be ended by either side with a notice of three months.\n" * 4
    pages = [(None, "Chapter one begins here."), (drawn(LEASE), "Scan 7"), (drawn(GARDEN), long), (None, "")]
    path = scanned(tmp_path / "mixed.pdf", pages)
    result = read(path)
    assert result.verdict == Verdict.indexed and result.document is not None
    assert [(each.place.number, each.state) for each in result.document.places] == [
        (1, "text"), (2, "scan"), (3, "text"),
    ]  # fmt: skip
    assert result.document.places[1].text == "Scan 7", "it can be searched until more is recognised"
    page = recognise(path, 2, Limits())
    assert page is not None and LEASE_TEXT in page.text


def test_words_over_a_picture_are_words(tmp_path: Path, read: Reader) -> None:
    slide = "Roses need six hours of sunlight and should be watered\nearly in the morning, never at night, all summer long, and never on their leaves."
    result = read(scanned(tmp_path / "slides.pdf", [(Image.new("L", (400, 300), 200), slide)]))
    assert result.document is not None
    (page,) = result.document.places
    assert page.state == "text" and page.text.startswith("Roses need six hours")


def test_one_odd_page_hides_no_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = scanned(tmp_path / "odd.pdf", [(drawn(LEASE), ""), (drawn(GARDEN), "")])
    looked_at = iter([pypdfium2.PdfiumError("an object cannot be found"), (1.0, 0, 0)])

    def contents(_: object) -> object:
        found = next(looked_at)
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(page_check, "_contents", contents)
    assert page_check.scanned_pages(path, {1: "", 2: ""}) == {1, 2}


def test_what_cannot_be_reached_or_loaded_is_no_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert recognise(tmp_path / "gone.png", 1, Limits()) is None
    monkeypatch.setattr(ocr, "_READER", "missing.onnx")
    with pytest.raises(AppError, match=r"its models are missing\. Install Alcove again\."):
        ocr.TextReader()


@pytest.mark.parametrize(
    ("text", "legible"),
    [
        ("7KH WHQDQW SDBV WKH UHQW RQ WKH ILUVW GDB RI HDFK PRQWK EB EDQN WUDQVIHU", False),
        ("\ue001\ue002\ue003 \ue004\ue005 \ue006\ue007\ue008", False),
        ("(cid:12)(cid:7)(cid:45) (cid:3)(cid:9)", False),
        ("!\"# $%& '()* +,-. /:;< =>?@ [\\]^ _`{| }~!\" #$%& '()* +,-. /:;< =>?@ [\\]^ _`{|", False),
        ("Contents ........................ 1\nPreface ........................ 12", True),
        ("12.50  13.75  19.20\n11.00  12.10  15.30", True),
        ("Der Mieter zahlt die Miete am ersten Tag jedes Monats.", True),
        ("Nájemce platí nájemné prvního dne každého měsíce převodem z účtu.", True),
        ("Арендатор платит арендную плату", True),
        ("租户每月第一天支付租金", True),
    ],
)
def test_what_counts_as_a_text(text: str, legible: bool) -> None:
    assert is_legible(text) is legible


def test_a_text_layer_in_codes_is_recognised_anew(tmp_path: Path, read: Reader) -> None:
    coded = "7KH WHQDQW SDBV WKH UHQW RQ WKH ILUVW GDB RI HDFK PRQWK EB EDQN WUDQVIHU."
    result = read(write_pdf(tmp_path / "coded.pdf", [[coded], ["A plain page."]]))
    assert result.document is not None
    assert [each.state for each in result.document.places] == ["scan", "text"]


def test_pages_of_a_picture_file(tmp_path: Path, read: Reader) -> None:
    first, second = drawn(LEASE), drawn(GARDEN)
    first.save(tmp_path / "fax.tiff", save_all=True, append_images=[second])
    result = read(tmp_path / "fax.tiff")
    assert result.verdict == Verdict.indexed and result.document is not None
    assert [(each.place.number, each.state) for each in result.document.places] == [(1, "scan"), (2, "scan")]
    page = recognise(tmp_path / "fax.tiff", 2, Limits())
    assert page is not None and page.text == " ".join(GARDEN)


def test_a_camera_held_sideways_is_corrected_and_transparency_is_paper(tmp_path: Path) -> None:
    from app.documents.page_pictures import frame

    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise when shown
    drawn(LEASE).rotate(90, expand=True).save(tmp_path / "photo.jpg", exif=exif)
    assert frame(tmp_path / "photo.jpg", 1).shape == (320, 540)
    ink = ImageOps.invert(drawn(LEASE))
    clear = Image.merge("LA", (Image.new("L", ink.size, 0), ink))
    clear.save(tmp_path / "clear.png")
    assert np.array_equal(frame(tmp_path / "clear.png", 1), np.array(drawn(LEASE)))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("bomb.png", Verdict.too_large), ("cut.jpg", Verdict.damaged), ("odd.psd", Verdict.unsupported)],
)
def test_pictures_that_are_refused(name: str, verdict: Verdict, tmp_path: Path, read: Reader) -> None:
    path = tmp_path / name
    if name == "bomb.png":
        Image.new("1", (12_000, 12_000)).save(path)
    elif name == "cut.jpg":
        drawn(LEASE).save(path)
        path.write_bytes(path.read_bytes()[:3000])
    else:
        path.write_bytes(b"8BPS\0\1" + b"\0" * 100)
    result = read(path)
    assert (result.verdict, result.document) == (verdict, None)
    page = recognise(path, 1, Limits())
    assert page is not None and page.state == "picture"


def test_nothing_is_fetched_or_reported() -> None:
    """Loading must not even look up a name: OpenVINO and RapidOCR would, left to themselves."""
    program = """
import socket, sys, multiprocessing.popen_fork as fork
def refuse(*_, **__): print("reached out"); sys.stdout.flush()
socket.getaddrinfo = socket.socket.connect = fork.Popen.__init__ = refuse
from app.documents.ocr import TextReader
TextReader()
print(sorted({"rapidocr", "requests", "openvino_telemetry.main", "torch"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on memory there")
def test_the_limited_reader_process_recognises_and_stays(tmp_path: Path) -> None:
    path = scanned(tmp_path / "scan.pdf", [(drawn(LEASE), "")])
    reader = ReaderProcess(Limits(), tmp_path / "work", tmp_path / "logs")
    try:
        result = reader.read(path, CancelToken())
        assert result.document is not None
        pid = reader.pid
        for _ in range(2):
            page = reader.recognise(path, result.document.places[0].place, CancelToken())
            assert page is not None and page.text == LEASE_TEXT
        path.unlink()
        assert reader.recognise(path, result.document.places[0].place, CancelToken()) is None
        assert reader.pid == pid
    finally:
        reader.close()
    logged = (
        (tmp_path / "logs" / "reader.log").read_text() if (tmp_path / "logs" / "reader.log").exists() else ""
    )
    assert "tenant" not in logged and "http" not in logged
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1536 * 1024
