"""What Alcove promises about its samples: the right place is cited, and the true answer stands in the quote."""

from pathlib import Path

import pytest

from app.assistants.ask import ask
from app.assistants.events import NotInDocuments, SourcesFound
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.documents.normalise import find_quote
from app.engine.protocol import ModelSpec
from app.models.installed import starter_chat_model
from app.retrieval.client import Library
from tests.end2end.conftest import SAMPLES, Alcove, questions
from tests.fixtures.scripted_engine import ScriptedEngine


@pytest.fixture
def found(indexed: Alcove):
    """For each question the sources shown, or None when it was refused. The language model has no part in them."""
    library = Library(find_paths(indexed.home))

    def sources(question: str):
        events = ask(
            question, conversation=None, folders=[str(SAMPLES)], library=library, engine=ScriptedEngine(["x"]),
            model=ModelSpec(str(starter_chat_model())), conversations=None, cancel=CancelToken(), max_tokens=10,
            refresh=False,
        )  # fmt: skip
        for event in events:
            if isinstance(event, SourcesFound):
                return event.sources
            if isinstance(event, NotInDocuments):
                return None
        return None

    yield sources
    library.close()


def test_right_place_and_true_answer_in_the_quotes(found):
    asked = questions("answerable")
    cited, quoted = [], []
    for each in asked:
        sources = found(each["question"]) or ()
        if (each["file"], each["page"]) in [(Path(s.file).name, s.page) for s in sources]:
            cited.append(each["question"])
        if any(find_quote(source.quote, each["answer"]) for source in sources):
            quoted.append(each["question"])
    missing = [each["question"] for each in asked if each["question"] not in quoted]
    assert len(cited) >= 0.9 * len(asked), [
        each["question"] for each in asked if each["question"] not in cited
    ]
    assert len(quoted) >= 0.8 * len(asked), missing


def test_questions_about_something_else_are_refused(found):
    """Near-topic questions need the calibrated gate that comes later; these are plainly off topic."""
    for question in ("What is the capital of Mongolia?", "Who won the men's singles at Wimbledon in 2019?"):
        assert found(question) is None
