"""The page over real storage, with a scripted engine where none is to run."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app.assistants.translate.events import (
    DocumentOpened,
    Finding,
    SegmentDone,
    TextTranslated,
    TranslatedSegment,
    TranslationEvent,
    TranslationFinished,
)
from app.assistants.translate.stored import to_stored
from app.backend import Backend
from app.base.jobs import CancelToken
from app.gui.jobs import Jobs
from app.gui.translate.page import TranslatePage
from app.gui.translate.wishes import EngineFacts, FileWish, TextWish
from app.gui.translate.work import Work
from tests.gui.conftest import delete

SEGMENTS = (
    TranslatedSegment("1", "page 1", "heading", "<g1>Lease</g1>", "<g1>Mietvertrag</g1>", "engine"),
    TranslatedSegment(
        "2", "page 1", "text", "Rent: 1,240 euros", "Miete: 1.420 Euro", "engine",
        (Finding("numbers", "The number 1,240 is missing."),),
    ),
    TranslatedSegment("3", "page 2", "text", "Deposit", "Kaution", "memory"),
)  # fmt: skip


class Script(Work):
    """Tells the events of a translation as the use cases do; `hold` makes it wait after each segment."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.wishes: list[TextWish | FileWish] = []
        self.hold = threading.Event()
        self.hold.set()

    def engine(self, source: str, target: str, _cancel: CancelToken) -> Iterator[EngineFacts]:
        yield EngineFacts("Scripted", ("en", "de", "ar"))

    def text(self, wish: TextWish, cancel: CancelToken) -> Iterator[TranslationEvent]:
        self.wishes.append(wish)
        lines = [line for line in wish.text.split("\n") if line]
        done: list[TranslatedSegment] = []
        for line in lines:
            flagged = (Finding("numbers", "The number 5 is missing."),) if "5" in line else ()
            done.append(TranslatedSegment(str(len(done)), "", "text", line, f"[{line}]", "engine", flagged))
            yield SegmentDone(done[-1], len(done), len(lines), None)
            if self._stopped(cancel):
                break
        state: Any = "stopped" if cancel.cancelled else "complete"
        text = "\n".join(each.target for each in done)
        yield TextTranslated(text, tuple(done), "Scripted", "en", wish.target, state)

    def file(self, wish: FileWish, cancel: CancelToken) -> Iterator[TranslationEvent]:
        self.wishes.append(wish)
        jobs = self.parts.jobs
        job = jobs.begin(str(wish.file), "digest", "en", wish.target, "Scripted")
        yield DocumentOpened(job.id, str(wish.file), "en", wish.target, "Scripted", len(SEGMENTS), 2)
        done: list[TranslatedSegment] = []
        for segment in SEGMENTS:
            done.append(segment)
            jobs.save(job.id, [to_stored(segment)])
            yield SegmentDone(segment, len(done), len(SEGMENTS), 90.0)
            if self._stopped(cancel):
                break
        state: Any = "stopped" if cancel.cancelled else "complete"
        out = str(wish.file.with_suffix(f".{wish.target}{wish.file.suffix}"))
        jobs.finish(job.id, state, out)
        yield TranslationFinished(
            job.id, out, state, tuple(done), "Scripted", "en", wish.target, 1.0, ("Slide 3 overflows.",)
        )

    def _stopped(self, cancel: CancelToken) -> bool:
        while not self.hold.is_set() and not cancel.wait(0.01):
            pass
        return cancel.cancelled


@pytest.fixture
def script(backend: Backend) -> Script:
    return Script(backend)


@pytest.fixture
def page(
    backend: Backend, jobs: Jobs, script: Script, themed: QApplication, qtbot: Any
) -> Iterator[TranslatePage]:
    made = TranslatePage(backend, jobs, work=script)
    made.text.target_box.choose("de")
    made.documents.form.target_box.choose("de")
    made.resize(1100, 760)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    script.hold.set()
    jobs.stop_all(5000)
    made.close_parts()
    delete(made)


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    file = tmp_path / "letter.md"
    file.write_text(
        "# The lease\n\nThe tenant pays 1,240 euros every month.\n\n- **Keys** by noon\n", "utf-8"
    )
    return file
