"""Pages and files that are pictures whose text was recognised."""

import pytest
from PIL import Image
from PySide6.QtGui import QColor

from app.documents.document import Place
from app.gui.viewer.picture_pages import picture_pages


@pytest.fixture
def recognised(index_db, add_file):
    """Adds a file whose places were recognised."""

    def add(path, texts):
        added = add_file(path, texts)
        with index_db.transaction() as db:
            db.execute("UPDATE places SET state = 'recognised'")
        return added

    return add


def test_a_recognised_page_says_that_it_is_a_picture(pane, recognised, make_pdf, cite, opened, tmp_path):
    path = recognised(make_pdf(tmp_path / "scan.pdf", [[""]]), [(Place("page", 1), "The rent is due.")])
    pane.open_source(cite(path, Place("page", 1), "rent is due", 4))
    opened()
    assert pane.area.pdf is not None
    assert pane.remark.text.startswith("This page is a picture whose text was recognised")


def test_a_picture_is_shown_itself(pane, recognised, cite, opened, qtbot, tmp_path):
    file = tmp_path / "letter.png"
    Image.new("RGB", (400, 300), (10, 120, 40)).save(file)
    path = recognised(file, [(Place("page", 1), "The rent is due.")])
    pane.open_source(cite(path, Place("page", 1), "rent is due", 4))
    opened()
    assert pane.area.pdf is not None and "is a picture" in pane.remark.text
    view = pane.area.pdf.view

    def middle():
        seen = view.viewport().grab().toImage()
        return QColor(seen.pixel(seen.width() // 2, 100))

    qtbot.waitUntil(lambda: middle().green() > 100 > middle().red())


def test_every_picture_of_a_file_is_a_page_and_what_is_none_has_none(tmp_path):
    pages = [Image.new("RGB", size) for size in ((60, 30), (20, 90))]
    pages[0].save(tmp_path / "fax.tif", save_all=True, append_images=pages[1:])
    assert picture_pages(str(tmp_path / "fax.tif")).count(b"/Type /Page\n") == 2
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert picture_pages(str(tmp_path / "broken.png")) == b""
