import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from app.assistants.summarize.events import (
    DocumentFailed,
    Input,
    Summary,
    SummaryEvent,
    SummaryProgress,
    SummaryStarted,
    SummaryWritten,
    Wish,
)
from app.assistants.summarize.summarize import summarize
from app.base.errors import AppError, Cancelled, WorkerDied
from app.base.jobs import CancelToken
from app.engine.protocol import Message, ModelSpec
from app.models.installed import starter_chat_model
from app.retrieval.client import Library
from app.storage.summary_parts import SummaryParts
from tests.fixtures.scripted_engine import ScriptedEngine

SAMPLES = Path(__file__).resolve().parents[4] / "resources" / "samples"
LEASE = SAMPLES / "flat-lease.pdf"
MINUTES = SAMPLES / "board-minutes-march.docx"
_SHOWN = re.compile(r"^\[(\d+)\][^\n]*\n([^\n]+)", re.MULTILINE)

Asked = Sequence[Message]


def first_sentences(messages: Asked) -> str:
    """What a perfectly faithful model would write: the beginning of each passage it was shown, with its number."""
    lines = []
    for number, text in _SHOWN.findall(messages[-1].content):
        sentence = re.split(r"(?<=[.!?])\s", text)[0]
        lines.append(f"- {sentence} [{number}]")
    quotes = re.findall(r"^  \[(\d+)\] “(.+)”", messages[-1].content, re.MULTILINE)
    return "\n".join(lines or [f"- {text} [{number}]" for number, text in quotes])


@pytest.fixture
def run(library: Library, parts: SummaryParts) -> Callable[..., list[SummaryEvent]]:
    def run(
        inputs: Sequence[Input],
        wish: Wish,
        engine: Any = None,
        *,
        context: int = 1200,
        cancel: CancelToken | None = None,
    ) -> list[SummaryEvent]:
        model = ModelSpec(str(starter_chat_model()), context_length=context)
        return list(
            summarize(
                inputs,
                wish,
                library=library,
                engine=engine or ScriptedEngine(["unused"]),
                model=model,
                parts=parts,
                cancel=cancel or CancelToken(),
            )
        )

    return run


def written(events: Sequence[SummaryEvent]) -> list[Summary]:
    return [each.summary for each in events if isinstance(each, SummaryWritten)]


def test_the_starter_chat_model_is_too_small_so_the_documents_own_sentences_are_chosen(run: Any) -> None:
    engine = ScriptedEngine(["unused"])
    [summary] = written(run([Input(str(LEASE))], Wish(), engine))
    assert summary.extractive and summary.model == "" and summary.state == "complete"
    assert "too small" in summary.remarks[0]
    assert engine.requests == []
    assert summary.coverage.pages_read == summary.coverage.pages_total > 1
    assert summary.coverage.passages_read == summary.coverage.passages_total
    assert 3 <= len(summary.points) <= 12
    for point in summary.points:
        [source] = point.sources
        assert point.text == " ".join(source.quote.split())
        assert source.quote in source.passage and source.page is not None
        assert point.text in summary.text


def test_a_model_reads_every_passage_and_every_point_names_passages_it_was_shown(run: Any) -> None:
    engine = ScriptedEngine([first_sentences])
    events = run([Input(str(LEASE))], Wish(way="model", sentences=5), engine)
    [summary] = written(events)
    assert not summary.extractive and summary.model
    started = next(each for each in events if isinstance(each, SummaryStarted))
    progress = [each for each in events if isinstance(each, SummaryProgress)]
    assert started.calls > 2 and progress[-1].done == len(engine.requests)
    maps = {each[-1].content for each in engine.requests if each[-1].content.startswith("Passages:")}
    shown = sum(len(_SHOWN.findall(each)) for each in maps)
    assert shown == summary.coverage.passages_total, "every passage is read"
    assert summary.coverage.passages_read == summary.coverage.passages_total
    assert 1 <= len(summary.points) <= 5
    assert all(point.sources for point in summary.points)
    merges = [each for each in engine.requests if "Points from the parts" in each[-1].content]
    assert merges and all("“" in each[-1].content for each in merges), (
        "a merge is shown the document's own words"
    )


def test_inventions_are_dropped_and_ids_are_never_invented(run: Any) -> None:
    def inventing(messages: Asked) -> str:
        good = first_sentences(messages)
        first = _SHOWN.findall(messages[-1].content)[0][0] if _SHOWN.search(messages[-1].content) else "1"
        return f"{good}\n- The landlord is Zebediah Quarkbottom of Novosibirsk [{first}]\n- The fine is £98,765.43 [{first}] [4711]"

    [summary] = written(
        run([Input(str(MINUTES))], Wish(way="model", sentences=8), ScriptedEngine([inventing]))
    )
    assert summary.points
    assert "Zebediah" not in summary.text and "98,765" not in summary.text
    known = range(1, summary.coverage.passages_total + 1)
    assert all(source.number in known for point in summary.points for source in point.sources)


@pytest.mark.parametrize(
    "answer", ["", "I cannot help with that.", "Blue whales sing across the southern ocean [1]\n" * 40]
)
def test_a_model_that_says_nothing_of_use_twice_leaves_the_documents_own_sentences(
    run: Any, answer: str
) -> None:
    engine = ScriptedEngine([answer])
    [summary] = written(run([Input(str(MINUTES))], Wish(way="model"), engine))
    assert summary.extractive and summary.points
    assert "not supported" in summary.remarks[0]
    assert all(point.text == " ".join(point.sources[0].quote.split()) for point in summary.points)


def test_what_was_made_once_is_not_asked_for_again(run: Any) -> None:
    first, second, other = (ScriptedEngine([first_sentences]) for _ in range(3))
    wish = Wish(way="model", sentences=5)
    [before] = written(run([Input(str(MINUTES))], wish, first))
    [after] = written(run([Input(str(MINUTES))], wish, second))
    assert first.requests and second.requests == [] and after == before
    run([Input(str(MINUTES))], Wish(way="model", sentences=5, instruction="Look at the money."), other)
    assert other.requests, "another wish is another question"


def test_stop_keeps_what_is_finished_and_the_next_run_goes_on_from_there(run: Any) -> None:
    cancel = CancelToken()

    def stopping(messages: Asked) -> str:
        if len(engine.requests) == 3:
            cancel.cancel()
        return first_sentences(messages)

    engine = ScriptedEngine([stopping])
    [summary] = written(run([Input(str(MINUTES))], Wish(way="model", sentences=5), engine, cancel=cancel))
    assert summary.state == "stopped" and summary.points
    assert 0 < summary.coverage.passages_read < summary.coverage.passages_total
    again = ScriptedEngine([first_sentences])
    [whole] = written(run([Input(str(MINUTES))], Wish(way="model", sentences=5), again))
    assert whole.state == "complete"
    asked = {each[-1].content for each in again.requests}
    assert not asked & {each[-1].content for each in engine.requests[:2]}, (
        "the finished parts were not asked again"
    )


def test_what_was_finished_before_the_model_failed_is_kept(library: Library, parts: SummaryParts) -> None:
    def failing(messages: Asked) -> str:
        if len(engine.requests) == 3:
            raise WorkerDied("The language model stopped unexpectedly.", "Try again.")
        return first_sentences(messages)

    engine: Any = ScriptedEngine([failing])
    model = ModelSpec(str(starter_chat_model()), context_length=1200)
    events: list[SummaryEvent] = []
    with pytest.raises(WorkerDied):
        for event in summarize(
            [Input(str(MINUTES))], Wish(way="model"), library=library, engine=engine, model=model, parts=parts,
            cancel=CancelToken(),
        ):  # fmt: skip
            events.append(event)
    [summary] = written(events)
    assert summary.state == "stopped" and summary.points
    assert 0 < summary.coverage.passages_read < summary.coverage.passages_total


def test_a_stop_before_anything_is_finished_is_a_stop(run: Any) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run([Input(str(LEASE))], Wish(), cancel=cancel)


def test_several_documents_get_a_summary_each_and_a_joint_one_and_a_bad_one_stops_nothing(
    run: Any, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    events = run([Input(str(LEASE)), Input(str(empty)), Input(str(MINUTES))], Wish())
    summaries = written(events)
    assert [each.file for each in summaries] == [str(LEASE), str(MINUTES), ""]
    assert any(isinstance(each, DocumentFailed) and each.file == str(empty) for each in events)
    joint = summaries[-1]
    assert {source.file for point in joint.points for source in point.sources} == {str(LEASE), str(MINUTES)}
    assert joint.coverage.passages_total == sum(each.coverage.passages_total for each in summaries[:-1])


def test_a_document_that_cannot_be_read_says_why(run: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    with pytest.raises(AppError, match="empty"):
        run([Input(str(empty))], Wish())
    with pytest.raises(AppError, match="nothing to summarise"):
        run([Input(text="  ")], Wish())


def test_minutes_list_decisions_and_actions(run: Any) -> None:
    [summary] = written(run([Input(str(MINUTES))], Wish(style="minutes")))
    kinds = {
        kind: [each.text for each in summary.points if each.kind == kind] for kind in ("decision", "action")
    }
    assert any("£22" in each for each in kinds["decision"])
    assert any("Rafiq will ask for a third" in each for each in kinds["action"])
    assert "## Decisions" in summary.text and "## Actions" in summary.text


def test_sections_keep_their_headings(run: Any) -> None:
    [summary] = written(run([Input(str(MINUTES))], Wish(style="sections")))
    titles = re.findall(r"^## (.+)$", summary.text, re.MULTILINE)
    assert len(titles) >= 4 and any("Treasurer" in each for each in titles)


def test_pasted_text_is_summarised_without_being_indexed(run: Any) -> None:
    text = SAMPLES.joinpath("tidewatch-release-notes.txt").read_text()
    [summary] = written(run([Input(text=text)], Wish(style="brief", sentences=2)))
    assert len(summary.points) == 2 and "\n" not in summary.text
    assert all(source.file == "" for point in summary.points for source in point.sources)


def test_wishes_only_a_model_can_follow_are_told(run: Any) -> None:
    [summary] = written(
        run([Input(str(LEASE))], Wish(way="extractive", language="de", instruction="Be funny."))
    )
    assert summary.remarks[0].startswith("Only a model can follow another language or an instruction")


def test_a_model_that_cannot_be_loaded_leaves_the_documents_own_sentences(run: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.assistants.summarize.way._FEWEST_PARAMETERS", 1)

    class TooLarge(ScriptedEngine):
        def load(self, model: ModelSpec, cancel: CancelToken) -> Any:
            raise AppError("The model needs 9 GB of memory.", "Choose a smaller one.")

    [summary] = written(run([Input(str(MINUTES))], Wish(), TooLarge()))
    assert summary.extractive and summary.points
    assert summary.remarks[0].startswith(
        "The model needs 9 GB of memory. So the document's own sentences were chosen."
    )
    with pytest.raises(AppError, match="9 GB"):
        run([Input(str(MINUTES))], Wish(way="model"), TooLarge())


def test_as_many_points_as_asked_for_without_overfilling_the_context(run: Any) -> None:
    engine = ScriptedEngine([first_sentences], context_length=2048)
    [summary] = written(run([Input(str(LEASE))], Wish(way="model", sentences=20), engine, context=2048))
    assert summary.state == "complete" and 15 <= len(summary.points) <= 20


def test_decisions_and_actions_survive_a_model_that_fails_in_some_parts(run: Any) -> None:
    def sometimes(messages: Asked) -> str:
        return first_sentences(messages) if len(engine.requests) == 1 else "Nothing of use."

    engine = ScriptedEngine([sometimes])
    [summary] = written(run([Input(str(MINUTES))], Wish(way="model", style="minutes"), engine))
    assert "own sentences" in " ".join(summary.remarks) and not summary.extractive
    assert any("£22" in each.text for each in summary.points if each.kind == "decision")
    assert any("Joss will fit it" in each.text for each in summary.points if each.kind == "action")


def test_a_line_that_was_cut_off_is_no_point(run: Any) -> None:
    def endless(messages: Asked) -> str:
        return (
            first_sentences(messages).splitlines()[0] + "\nThe tenant who moved in last " + "and last " * 2000
        )

    [summary] = written(run([Input(str(LEASE))], Wish(way="model", sentences=3), ScriptedEngine([endless])))
    assert "and last" not in summary.text and summary.points


def test_what_was_left_out_is_said(run: Any) -> None:
    def mixed(messages: Asked) -> str:
        return f"{first_sentences(messages)}\n- Sharks pay the rent in gold each Friday [1]"

    [summary] = written(run([Input(str(LEASE))], Wish(way="model", sentences=8), ScriptedEngine([mixed])))
    assert "Sharks" not in summary.text
    assert any("left out" in each for each in summary.remarks)


def test_a_change_in_one_section_asks_again_for_that_section_only(run: Any, tmp_path: Path) -> None:
    sections = {
        name: f"# {name}\n\n"
        + " ".join(f"The {name} rule number {n} costs £{n} a year for members." for n in range(9))
        for name in ("Rent", "Heating", "Garden", "Cellar", "Keys", "Parking")
    }
    file = tmp_path / "rules.md"
    engines = [ScriptedEngine([first_sentences]) for _ in range(2)]
    for engine in engines:
        file.write_text("\n\n".join(sections.values()))
        run([Input(str(file))], Wish(way="model", sentences=40), engine)
        sections["Rent"] = (
            "# Rent\n\nThe rent is now paid twice a year.\n\n" + sections["Rent"].partition("\n\n")[2]
        )
    first, second = (
        [each[-1].content for each in engine.requests if "Passages:" in each[-1].content]
        for engine in engines
    )
    assert len(first) > 2 and 1 <= len(second) < len(first)


def test_every_document_is_heard_in_the_joint_summary(run: Any, tmp_path: Path) -> None:
    files = []
    for number in range(12):
        file = tmp_path / f"note{number}.txt"
        file.write_text(
            f"The house number {number} was painted in the colour {number * 7}. Its owner paid for it in June."
        )
        files.append(Input(str(file)))
    joint = written(run(files, Wish()))[-1]
    assert {source.file for point in joint.points for source in point.sources} == {
        each.file for each in files
    }
