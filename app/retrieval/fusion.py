"""Several rankings made into one."""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)

# Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and individual rank
# learning methods", SIGIR 2009: k = 60
_RRF_K = 60


def fuse_ranks(rankings: Iterable[Sequence[Item]]) -> dict[Item, float]:
    """Reciprocal-rank score of every item, best first. Each ranking lists its items best first."""
    scores: dict[Item, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (_RRF_K + rank)
    return dict(sorted(scores.items(), key=lambda each: -each[1]))
