"""Conversations that are opened again, with the real engine: the starter, and small models of every kind of memory."""

import time
from dataclasses import replace

import numpy as np
import psutil
import pytest
from llama_cpp import llama_cpp as llama

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.client import Engine
from app.engine.generation import Writer
from app.engine.kept_states import KeptStates, _read_tokens, _seal
from app.engine.protocol import Message, ModelSpec, Sampling, TokenText
from app.engine.state_keeping import StateKeeper
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.native_log import quiet_llama
from app.engine.worker.states import ENGINE
from app.hardware.probe import Ram, probe
from app.models.gguf import read_facts
from tests.fixtures.architectures import Size, write_random_model

GREEDY = Sampling(temperature=0.0)
CHAT = [Message("user", "The tide comes in and goes out. " * 18 + "What does the tide do?")]
TEXT = "The tide comes in and goes out. " * 8  # longer than what the cache of a sliding window holds
ERA = "this"
RECURRENT = ("falcon-h1", "granitehybrid", "lfm2", "nemotron_h", "qwen35")
SLIDING = ("gemma2", "gemma3", "gemma3n", "gemma4", "gpt-oss")


@pytest.fixture
def started(paths):
    """Starts engines over one data folder, one process each."""
    engines = []

    def start(**more):
        engines.append(Engine(paths, **more))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


def chat(engine, model, messages=CHAT):
    """The text, and the report."""
    replies = list(engine.chat(model, messages, GREEDY, 24, CancelToken()))
    return "".join(each.text for each in replies if isinstance(each, TokenText)), replies[-1]


def states(paths):
    return list(paths.states.glob("*.state"))


def wait_for_state(paths):
    deadline = time.monotonic() + 60
    while not states(paths):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_chat_goes_on_in_the_next_process_as_it_would_have_in_this(started, starter, paths):
    model = replace(starter, threads=1)  # rounding depends on it
    first = started()
    _, cold = chat(first, model)
    expected, in_memory = chat(first, model)
    first.close()
    assert len(states(paths)) == 1  # quitting at once does not lose it
    said, report = chat(started(), model)
    assert (cold.reused_tokens, report.reused_tokens) == (0, report.prompt_tokens - 1)
    assert (said, report.reused_tokens) == (expected, in_memory.reused_tokens)


def test_a_killed_process_loses_nothing_that_was_read(started, starter, paths):
    engine = started()
    said, cold = chat(engine, starter)
    assert cold.reused_tokens == 0
    wait_for_state(paths)
    psutil.Process(engine.worker_pid).kill()
    turns = [*CHAT, Message("assistant", said), Message("user", "Once more.")]
    _, again = chat(started(), starter, turns)
    assert again.reused_tokens >= cold.prompt_tokens


def test_what_is_deleted_is_not_kept(started, starter, paths):
    engine = started()
    chat(engine, starter)
    wait_for_state(paths)
    engine.forget_states()
    assert list(paths.states.iterdir()) == []
    engine.close()  # what it still had in memory does not come back
    assert states(paths) == []
    assert chat(started(), starter)[1].reused_tokens == 0


def test_a_damaged_state_costs_time_and_nothing_else(started, starter, paths):
    engine = started()
    expected, _ = chat(engine, starter)
    engine.close()
    (file,) = states(paths)
    file.write_bytes(file.read_bytes()[:1_000_000])
    cut_off = started()
    assert chat(cut_off, starter)[1].reused_tokens == 0
    cut_off.close()
    (file,) = states(paths)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 4
    file.write_bytes(content)
    said, report = chat(started(), starter)
    assert (said, report.reused_tokens) == (expected, 0)


def test_a_state_that_ends_the_process_is_done_without(started, starter, paths, monkeypatch):
    """As llama.cpp does over one that is not whole; a checksum that fits lets it come to that here."""
    model = replace(starter, adapt=True)
    engine = started()
    expected, _ = chat(engine, model)
    engine.close()
    (file,) = states(paths)
    (state,) = _spoiled(file)
    again = started()
    said, report = chat(again, model)
    assert (said, report.reused_tokens) == (expected, 0)
    assert again.remark == ""  # the model did not become smaller
    assert not state.exists()


def _spoiled(file):
    """The state half as long, and sealed again."""
    tokens = _read_tokens(file)
    content = file.read_bytes()[: file.stat().st_size // 2]
    file.write_bytes(content)
    _seal(file, tokens, CancelToken())
    return [file]


def test_nothing_is_kept_where_the_person_does_not_want_it(started, starter, paths):
    engine = started(keeps=lambda: False)
    chat(engine, starter)
    engine.close()
    assert not paths.states.exists()


@pytest.fixture
def opened(tmp_path):
    """Opens the model of an architecture in this process, over one folder of states."""
    models = []
    quiet_llama()
    kept = KeptStates(tmp_path / "states", ENGINE)
    (tmp_path / "states").mkdir()
    (tmp_path / "states" / "era").write_text(ERA)

    def open_model(name, *, kept=kept):
        file = tmp_path / f"{name}.gguf"
        if not file.exists():
            write_random_model(file, name, Size(context=2048))
        models.append(
            LlamaModel(read_facts(file), ModelSpec(str(file), 2048, threads=1), lambda _: None, CancelToken())
        )
        keeper = StateKeeper(kept, kept.key(name), models[-1])
        keeper.learn(100, 10_000.0)  # so small a model would be read faster than written
        return Writer(models[-1], lambda: 1, keeper), models[-1]

    yield open_model
    for model in models:
        model.close()


def scores(opened, tokens):
    """The score of each token after these, and how many of them were not read again."""
    writer, model = opened
    report = list(writer.write(tokens, GREEDY, 1, CancelToken(), era=ERA))[-1]
    found = llama.llama_get_logits_ith(model._context, -1)
    return np.ctypeslib.as_array(found, (Size().vocabulary,)).copy(), report.reused_tokens


@pytest.mark.parametrize("name", ["llama", *RECURRENT, *SLIDING])
def test_memory_from_disk_is_the_memory_that_was_saved(opened, name):
    used = writer, model = opened(name)
    read = model.tokens(TEXT, special=False)
    assert len(read) >= 128
    scores(used, read)
    writer.keep_state(CancelToken())
    on = [*read, *model.tokens("And then?", special=False)]
    expected, reused = scores(used, on)
    found, restored = scores(opened(name), on)
    assert reused == restored == len(read)
    assert np.array_equal(found, expected)


def test_writing_a_state_gives_way_between_two_pieces(opened, tmp_path, monkeypatch):
    writer, model = opened("llama")
    scores((writer, model), model.tokens(TEXT, special=False))
    monkeypatch.setattr("app.engine.worker.states._PIECE_BYTES", 1000)
    with pytest.raises(Cancelled):
        model.save_state(tmp_path / "half", _AfterThree())
    assert 2000 < (tmp_path / "half").stat().st_size < 4000


class _AfterThree(CancelToken):
    """Cancelled from the third time on that it is asked."""

    asked = 0

    @property
    def cancelled(self):
        self.asked += 1
        return self.asked > 3

    def raise_if_cancelled(self):
        if self.cancelled:
            raise Cancelled


def test_where_memory_is_short_no_state_is_copied(opened, tmp_path, monkeypatch):
    writer, model = opened("llama")
    scores((writer, model), model.tokens(TEXT, special=False))
    none = replace(probe(), ram=Ram(1 << 30, 1 << 10))
    monkeypatch.setattr("app.engine.worker.states.probe", lambda: none)
    with pytest.raises(OSError, match="memory is short"):
        model.save_state(tmp_path / "none", CancelToken())
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("name", [*RECURRENT, *SLIDING])
def test_memory_that_cannot_go_back_is_not_loaded_for_another_end(opened, name, monkeypatch):
    writer, model = opened(name)
    read = model.tokens(TEXT, special=False)
    scores((writer, model), read)
    writer.keep_state(CancelToken())
    other = [*read[:-20], *model.tokens("Something else happens now!", special=False)]
    again = opened(name)
    monkeypatch.setattr(again[1], "load_state", lambda file: pytest.fail("loaded"))
    assert not again[1].goes_back
    assert scores(again, other)[1] == 0
