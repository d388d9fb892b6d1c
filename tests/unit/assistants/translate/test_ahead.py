"""Segments of a document that a model translates several at a time."""

from pathlib import Path

import pytest

from app.assistants.translate.chat_translator import ChatTranslator
from app.assistants.translate.document import translate_document
from app.assistants.translate.engines import Request
from app.assistants.translate.events import SegmentDone, TranslationFinished
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.engine.protocol import ModelSpec
from app.models.catalog import load_catalog
from tests.fixtures.scripted_engine import ScriptedEngine

SPEC = ModelSpec("some-model.gguf")
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
LINES = [f"The {word} valve of the water pump is closed at night." for word in NUMBERS]


def german(messages):
    """A faithful translation, with the words of the source that must stay."""
    text = messages[-1].content.rpartition("\n\n")[2]
    number = next((each for each in NUMBERS if f" {each} " in text), "Nummer")
    return f"Das Ventil {number} der Wasserpumpe ist in der Nacht geschlossen."


class Counting(ScriptedEngine):
    """`many`: how many prompts each request for several had; `alone`: requests for one."""

    def __init__(self, answers=(german,), **options):
        super().__init__(list(answers), **options)
        self.many, self.alone, self._inside = [], 0, False

    def chat(self, *arguments):
        self.alone += not self._inside
        return super().chat(*arguments)

    def chat_many(self, model, prompts, cancel):
        self.many.append(len(prompts))
        replies = super().chat_many(model, prompts, cancel)
        try:
            while True:
                self._inside = True
                try:
                    reply = next(replies)
                except StopIteration:
                    return
                finally:
                    self._inside = False
                yield reply
        finally:
            replies.close()


def translator(engine, model="hy-mt2-1.8b"):
    return ChatTranslator(engine, SPEC, load_catalog().model(model))


@pytest.fixture
def manual(tmp_path: Path) -> Path:
    file = tmp_path / "manual.md"
    file.write_text("\n\n".join(LINES), encoding="utf-8")
    return file


@pytest.fixture
def run(layout, memory, jobs):
    def translate(file, engine, cancel=None, model="hy-mt2-1.8b"):
        return translate_document(
            file, translator=translator(engine, model), target="de", layout=layout, memory=memory, jobs=jobs,
            cancel=cancel or CancelToken(),
        )  # fmt: skip

    return translate


def test_all_segments_are_asked_for_together_and_come_in_order(run, manual):
    engine = Counting()
    *_, finished = events = list(run(manual, engine))
    assert isinstance(finished, TranslationFinished) and finished.state == "complete"
    assert engine.many == [8] and engine.alone == 0
    done = [each for each in events if isinstance(each, SegmentDone)]
    assert [each.segment.source for each in done] == LINES
    assert [each.done for each in done] == list(range(1, 9))
    assert all(f"Ventil {word} der" in each.segment.target for word, each in zip(NUMBERS, done, strict=True))
    assert finished.flagged == ()


def test_a_model_that_is_shown_what_came_before_translates_one_after_the_other(run, manual):
    engine = Counting()
    list(run(manual, engine, model="phi-4-mini-instruct"))
    assert engine.many == [] and engine.alone == 8


def test_what_repeats_is_asked_for_once_and_what_the_memory_has_never(run, manual, memory):
    memory.remember("en", "de", [(LINES[0], "Das erste Ventil der Pumpe ist nachts zu.")], "person")
    manual.write_text("\n\n".join([*LINES[:4], *LINES[:4]]), encoding="utf-8")
    engine = Counting()
    *_, finished = run(manual, engine)
    assert engine.many == [3] and engine.alone == 0
    assert [each.origin for each in finished.segments[:2]] == ["memory", "engine"]


def test_a_damaged_answer_is_asked_for_again_alone(run, manual):
    def damaged(messages):
        first = messages[-1].content.startswith("Translate the following")
        return "" if first and " three " in messages[-1].content else german(messages)

    engine = Counting([damaged])
    *_, finished = run(manual, engine)
    assert (engine.many, engine.alone) == ([8], 1)
    assert "Ventil three" in finished.segments[2].target and finished.flagged == ()


def test_an_answer_that_fails_ahead_is_asked_for_alone_and_tells_why(run, manual):
    def refusing(messages):
        if " three " in messages[-1].content:
            raise AppError("This one is too long.", "Shorten it.")
        return german(messages)

    engine = Counting([refusing])
    *_, finished = run(manual, engine)
    assert (engine.many, engine.alone) == ([8], 1)
    assert [each.origin for each in finished.segments] == ["engine"] * 2 + ["kept"] + ["engine"] * 5
    assert "too long" in finished.segments[2].findings[0].text


def test_a_process_that_ends_is_asked_again_one_by_one(run, manual):
    def dying(messages):
        if len(engine.requests) == 4:
            raise WorkerDied("The language model stopped unexpectedly.", "Try again.")
        return german(messages)

    engine = Counting([dying])
    *_, finished = run(manual, engine)
    assert finished.state == "complete" and finished.flagged == ()
    assert [
        f"Ventil {word} der" in each.target for word, each in zip(NUMBERS, finished.segments, strict=True)
    ]
    assert engine.many == [8] and engine.alone == 5


def test_stop_keeps_what_is_done_and_the_next_run_takes_it_up(run, manual):
    cancel, engine = CancelToken(), Counting()
    events = []
    for event in run(manual, engine, cancel):
        events.append(event)
        if isinstance(event, SegmentDone) and event.done == 3:
            cancel.cancel()
    assert events[-1].state == "stopped" and len(events[-1].segments) == 3
    assert len(engine.requests) < 8, "the engine stopped too"
    again = Counting()
    *_, finished = run(manual, again)
    assert finished.state == "complete" and again.many == [5]


def test_who_stops_listening_stops_the_engine(run, manual):
    engine = Counting()
    events = run(manual, engine)
    for event in events:
        if isinstance(event, SegmentDone):
            break
    events.close()
    assert len(engine.requests) < 8


def test_an_answer_that_ran_into_its_limit_gets_twice_the_room(cancel):
    text = LINES[0]
    endless = " ".join(f"Wort{number}" for number in range(90))
    engine = Counting([endless])
    work = translator(engine)
    requests = [Request(each, "en", "de") for each in LINES[:2]]
    work.look_ahead(requests, cancel)
    assert work.translate(Request(text, "en", "de"), cancel) == endless
    assert engine.many == [2] and engine.alone == 1


def test_a_loop_is_taken_as_it_is(cancel):
    engine = Counting(["ja und nein " * 4000])
    work = translator(engine)
    work.look_ahead([Request(each, "en", "de") for each in LINES[:2]], cancel)
    assert work.translate(Request(LINES[0], "en", "de"), cancel).startswith("ja und nein ja und nein")
    assert engine.alone == 0


def test_a_single_request_is_not_worth_it(cancel):
    engine = Counting()
    work = translator(engine)
    work.look_ahead([Request(LINES[0], "en", "de")] * 2, cancel)
    work.translate(Request(LINES[0], "en", "de"), cancel)
    assert engine.many == [] and engine.alone == 1
