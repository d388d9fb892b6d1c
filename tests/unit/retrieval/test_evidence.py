"""Which sentences of a passage are looked at and shown, with the starter embedder and the shipped reader."""

import pytest

from app.documents.document import Place
from app.models.installed import starter_embedder
from app.retrieval.answerability import Judge
from app.retrieval.embedding import Embedder
from app.retrieval.evidence import WeighedSentences
from app.retrieval.protocol import Hit
from app.retrieval.readers.serving_reader import open_reader
from app.retrieval.readers.span_reader import ReadSpan

QUESTION = "How much is the deposit for the flat?"
ANSWER = "The deposit for the flat is 1,500 EUR and is paid back within two months."
FILLER = " ".join(
    f"Room {number} was painted in spring and its windows were cleaned by the firm." for number in range(9)
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(starter_embedder())


def _weighed(embedder: Embedder, *texts: str) -> WeighedSentences:
    hits = [Hit("a.txt", Place("document", 1), "", text, 0, len(text), 0.0, 0.5) for text in texts]
    return WeighedSentences(QUESTION, embedder.embed_query(QUESTION), hits, embedder)


@pytest.mark.parametrize("text", [f"{ANSWER} {FILLER}", f"{FILLER} {ANSWER} {FILLER}", f"{FILLER} {ANSWER}"])
def test_of_a_long_passage_the_part_around_its_best_sentence_is_looked_at(embedder, text):
    (window,) = _weighed(embedder, text).windows()
    assert len(ANSWER) < window.end - window.start <= 500
    assert ANSWER in text[window.start : window.end]


def test_all_sentences_of_a_short_passage_are_looked_at(embedder):
    text = f"  {ANSWER} The keys are handed over on the same day.\n"
    (window, nothing) = _weighed(embedder, text, "").windows()
    assert text[window.start : window.end] == text.strip()
    assert nothing.start == nothing.end == 0


def test_most_is_looked_at_where_the_question_is_met_best(embedder):
    texts = [f"{FILLER} {ANSWER} {FILLER}", *[FILLER] * 5]
    first, *others = _weighed(embedder, *texts).windows()
    lengths = [each.end - each.start for each in others]
    assert first.end - first.start > max(lengths)
    assert min(lengths) > 0
    assert first.end - first.start + sum(lengths) <= 2000


def test_a_sentence_far_down_is_found_among_many(embedder):
    text = f"{FILLER} {FILLER} {FILLER} {ANSWER} {FILLER}"
    weighed = _weighed(embedder, text)
    (window,), (hit,) = weighed.windows(), weighed.telling()
    assert ANSWER in text[window.start : window.end]
    assert ANSWER in text[hit.evidence[0].start : hit.evidence[0].end]
    assert weighed.strongest > 0.5


def test_what_is_marked_in_a_part_stands_where_the_passage_has_it(embedder):
    text = f"{FILLER} {ANSWER} {FILLER}"
    hit = Hit("a.txt", Place("document", 1), "Lease", text, 0, len(text), 0.0, 0.5)
    windows = _weighed(embedder, text).windows()
    reader = open_reader()
    (span,) = Judge(lambda: reader).read(QUESTION, [hit], windows).spans
    assert text[span.start : span.end] == "1,500 EUR"


def test_headings_above_the_part_are_read_with_it(embedder):
    """Without the title of the guide the reader does not know which of two times is asked for."""
    text = (
        "Brennholt Dishwasher: Warranty and Care Guide\n\n2 Your warranty\n\n"
        f"{FILLER}\n\n2.1 How long it lasts\n\n{ANSWER} {FILLER}"
    )
    (window,) = _weighed(embedder, text).windows()
    assert ANSWER in text[window.start : window.end]
    lines = window.above.split("\n")
    assert lines[:2] == ["Brennholt Dishwasher: Warranty and Care Guide", "2 Your warranty"]
    assert not any(line in FILLER for line in lines)


RULES = "Cats are allowed. Dogs are not allowed without consent. The bins are emptied on Tuesday."


def _asked(embedder: Embedder, question: str, *texts: str, similarity: float = 0.5) -> WeighedSentences:
    hits = [Hit("a.txt", Place("document", 1), "", text, 0, len(text), 0.0, similarity) for text in texts]
    return WeighedSentences(question, embedder.embed_query(question), hits, embedder)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Are dogs allowed?", "Dogs are not allowed without consent."),
        ("Are cats allowed?", "Cats are allowed."),
        ("Are the bins emptied on Monday?", "The bins are emptied on Tuesday."),
    ],
)
def test_a_question_for_yes_or_no_has_a_whole_sentence_as_its_answer(embedder, question, sentence):
    weighed = _asked(embedder, question, FILLER, RULES)
    assert weighed.whole is not None and weighed.whole.hit == 1
    assert RULES[weighed.whole.start : weighed.whole.end] == sentence


def test_what_the_reader_marks_does_not_move_the_evidence_of_yes_or_no(embedder):
    """It marks "Cats" where dogs are asked about."""
    text = f"{RULES} {FILLER}"
    weighed = _asked(embedder, "Are dogs allowed?", text)
    (hit,) = weighed.telling([ReadSpan(text.index("Room 8"), text.index("Room 8") + 6, 12.0)])
    assert "Dogs are not allowed" in text[hit.evidence[0].start : hit.evidence[0].end]


def test_other_questions_have_no_sentence_for_an_answer(embedder):
    assert _asked(embedder, QUESTION, ANSWER).whole is None
    assert _asked(embedder, "Are dogs allowed?").whole is None
