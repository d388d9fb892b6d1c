"""Which passages of a long document are worth reading sentence by sentence, told by their vectors and places."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from app.retrieval.centrality import Scores, standardised, to_centre
from app.retrieval.sentence_quality import is_closing, is_telling
from app.retrieval.whole_document import WholeDocument

Parts = npt.NDArray[np.int64]

_READ = 56  # passages, about 400 sentences
_PARTS = 12  # stretches of a document, each of which should have a say
_LEAD = 1.0  # in standard deviations of centrality: for the first passage of the document, or of a section
_TELLING = 1.0  # for an abstract, an introduction, conclusions


def parts_of(document: WholeDocument) -> Parts:
    """The part of each passage, shape (passages,): its section where there are a few, else an even stretch."""
    sections = section_numbers(document)
    if 1 < sections[-1] + 1 <= _PARTS:
        return sections
    count = len(document.passages)
    return np.arange(count) * min(_PARTS, count) // count


def section_numbers(document: WholeDocument) -> Parts:
    """Counted from 0 in the order of the document; a heading that comes again opens a section again."""
    titles = [each.section for each in document.passages]
    return np.cumsum([0, *(one != two for one, two in pairwise(titles))])


def passages_to_read(document: WholeDocument, parts: Parts, count: int, per_section: int) -> list[int]:
    """Numbers (from 0) of the passages whose sentences are looked at, in order.

    Half of them are the best of their part, so that all of the document is heard, the others the best of all.
    """
    scores = _scores(document)
    allowed = np.flatnonzero(np.isfinite(scores))
    if per_section:
        parts = section_numbers(document)
    budget = max(_READ, count)
    if len(allowed) <= budget:
        return [int(number) for number in allowed]
    best = allowed[np.argsort(-scores[allowed], kind="stable")]
    present = np.unique(parts[allowed])
    of_each = max(per_section, budget // 2 // len(present), 1)
    chosen = {int(number) for part in present for number in best[parts[best] == part][:of_each]}
    for number in best:
        if len(chosen) >= budget:
            break
        chosen.add(int(number))
    return sorted(chosen)


def spread(count: int, most: int) -> list[int]:
    """`most` of the numbers below `count`, evenly spread; all where there are no more."""
    return list(range(count)) if count <= most else [number * count // most for number in range(most)]


def _scores(document: WholeDocument) -> Scores:
    """Of each passage; minus infinity for those without a vector, and for references and the like."""
    embedded = document.embedded
    telling_nothing = np.array([is_closing(each) for each in document.passages])
    usable = embedded & ~telling_nothing
    if not usable.any():
        usable = embedded
    scores = np.full(len(embedded), -np.inf, dtype=np.float32)
    scores[usable] = standardised(to_centre(document.vectors[usable], document.vectors[usable]))
    sections = section_numbers(document)
    opens = np.concatenate(([True], sections[1:] != sections[:-1]))
    scores += _LEAD * opens
    scores += _TELLING * np.array([is_telling(each) for each in document.passages])
    return scores
