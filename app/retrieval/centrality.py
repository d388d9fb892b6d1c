"""How much a sentence or passage says of the whole it belongs to, and a choice of them without repeats.

Pure arithmetic over vectors and words; positions and marks are judged by the callers.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from app.retrieval.embedding import Vectors

Scores = npt.NDArray[np.float32]

_SAME_COSINE = 0.95


def to_centre(vectors: Vectors, whole: Vectors) -> Scores:
    """Cosine of each of `vectors`, shape (n, d), with the mean of `whole`, shape (m, d). Linear in both."""
    centre = whole.mean(axis=0)
    length = float(np.linalg.norm(centre))
    return vectors @ (centre / length) if length > 0 else np.zeros(len(vectors), dtype=np.float32)


def word_centrality(listed: Sequence[Sequence[str]], whole: Sequence[Sequence[str]]) -> Scores:
    """Cosine of each bag of words with the sum of all in `whole`, words weighed by how few of them hold each."""
    found = Counter(word for bag in whole for word in set(bag))
    weights = {word: math.log(1 + len(whole) / count) for word, count in found.items()}
    total = Counter(word for bag in whole for word in bag)
    centre = {word: count * weights[word] for word, count in total.items()}
    norm = math.sqrt(sum(value * value for value in centre.values())) or 1.0
    scores = np.zeros(len(listed), dtype=np.float32)
    for number, bag in enumerate(listed):
        own = {word: count * weights.get(word, 0.0) for word, count in Counter(bag).items()}
        length = math.sqrt(sum(value * value for value in own.values()))
        if length:
            scores[number] = sum(value * centre.get(word, 0.0) for word, value in own.items()) / length / norm
    return scores


def standardised(scores: Scores) -> Scores:
    """Mean 0, standard deviation 1; all zero where nothing differs."""
    spread = float(scores.std()) if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 1e-6 else np.zeros_like(scores)


def choose_apart(
    scores: Scores, vectors: Vectors, count: int, repeat: float, change: Callable[[list[int]], Scores]
) -> list[int]:
    """Greedy choice of up to `count` rows, in the order chosen (maximal marginal relevance, Carbonell and Goldstein 1998).

    Each time the row where `scores - repeat * (largest cosine with a chosen row) + change(chosen)` is largest; rows
    that say the same as a chosen one are never taken.
    """
    chosen: list[int] = []
    nearest = np.zeros(len(scores), dtype=np.float32)
    while len(chosen) < min(count, len(scores)):
        value = scores - repeat * nearest + change(chosen)
        value[chosen] = -np.inf
        value[nearest >= _SAME_COSINE] = -np.inf
        best = int(np.argmax(value))
        if not np.isfinite(value[best]):
            break
        chosen.append(best)
        nearest = np.maximum(nearest, vectors @ vectors[best])
    return chosen
