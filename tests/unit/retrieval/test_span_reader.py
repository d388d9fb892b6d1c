"""The reader: which words of a passage it marks."""

import threading

import numpy as np
import pytest

from app.base.errors import AppError
from app.retrieval.readers import openvino_scores
from app.retrieval.readers.bert_reader import BertReader
from app.retrieval.readers.serving_reader import ServingReader, open_reader, shipped_reader
from app.retrieval.readers.span_reader import Marks, ReadSpan, SpanReader, best_span, confidence

_LEASE = "The tenant pays a deposit of 1,500 EUR. The notice period is three months. Pets are not allowed."


@pytest.fixture(scope="module")
def reader() -> SpanReader:
    return open_reader()


def _marks(starts: list[float], ends: list[float], null: float = 0.0) -> Marks:
    offsets = np.array([[3 * at, 3 * at + 2] for at in range(len(starts))])
    return Marks(np.array(starts, np.float32), np.array(ends, np.float32), offsets, null)


def test_the_best_pair_in_order_is_marked() -> None:
    # the best end stands before the best start: that pair is none
    found = best_span("ab cd ef gh", _marks([0, 0, 5, 1], [6, 1, 0, 4], null=2.0))
    assert found == ReadSpan(6, 11, 7.0)


def test_an_answer_is_never_longer_than_thirty_tokens() -> None:
    text = " ".join(["ab"] * 40)
    starts, ends = [0.0] * 40, [0.0] * 40
    starts[0], ends[39] = 10.0, 10.0
    found = best_span(text, _marks(starts, ends))
    assert (found.end - found.start + 1) // 3 <= 30


def test_a_model_without_no_answer_is_judged_by_comparing() -> None:
    class Sure:
        knows_no_answer = False

        def marks(self, question, passages):
            return [_marks([2.0, 0], [2.0, 0], null=-90.0), _marks([9.0, 0], [9.0, 0], null=70.0)]

    low, high = SpanReader(Sure()).read("?", ["ab cd", "ab cd"])
    assert low.score < high.score < 12


def test_nothing_is_marked_before_the_beginning() -> None:
    found = best_span("ab cd ef gh", _marks([9, 0, 5, 1], [9, 1, 6, 4]), 4)
    assert (found.start, found.end) == (6, 8)


def test_marks_around_words_are_left_out_and_nothing_is_marked_in_nothing() -> None:
    marks = Marks(np.array([1.0], np.float32), np.array([1.0], np.float32), np.array([[0, 9]]), 0.0)
    assert best_span("“Berlin”,", marks) == ReadSpan(0, 8, 2.0)
    empty = best_span(
        "", Marks(np.empty(0, np.float32), np.empty(0, np.float32), np.empty((0, 2), np.int64), 0.0)
    )
    assert (empty.start, empty.end) == (0, 0)
    assert confidence(empty) < 1e-4


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much is the deposit?", "1,500 EUR"),
        ("How long is the notice period?", "three months"),
    ],
)
def test_the_exact_words_are_marked(reader: SpanReader, question: str, answer: str) -> None:
    other = "Bread is baked from flour, water and salt in a hot oven."
    right, wrong = reader.read(question, [_LEASE, other])
    assert _LEASE[right.start : right.end] == answer
    assert confidence(right) > 0.5
    assert confidence(wrong) < 0.1


def test_what_is_not_there_is_not_answered(reader: SpanReader) -> None:
    (found,) = reader.read("Who painted the Mona Lisa?", [_LEASE])
    assert confidence(found) < 0.1


def test_the_end_of_a_long_passage_is_read_as_well(reader: SpanReader) -> None:
    filler = "The stairs are swept on Mondays and the bins are put out in the evening. " * 30
    (found,) = reader.read("How much is the deposit?", [filler + _LEASE])
    assert (filler + _LEASE)[found.start : found.end] == "1,500 EUR"


def test_nothing_asked_and_nothing_to_read(reader: SpanReader) -> None:
    assert reader.read("How much?", []) == []
    assert len(reader.read("", [_LEASE])) == 1
    for question in ("deposit? " * 2_000, "?" * 230, "租" * 300):
        assert len(reader.read(question, [_LEASE, "", _LEASE * 12])) == 3


def test_passages_are_read_alike_alone_and_together(reader: SpanReader) -> None:
    texts = [_LEASE, "The rent is 900 EUR a month, payable on the first.", "Short."]
    together = reader.read("How much is the deposit?", texts)
    alone = [reader.read("How much is the deposit?", [text])[0] for text in texts]
    assert [(each.start, each.end) for each in together[:2]] == [(each.start, each.end) for each in alone[:2]]
    assert [each.score for each in together] == pytest.approx([each.score for each in alone], abs=0.5)


def test_several_threads_read_at_once(reader: SpanReader) -> None:
    expected = reader.read("How much is the deposit?", [_LEASE])
    found: list[list[ReadSpan]] = []
    threads = [
        threading.Thread(target=lambda: found.append(reader.read("How much is the deposit?", [_LEASE])))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


def test_eight_bits_mark_the_same_words(reader: SpanReader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openvino_scores, "knows_8_bits", lambda: False)
    exact = SpanReader(BertReader(shipped_reader()))
    for question in ("How much is the deposit?", "How long is the notice period?"):
        small, whole = reader.read(question, [_LEASE])[0], exact.read(question, [_LEASE])[0]
        assert (small.start, small.end) == (whole.start, whole.end)
        assert small.score == pytest.approx(whole.score, abs=2.0)


def test_a_missing_reader_is_told_and_the_shipped_one_serves(tmp_path) -> None:
    with pytest.raises(AppError):
        BertReader(tmp_path)
    serving = ServingReader()
    serving.choose(str(tmp_path / "gone"))
    found = serving.current()
    assert found is not None
    assert found.calibrated
    assert found is serving.current()
