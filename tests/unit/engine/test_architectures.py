"""Every architecture of the catalogue in the real worker: it loads, writes, and never answers from a stale memory."""

from pathlib import Path

import numpy as np
import pytest
from llama_cpp import llama_cpp as llama

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.engine.client import Engine
from app.engine.generation import Writer
from app.engine.language_model import Aborted
from app.engine.protocol import Generated, Message, ModelSpec, Sampling, TokenText
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.native_log import quiet_llama
from app.models.catalog import load_catalog
from app.models.gguf import read_facts
from tests.fixtures.architectures import ARCHITECTURES, TEMPLATE, Size, write_random_model

GREEDY = Sampling(temperature=0.0, repeat_penalty=1.0)
WRITERS = sorted(name for name, each in ARCHITECTURES.items() if each.kind != "encoder")
ENCODERS = sorted(set(ARCHITECTURES) - set(WRITERS))
RECURRENT = ["falcon-h1", "granitehybrid", "lfm2", "lfm2moe", "nemotron_h", "qwen35"]
SLIDING = ["gemma2", "gemma3", "gemma3n", "gemma4", "gpt-oss"]
TOKENS = 12
ROUNDING = 0.02  # it depends on where the slices of a prompt begin
QUESTION = "The tide comes in and goes out. " * 8  # longer than what the cache of a sliding window holds


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Writes the model of an architecture, each but once."""
    folder = tmp_path_factory.mktemp("models")

    def write(name):
        file, size = folder / f"{name}.gguf", Size(context=2048)
        if not file.exists():
            template = TEMPLATE if ARCHITECTURES[name].kind == "chat" else None
            write_random_model(file, name, size, template=template)
        return ModelSpec(str(file), size.context, threads=1)

    return write


@pytest.fixture(scope="module")
def running(written, tmp_path_factory):
    """One worker for all of them."""
    paths = find_paths(tmp_path_factory.mktemp("engine"))
    paths.prepare()
    engine = Engine(paths)
    list(engine.load(written("llama"), CancelToken()))
    yield engine
    engine.close()


def answer(replies):
    """The text, and how many tokens of the prompt were not read again."""
    replies = list(replies)
    assert isinstance(replies[-1], Generated)
    assert replies[-1].tokens >= 3
    return "".join(each.text for each in replies if isinstance(each, TokenText)), replies[-1].reused_tokens


def chat(engine, model, question):
    return answer(engine.chat(model, [Message("user", question)], GREEDY, TOKENS, CancelToken()))


def test_they_are_those_of_the_catalogue():
    assert {each.architecture for each in load_catalog().models} - {None} == set(ARCHITECTURES)


@pytest.mark.parametrize("name", WRITERS)
def test_it_writes_with_its_template_or_by_continuing(running, written, name):
    model = written(name)
    facts = read_facts(Path(model.file))
    assert (facts.architecture, facts.can_write) == (name, True)
    if facts.chat_template is not None:
        text, _ = chat(running, model, "Good morning!")
        other, _ = chat(running, model, "Good evening!")
    else:
        text, _ = answer(running.complete(model, "Once upon a time", GREEDY, TOKENS, CancelToken()))
        other, _ = answer(running.complete(model, "Long before that", GREEDY, TOKENS, CancelToken()))
    assert text.isprintable()
    assert text != other  # it is the question that decides


@pytest.mark.parametrize("name", ENCODERS)
def test_models_that_only_encode_are_refused(running, written, name):
    model = written(name)
    assert not read_facts(Path(model.file)).can_write
    with pytest.raises(AppError, match="only turns text into numbers"):
        list(running.load(model, CancelToken()))


@pytest.fixture
def opened(written):
    """Opens the model of an architecture in this process: the `Writer`, and the model to look into."""
    models = []
    quiet_llama()

    def open_model(name):
        spec = written(name)
        facts = read_facts(Path(spec.file))
        models.append(LlamaModel(facts, spec, lambda fraction: None, CancelToken()))
        return Writer(models[-1], lambda: 1), models[-1]

    yield open_model
    for model in models:
        model.close()


def scores(opened, text):
    """The score of each token after `text`, and how many tokens of the text were not read again."""
    writer, model = opened
    replies = list(writer.write(model.tokens(text, special=False), GREEDY, 1, CancelToken()))
    found = llama.llama_get_logits_ith(model._context, -1)
    return np.ctypeslib.as_array(found, (Size().vocabulary,)).copy(), replies[-1].reused_tokens


def difference(some, others):
    """0: the same; around 1.4: nothing to do with each other."""
    return float(np.sqrt(np.mean((some - others) ** 2)) / np.std(others))


@pytest.mark.parametrize("name", RECURRENT + SLIDING)
def test_what_was_read_before_never_changes_an_answer(opened, name):
    """Recurrent layers cannot go back, and sliding windows forget: then everything must be read again."""
    used = writer, model = opened(name)
    question = model.tokens(QUESTION, special=False)
    said, _ = answer(writer.write(question, GREEDY, TOKENS, CancelToken()))
    texts = (QUESTION + said + "And then?", QUESTION + "Something else happens now! " * 12, QUESTION[:200])
    found = [scores(used, text) for text in texts]
    fresh = [scores(opened(name), text)[0] for text in texts]
    for (continued, _), right in zip(found, fresh, strict=True):
        assert difference(continued, right) < ROUNDING
    assert difference(fresh[0], fresh[1]) > 5 * ROUNDING  # so that the wrong memory would show
    assert found[0][1] > len(question)  # and yet what was read is used where it can be
    assert found[2][1] == 0
    if name in RECURRENT:
        assert found[1][1] == 0


class After:
    """A cancel token that says so when it was looked at some times."""

    def __init__(self, looks):
        self._looks = looks

    @property
    def cancelled(self):
        self._looks -= 1
        return self._looks < 0


@pytest.mark.parametrize("name", [*RECURRENT, "gemma3", "llama"])
def test_a_stop_between_two_layers_leaves_a_sound_memory(opened, name):
    used = writer, model = opened(name)
    scores(used, QUESTION)
    text = QUESTION + "And then?"
    held = len(model.tokens(QUESTION, special=False))
    for looks in (5, 20):  # inside the first layer and later
        model.watch(After(looks))
        with pytest.raises(Aborted):
            model.decode(model.tokens(text, special=False)[held:])
        model.watch(None)
        kept = writer._cut(held)
        assert kept == (0 if name in RECURRENT else held)
        assert difference(scores(used, text)[0], scores(opened(name), text)[0]) < ROUNDING
        scores(used, QUESTION)
