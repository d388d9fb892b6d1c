from pathlib import Path

import pytest

from app.assistants.translate.document import translate_document
from app.assistants.translate.editing import load_job, save_edit, write_again
from app.assistants.translate.events import DocumentOpened, SegmentDone, TranslationFinished
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from tests.fixtures.mangling import IdentityEngine

ENGLISH = {
    "# The water pump\n": "# Die Wasserpumpe\n",
    "Open the valve before you start the pump.": "Öffnen Sie das Ventil, bevor Sie die Pumpe starten.",
    "Never run it longer than 15 minutes without water.": "Lassen Sie sie nie länger als 15 Minuten ohne Wasser laufen.",
    "Write to help@example.com when it leaks again.": "Schreiben Sie an help@example.com, wenn sie wieder tropft.",
}
SENTENCES = {key.strip("# \n"): value.strip("# \n") for key, value in ENGLISH.items()}


class Dictionary(IdentityEngine):
    """Knows its sentences by heart. `fail_at`: the request that ends with `error`, as do all after it."""

    name = "Dictionary"

    def __init__(self, fail_at: int | None = None, error: Exception | None = None) -> None:
        super().__init__()
        self.fail_at = fail_at
        self.error = error

    def answer(self, request):
        if self.error is not None and self.fail_at is not None and len(self.requests) > self.fail_at:
            raise self.error
        for source, target in SENTENCES.items():
            if source.split("help@")[0].strip() and request.text.startswith(source.split("help@")[0]):
                return target.replace("help@example.com", "{v1}").replace("15 Minuten", "15 Minuten")
        return request.text


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    file = tmp_path / "manual.md"
    file.write_text("\n\n".join(ENGLISH), encoding="utf-8")
    return file


@pytest.fixture
def run(layout, memory, jobs):
    def translate(file, engine, cancel=None, **options):
        return translate_document(
            file, translator=engine, layout=layout, memory=memory, jobs=jobs,
            cancel=cancel or CancelToken(), **{"target": "de", **options},
        )  # fmt: skip

    return translate


def test_a_file_is_translated_beside_itself_and_a_second_time_from_memory(run, manual):
    events = list(run(manual, Dictionary()))
    opened, finished = events[0], events[-1]
    assert isinstance(opened, DocumentOpened) and isinstance(finished, TranslationFinished)
    assert (opened.source_language, opened.segments, opened.to_do) == ("en", 4, 4)
    assert finished.state == "complete" and finished.flagged == ()
    assert finished.out == str(manual.with_name("manual.de.md"))
    assert Path(finished.out).read_text("utf-8") == "\n\n".join(ENGLISH.values())
    assert manual.read_text("utf-8") == "\n\n".join(ENGLISH)

    again = Dictionary()
    finished = list(run(manual, again))[-1]
    assert finished.out == str(manual.with_name("manual.de (2).md"))
    assert again.requests == [] and {each.origin for each in finished.segments} == {"memory"}


def test_stop_writes_what_is_there_and_the_next_run_goes_on(run, manual):
    token = CancelToken()
    finished = None
    for event in run(manual, Dictionary(), token):
        if isinstance(event, SegmentDone) and event.done == 2:
            token.cancel()
        finished = event
    assert finished.state == "stopped" and len(finished.segments) == 2
    assert "Wasserpumpe" in Path(finished.out).read_text("utf-8")
    assert "Never run it" in Path(finished.out).read_text("utf-8")

    engine = Dictionary()
    events = list(run(manual, engine, out=manual.with_name("whole.md")))
    assert events[0].job == finished.job and events[0].to_do == 2 and len(engine.requests) == 2
    assert events[-1].state == "complete"
    assert (manual.parent / "whole.md").read_text("utf-8") == "\n\n".join(ENGLISH.values())


def test_an_engine_that_dies_costs_nothing_that_was_done(run, manual, jobs):
    engine = Dictionary(fail_at=2, error=WorkerDied("The language model stopped unexpectedly.", "Try again."))
    with pytest.raises(AppError, match=r"What was translated by then is in “manual\.de\.md”"):
        list(run(manual, engine))
    assert len(engine.requests) == 4  # two done, and the third tried twice
    (job,) = jobs.all()
    assert (job.state, job.done) == ("failed", 2)
    assert "Wasserpumpe" in manual.with_name("manual.de.md").read_text("utf-8")


def test_refusals_come_before_anything_runs(run, manual, tmp_path):
    engine = Dictionary()
    with pytest.raises(AppError, match="is in English already"):
        list(run(manual, engine, target="en"))
    with pytest.raises(AppError, match="would overwrite"):
        list(run(manual, engine, out=manual))
    with pytest.raises(AppError, match=r"cannot be written as “\.docx”"):
        list(run(manual, engine, out=tmp_path / "x.docx"))
    unclear = tmp_path / "unclear.md"
    unclear.write_text("XY 12\n\nQZ\n", encoding="utf-8")
    with pytest.raises(AppError, match="cannot tell which language") as raised:
        list(run(unclear, engine))
    assert "--from" in raised.value.remedy
    assert engine.requests == [] and not list(tmp_path.glob("*.de*"))


def test_a_part_in_the_target_language_is_left(run, manual):
    manual.write_text(
        "\n\n".join([*ENGLISH, "Dieser Absatz steht schon lange auf Deutsch in der Anleitung."]),
        encoding="utf-8",
    )
    finished = list(run(manual, Dictionary()))[-1]
    assert finished.segments[-1].origin == "copied"
    assert finished.remarks == ("1 part was in German already and left as it is.",)


def test_an_edit_is_checked_kept_remembered_and_written(run, manual, jobs, memory, layout, cancel):
    finished = list(run(manual, Dictionary()))[-1]
    segments = load_job(finished.job, jobs=jobs, layout=layout, cancel=cancel)
    assert segments == finished.segments
    from dataclasses import replace

    pair = {"source_language": "en", "target_language": "de"}
    wrong = replace(segments[2], target="Nie ohne Wasser laufen lassen.")
    edited = save_edit(finished.job, wrong, jobs=jobs, memory=memory, **pair)
    assert edited.origin == "person" and "numbers" in {each.kind for each in edited.findings}
    assert memory.exact(edited.source, "en", "de").origin == "person"
    out = manual.with_name("edited.md")
    again = write_again(finished.job, out, jobs=jobs, layout=layout, cancel=cancel)
    assert "Nie ohne Wasser laufen lassen." in out.read_text("utf-8")
    assert again.segments[2] == edited and again.state == "complete"
    manual.write_text("Something else.", encoding="utf-8")
    with pytest.raises(AppError, match="was changed since"):
        load_job(finished.job, jobs=jobs, layout=layout, cancel=cancel)
