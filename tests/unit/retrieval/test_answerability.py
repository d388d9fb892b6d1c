"""Whether a question is answered at all, and by which words."""

import pytest

from app.documents.document import Place
from app.models.calibration import Calibration, Level, shipped_calibration
from app.retrieval.answerability import Judge, Judged, Reading, answerability, features, marked
from app.retrieval.protocol import Hit, Marked
from app.retrieval.readers.serving_reader import open_reader
from app.retrieval.readers.span_reader import ReadSpan, SpanReader


def _hit(text: str, similarity: float = 0.5, heading: str = "") -> Hit:
    return Hit("a.txt", Place("document", 1), heading, text, 0, len(text), 0.0, similarity)


def test_the_highest_mark_is_the_answer_and_nearer_passages_go_first() -> None:
    hits = [_hit("far one", 0.2), _hit("near one", 0.6)]
    found = marked(hits, [ReadSpan(0, 3, 3.0), ReadSpan(0, 4, 2.0)])
    assert found is not None
    assert (found.hit, found.start, found.end) == (1, 0, 4)
    assert 0.8 < found.confidence < 0.9
    found = marked(hits, [ReadSpan(0, 3, 9.0), ReadSpan(0, 4, 2.0)])
    assert found is not None
    assert found.hit == 0
    assert marked(hits, [ReadSpan(0, 0, 5.0)]) is None
    assert marked([], []) is None


def test_more_caution_never_answers_more() -> None:
    for reader in (True, False):
        calibration = shipped_calibration(reader=reader)
        leasts = [level.least for level in calibration.levels]
        assert leasts[0] == 0.0
        assert leasts == sorted(leasts)
        rates = [(level.right_refusals, level.false_refusals) for level in calibration.levels]
        assert rates == sorted(rates)
        assert all(0 <= rate <= 1 for both in rates for rate in both)


def test_a_level_decides_at_its_least_answerability() -> None:
    calibration = Calibration(0.0, {}, (Level(0.0, 0, 0), Level(0.5, 0, 0), Level(0.6, 0, 0)))
    judged = Judged(None, 0.5, calibration)
    assert [judged.suffices(caution) for caution in (0, 1, 2, 9)] == [True, True, False, False]


def test_a_higher_mark_and_a_nearer_passage_make_it_likelier() -> None:
    calibration = shipped_calibration()
    hits = [_hit("The deposit is 1,500 EUR.")]
    least = answerability(
        calibration, features("How much is the deposit?", hits, 0.3, [ReadSpan(15, 24, -6.0)])
    )
    more = answerability(
        calibration, features("How much is the deposit?", hits, 0.3, [ReadSpan(15, 24, 6.0)])
    )
    assert 0 <= least < more <= 1


def test_the_best_mark_and_the_words_of_the_question_are_weighed() -> None:
    hits = [_hit("Anna Berg pays 1,500 EUR."), _hit("The deposit is due in May 2026.")]
    found = features("When is the deposit due?", hits, 0.5, [ReadSpan(0, 9, -3.0), ReadSpan(19, 30, 2.0)])
    assert found["similarity"] == 0.5
    assert found["coverage"] == 1.0
    assert found["confidence"] == pytest.approx(0.88, abs=0.01)
    assert features("Who repairs the roof?", hits, 0.5, [])["coverage"] == 0.0
    assert "confidence" not in features("Who repairs the roof?", hits, 0.5, [])


def test_a_whole_sentence_is_as_likely_as_the_question_is_answered() -> None:
    judged = Judged(Marked(1, 0, 4, 0.9), 0.61, shipped_calibration())
    hits = [_hit("Dogs are not allowed in here."), _hit("Cats are allowed.")]
    assert judged.saying(None, "Are dogs allowed?", hits) == judged
    said = judged.saying(Marked(0, 0, 29, 0.0), "Are dogs allowed?", hits)
    assert said.marked == Marked(0, 0, 29, 0.61)
    assert said.answerability == judged.answerability


@pytest.mark.parametrize(("words", "kept"), [("30 months", True), ("2.1", False), ("warranty", False)])
def test_of_things_to_choose_from_one_that_is_named_stands_alone(words: str, kept: bool) -> None:
    text = "2.1 The warranty is 30 months."
    start = text.index(words)
    judged = Judged(Marked(0, start, start + len(words), 0.61), 0.61, shipped_calibration())
    whole = Marked(0, 0, len(text), 0.61)
    said = judged.saying(whole, "Is the warranty 24 or 30 months?", [_hit(text)])
    assert said.marked == (judged.marked if kept else whole)


@pytest.fixture(scope="module")
def judge() -> Judge:
    reader = open_reader()
    return Judge(lambda: reader)


def test_headings_are_read_and_never_marked(judge: Judge) -> None:
    under = _hit("It is 1,500 EUR and is paid before moving in.", heading="Lease › Deposit")
    (span,) = judge.read("How much is the deposit?", [under]).spans
    assert under.text[span.start : span.end] == "1,500 EUR"
    only = _hit("See below.", heading="The deposit is 1,500 EUR")
    (span,) = judge.read("How much is the deposit?", [only]).spans
    assert 0 <= span.start <= span.end <= len(only.text)
    assert "1,500" not in only.text[span.start : span.end]


def test_without_a_reader_search_alone_judges() -> None:
    alone = Judge()
    hits = [_hit("The deposit is 1,500 EUR.", 0.7)]
    assert alone.read("How much is the deposit?", hits) == Reading()
    near = alone.judged("How much is the deposit?", hits, 0.7, Reading())
    far = alone.judged("Who painted the Mona Lisa?", [_hit("Bread.", 0.05)], 0.05, Reading())
    assert near.marked is None
    assert near.suffices(2)
    assert not far.suffices(2)
    assert far.suffices(0)


def test_another_reader_marks_and_search_judges() -> None:
    """Its scores were never measured."""
    own = open_reader()
    other = SpanReader(own._marking)
    hits = [_hit("The deposit is 1,500 EUR.", 0.7)]
    judge = Judge(lambda: other)
    read = judge.read("How much is the deposit?", hits)
    found = judge.judged("How much is the deposit?", hits, 0.7, read)
    assert found.calibration == shipped_calibration(reader=False)
    assert found.marked is not None
    assert found.marked.confidence == pytest.approx(found.answerability, abs=1e-4)
    own_judge = Judge(lambda: own)
    read = own_judge.read("How much is the deposit?", hits)
    judged = own_judge.judged("How much is the deposit?", hits, 0.7, read)
    assert judged.calibration == shipped_calibration()
    assert judged.marked is not None
    assert judged.marked.confidence == pytest.approx(judged.answerability, abs=1e-4)


def test_a_reader_that_fails_keeps_nobody_from_searching() -> None:
    class Broken:
        name = "broken"
        knows_no_answer = True

        def marks(self, question, passages):
            raise RuntimeError("out of memory")

    assert Judge(lambda: SpanReader(Broken())).read("Why?", [_hit("Because.")]) == Reading()
