"""Loading that is refused steps down in order; llama.cpp is played by a loader that refuses."""

from types import SimpleNamespace

import pytest

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.language_model import NoRoom
from app.engine.protocol import LoadProgress, ModelSpec
from app.engine.worker import loading
from app.engine.worker.loading import open_plan
from app.engine.worker.planning import Planned
from app.hardware.fit import ModelShape, Plan

SHAPE = ModelShape("toy", 32, 1 << 30, {"Q4_0": 1 << 30}, 1000, 4096, 0, 8192, 32 * 2048)
FACTS = SimpleNamespace(shape=SHAPE, name="Toy", tensor_bytes=1 << 30)
WANTED = Plan(8192, "f16", 33)


class Loader:
    """Weights and contexts are refused for as long as `weights` and `context` say; `tried` has the plans."""

    def __init__(self, monkeypatch, *, weights=lambda spec: True, context=lambda spec: True):
        self.weights, self.context, self.tried, self.freed = weights, context, [], []
        monkeypatch.setattr(loading, "_load", self._load)
        monkeypatch.setattr(loading, "_open_context", self._open_context)
        monkeypatch.setattr(loading, "_free", self.freed.append)
        monkeypatch.setattr(loading.llama, "llama_n_ctx", lambda context: 1 << 20)

    def _load(self, facts, spec, tell, cancel):
        if not self.weights(spec):
            self.tried.append((spec.gpu_layers, None, None))
            raise NoRoom("There is not enough memory.")
        return f"weights {spec.gpu_layers}"

    def _open_context(self, model, facts, spec):
        assert model == f"weights {spec.gpu_layers}"
        self.tried.append((spec.gpu_layers, spec.kv_type, spec.context_length))
        return "context" if self.context(spec) else None


def opened(split=20):
    planned = Planned(ModelSpec("toy.gguf", adapt=True), WANTED, WANTED, split=split)
    return open_plan(FACTS, planned, lambda progress: None, CancelToken())


def test_what_is_not_refused_is_not_made_smaller(monkeypatch):
    loader = Loader(monkeypatch)
    assert opened() == ("weights 33", "context", WANTED)
    assert loader.tried == [(33, "f16", 8192)]


def test_layers_then_bits_then_context(monkeypatch):
    loader = Loader(monkeypatch, context=lambda spec: spec.context_length < 4096)
    assert opened() == ("weights 0", "context", Plan(2048, "q8_0", 0))
    assert loader.tried == [
        (33, "f16", 8192), (20, "f16", 8192), (0, "f16", 8192), (0, "q8_0", 8192), (0, "q8_0", 4096), (0, "q8_0", 2048),
    ]  # fmt: skip
    assert loader.freed == [None, "weights 33", "weights 20"]  # those on the processor are read once


def test_weights_that_the_card_refuses_go_to_the_processor(monkeypatch):
    loader = Loader(monkeypatch, weights=lambda spec: spec.gpu_layers == 0)
    assert opened() == ("weights 0", "context", Plan(8192, "f16", 0))
    assert loader.tried == [(33, None, None), (20, None, None), (0, "f16", 8192)]


def test_weights_that_the_processor_refuses_too_end_it(monkeypatch):
    loader = Loader(monkeypatch, weights=lambda spec: False)
    with pytest.raises(NoRoom):
        opened(split=0)
    assert loader.tried == [(33, None, None), (0, None, None)]


def test_no_room_for_the_least_context_ends_it_without_leaving_the_weights(monkeypatch):
    loader = Loader(monkeypatch, context=lambda spec: False)
    with pytest.raises(NoRoom, match="not enough memory to run “Toy”"):
        opened()
    assert loader.freed[-1] == "weights 0"


@pytest.mark.parametrize(
    ("said", "error"),
    [("unable to allocate CPU buffer", NoRoom), ("unknown model architecture: 'llama99'", AppError)],
)
def test_want_of_memory_is_told_from_damage(monkeypatch, said, error):
    monkeypatch.setattr(loading.llama, "llama_model_load_from_file", lambda file, params: None)
    monkeypatch.setattr(loading, "last_errors", lambda: said)
    with pytest.raises(AppError) as caught:
        loading._load(FACTS, ModelSpec("toy.gguf"), lambda progress: None, CancelToken())
    assert type(caught.value) is error


def test_progress_says_whether_a_card_takes_part(monkeypatch):
    told = []

    def load(file, params):
        params.progress_callback(0.5, None)
        return "weights"

    monkeypatch.setattr(loading.llama, "llama_model_load_from_file", load)
    for layers in (0, 33):
        loading._load(FACTS, ModelSpec("toy.gguf", gpu_layers=layers), told.append, CancelToken())
    assert told == [LoadProgress(0.5, file="toy.gguf"), LoadProgress(0.5, card=True, file="toy.gguf")]
