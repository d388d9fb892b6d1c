"""What the front does when a file kills the worker, with a worker that dies to order."""

import os

import pytest

from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import LoadProgress, ModelSpec, PromptProgress, Sampling


@pytest.fixture
def dying(paths, monkeypatch, tmp_path):
    """An engine whose worker sends `replies` and dies, and a model file."""
    engine, calls = Engine(paths), []
    (tmp_path / "bad.gguf").write_bytes(b"x")
    replies = [LoadProgress(0.1)]

    def request(message, cancel):
        calls.append(message)
        yield from replies
        raise WorkerDied("The language model stopped unexpectedly.", "Try again.", killed=killed[0])

    killed = [False]
    engine.set_killed = lambda: killed.insert(0, True)
    monkeypatch.setattr(engine._worker, "request", request)
    return engine, ModelSpec(str(tmp_path / "bad.gguf")), replies, calls


def load(engine, model):
    return list(engine.load(model, CancelToken()))


def test_a_file_that_kills_the_worker_twice_is_not_tried_again(dying):
    engine, model, _, calls = dying
    with pytest.raises(WorkerDied):
        load(engine, model)
    for _ in range(2):
        with pytest.raises(AppError, match=r"“bad.gguf” crashed twice") as caught:
            load(engine, model)
        assert "another model" in caught.value.remedy
    assert len(calls) == 2


def test_a_worker_that_alcove_killed_says_nothing_of_the_file(dying):
    engine, model, _, calls = dying
    engine.set_killed()
    for _ in range(4):
        with pytest.raises(WorkerDied):
            load(engine, model)
    assert len(calls) == 4


def test_a_replaced_file_gets_its_chance(dying):
    engine, model, _, calls = dying
    for _ in range(3):
        with pytest.raises(AppError):
            load(engine, model)
    os.utime(model.file, ns=(5, 5))
    with pytest.raises(WorkerDied):
        load(engine, model)
    assert len(calls) == 3


def test_dying_in_mid_answer_does_not_count(dying):
    engine, model, replies, calls = dying
    replies.append(PromptProgress(0, 10, 0))
    for _ in range(4):
        with pytest.raises(WorkerDied):
            list(engine.complete(model, "a", Sampling(), 1, CancelToken()))
    assert len(calls) == 4


def test_warming_up_a_bad_model_is_silent(dying):
    engine, model, _, calls = dying
    engine.warm_up(model)
    engine.close()
    assert len(calls) == 1
