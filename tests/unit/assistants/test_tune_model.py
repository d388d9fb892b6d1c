"""A model gets a copy in the type that is fastest here, if it is as good; stopped or failed, nothing is left of it."""

import hashlib
import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.assistants import tune_model as use_case
from app.assistants.places import is_tiny
from app.assistants.tune_model import Candidate, Tuned, TuneStep, best, kinds_for, tune_model
from app.assistants.tune_starter import SWITCH, starter_to_tune, tune_starter, tune_starter_quickly
from app.base.errors import AppError, Cancelled, WorkerBug
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.settings import Settings
from app.engine.choose import model_to_use
from app.engine.client import Engine
from app.engine.measuring_protocol import Judged
from app.engine.protocol import ModelSpec, Sampling, TokenText
from app.engine.quantising import Quantiser
from app.engine.trial import Trial
from app.hardware.fit import Plan, estimate
from app.hardware.measured import Pace
from app.hardware.probe import Ram, probe
from app.models.gguf import read_facts
from app.models.installed import InstalledModel, installed_models, starter_chat_model, starter_model
from app.models.tuned import Tunings
from tests.fixtures import paces
from tests.fixtures.half_precision import write_half_model

SLOW, FAST = Pace(100, 10), Pace(250, 13)
Paces = Callable[[Pace], None]


@pytest.fixture
def model(paths: DataPaths) -> InstalledModel:
    write_half_model(paths.models / "some-F16.gguf")
    return installed_models(paths.models)[0]


@pytest.fixture
def copies_run_at(monkeypatch: pytest.MonkeyPatch) -> Paces:
    """Let every copy be measured to run so fast, beside `SLOW` of originals."""

    return lambda pace: paces.copies_run_at(monkeypatch, pace, SLOW)


def judged_as(monkeypatch: pytest.MonkeyPatch, original: float, copy: float, stretches: int = 5) -> list[int]:
    """Let every stretch of the text be so surprising; how many were asked for of each file."""
    asked: list[int] = []

    def judge(_: object, file: Path, text: str, cancel: CancelToken) -> Iterator[Judged]:
        asked.append(0)
        for number in range(stretches):
            asked[-1] += 1
            yield Judged(original if file.suffix == ".gguf" else copy, number + 1, stretches)

    monkeypatch.setattr(Trial, "judge", judge)
    return asked


def tune(model: InstalledModel, paths: DataPaths, cancel: CancelToken | None = None) -> Iterator[Any]:
    return tune_model(model, paths=paths, folder=paths.models, cancel=cancel or CancelToken(), rounds=1)


def kept(paths: DataPaths) -> list[str]:
    folder = Tunings(paths.models).folder
    return sorted(each.name for each in folder.iterdir() if each.name != ".lock") if folder.exists() else []


def candidate(kind: str, pace: Pace, perplexity: float | None) -> Candidate:
    return Candidate(kind, 1000, SLOW, pace, 14.0, perplexity)


def test_the_fastest_of_the_faithful_is_chosen():
    slower, faster = candidate("Q8_0", Pace(200, 12), 14.0), candidate("Q4_0", FAST, 14.069)
    assert best([slower, faster]) is faster
    assert best([slower, replace(faster, perplexity=14.08)]) is slower  # more than half a percent
    assert best([slower, replace(faster, perplexity=math.inf)]) is slower
    assert best([replace(slower, perplexity=13.9)]) is not None  # better is no loss


def test_nothing_is_chosen_for_a_little_speed():
    assert best([]) is None
    assert best([candidate("Q8_0", Pace(114, 11.4), 14.0)]) is None
    assert best([candidate("Q8_0", Pace(116, 11.6), 14.0)]) is not None
    # an answer over documents is mostly reading: it may write slower, but not much
    assert best([candidate("Q8_0", Pace(250, 9), 14.0)]) is not None
    assert best([candidate("Q8_0", Pace(250, 5), 14.0)]) is None


def test_types_the_model_has_or_that_take_far_more_room_are_not_tried(model: InstalledModel):
    facts = read_facts(model.file)
    assert kinds_for(facts) == ("Q8_0", "Q4_0")
    assert kinds_for(replace(facts, quantisation="Q8_0")) == ("Q4_0",)
    assert kinds_for(replace(facts, file_bytes=facts.parameters * 3 // 8)) == ("Q4_0",)
    with pytest.raises(AppError, match="searching"):
        kinds_for(replace(facts, architecture="bert"))


def test_a_copy_that_is_fast_and_as_good_is_used_and_the_model_keeps_its_name(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(FAST)
    judged_as(monkeypatch, 2.0, 2.001)
    before = model.file.read_bytes()
    *events, last = tune(model, paths)
    stages = [event.stage for event in events if isinstance(event, TuneStep)]
    assert set(stages) == {"writing", "measuring", "judging", "keeping"}
    assert all(0 <= event.fraction <= 1 for event in events if isinstance(event, TuneStep))
    assert isinstance(last, Tuned) and last.tuning.kind == "Q8_0"
    figures = last.tuning.figures
    assert figures is not None and (figures.reading, figures.writing, figures.rounds) == (2.5, 1.3, 1)
    assert figures.perplexity == pytest.approx(math.exp(2.001))
    spec = model_to_use(Settings(), paths, model.name)
    assert hashlib.sha256(Path(spec.file).read_bytes()).hexdigest() == last.tuning.copy_sha256
    assert spec.original == str(model.file) and spec.shown_name == model.name
    assert read_facts(Path(spec.file)).quantisation == "Q8_0"
    assert model.file.read_bytes() == before and len(kept(paths)) == 2
    assert [each.name for each in installed_models(paths.models) if not each.starter] == [model.name]
    with closing(Engine(paths)) as engine:
        replies = engine.complete(spec, "Hello", Sampling(temperature=0), 8, CancelToken())
        assert any(isinstance(each, TokenText) for each in replies)


def test_a_copy_that_is_clearly_worse_is_not_judged_to_the_end(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(FAST)
    asked = judged_as(monkeypatch, 2.0, 2.1)
    *_, last = tune(model, paths)
    assert last.tuning.kind == "" and asked == [5, 3, 3]  # the original once, each copy until it is plain
    assert [name for name in kept(paths) if name.endswith(".gguf")] == []
    assert model_to_use(Settings(), paths, model.name).file == str(model.file)


def test_a_copy_that_is_not_faster_is_not_judged(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(SLOW)
    asked = judged_as(monkeypatch, 2.0, 2.0)
    *_, last = tune(model, paths)
    assert last.tuning.kind == "" and last.tuning.figures is None and asked == []


@pytest.mark.parametrize("stage", ["writing", "measuring", "judging"])
@pytest.mark.parametrize("how", ["stopped", "left", "failed"])
def test_nothing_new_is_left_when_it_does_not_come_to_its_end(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch,
    stage: str, how: str,
):  # fmt: skip
    copies_run_at(FAST)
    judged_as(monkeypatch, 2.0, 2.0)
    list(tune(model, paths))
    before = kept(paths)
    cancel = CancelToken()
    events = tune(model, paths, cancel)
    for event in events:
        if isinstance(event, TuneStep) and event.stage == stage and event.kind == "Q4_0":
            break
    if how == "left":
        events.close()
    elif how == "stopped":
        cancel.cancel()
        with pytest.raises(Cancelled):
            list(events)
    else:
        with pytest.raises(AppError):
            events.throw(AppError("It broke.", "Try again."))
    assert kept(paths) == before


def test_without_room_nothing_is_begun(
    model: InstalledModel, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.models.disk.free_bytes", lambda folder: 1000)
    with pytest.raises(AppError, match="not enough room"):
        list(tune(model, paths))
    assert kept(paths) == []


def with_free_memory(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    machine = replace(probe(), ram=Ram(1 << 40, free))
    monkeypatch.setattr("app.hardware.probe.probe", lambda: machine)


def needed(model: InstalledModel, kind: str = "") -> int:
    facts = read_facts(model.file)
    size = use_case._expected(facts, kind) if kind else facts.shape.weight_bytes
    return estimate(replace(facts.shape, weight_bytes=size), Plan(1024, "f16", 0)).total


def test_a_model_that_does_not_fit_into_free_memory_is_not_tuned(
    model: InstalledModel, paths: DataPaths, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Quantiser, "write", lambda *_, **__: pytest.fail("begun"))
    with_free_memory(monkeypatch, needed(model) - 1)
    with pytest.raises(AppError, match=r"not enough free memory to tune .* it takes .* are free") as caught:
        list(tune(model, paths))
    assert "Close other programs" in caught.value.remedy and kept(paths) == []


def test_a_copy_that_does_not_fit_into_free_memory_is_left_out_and_that_is_told(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    facts = replace(read_facts(model.file), quantisation="Q4_K")  # its copy of 8 bits is larger than it
    shape = replace(facts.shape, weight_bytes=use_case._expected(facts, "Q4_0"))
    monkeypatch.setattr(use_case, "read_facts", lambda file: replace(facts, shape=shape))
    with_free_memory(monkeypatch, needed(model, "Q4_0"))
    copies_run_at(SLOW)
    *events, last = tune(model, paths)
    assert [event.kind for event in events if isinstance(event, Candidate)] == ["Q4_0"]
    assert last.left_out == ("Q8_0",) and last.tuning.kind == ""
    assert Tunings(paths.models).find(model.file) is None  # nothing is known of the other type


def test_measuring_tells_how_far_each_measurement_is(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces
):
    copies_run_at(SLOW)
    events = tune_model(model, paths=paths, folder=paths.models, cancel=CancelToken(), rounds=3)
    measured = [
        event.fraction for event in events if isinstance(event, TuneStep) and event.stage == "measuring"
    ]
    assert measured[:4] == pytest.approx([0, 1 / 12, 2 / 12, 3 / 12])
    assert max(measured) == pytest.approx(11 / 12)  # the last of six, half done


def test_a_measurement_tells_how_far_it_is(model: InstalledModel, paths: DataPaths):
    with closing(Trial(paths)) as trial:
        told = list(trial.pace(model.file, CancelToken()))
    assert told == sorted(told) and len(told) >= 2 and 0 <= told[0] < told[-1] < 1


def test_measured_for_real_it_comes_to_one_end_or_the_other(model: InstalledModel, paths: DataPaths):
    *events, last = tune(model, paths)
    tried = [event for event in events if isinstance(event, Candidate)]
    assert [each.kind for each in tried] == ["Q8_0", "Q4_0"]
    assert all(
        each.original.prompt_tokens_per_s > 0 and each.pace.generate_tokens_per_s > 0 for each in tried
    )
    chosen = best(tried)
    assert last.tuning.kind == (chosen.kind if chosen else "")


def test_the_starter_answers_from_its_tuned_copy_and_its_figures_are_known(
    paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(FAST)
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr("app.assistants.tune_starter._PATIENCE_S", 600.0)  # on a busy machine too
    assert hashlib.sha256(starter_chat_model().read_bytes()).hexdigest()[:16] in use_case._KNOWN
    assert list(tune_starter(replace(Settings(), default_model=Path("x")), paths, CancelToken())) == []
    *_, last = tune_starter_quickly(Settings(), paths, CancelToken())
    assert last.tuning.kind == "Q8_0"  # nobody waited for judging, and Q4_0 is known to answer worse
    spec = model_to_use(Settings(), paths)
    assert spec.shown_name == starter_model().name and spec.file != spec.original
    assert spec.smaller[0][0] == spec.original  # where memory does not suffice for the copy
    with closing(Engine(paths)) as engine:
        question = "The capital of France is"
        replies = engine.complete(spec, question, Sampling(temperature=0), 4, CancelToken())
        assert "Paris" in "".join(each.text for each in replies if isinstance(each, TokenText))
    assert starter_to_tune(Settings(), paths) is None
    assert list(tune_starter_quickly(Settings(), paths, CancelToken())) == []


def test_who_waits_gives_up_once_and_the_window_tries_again(
    paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(FAST)
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr("app.assistants.tune_starter._PATIENCE_S", 0.0)
    assert not any(
        isinstance(event, Tuned) for event in tune_starter_quickly(Settings(), paths, CancelToken())
    )
    monkeypatch.setattr("app.assistants.tune_starter._PATIENCE_S", 600.0)
    assert list(tune_starter_quickly(Settings(), paths, CancelToken())) == []
    assert starter_to_tune(Settings(), paths) is not None
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(tune_starter(Settings(), paths, cancel))


def test_one_measurement_is_no_proof_that_nothing_is_faster(
    paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(SLOW)
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr("app.assistants.tune_starter._PATIENCE_S", 600.0)
    assert list(tune_starter_quickly(Settings(), paths, CancelToken()))
    assert list(tune_starter_quickly(Settings(), paths, CancelToken())) == []
    assert starter_to_tune(Settings(), paths) is not None  # the window measures thrice


@pytest.mark.parametrize("error", [AppError("It broke.", "Try again."), WorkerBug("a mistake")])
def test_what_failed_once_is_not_waited_for_again(
    paths: DataPaths, monkeypatch: pytest.MonkeyPatch, error: Exception
):
    def fail(*_: object) -> None:
        raise error

    paces.before_each(monkeypatch, fail)
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr("app.assistants.tune_starter._PATIENCE_S", 600.0)
    assert list(tune_starter_quickly(Settings(), paths, CancelToken()))
    assert list(tune_starter_quickly(Settings(), paths, CancelToken())) == []
    assert list(tune_starter(Settings(), paths, CancelToken()))  # the window may try, and goes on


def test_a_damaged_copy_does_not_keep_the_model_from_answering(
    model: InstalledModel, paths: DataPaths, copies_run_at: Paces, monkeypatch: pytest.MonkeyPatch
):
    copies_run_at(FAST)
    judged_as(monkeypatch, 2.0, 2.0)
    list(tune(model, paths))
    spec = model_to_use(Settings(), paths, model.name)
    copy = Path(spec.file)
    with closing(Engine(paths)) as engine:
        for damaged in (
            bytes(copy.stat().st_size),
            copy.read_bytes()[:5000].ljust(copy.stat().st_size, b"\0"),
        ):
            copy.write_bytes(damaged)
            spec = model_to_use(Settings(), paths, model.name)
            assert spec.file == str(copy)
            replies = engine.complete(spec, "Hello", Sampling(temperature=0), 8, CancelToken())
            assert any(isinstance(each, TokenText) for each in replies)


def test_a_copy_makes_no_small_model_a_large_one(tmp_path: Path):
    small, large = tmp_path / "small.gguf", tmp_path / "large.gguf"
    for file, size in ((small, 600_000_000), (large, 800_000_000)):
        with file.open("wb") as stream:
            stream.truncate(size)
    assert is_tiny(ModelSpec(str(large), original=str(small))) and not is_tiny(ModelSpec(str(large)))


def test_what_fails_unasked_stands_in_nobodys_way(paths: DataPaths, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(SWITCH, "on")
    monkeypatch.setattr("app.models.disk.free_bytes", lambda folder: 1000)
    assert list(tune_starter(Settings(), paths, CancelToken())) == []
    assert model_to_use(Settings(), paths).file == str(starter_chat_model())


def test_a_quantised_model_can_be_written_anew_and_keeps_8_bits_where_tokens_are_chosen(
    model: InstalledModel, paths: DataPaths, tmp_path: Path
):
    once, twice = tmp_path / "once.gguf", tmp_path / "twice.gguf"
    with closing(Quantiser(paths)) as quantiser:
        list(quantiser.write(model.file, once, "Q8_0", CancelToken()))
        with pytest.raises(AppError):
            list(quantiser.write(once, twice, "Q4_0", CancelToken()))
        list(quantiser.write(once, twice, "Q4_0", CancelToken(), requantise=True))
    assert "Q8_0" in read_facts(twice).shape.read_bytes and "Q4_0" in read_facts(twice).shape.read_bytes


def test_judging_agrees_with_llama_cpps_own_python(model: InstalledModel, paths: DataPaths):
    numpy = pytest.importorskip("numpy")
    llama_cpp = pytest.importorskip("llama_cpp")
    text = "The keeper wrote down the height of each tide. " * 40
    with closing(Trial(paths)) as trial:
        replies = list(trial.judge(model.file, text, CancelToken()))
    whole = llama_cpp.Llama(str(model.file), n_ctx=256, logits_all=True, verbose=False)
    with closing(whole):
        tokens = whole.tokenize(text.encode(), add_bos=False)
        assert len(replies) == len(tokens) // 256 == replies[-1].total
        whole.eval(tokens[:256])
        scores = numpy.array(whole.scores[:256], dtype=float)
        chances = scores - numpy.log(numpy.exp(scores).sum(axis=1, keepdims=True))
        told = [-chances[place, tokens[place + 1]] for place in range(31, 255)]
    assert replies[0].surprise == pytest.approx(float(numpy.mean(told)), rel=1e-3)


def test_a_text_too_short_and_a_file_that_is_none_are_told(model: InstalledModel, paths: DataPaths):
    with closing(Trial(paths)) as trial:
        with pytest.raises(AppError, match="too short"):
            list(trial.judge(model.file, "Hello.", CancelToken()))
        broken = model.file.with_name("broken.gguf")
        broken.write_bytes(b"GGUF")
        with pytest.raises(AppError):
            list(trial.pace(broken, CancelToken()))


def test_another_model_is_left_alone(paths: DataPaths, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(SWITCH, "on")
    assert starter_to_tune(Settings(), paths) is not None
    assert starter_to_tune(replace(Settings(), default_model=Path("other.gguf")), paths) is None
    assert starter_to_tune(replace(Settings(), tune_starter=False), paths) is None
    monkeypatch.setenv(SWITCH, "off")
    assert starter_to_tune(Settings(), paths) is None
    assert ModelSpec("a.gguf").original == ""
