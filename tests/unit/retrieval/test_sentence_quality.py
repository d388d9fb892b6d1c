"""What can stand for a document, told by its form; the arithmetic of choosing; long documents."""

import time

import numpy as np
import pytest

from app.documents.document import Place
from app.retrieval.centrality import choose_apart, standardised, to_centre, word_centrality
from app.retrieval.passage_choice import parts_of, passages_to_read, spread
from app.retrieval.protocol import DocumentPassage
from app.retrieval.sentence_quality import SentenceReader, word_count
from app.retrieval.whole_document import WholeDocument


def pages(*texts: str, heading: str = "") -> list[DocumentPassage]:
    return [
        DocumentPassage(number, Place("page", number), heading, text, 0, len(text))
        for number, text in enumerate(texts, start=1)
    ]


def read(*texts: str) -> list[str]:
    return [each.text for each in SentenceReader(pages(*texts)).read(range(len(texts)))]


GOOD = "The committee approved the budget for the coming year without changes."


@pytest.mark.parametrize(
    "unfit",
    [
        "Budget and planning",
        "Figure 3: The budget of the committee over the last years.",
        "Tabelle 2 Der Haushalt des Ausschusses in den letzten Jahren.",
        "[12] Miller and others on the budget of small committees.",
        "Miller, A. B., Budgets of small committees and how they grow.",
        "12,400 13,100 14,900 12,000 and 15,100 in all years.",
        "and the committee approved what was left of the budget.",
        "Approved.",
    ],
)
def test_what_is_no_sentence_of_its_own_is_left_out(unfit):
    assert read(f"{GOOD}\n\n{unfit}") == [GOOD]


def test_lines_that_stand_on_many_pages_are_furniture():
    topics = [
        "The cranes were ordered.",
        "The quay was mended.",
        "The ferry was sold.",
        "The board was thanked.",
    ]
    texts = [f"Minutes of the board, page {n}.\n\n{topic}" for n, topic in enumerate(topics)]
    assert read(*texts) == topics


def test_a_script_without_end_marks_is_read_all_the_same():
    lines = "รายงานนี้อธิบายการเปลี่ยนแปลงของท่าเรือ\nเครนไฟฟ้าช่วยลดค่าใช้จ่ายของท่าเรือ"
    assert read(lines) == lines.split("\n")


def test_words_are_counted_without_blanks_too():
    assert word_count("Two words") == 2
    assert 4 <= word_count("电动起重机节省燃料") <= 7


def test_a_leaning_sentence_knows_the_one_before_it():
    first, second = SentenceReader(pages(f"{GOOD} This was not expected by the members of the board.")).read(
        [0]
    )
    assert (first.leans, second.leans, second.follows) == (False, True, True)


def test_the_choice_takes_the_best_and_then_what_is_different():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    scores = np.array([3, 2.9, 1], dtype=np.float32)
    assert choose_apart(scores, vectors, 2, 2.5, lambda chosen: np.zeros(3, np.float32)) == [0, 2]
    assert choose_apart(scores, vectors, 9, 0.0, lambda chosen: np.zeros(3, np.float32)) == [
        0,
        2,
    ]  # row 1 repeats row 0


def test_centrality_is_highest_next_to_the_whole():
    whole = np.array([[1, 0], [0.8, 0.6]], dtype=np.float32)
    central = to_centre(np.array([[0.95, 0.31], [0, 1]], dtype=np.float32), whole)
    assert central[0] > 0.99 > central[1]
    assert list(standardised(np.array([2, 2], dtype=np.float32))) == [0, 0]
    bags = [["crane", "quay"], ["crane", "noise"], ["menu", "soup"]]
    words = word_centrality(bags, bags)
    assert words[0] == pytest.approx(words[1]) and words[0] > words[2]


def test_a_very_long_document_is_narrowed_down_quickly_and_heard_in_every_part():
    count = 20_000
    vectors = np.random.default_rng(1).normal(size=(count, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    passages = tuple(pages(*["Some text on this page."] * count))
    document = WholeDocument(
        "", passages, vectors, np.ones(count, dtype=np.bool_), count, "page", "indexed", ""
    )
    started = time.process_time()
    parts = parts_of(document)
    chosen = passages_to_read(document, parts, 12, 0)
    assert time.process_time() - started < 4  # seconds of this process
    assert 12 <= len(chosen) <= 80
    assert set(parts[chosen]) == set(parts)
    assert spread(3, 5) == [0, 1, 2] and spread(10, 3) == [0, 3, 6]
