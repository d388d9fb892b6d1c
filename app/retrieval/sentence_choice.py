"""Choosing the sentences that tell most of a document, without saying a thing twice."""

import math
from collections.abc import Sequence

import numpy as np

from app.retrieval import cues
from app.retrieval.centrality import Scores, choose_apart, standardised, to_centre, word_centrality
from app.retrieval.embedding import Vectors
from app.retrieval.passage_choice import Parts, section_numbers, spread
from app.retrieval.sentence_quality import Sentence, is_telling, word_count, words_of
from app.retrieval.whole_document import WholeDocument

_WHOLE = 2_000  # passages whose words are counted
_A_PAGE = 400  # words
_FEWEST, _MOST = 3, 15  # sentences, unless more are asked for
_LONG_ENOUGH = 25  # words; more add nothing to a sentence's weight

# Weights of what makes a sentence telling, in standard deviations within its document. Chosen with
# benchmarks/summaries.py on the halves of its sets that it does not report.
# _TELLING, _OPENING and _FLAW are judgement: those sets have no headings, and the measure does not see form.
_MEANING = 1.0
_WORDS = 1.5
_LENGTH = 0.5
_LEAD = 3.0
_OPENING = 0.5
_ANNOUNCING = 4.0
_TELLING = 1.0
_FLAW = 3.0
_LEANING = 0.5
_REPEAT = 3.0
_SAME_PART = 0.5

Chosen = list[tuple[int, float]]


def suitable_count(document: WholeDocument) -> int:
    """Sentences that suit the length: five for a page, eight for four, ten for ten, fifteen for a hundred and more."""
    sample = spread(len(document.passages), _WHOLE)
    counted = sum(word_count(document.passages[number].text) for number in sample)
    words = counted * len(document.passages) / len(sample)
    return max(_FEWEST, min(_MOST, round(5 + 5 * math.log10(max(words, 1) / _A_PAGE))))


def best_sentences(
    document: WholeDocument, parts: Parts, listed: Sequence[Sentence], vectors: Vectors, count: int
) -> Chosen:
    """Rows of `listed` with how central each is, 0…1; `vectors`: its sentences', shape (len(listed), dimensions)."""
    central = _central(document, listed, vectors)
    return _choose(parts, listed, vectors, _scores(document, listed, central), count)


def best_of_each_section(
    document: WholeDocument, parts: Parts, listed: Sequence[Sentence], vectors: Vectors, count: int
) -> Chosen:
    """As `best_sentences`, `count` for each section (for each part, where the document has no sections)."""
    sections = section_numbers(document)
    if sections[-1] == 0:
        sections = parts
    central = _central(document, listed, vectors)
    scores = _scores(document, listed, central)
    chosen: Chosen = []
    for section in np.unique(sections):
        rows = [row for row, each in enumerate(listed) if sections[each.passage] == section]
        if rows:
            own = to_centre(vectors[rows], vectors[rows])
            fitting = scores[rows] + _MEANING * standardised(own)
            of_section = [listed[row] for row in rows]
            picked = _choose(sections, of_section, vectors[rows], fitting, count)
            chosen += [(rows[row], score) for row, score in picked]
    return chosen


def _central(document: WholeDocument, listed: Sequence[Sentence], vectors: Vectors) -> Scores:
    return to_centre(vectors, document.vectors[document.embedded])


def _scores(document: WholeDocument, listed: Sequence[Sentence], central: Scores) -> Scores:
    bags = [words_of(each.text) for each in listed]
    lengths = np.array([math.log(1 + min(each.words, _LONG_ENOUGH)) for each in listed], dtype=np.float32)
    early = 1 - np.arange(len(listed), dtype=np.float32) / len(listed)
    # in a text of a page what comes first tells most, and its words are too few to be counted
    short = min(1.0, _A_PAGE / max(1, sum(each.words for each in listed)))
    scores = _MEANING * standardised(central) + short * _LEAD * early
    scores += (1 - short) * _WORDS * standardised(word_centrality(bags, bags))
    scores += (1 - short) * _LENGTH * standardised(lengths)
    return (scores + _marks(document, listed)).astype(np.float32)


def _marks(document: WholeDocument, listed: Sequence[Sentence]) -> Scores:
    """For what a sentence says of itself, its form, and where in its section it stands."""
    sections = section_numbers(document)
    marks = np.zeros(len(listed), dtype=np.float32)
    last = -1
    for row, each in enumerate(listed):
        announces = cues.ANNOUNCING.search(each.text) is not None and not each.flaw
        telling = is_telling(document.passages[each.passage])
        opens = sections[each.passage] != last
        last = int(sections[each.passage])
        marks[row] = _ANNOUNCING * announces + _TELLING * telling + _OPENING * opens - _FLAW * each.flaw
    return marks


def _choose(parts: Parts, listed: Sequence[Sentence], vectors: Vectors, scores: Scores, count: int) -> Chosen:
    part = np.array([parts[each.passage] for each in listed], dtype=np.int64)
    leans = np.array([each.leans for each in listed], dtype=np.bool_)
    follows = np.array([each.follows for each in listed], dtype=np.bool_)

    def change(chosen: list[int]) -> Scores:
        """What depends on the choice so far: a sentence may lean on a chosen one, or crowd its part."""
        supported = follows & np.isin(np.arange(len(listed)) - 1, chosen)
        crowded = np.bincount(part[chosen], minlength=int(part.max()) + 1)[part]
        return (-_LEANING * (leans & ~supported) - _SAME_PART * crowded).astype(np.float32)

    rows = choose_apart(scores, vectors, count, _REPEAT, change)
    return [(row, round(1 / (1 + math.exp(-float(scores[row]) / 2)), 4)) for row in rows]
