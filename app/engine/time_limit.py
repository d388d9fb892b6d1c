"""Questions that must not take for ever."""

import time

from app.base.errors import Cancelled
from app.base.jobs import CancelToken


class TimeLimit(CancelToken):
    """Cancelled with another token, or when the time is up."""

    def __init__(self, leader: CancelToken, seconds: float) -> None:
        super().__init__()
        self._leader = leader
        self._deadline = time.monotonic() + seconds

    @property
    def cancelled(self) -> bool:
        return self._leader.cancelled or super().cancelled or time.monotonic() > self._deadline

    def raise_if_cancelled(self) -> None:
        if self.cancelled:
            raise Cancelled
