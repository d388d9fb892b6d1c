"""Where a model came out smaller than was asked for, or a conversation was cut, the terminal says so beside the answer."""

import json

import pytest

from app.assistants.events import AnswerFinished, Timings
from app.assistants.measure_speed import measure_speed
from app.base.jobs import CancelToken
from app.cli import chat
from app.cli.main import run
from app.cli.session import Session
from app.engine.client import Engine
from app.engine.protocol import Loaded, ModelSpec, Step
from app.engine.sizing import Sizing
from app.hardware.fit import Speed
from app.hardware.measured import Measurements
from app.models.installed import starter_chat_model
from tests.fixtures.scripted_engine import ScriptedEngine

TIMINGS = Timings(0.0, 0.1, 0.2, 3, 10.0, 9, 0)
REMARK = "Memory is short, so the model looks at 2,048 tokens instead of 4,096."


@pytest.fixture
def answering(monkeypatch):
    """`alcove chat` with an engine that has a remark, and answers that left messages out."""
    ended = AnswerFinished("Fine.", "complete", (), (), "tiny", TIMINGS, None, forgotten=4)
    monkeypatch.setattr(Engine, "remark", REMARK)
    monkeypatch.setattr(Session, "model_to_use", lambda *_: ModelSpec("model.gguf"))
    monkeypatch.setattr(chat, "chat", lambda *_positional, **_named: iter([ended]))


def test_the_terminal_says_how_the_model_was_loaded_and_what_was_left_out(answering, capsys):
    assert run(["chat", "--message", "Hi", "--json"], open_window=lambda paths: 0) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["forgotten"] == 4
    assert shown.err.count(REMARK) == 1


def test_as_text_the_mark_is_on_stderr(answering, capsys):
    assert run(["chat", "--message", "Hi"], open_window=lambda paths: 0) == 0
    shown = capsys.readouterr()
    assert "The oldest messages no longer fitted and were left out." in shown.err


class Measured(ScriptedEngine):
    def load(self, model, cancel):
        yield Loaded(
            "Tiny", "llama", 2048, 8192, can_chat=True, threads=1, seconds=0.1, kv_type="q8_0",
            steps=(Step("context", "4096", "2048"),),
        )  # fmt: skip

    def restart(self, cancel):
        return -1


def test_the_measured_speed_says_how_the_model_was_loaded(tmp_path, paths, monkeypatch):
    monkeypatch.setattr(Sizing, "calibrate", lambda self, cancel: iter([Speed({"Q4_K": 1e9}, 0.0)]))
    monkeypatch.setattr("app.assistants.measure_speed._resident", lambda pid: 0)
    engine = Measured(["one two three"])
    engine.remark = REMARK
    finished = list(
        measure_speed(
            ModelSpec(str(starter_chat_model())), engine=engine, sizing=Sizing(paths),
            measurements=Measurements(tmp_path / "measured.json"), cancel=CancelToken(),
        )
    )[-1]  # fmt: skip
    assert (finished.context_length, finished.kv_type, finished.gpu_layers) == (2048, "q8_0", 0)
    assert finished.steps == (Step("context", "4096", "2048"),) and finished.remark == REMARK
