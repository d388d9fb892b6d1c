"""How far a refresh is, counted while it runs and told not more often than a person can see."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from app.retrieval.embedding_lane import EmbeddingLane
from app.retrieval.index_store import IndexStore
from app.retrieval.protocol import FileFailure, IndexProgress, WaitReason

TOLD_EVERY_S = 0.1
_COUNTED_EVERY_S = 1.0

Stage = Literal["listing", "reading", "embedding", "recognising", "waiting"]


@dataclass(slots=True)
class Progress:
    """The counts of one refresh of `folders`, in files where nothing else is said."""

    store: IndexStore
    lane: EmbeddingLane
    folders: tuple[str, ...]
    started: float  # monotonic seconds
    total: int = 0
    done: int = 0
    bytes_total: int = 0
    bytes_done: int = 0
    indexed: int = 0
    pages: int = 0
    pages_total: int = 0
    file: str = ""
    told: float = 0.0
    waiting: int = 0
    counted: float = 0.0
    waited: float = 0.0  # seconds
    failures: list[FileFailure] = field(default_factory=list)

    def tell(self, stage: Stage) -> Iterator[IndexProgress]:
        """Not more often than a person can see."""
        now = time.monotonic()
        if now - self.told >= TOLD_EVERY_S:
            self.told = now
            yield self.event(stage)

    def event(self, stage: Stage, reason: WaitReason = "") -> IndexProgress:
        lane = self.lane
        waiting = self._count_waiting() if stage != "listing" else 0
        rate = lane.embedded / lane.seconds if lane.seconds else 0.0
        return IndexProgress(
            stage=stage,
            done=self.done,
            total=self.total,
            file=self.file,
            passages=lane.embedded,
            passages_per_s=round(rate, 1),
            seconds_left=self._seconds_left(waiting, rate),
            passages_total=lane.embedded + waiting,
            pages=self.pages,
            pages_total=self.pages_total,
            reason=reason,
        )

    def _count_waiting(self) -> int:
        """Now and then: it takes a tenth of a second where 100,000 files wait."""
        now = time.monotonic()
        if now - self.counted >= _COUNTED_EVERY_S:
            self.waiting = self.store.count_waiting(self.folders)
            self.counted = now
        return self.waiting

    def _seconds_left(self, waiting: int, rate: float) -> float | None:
        """None while too little is known. Passages of files not read yet are guessed from those that were."""
        elapsed = time.monotonic() - self.started - self.waited
        share = self.bytes_done / self.bytes_total if self.bytes_total else 1.0
        if elapsed < 1 or share < 0.02 or self.pages < self.pages_total:
            return None
        reading = elapsed / share - elapsed if share < 1 else 0.0
        if not waiting:
            return round(reading, 1)
        return round(reading + waiting / share / rate, 1) if rate else None
