"""Questions for yes or no with the starter models: the answer is a whole sentence of a document, and says neither itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.assistants.ask import ask
from app.assistants.events import AnswerFinished, Event, SourcesFound
from app.base.jobs import CancelToken
from app.base.paths import find_paths
from app.engine.client import Engine
from app.engine.protocol import ModelSpec
from app.models.installed import starter_chat_model
from app.retrieval.client import Library
from tests.end2end.conftest import SAMPLES, Alcove

RULES = (
    "House rules\n\nCats are allowed. Dogs are not allowed without consent. The bins are emptied on Tuesday. "
    "Bicycles are kept in the cellar.\n"
)
Ask = Callable[..., list[Event]]


@pytest.fixture(scope="module")
def asked(indexed: Alcove) -> Iterator[Ask]:
    paths = find_paths(indexed.home)
    library, engine = Library(paths), Engine(paths)
    model = ModelSpec(str(starter_chat_model()))
    library.warm_up()
    list(engine.load(model, CancelToken()))

    def ask_about(question: str, folder: Path, *, refresh: bool = False) -> list[Event]:
        events = ask(
            question, conversation=None, folders=[str(folder)], library=library, engine=engine, model=model,
            conversations=None, cancel=CancelToken(), max_tokens=60, refresh=refresh,
        )  # fmt: skip
        return list(events)

    yield ask_about
    library.close()
    engine.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The threads of the shared workers outlive one test on purpose."""


def check(events: list[Event], sentence: str, file: str) -> None:
    """The answer is that sentence and nothing else, quoted where it stands, and its source comes first."""
    found = next(each for each in events if isinstance(each, SourcesFound))
    ending = events[-1]
    assert isinstance(ending, AnswerFinished)
    lead = ending.lead
    assert lead is not None and lead == found.lead
    assert sentence in lead.text and ending.text == lead.text
    source = ending.sources[0]
    assert Path(source.file).name == file and lead.source == source.number == 1
    assert source.passage[lead.start - source.passage_start : lead.end - source.passage_start] == lead.text
    assert source.start <= lead.start and lead.end <= source.end and lead.text in source.quote
    (claim,) = ending.claims
    assert claim.supported and (claim.start, claim.end) == (0, len(ending.text))
    assert [(quote.source, quote.start, quote.end) for quote in claim.quotes] == [(1, lead.start, lead.end)]


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Are dogs allowed?", "Dogs are not allowed without consent."),
        ("Are cats allowed?", "Cats are allowed."),
        ("Dogs are allowed, aren't they?", "Dogs are not allowed without consent."),
        ("Can you tell me whether dogs are allowed?", "Dogs are not allowed without consent."),
        ("Are the bins emptied on Monday?", "The bins are emptied on Tuesday."),
    ],
)
def test_the_answer_is_the_sentence_that_bears_on_it(asked, tmp_path, question, sentence):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.txt").write_text(RULES, encoding="utf-8")
    events = asked(question, tmp_path / "rules", refresh=True)
    check(events, sentence, "rules.txt")
    assert isinstance(events[-1], AnswerFinished) and events[-1].text == sentence


@pytest.mark.parametrize(
    ("question", "sentence", "file"),
    [
        ("Is smoking allowed on the balcony?", "Smoking is allowed on the balcony", "flat-lease.pdf"),
        ("Does the deposit bear interest?", "The deposit bears no interest.", "flat-lease.pdf"),
        ("May one room be sublet?", "One room may be sublet with the written consent", "flat-lease.pdf"),
        ("Is a parking space included?", "No parking space is included.", "flat-lease.pdf"),
        ("Is the flat furnished?", "The flat is let unfurnished except", "flat-lease.pdf"),
        ("Is downhill skiing covered by the travel insurance?", "Downhill skiing, climbing with ropes", "travel-insurance.pdf"),
        ("Does the travel policy renew itself?", "The policy does not renew itself.", "travel-insurance.pdf"),
        ("Are candles allowed in the hall?", "Candles are allowed in glasses only.", "hall-hire-terms.odt"),
        ("Will the summer fair be put off if it rains?", "it is not put off.", "board-minutes-march.docx"),
        ("Can an opened ampoule be kept?", "An opened ampoule is never kept.", "ward-medication-protocol.docx"),
        ("Can Felix eat hazelnuts?", "Felix cannot eat hazelnuts.", "family-recipes.epub"),
        ("Does Mrs Zorana take cards?", "does not take cards", "slovenia-itinerary.md"),
    ],
)  # fmt: skip
def test_the_samples_answer_with_whole_sentences(asked, question, sentence, file):
    check(asked(question, SAMPLES), sentence, file)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        # the reader marks the number of the section here; the guide tells of a time for older machines, too
        ("Is the warranty on my dishwasher 24 or 30 months?", ("24 months", "30 months")),
        ("Does the tenancy of the flat begin in August or September 2025?", ("September 2025",)),
        ("Is the deposit for the large hall £60 or £150?", ("£150",)),
    ],
)
def test_one_of_two_is_named_or_shown_in_its_sentence(asked, question, named):
    ending = asked(question, SAMPLES)[-1]
    assert isinstance(ending, AnswerFinished) and ending.lead is not None
    assert any(each in ending.lead.text for each in named)
    assert ending.lead.text in ending.text and all(claim.supported for claim in ending.claims)
