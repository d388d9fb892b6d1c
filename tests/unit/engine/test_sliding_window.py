"""Models with a sliding window forget: reusing their memory after a change far back would go wrong silently."""

import random

import pytest

from app.base.jobs import CancelToken
from app.engine.generation import Writer
from app.engine.protocol import Generated, ModelSpec, Sampling, TokenText
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.native_log import quiet_llama
from app.models.gguf import read_facts
from tests.fixtures.tiny_model import write_sliding_model

GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)


@pytest.fixture
def open_model(tmp_path):
    file = write_sliding_model(tmp_path / "sliding.gguf", window=16, context_length=2048)
    facts, models = read_facts(file), []
    assert facts.sliding_window == 16
    quiet_llama()

    def opened():
        models.append(LlamaModel(facts, ModelSpec(str(file), 2048), lambda fraction: None, CancelToken()))
        return models[-1]

    yield opened
    for model in models:
        model.close()


def write(writer, prompt):
    replies = list(writer.write(prompt, GREEDY, 12, CancelToken()))
    assert isinstance(replies[-1], Generated)
    return "".join(each.text for each in replies if isinstance(each, TokenText)), replies[-1].reused_tokens


@pytest.mark.parametrize("shared", [20, 130, 500, 800, 899])
def test_reuse_never_changes_the_answer(open_model, shared):
    source = random.Random(1)
    first, rest = ([source.randrange(4, 260) for _ in range(count)] for count in (900, 5))
    used = Writer(open_model(), lambda: 1)
    write(used, first)
    text, reused = write(used, first[:shared] + rest)
    assert text == write(Writer(open_model(), lambda: 1), first[:shared] + rest)[0]
    # the cache holds the window and one slice of the prompt, padded to 256 cells
    assert reused == (shared if shared >= 800 else 0)
