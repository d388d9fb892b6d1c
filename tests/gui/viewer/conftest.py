"""A real index, real PDFs, and a viewer over them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas

from app.assistants.events import Source
from app.backend import Backend
from app.documents.document import Place
from app.gui.jobs import Jobs
from app.gui.viewer.pane import ViewerPane
from app.storage.database import Database, open_database
from app.storage.migrations import INDEX

Texts = list[tuple[Place, str]]


@pytest.fixture
def index_db(backend: Backend) -> Iterator[Database]:
    opened = open_database(backend.paths.index_db, INDEX, durable=False)
    yield opened
    opened.close()


@pytest.fixture
def add_file(index_db: Database) -> Callable[..., str]:
    """Writes one file with its texts into the index, as the retrieval worker does."""

    def add(path: Path, texts: Texts, state: str = "indexed", reason: str = "") -> str:
        facts = path.stat() if path.exists() else None
        size, mtime = (facts.st_size, facts.st_mtime_ns) if facts else (10, 1)
        with index_db.transaction() as db:
            number = db.execute(
                "INSERT INTO files (path, size, mtime_ns, hash, state, reason, media_type, title, indexed)"
                " VALUES (?, ?, ?, 'h', ?, ?, '', '', ?)",
                (str(path), size, mtime, state, reason, time.time()),
            ).lastrowid
            for place, text in texts:
                db.execute(
                    "INSERT INTO places (file_id, kind, number, label, text) VALUES (?, ?, ?, ?, ?)",
                    (number, place.kind, place.number, place.label, text),
                )
        return str(path)

    return add


def _write_pdf(path: Path, pages: list[list[str]], password: str = "") -> Path:
    encrypt: Any = password or None
    drawing = canvas.Canvas(str(path), pagesize=A4, encrypt=encrypt)
    for lines in pages:
        text = drawing.beginText(72, A4[1] - 72)
        text.setFont("Helvetica", 12, leading=18)
        for line in lines:
            text.textLine(line)
        drawing.drawText(text)
        drawing.showPage()
    drawing.save()
    return path


@pytest.fixture
def make_pdf() -> Callable[..., Path]:
    """(path, a list of lines for each page, password); the first line stands 72 points below an A4 page's top."""
    return _write_pdf


def _cite(path: Path | str, place: Place, quote: str, start: int = 0) -> Source:
    return Source(1, str(path), place, "", quote, start, start + len(quote), 0.9, quote)


@pytest.fixture
def cite() -> Callable[..., Source]:
    """(file, place, quote, start) as a source of an answer."""
    return _cite


@pytest.fixture
def pane(backend: Backend, jobs: Jobs, qtbot: Any) -> Iterator[ViewerPane]:
    made = ViewerPane(backend, jobs)
    made.resize(800, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    jobs.stop_all(5000)
    made.close()
    made.deleteLater()
    QApplication.processEvents()


@pytest.fixture
def opened(qtbot: Any, jobs: Jobs) -> Callable[[], None]:
    """Waits until what was asked for is in view."""

    def wait() -> None:
        qtbot.waitUntil(lambda: jobs.running == 0, timeout=5000)
        QApplication.processEvents()

    return wait
