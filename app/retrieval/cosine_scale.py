"""What a cosine means: other embedding models put unrelated texts at other values than the starter does.

The thresholds of relevance (evidence.py) are the starter's. A cosine of another model is brought onto the starter's
scale by two points that are measured with the person's own passages: what unrelated texts have, and what a sentence has
with the passage it stands in.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TypeVar

import numpy as np

from app.documents.sentences import sentences
from app.retrieval.embedding import Embedder, Vectors

Cosines = TypeVar("Cosines", float, Vectors)

SAMPLE = 64
"""Passages that are enough to measure with."""

_LEAST = 8
_LEAST_APART = 0.02


@dataclass(frozen=True, slots=True)
class CosineScale:
    """Medians over pairs: `unrelated` of a sentence with passages it has nothing to do with, `own` with its own one."""

    unrelated: float
    own: float

    def as_starter(self, cosine: Cosines) -> Cosines:
        """The cosine the starter would be expected to give: of one, or of an array of them."""
        if self == STARTER:
            return cosine
        share = (cosine - self.unrelated) / (self.own - self.unrelated)
        return STARTER.unrelated + share * (STARTER.own - STARTER.unrelated)


# measured with `measured_scale` over paragraphs of the SQuAD training set (medians: 0.009 and 0.69)
STARTER = CosineScale(unrelated=0.01, own=0.7)


def measured_scale(passages: Sequence[str], embedder: Embedder) -> CosineScale:
    """`passages`: about `SAMPLE`, from all over the library. The starter's scale where they tell too little."""
    pairs = [(own, text) for text in passages if (own := _telling_sentence(text))]
    if len(pairs) < _LEAST:
        return STARTER
    queries = np.stack([embedder.embed_query(own) for own, _ in pairs])
    cosines = queries @ embedder.embed([text for _, text in pairs]).T
    others = cosines[~np.eye(len(pairs), dtype=np.bool_)]
    found = CosineScale(float(np.median(others)), float(np.median(np.diagonal(cosines))))
    return found if found.own - found.unrelated >= _LEAST_APART else STARTER


def write_scale(scale: CosineScale) -> str:
    return json.dumps(asdict(scale))


def read_scale(text: str) -> CosineScale:
    """The starter's for what `write_scale` did not write."""
    try:
        kept = json.loads(text)
        return CosineScale(float(kept["unrelated"]), float(kept["own"]))
    except (ValueError, KeyError, TypeError):
        return STARTER


def _telling_sentence(text: str) -> str:
    """One from the middle that says something and is not the whole passage, "" without one."""
    found = [text[start:end] for start, end in sentences(text)]
    long = [each for each in found if len(each.split()) >= 6]
    return long[len(long) // 2] if len(found) > 1 and long else ""
