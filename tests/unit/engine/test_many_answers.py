"""Several answers at once with the real llama.cpp."""

import threading
from pathlib import Path

import numpy as np
import pytest

from app.base.errors import Cancelled
from app.base.jobs import CancelToken
from app.engine.at_once import AtOnce
from app.engine.chat_template import ChatTemplate
from app.engine.generation import Writer
from app.engine.many_writing import ManyWriter, Wanted
from app.engine.protocol import (
    Answered,
    Generated,
    Message,
    ModelSpec,
    Prompt,
    Sampling,
    TokenText,
    Unanswered,
)
from app.engine.session import prompt_tokens
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.measuring import measure
from app.engine.worker.native_log import quiet_llama
from app.engine.worker.sequences import sequences_beside
from app.hardware.fit import kv_bytes
from app.models.gguf import read_facts
from app.models.installed import starter_chat_model
from tests.fixtures.architectures import ARCHITECTURES, Size, write_random_model

GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
WRITERS = sorted(name for name, each in ARCHITECTURES.items() if each.kind != "encoder")
NEAR = (
    0.5  # of a score; kernels for several tokens round differently, while other words differ by whole numbers
)
QUESTIONS = (
    "What is the capital of France?",
    "Name three colours.",
    "Write one sentence about the sea.",
    "How many days has a week?",
    "Who wrote Hamlet?",
    "What do bees make?",
)


class Always(AtOnce):
    def __init__(self, count):
        super().__init__(count)
        self._count = count
        self.sizes = []

    def choice(self):
        return self._count

    def wrote(self, count, tokens, seconds):
        self.sizes.append(count)


class Watched:
    """A sampler that keeps what it drew."""

    def __init__(self, sampler, drawn):
        self._sampler, self._drawn = sampler, drawn

    def draw(self, row=-1):
        self._drawn.append(self._sampler.draw(row))
        return self._drawn[-1]

    def close(self):
        self._sampler.close()


def opened(file, context=1024, **wishes):
    quiet_llama()
    spec = ModelSpec(str(file), context, **wishes)
    return LlamaModel(read_facts(Path(file)), spec, lambda progress: None, CancelToken())


@pytest.fixture(scope="module")
def starter_model():
    model = opened(starter_chat_model())
    yield model
    model.close()


def asked(model, questions=QUESTIONS, sampling=GREEDY, max_tokens=24):
    facts = read_facts(starter_chat_model())
    template = ChatTemplate(facts.chat_template, model.bos, model.eos, model.control_tokens)
    return [
        Wanted(prompt_tokens(model, template.render([Message("user", each)])), sampling, max_tokens)
        for each in questions
    ]


def together(model, wanted, count=4, threads=1):
    """The replies by number, and how many were decoded at once."""
    fixed = Always(count)
    writer = Writer(model, lambda: threads)
    replies = list(ManyWriter(model, writer, fixed).write(wanted, CancelToken(), lambda: False))
    model.keep(0)
    return {each.number: each for each in replies}, fixed.sizes


@pytest.mark.parametrize("kv_type", ["f16", "q8_0"])
def test_each_word_is_one_that_the_model_would_have_chosen_alone(kv_type, monkeypatch):
    model = opened(starter_chat_model(), kv_type=kv_type)
    drawn, wanted = [], asked(model)
    make = model.sampler

    def sampler(sampling):
        drawn.append([])
        return Watched(make(sampling), drawn[-1])

    monkeypatch.setattr(model, "sampler", sampler)
    replies, sizes = together(model, wanted)
    assert max(sizes) == 4 and len(replies) == len(wanted)
    model.use_threads(1)
    for each, tokens in zip(wanted, drawn, strict=True):
        model.keep(0)
        model.decode(each.prompt)
        for token in tokens:
            scores = np.frombuffer(model.scores(-1), np.float32)
            assert scores[token] >= scores.max() - NEAR
            model.decode([token])
    model.close()


def test_every_way_of_drawing_is_kept_by_each(starter_model):
    """The seed decides, and stop strings and lengths are each one's own."""
    ways = [
        Sampling(temperature=0.0, stop=("a",)),
        Sampling(temperature=0.8, top_k=0, seed=5),
        Sampling(temperature=0.8, top_k=0, seed=6),
        GREEDY,
    ]
    wanted = [Wanted(asked(starter_model)[2].prompt, way, 20 + place) for place, way in enumerate(ways)]
    replies, _ = together(starter_model, wanted)
    again, _ = together(starter_model, wanted)
    texts = [replies[number].text for number in range(4)]
    assert texts == [again[number].text for number in range(4)]
    assert "a" not in texts[0]
    assert texts[1] != texts[2]
    assert [replies[number].report.tokens for number in range(4)] <= [20, 21, 22, 23]


def test_the_memory_is_planned_as_for_one():
    """What is in all sequences has to fit into the same cells."""
    quiet_llama()
    spec = ModelSpec(str(starter_chat_model()), 2048)
    measured = measure(spec)
    facts = read_facts(starter_chat_model())
    assert measured.kv == kv_bytes(facts.shape, 2048, "f16", 128)


def test_a_full_context_is_used_to_its_end():
    """Two at once fill it to the last cell."""
    model = opened(starter_chat_model(), context=256)
    [one, other] = asked(model, QUESTIONS[:2])
    shared = next(n for n, (a, b) in enumerate(zip(one.prompt, other.prompt, strict=False)) if a != b)
    room = model.context_length - len(one.prompt) - (len(other.prompt) - shared)
    wild = Sampling(temperature=2.0, top_k=0, top_p=1.0, min_p=0.0, seed=3)
    wanted = [Wanted(each.prompt, wild, room // 2) for each in (one, other)]
    replies, sizes = together(model, wanted)
    assert max(sizes) == 2
    assert [replies[number].report.reason for number in (0, 1)] == ["length", "length"]
    assert together(model, [*wanted, *wanted], count=4)[1].count(2) >= 2 * (room // 2 - 2)
    model.close()


@pytest.mark.parametrize("name", WRITERS)
def test_every_architecture(name, tmp_path):
    """One after the other where memory is more than cells; else at once, with the same words."""
    file = write_random_model(tmp_path / f"{name}.gguf", name, Size(context=1024))
    model = opened(file, threads=1)
    texts = [f"{word} upon a time there was a {word} house." for word in ("Once", "Twice", "Often", "Never")]
    wanted = [Wanted(model.tokens("The tide. " + each, special=False), GREEDY, 12) for each in texts]
    alone, _ = together(model, wanted, count=1)
    assert (model.sequences > 0) == model.goes_back
    if model.sequences:
        at_once, sizes = together(model, wanted)
        assert max(sizes, default=1) > 1
        assert {n: each.text for n, each in at_once.items()} == {n: each.text for n, each in alone.items()}
    assert sequences_beside(model._model) == model.sequences
    model.close()


def prompts(questions=QUESTIONS, max_tokens=12):
    return [Prompt((Message("user", each),), GREEDY, max_tokens) for each in questions]


def test_the_engine_answers_all_and_names_the_one_that_fails(running, starter):
    asked = prompts((*QUESTIONS, "tide " * 3000, *QUESTIONS))
    replies = {each.number: each for each in running.chat_many(starter, asked, CancelToken())}
    assert sorted(replies) == list(range(13))
    assert isinstance(replies[6], Unanswered) and "only" in replies[6].what
    for number, each in replies.items():
        if number != 6:
            assert isinstance(each, Answered) and each.text and each.report.tokens <= 12


def test_stop_leaves_a_sound_worker(running, starter):
    token = CancelToken()
    with pytest.raises(Cancelled):
        for _ in running.chat_many(starter, prompts(max_tokens=200), token):
            token.cancel()
    text = chat(running, starter, QUESTIONS[0])
    assert text == chat(running, starter, QUESTIONS[0])


def test_a_question_does_not_wait_for_the_whole_job(running, starter):
    job = running.chat_many(starter, prompts(QUESTIONS * 10, max_tokens=24), CancelToken())
    next(job)
    answered = threading.Event()
    come = []

    def ask():
        come.append(chat(running, starter, "What is the capital of Italy?"))
        answered.set()

    asking = threading.Thread(target=ask)
    asking.start()
    before = 0
    for _ in job:
        before += not answered.is_set()
    asking.join()
    assert come[0]
    assert before < 40, "most of the job comes after the question"


def chat(engine, model, question):
    replies = list(engine.chat(model, [Message("user", question)], GREEDY, 12, CancelToken()))
    assert isinstance(replies[-1], Generated)
    return "".join(each.text for each in replies if isinstance(each, TokenText))
