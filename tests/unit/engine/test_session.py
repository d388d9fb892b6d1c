"""Holding one model at a time, with toys instead of models."""

import os
from dataclasses import replace

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.engine.kept_states import KeptStates
from app.engine.language_model import NoRoom
from app.engine.protocol import (
    Chat,
    Complete,
    CountTokens,
    Load,
    Loaded,
    LoadProgress,
    Message,
    ModelSpec,
    Sampling,
    Step,
    TokenCounts,
)
from app.engine.session import Session
from app.hardware.fit import Plan
from tests.fixtures.tiny_model import write_tiny_model
from tests.unit.engine.test_generation import Toy


class LoadedToy(Toy):
    first, bos, eos, control_tokens = 1, "<s>", "</s>", ("<s>",)
    alive = 0

    def __init__(self, facts, spec, tell, cancel):
        super().__init__()
        if cancel.cancelled:
            raise Cancelled
        tell(LoadProgress(0.5))
        self.spec, self.seen = spec, []
        self.context_length = spec.context_length
        self.plan, self.steps = Plan(spec.context_length, spec.kv_type, spec.gpu_layers), ()
        LoadedToy.alive += 1
        assert LoadedToy.alive == 1

    def tokens(self, text, *, special):
        self.seen.append((text, special))
        return [ord(each) for each in text]

    def close(self):
        super().close()

    def sampler(self, sampling):
        return Toy.sampler(self, sampling) and _Sampler(self)


class _Sampler:
    def __init__(self, toy):
        self.draw = toy.draw

    def close(self):
        pass


@pytest.fixture
def opened(monkeypatch):
    models = []
    LoadedToy.alive = 0

    def open_model(*arguments):
        model = LoadedToy(*arguments)
        models.append(model)
        model.close = lambda: setattr(LoadedToy, "alive", LoadedToy.alive - 1)
        return model

    return models, Session(open_model)


def run(session, request, cancel=None):
    return list(session.handle(request, cancel or CancelToken()))


def spec(tmp_path, name="a.gguf", context=300, **details):
    return ModelSpec(str(write_tiny_model(tmp_path / name, **details)), context)


def test_a_model_is_loaded_once_and_kept(opened, tmp_path):
    models, session = opened
    model = spec(tmp_path)
    first, again = run(session, Load(model)), run(session, Load(model))
    assert isinstance(first[0], LoadProgress)
    assert isinstance(first[-1], Loaded)
    assert (first[-1].name, first[-1].architecture, first[-1].train_context) == ("Tiny", "llama", 512)
    assert not first[-1].can_chat
    assert len(again) == len(models) == 1


def test_whatever_loads_the_model_is_told_how(opened, tmp_path):
    _, session = opened
    model = spec(tmp_path)
    counted = [run(session, CountTokens(model, ("ab",))) for _ in range(2)]
    kinds = [[type(each) for each in replies] for replies in counted]
    assert kinds == [[LoadProgress, Loaded, TokenCounts], [TokenCounts]]


def test_another_model_replaces_the_held_one(opened, tmp_path):
    models, session = opened
    run(session, Load(spec(tmp_path, "a.gguf")))
    run(session, Load(spec(tmp_path, "b.gguf")))
    assert len(models) == 2
    assert LoadedToy.alive == 1


def test_a_replaced_file_is_loaded_again(opened, tmp_path):
    models, session = opened
    model = spec(tmp_path)
    run(session, Load(model))
    os.utime(model.file, ns=(1, 1))
    run(session, Load(model))
    assert len(models) == 2


def test_states_belong_to_the_file_that_was_loaded(tmp_path):
    keys = []

    class Keys(KeptStates):
        def key(self, facts):
            keys.append(super().key(facts))
            return keys[-1]

    def replaced_meanwhile(facts, spec, tell, cancel):
        LoadedToy.alive = 0
        toy = LoadedToy(facts, spec, tell, cancel)
        os.utime(spec.file, ns=(len(keys) + 5, len(keys) + 5))
        return toy

    model = spec(tmp_path)
    os.utime(model.file, ns=(1, 1))
    session = Session(replaced_meanwhile, Keys(tmp_path / "states", "1.0"))
    run(session, Load(model))
    run(session, Load(model))
    os.utime(model.file, ns=(1, 1))
    run(session, Load(model))
    first, second, third = keys
    assert first == third != second


def test_the_context_is_never_longer_than_the_training(opened, tmp_path):
    models, session = opened
    run(session, Load(spec(tmp_path, context=100_000)))
    assert models[0].spec.context_length == 512


def test_a_bad_file_leaves_the_held_model_alone(opened, tmp_path):
    models, session = opened
    good = spec(tmp_path)
    run(session, Load(good))
    (tmp_path / "bad.gguf").write_text("<html>")
    with pytest.raises(AppError, match="web page"):
        run(session, Load(ModelSpec(str(tmp_path / "bad.gguf"))))
    run(session, Load(good))
    assert len(models) == 1


def test_models_for_searching_cannot_write(opened, tmp_path):
    _, session = opened
    with pytest.raises(AppError, match="cannot write"):
        run(session, Load(spec(tmp_path, architecture="bert")))


def test_a_stopped_load_is_started_again_by_the_next_request(opened, tmp_path):
    models, session = opened
    model, stopped = spec(tmp_path), CancelToken()
    stopped.cancel()
    with pytest.raises(Cancelled):
        run(session, Load(model), stopped)
    run(session, Load(model))
    assert len(models) == 1


def test_counting_takes_plain_text(opened, tmp_path):
    models, session = opened
    counts = run(session, CountTokens(spec(tmp_path), ("ab", "")))[-1]
    assert counts == TokenCounts((2, 0))
    assert models[0].seen == [("ab", False), ("", False)]


def test_the_first_token_is_added_once(opened, tmp_path):
    models, session = opened
    model = spec(tmp_path, template="{{ messages[0].content }}")
    run(session, Complete(model, "a", Sampling(), 1))
    assert models[0].memory[:2] == [1, ord("a")]
    run(session, Chat(model, (Message("user", "\x01a"),), Sampling(), 1))
    assert models[0].memory[:2] == [1, ord("a")]


def test_chatting_needs_a_template(opened, tmp_path):
    _, session = opened
    with pytest.raises(AppError, match="no chat template"):
        run(session, Chat(spec(tmp_path), (Message("user", "a"),), Sampling(), 1))


class Refusing(LoadedToy):
    """Needs files with "q3" in their names."""

    def __init__(self, facts, spec, tell, cancel):
        if "q3" not in spec.file:
            raise NoRoom("There is not enough memory.", "Close other programs.")
        super().__init__(facts, spec, tell, cancel)


def test_a_model_without_room_gives_way_to_a_smaller_one_of_the_same(tmp_path):
    LoadedToy.alive = 0
    smaller = tuple((spec(tmp_path, f"{name}.gguf").file, f"Toy {name}") for name in ("q4", "q3", "q2"))
    asked = replace(spec(tmp_path, "q8.gguf", context=300), name="Toy Q8", smaller=smaller)
    session = Session(Refusing)
    loaded = run(session, Load(asked))[-1]
    assert loaded.steps == (Step("model", "Toy Q8", "Toy q3"),)
    assert run(session, Load(asked)) == [loaded] and LoadedToy.alive == 1  # it is held, not tried again
    with pytest.raises(NoRoom):
        run(session, Load(replace(asked, smaller=())))


def test_a_model_that_killed_its_process_twice_gives_way_too(opened, tmp_path):
    models, session = opened
    small = spec(tmp_path, "q4.gguf")
    asked = replace(spec(tmp_path, "q8.gguf"), smaller=((small.file, "Small"),))
    for kills, file in ((1, asked.file), (2, small.file), (3, small.file)):
        run(session, Load(replace(asked, kills=kills)))
        assert models[-1].spec.file == file


def test_a_context_cut_by_the_training_is_told(opened, tmp_path):
    _, session = opened
    longer = run(session, Load(spec(tmp_path, context=100_000)))[-1]
    assert longer.steps == (Step("training", "100000", "512"),)
    assert run(session, Load(spec(tmp_path, context=512)))[-1].steps == ()
