"""How many answers to write at once: as many as are fastest, measured with this model on this machine."""

from dataclasses import dataclass

_ENOUGH_TOKENS = 24  # before a speed says anything
_REMEMBERED = 512  # tokens; older ones count less and less
_WORTH = 1.1  # times as fast as one alone
_REST = 32  # answers written alone before several are tried again


@dataclass(slots=True)
class _Speed:
    """Of so many tokens in so many seconds, the newest of which count most."""

    tokens: float = 0.0
    seconds: float = 0.0

    def add(self, tokens: int, seconds: float) -> None:
        fading = _REMEMBERED / max(_REMEMBERED, self.tokens + tokens)
        self.tokens = fading * (self.tokens + tokens)
        self.seconds = fading * (self.seconds + seconds)

    @property
    def known(self) -> bool:
        return self.tokens >= _ENOUGH_TOKENS


class AtOnce:
    """`most`: that the model can hold; 0: several never.

    Prompts are judged with what is written: beside other sequences they take longer to read, since attention passes over the
    cells of all, so several answers to long prompts can be slower although they are written faster.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._reading: dict[int, _Speed] = {}
        self._writing: dict[int, _Speed] = {}
        self._read = self._written = 0  # tokens in all
        self._alone = 0  # answers since several were found too slow

    def read(self, count: int, tokens: int, seconds: float) -> None:
        """So many tokens of a prompt were read, while up to `count` answers are written at once."""
        self._reading.setdefault(count, _Speed()).add(tokens, seconds)
        self._read += tokens

    def wrote(self, count: int, tokens: int, seconds: float) -> None:
        """So many tokens were written by `count` answers at once; one alone is told as a whole."""
        self._writing.setdefault(count, _Speed()).add(tokens, seconds)
        self._written += tokens
        self._alone = self._alone + 1 if count == 1 else 0

    def choice(self) -> int:
        """One until it is known how fast that is, so that there is something to compare with."""
        if self._most < 2 or not self._known(1):
            return 1
        if not self._known(self._most):
            return self._most
        best = min((count for count in range(2, self._most + 1) if self._known(count)), key=self._seconds)
        if _WORTH * self._seconds(best) <= self._seconds(1):
            return best
        if self._alone < _REST:
            return 1
        self._writing = {1: self._writing[1]}
        return self._most

    def _known(self, count: int) -> bool:
        return count in self._writing and self._writing[count].known

    def _seconds(self, count: int) -> float:
        """For all that was read and written so far."""
        writing = self._writing[count]
        reading = self._reading.get(count) or self._reading.get(1) or _Speed()
        read_s = self._read * reading.seconds / max(reading.tokens, 1.0)
        return read_s + self._written * writing.seconds / writing.tokens
