from dataclasses import replace
from pathlib import Path

import pytest

from app.assistants.translate.document import translate_document
from app.assistants.translate.editing import load_job, save_edit, write_again
from app.assistants.translate.events import DocumentOpened, SegmentDone, TranslationFinished
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.storage.glossaries import Term
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
    with pytest.raises(AppError, match="nowhere is not there"):
        list(run(manual, engine, out=tmp_path / "nowhere" / "x.md"))
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
    pair = {"source_language": "en", "target_language": "de"}
    wrong = replace(segments[2], target="Nie ohne Wasser laufen lassen.")
    edited = save_edit(finished.job, wrong, jobs=jobs, memory=memory, **pair)
    assert edited.origin == "person" and "numbers" in {each.kind for each in edited.findings}
    assert memory.exact(edited.source, "en", "de").origin == "person"
    again = write_again(finished.job, jobs=jobs, layout=layout, cancel=cancel)
    assert again.out == finished.out and "Nie ohne Wasser laufen lassen." in Path(again.out).read_text(
        "utf-8"
    )
    assert again.segments[2] == edited and again.state == "complete"
    Path(again.out).write_text("Corrected by the person since.", encoding="utf-8")
    beside = write_again(finished.job, jobs=jobs, layout=layout, cancel=cancel)
    assert beside.out == str(manual.with_name("manual.de (2).md"))
    assert Path(again.out).read_text("utf-8") == "Corrected by the person since."
    manual.write_text("Something else.", encoding="utf-8")
    for use in (load_job, write_again):
        with pytest.raises(AppError, match="was changed since it was translated"):
            use(finished.job, jobs=jobs, layout=layout, cancel=cancel)
    manual.unlink()
    with pytest.raises(AppError, match=r"“manual\.md” of this translation is gone"):
        write_again(finished.job, jobs=jobs, layout=layout, cancel=cancel)


def test_what_is_translated_is_the_file_as_it_was_at_the_start(run, manual, jobs):
    """Else translations land in the wrong paragraphs of the newer version."""
    remarks = []
    for change in (lambda: manual.write_text("New.\n\n" + "\n\n".join(ENGLISH), "utf-8"), manual.unlink):
        for event in run(manual, Dictionary()):
            if isinstance(event, SegmentDone) and event.done == 2:
                change()
        remarks += event.remarks
        assert Path(event.out).read_text("utf-8").endswith("\n\n".join(ENGLISH.values()))
    assert remarks == [
        "“manual.md” was changed meanwhile; this is the translation of the version from the start.",
        "“manual.md” is no longer there; this is the translation of the version from the start.",
    ]


def test_a_file_is_not_translated_twice_at_the_same_time(run, manual):
    first = run(manual, Dictionary())
    assert isinstance(next(first), DocumentOpened)
    with pytest.raises(AppError, match=r"“manual\.md” is being translated right now"):
        list(run(manual, Dictionary()))
    other = list(run(manual, Dictionary(), target="nl", out=manual.with_name("b.md")))  # another language may
    manual.with_name("manual.de.md").write_text("Put there meanwhile.", "utf-8")
    finished = list(first)[-1]
    assert (other[-1].state, finished.state) == ("complete", "complete")
    assert Path(finished.out).name == "manual.de (2).md"
    assert manual.with_name("manual.de.md").read_text("utf-8") == "Put there meanwhile."
    given_up = run(manual, Dictionary())
    next(given_up)
    given_up.close()  # as when the window goes: the file is free again
    assert list(run(manual, Dictionary()))[-1].state == "complete"


def stopped(events, token, after=0):
    """Runs until so many segments are done; the last event."""
    for event in events:
        if (
            isinstance(event, DocumentOpened if not after else SegmentDone)
            and getattr(event, "done", 0) >= after
        ):
            token.cancel()
    return event


def test_stop_leaves_one_unfinished_file_and_replaces_no_whole_one(run, manual, memory):
    token = CancelToken()
    nothing = stopped(run(manual, Dictionary(), token), token)
    assert (nothing.state, nothing.out, nothing.segments) == ("stopped", "", ())
    for done in (1, 2):
        token = CancelToken()
        part = stopped(run(manual, Dictionary(), token), token, after=done)
        assert part.out == str(manual.with_name("manual.de.md"))
    assert len(list(manual.parent.glob("manual.*"))) == 2
    own = manual.with_name("own.md")
    own.write_text("A whole translation.", "utf-8")
    token = CancelToken()
    part = stopped(run(manual, Dictionary(), token, out=own), token, after=3)
    assert own.read_text("utf-8") == "A whole translation." and Path(part.out).name == "own (2).md"
    assert "“own.md” was there already and stays as it was." in part.remarks
    whole = list(run(manual, Dictionary()))[-1]
    assert (whole.state, whole.out) == ("complete", part.out)
    assert Path(whole.out).read_text("utf-8") == "\n\n".join(ENGLISH.values())


def test_another_engine_or_glossary_makes_its_own_of_what_was_left_behind(run, manual, jobs, layout):
    token = CancelToken()
    part = stopped(run(manual, Dictionary(), token), token, after=3)
    pair = {"source_language": "en", "target_language": "de"}
    save_edit(part.job, replace(part.segments[0], target="Pumpe"), jobs=jobs, memory=None, **pair)

    token, same = CancelToken(), Dictionary()
    again = stopped(run(manual, same, token, terms=[Term("valve", "Absperrhahn")]), token, after=3)
    assert again.job == part.job and same.requests
    assert all("Open the valve" in each.text for each in same.requests)
    assert "glossary" in {each.kind for each in again.segments[1].findings}

    token, other = CancelToken(), Dictionary()
    other.name = "Other"
    half = stopped(run(manual, other, token), token, after=2)
    assert load_job(part.job, jobs=jobs, layout=layout, cancel=CancelToken()) == half.segments
    assert len(half.segments) == 2
    events = list(run(manual, other))
    assert (events[0].job, events[0].to_do) == (part.job, 2) and len(other.requests) == 3
    assert [each.origin for each in events[-1].segments] == ["person", "engine", "engine", "engine"]
    assert events[-1].segments[0].target == "Pumpe"


def test_a_segment_that_is_refused_keeps_its_source_but_several_end_the_work(run, manual, jobs, tmp_path):
    class Refusing(Dictionary):
        refused = "Never run"

        def answer(self, request):
            if self.refused in request.text:
                raise AppError("The text does not fit into the model.", "Shorten it.")
            return super().answer(request)

    finished = list(run(manual, Refusing()))[-1]
    assert finished.state == "complete"
    (flagged,) = finished.flagged
    assert (flagged.origin, flagged.target) == ("kept", flagged.source)
    assert flagged.findings[0].text == "The source text was kept. The text does not fit into the model."

    file = tmp_path / "long.md"
    file.write_text("\n\n".join([*ENGLISH, *(f"Never run number {n} dry again." for n in range(9))]), "utf-8")
    with pytest.raises(AppError, match=r"does not fit.*“long\.de\.md”"):
        list(run(file, Refusing()))
    short = tmp_path / "short.md"
    short.write_text("Never run the whole pump without any water.", "utf-8")
    with pytest.raises(AppError, match="does not fit"):
        list(run(short, Refusing()))
    assert (jobs.all()[0].state, jobs.all()[0].out) == ("failed", "")
