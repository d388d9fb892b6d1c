"""Prompt lookup: an answer that quotes goes on like the text it quotes, so the next tokens are copied from there and
checked together, which costs less than computing them one by one (Saxena, "Prompt Lookup Decoding", 2023).
"""

from collections.abc import Iterable, Sequence

_LENGTHS = (3, 2)  # of the ends that are looked up, in tokens; the longer one tells better what follows
_FIRST_DRAFT = 3
_WEIGHT = 0.2  # of the newest measurement in a running mean
_TRIES = 4  # before drafts are judged
_SHORT_REST, _LONG_REST = 32, 512  # tokens


class Copies:
    """Where the ends of a growing list of tokens occurred last; adding and looking up take the same time however long."""

    def __init__(self, tokens: Iterable[int] = ()) -> None:
        self._tokens: list[int] = []
        self._next: dict[tuple[int, ...], int] = {}  # by end: where what followed it begins
        for token in tokens:
            self.add(token)

    def __len__(self) -> int:
        return len(self._tokens)

    def add(self, token: int) -> None:
        """The ends so far are entered only now that they have something after them."""
        for length in _LENGTHS:
            if len(self._tokens) >= length:
                self._next[tuple(self._tokens[-length:])] = len(self._tokens)
        self._tokens.append(token)

    def following(self, count: int) -> Sequence[int]:
        """Up to `count` tokens that followed when the list last read as it ends now; none when it never did."""
        for length in _LENGTHS:
            start = self._next.get(tuple(self._tokens[-length:]))
            if start is not None:
                return self._tokens[start : start + count]
        return ()


class DraftLength:
    """How many tokens to draft, and whether at all: drafts rest while they bring fewer tokens a second than single steps
    do, as measured on this machine with this model. Each rest is twice as long as the one before, until drafts pay again.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._length = min(_FIRST_DRAFT, longest)
        self._single_s = 0.0
        self._drafted_s = self._won = 0.0  # running means of a step with a draft: its seconds, its tokens
        self._tries = 0
        self._rest, self._left = _SHORT_REST, 0

    @property
    def now(self) -> int:
        """Tokens; 0 while resting, and when there is no single step yet to judge by."""
        unjudged = self._tries >= _TRIES and not self._single_s
        return 0 if self._left or unjudged else self._length

    def single(self, seconds: float) -> None:
        """A step without a draft was taken."""
        self._single_s = _mean(self._single_s, seconds)
        self._left = max(0, self._left - 1)

    def drafted(self, count: int, accepted: int, seconds: float) -> None:
        """A step with a draft of `count` tokens was taken, of which `accepted` were right."""
        self._drafted_s = _mean(self._drafted_s, seconds)
        self._won = _mean(self._won, accepted + 1)
        self._tries += 1
        self._length = min(self._longest, 2 * count) if accepted == count else max(1, accepted)
        if self._tries < _TRIES or not self._single_s:
            return
        if self._won * self._single_s >= self._drafted_s:
            self._rest = _SHORT_REST
            return
        self._left, self._rest = self._rest, min(_LONG_REST, 2 * self._rest)
        self._length = min(_FIRST_DRAFT, self._longest)
        self._drafted_s = self._won = 0.0
        self._tries = 0


def _mean(before: float, new: float) -> float:
    """One step that had to wait for another program must not count for more than twice the others."""
    return before + _WEIGHT * (min(new, 2 * before) - before) if before else new


class Lookup:
    """The drafts of one answer. `length` is that of the model, from one answer to the next; `drafted` and `accepted` count
    tokens, `single` steps without a draft, which took `single_s` seconds.
    """

    def __init__(self, length: DraftLength) -> None:
        self.drafted = self.accepted = self.single = 0
        self.single_s = 0.0
        self._length = length
        self._copies = Copies()

    def draft(self, held: Sequence[int], token: int, room: int) -> list[int]:
        """What may follow `token`, drawn after the tokens `held`; at most `room` tokens."""
        for each in (*held[len(self._copies) :], token):
            self._copies.add(each)
        count = min(self._length.now, room)
        return list(self._copies.following(count)) if count > 0 else []

    def took(self, draft: Sequence[int], accepted: int, seconds: float) -> None:
        """The step with this draft, empty or not, was taken, and so many of its tokens were right."""
        if not draft:
            self.single += 1
            self.single_s += seconds
            self._length.single(seconds)
            return
        self.drafted += len(draft)
        self.accepted += accepted
        self._length.drafted(len(draft), accepted, seconds)
