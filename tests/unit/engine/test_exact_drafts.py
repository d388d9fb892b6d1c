"""Drafts with the real llama.cpp: the same tokens as without, whatever way they are drawn."""

import itertools
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.base.jobs import CancelToken
from app.engine.chat_template import ChatTemplate
from app.engine.generation import Writer
from app.engine.protocol import Generated, Message, ModelSpec, Sampling, TokenText
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.native_log import quiet_llama
from app.models.gguf import read_facts
from app.models.installed import starter_chat_model
from tests.fixtures.tiny_model import write_sliding_model

TEXT = (
    "The harbour of Port Selby was built in 1874 by the engineer Ada Crane. It has two stone piers, a lighthouse "
    "with a green lamp, and a dry dock for ships of up to ninety metres."
)
QUOTING = f"Repeat the following text word for word.\n\n{TEXT}"
TOKENS = 40
GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
WAYS = [GREEDY, Sampling(temperature=0.0), Sampling(seed=7), Sampling(temperature=0.7, top_k=0, seed=3)]


@pytest.fixture(autouse=True)
def steady(monkeypatch):
    """Every step takes the same time, so that drafts are never found too slow on a busy machine."""
    monkeypatch.setattr("app.engine.generation.time", SimpleNamespace(monotonic=itertools.count().__next__))


def opened(file, **wishes):
    quiet_llama()
    spec = ModelSpec(str(file), 1024, **wishes)
    return LlamaModel(read_facts(Path(file)), spec, lambda progress: None, CancelToken())


@pytest.fixture(scope="module")
def model():
    model = opened(starter_chat_model())
    yield model
    model.close()


def answer(model, sampling, *, drafts, threads=1):
    facts = read_facts(starter_chat_model())
    template = ChatTemplate(facts.chat_template, model.bos, model.eos, model.control_tokens)
    pieces = template.render([Message("user", QUOTING)])
    prompt = [token for each in pieces for token in model.tokens(each.text, special=each.special)]
    usual, model.longest_draft = model.longest_draft, model.longest_draft if drafts else 0
    try:
        replies = list(Writer(model, lambda: threads).write(prompt, sampling, TOKENS, CancelToken()))
    finally:
        model.longest_draft = usual
        model.keep(0)
    assert isinstance(replies[-1], Generated)
    return "".join(each.text for each in replies if isinstance(each, TokenText)), replies[-1]


@pytest.mark.parametrize("sampling", WAYS)
def test_the_starter_says_the_same_with_and_without(model, sampling):
    quick, report = answer(model, sampling, drafts=True)
    alone, plain = answer(model, sampling, drafts=False)
    assert quick == alone
    assert (report.tokens, report.reason) == (plain.tokens, plain.reason)
    assert plain.drafted == 0
    if sampling is GREEDY:
        assert report.accepted > TOKENS / 3


def test_numbers_of_8_bits_are_exact_with_any_threads():
    model = opened(starter_chat_model(), kv_type="q8_0")
    model.use_threads(2)
    assert model.exact(1024)
    quick, report = answer(model, GREEDY, drafts=True, threads=2)
    assert report.accepted > 0
    assert quick == answer(model, GREEDY, drafts=False, threads=2)[0]
    model.close()


def test_attention_that_threads_divide_is_not_exact(model):
    model.use_threads(2)
    assert not model.exact(257)
    assert model.exact(256)
    model.use_threads(1)
    assert model.exact(1024)


def test_a_memory_that_forgets_gets_no_drafts(tmp_path):
    model = opened(write_sliding_model(tmp_path / "sliding.gguf", window=16, context_length=2048))
    assert model.longest_draft == 0
    model.close()
