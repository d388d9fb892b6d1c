"""What the front does when a file kills the worker, with a worker that dies to order."""

import os
from dataclasses import replace

import pytest

from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.protocol import (
    Generated,
    Loaded,
    LoadProgress,
    Message,
    ModelSpec,
    PromptProgress,
    Restoring,
    Sampling,
    Step,
)
from app.hardware.graphics import driver_stack, model_key
from app.hardware.measured import Measurements

LOADED = Loaded("Bad", "toy", 2048, 8192, can_chat=True, threads=1, seconds=0.1)
CARD = LoadProgress(0.5, card=True)
DONE = Generated("end", 9, 0, 1, 0.1, 0.0)


class Dying(Engine):
    """Its worker sends what comes next in `tries`, and dies after each but a `Loaded` or `Generated`; the last is for all that follow."""

    def __init__(self, paths, monkeypatch):
        super().__init__(paths)
        self.tries, self.asked, self.eras = [[LoadProgress(0.1)]], [], []
        self.killed, self.exit_code = False, -11
        monkeypatch.setattr(self._worker, "request", self._reply)

    def _reply(self, message, _cancel):
        self.asked.append(message.model)
        self.eras.append(getattr(message, "era", None))
        replies = self.tries.pop(0) if len(self.tries) > 1 else self.tries[0]
        for each in replies:
            yield replace(each, file=message.model.file) if each == CARD else each
        if not isinstance(replies[-1], Loaded | Generated):
            raise WorkerDied(
                "The language model stopped.", "Try again.", killed=self.killed, exit_code=self.exit_code
            )


@pytest.fixture
def dying(paths, monkeypatch):
    return Dying(paths, monkeypatch)


@pytest.fixture
def model(tmp_path):
    (tmp_path / "bad.gguf").write_bytes(b"x")
    return ModelSpec(str(tmp_path / "bad.gguf"), adapt=True)


def load(engine, model):
    return list(engine.load(model, CancelToken()))


def complete(engine, model):
    return list(engine.complete(model, "a", Sampling(), 1, CancelToken()))


def test_a_file_that_kills_the_worker_is_tried_once_more_with_less_and_then_not_again(dying, model):
    for _ in range(2):
        with pytest.raises(AppError, match=r"“bad.gguf” crashed twice") as caught:
            load(dying, model)
        assert "another model" in caught.value.remedy
    assert [each.kills for each in dying.asked] == [0, 1]


def test_what_loads_with_less_goes_on_with_less(dying, model):
    dying.tries = [[LoadProgress(0.1)], [LOADED]]
    assert load(dying, model)[-1] == LOADED
    load(dying, model)
    assert [each.kills for each in dying.asked] == [0, 1, 1]  # else it would be loaded again, and die


def test_smaller_ones_of_the_same_model_get_their_chance(dying, model):
    with pytest.raises(AppError, match="crashed"):
        load(dying, replace(model, smaller=(("q4.gguf", "Q4"), ("q3.gguf", "Q3"))))
    assert [each.kills for each in dying.asked] == [0, 1, 2, 3]


def test_a_worker_that_alcove_killed_says_nothing_of_the_file(dying, model):
    dying.killed = True
    for _ in range(4):
        with pytest.raises(WorkerDied):
            load(dying, model)
    assert [each.kills for each in dying.asked] == [0] * 4


def test_a_replaced_file_gets_its_chance(dying, model):
    for _ in range(3):
        with pytest.raises(AppError):
            load(dying, model)
    os.utime(model.file, ns=(5, 5))
    with pytest.raises(AppError):
        load(dying, model)
    assert [each.kills for each in dying.asked] == [0, 1, 0, 1]


def test_dying_in_mid_answer_does_not_count(dying, model):
    dying.tries = [[LoadProgress(0.1), PromptProgress(0, 10, 0)]]
    for _ in range(4):
        with pytest.raises(WorkerDied):
            complete(dying, model)
    assert [each.kills for each in dying.asked] == [0] * 4


def test_a_system_that_ends_the_process_in_mid_answer_gets_a_smaller_one(dying, model):
    dying.tries, dying.exit_code = [[PromptProgress(0, 10, 0)]], -9
    for _ in range(2):
        with pytest.raises(WorkerDied):
            complete(dying, model)
    assert [each.kills for each in dying.asked] == [0, 1]


def test_warming_up_a_bad_model_is_silent(dying, model):
    dying.warm_up(model)
    dying._warming.join()
    assert len(dying.asked) == 2


def test_a_graphics_card_that_crashes_is_not_used_again_until_the_person_wants_it(dying, model, paths):
    dying.tries = [[CARD], [LOADED]]
    assert load(dying, model)[-1] == LOADED
    assert [(each.card, each.kills) for each in dying.asked] == [("auto", 0), ("failed", 0)]
    known = Measurements(paths.measurements)
    assert known.card_failed(driver_stack(), model_key(model.file))
    dying.try_card_again()
    assert not known.card_failed(driver_stack(), model_key(model.file))
    load(dying, model)
    assert dying.asked[-1].card == "auto"


def test_another_model_may_still_use_a_card_that_failed_with_one(dying, model, paths, tmp_path):
    other = replace(model, file=str(tmp_path / "good.gguf"))
    dying.tries = [[CARD], [LOADED]]
    load(dying, model)
    load(dying, other)
    load(dying, model)
    assert [each.card for each in dying.asked] == ["auto", "failed", "auto", "failed"]
    known = Measurements(paths.measurements)
    assert not known.card_failed(driver_stack(), model_key(other.file))
    assert not known.card_failed(driver_stack())


def test_a_state_that_kills_the_worker_is_left_and_the_model_is_not_blamed(dying, model):
    dying.tries = [[Restoring()], [LOADED, PromptProgress(0, 9, 0), DONE]]
    said = list(dying.chat(model, [Message("user", "Hello?")], Sampling(), 1, CancelToken()))
    assert said == [PromptProgress(0, 9, 0), DONE]
    assert [(each.kills, each.card) for each in dying.asked] == [(0, "auto")] * 2
    assert dying.eras[0] and dying.eras[1] == ""


def test_whatever_loads_a_model_it_is_known_how(dying, model):
    steps = (Step("context", "8192", "2048"),)
    dying.tries = [[replace(LOADED, steps=steps), DONE]]
    assert complete(dying, model) == [DONE]
    assert dying.remark.startswith("Memory is short")


@pytest.mark.parametrize("exit_code", [0, -1, -15])
def test_a_process_that_was_asked_to_end_says_nothing_of_card_or_memory(dying, model, paths, exit_code):
    dying.tries, dying.exit_code = [[CARD]], exit_code
    with pytest.raises(WorkerDied):
        load(dying, model)
    dying.tries = [[LOADED]]
    load(dying, model)
    assert [(each.card, each.kills) for each in dying.asked] == [("auto", 0)] * 2
    assert not Measurements(paths.measurements).card_failed(driver_stack())


def test_a_card_that_crashes_while_it_writes_is_an_error_only_once(dying, model):
    dying.tries = [[CARD, PromptProgress(0, 9, 0)], [LOADED]]
    with pytest.raises(WorkerDied):
        complete(dying, model)
    complete(dying, model)
    assert [each.card for each in dying.asked] == ["auto", "failed"]


def test_a_file_that_crashes_with_the_card_and_without_it_ends(dying, model):
    dying.tries = [[CARD]]
    with pytest.raises(AppError, match="crashed twice"):
        load(dying, model)
    assert [(each.card, each.kills) for each in dying.asked] == [("auto", 0), ("failed", 0), ("failed", 1)]


def test_a_card_that_the_person_does_not_want_stays_so(dying, model):
    dying.tries = [[CARD], [LOADED]]
    load(dying, replace(model, card="never"))
    assert [each.card for each in dying.asked] == ["never", "never"]


def test_it_tells_what_came_out_smaller_and_what_answers_instead(dying, model):
    assert (dying.remark, dying.shown_name(model)) == ("", "bad")
    steps = (Step("model", "bad", "Bad Q4"), Step("context", "8192", "2048"))
    dying.tries = [[replace(LOADED, steps=steps)], [LOADED]]
    load(dying, model)
    assert dying.remark.startswith("Memory is short, so “Bad Q4” answers instead of “bad” and")
    assert dying.shown_name(model) == "Bad Q4"
    assert dying.shown_name(replace(model, name="Other")) == "Other"
    load(dying, model)
    assert (dying.remark, dying.shown_name(model)) == ("", "bad")
