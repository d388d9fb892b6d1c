"""What generation needs of a loaded model. llama.cpp stands behind it in the worker, a toy in tests."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.protocol import LoadProgress, ModelSpec, Sampling, Step
from app.hardware.fit import Plan
from app.models.gguf import GgufFacts


class NoRoom(AppError):
    """There is not enough memory for this model, however small the plan."""


class Aborted(Exception):
    """A `decode` was interrupted by its cancel token; the model's memory has to be cut back."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token goes; `drawn`: the next one is to be drawn from it."""

    sequence: int
    position: int
    token: int
    drawn: bool


class Sampler(Protocol):
    """Draws tokens for one answer."""

    def draw(self, row: int = -1) -> int:
        """The next token: from the last position decoded, or from that of token `row` of a `decode` with `every` or of a
        `decode_at`.

        Rows are asked for in order.
        """

    def close(self) -> None:
        """Free what it holds."""


class LanguageModel(Protocol):
    """A model with one conversation in its memory, at positions 0, 1, 2…

    `plan`: how it was loaded, `steps`: in what that is less than was asked for. `context_length`: tokens the memory holds. `slice_length`: tokens of a prompt to read at a time.
    `first`: the token every prompt begins with, if any. `bos`, `eos`: the texts of these tokens, and
    `control_tokens` of all that steer the model instead of being text. `goes_back`: whether `keep` can cut at any token.
    `longest_draft`: how many tokens may follow the first one in a `decode` with `every`; 0: none, it is not to be used.
    `sequences`: how many others can go on from what is in memory, each on its own; 0: none. They have the numbers from 1 on,
    and `context_length` counts the tokens of all. They are gone before `decode` and `keep` are used.
    """

    plan: Plan
    steps: tuple[Step, ...]
    context_length: int
    slice_length: int
    first: int | None
    bos: str
    eos: str
    control_tokens: Sequence[str]
    goes_back: bool
    longest_draft: int
    sequences: int

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Tokens of `text`, nothing added; control tokens in it count only with `special`."""

    def piece(self, token: int) -> bytes:
        """The bytes of the token; nothing for control tokens."""

    def ends(self, token: int) -> bool:
        """Whether the model means to stop with this token."""

    def decode(self, tokens: Sequence[int], *, every: bool = False) -> None:
        """Add `tokens` to the memory and make the last one ready for drawing, or `every` one.

        Raises `Aborted` when the watched token is cancelled, `AppError` when the model cannot go on.
        """

    def decode_at(self, places: Sequence[Place]) -> None:
        """Add tokens to sequences: at most `slice_length`, and a few of them `drawn`. Raises as `decode` does."""

    def share(self, sequence: int) -> None:
        """Let the sequence, of which nothing is held, begin with all that is in memory."""

    def drop(self, sequence: int) -> None:
        """Forget the sequence."""

    def exact(self, held: int) -> bool:
        """Whether up to so many tokens in memory, and with the threads in use, tokens that are read together may get the
        very scores that they get one by one. Kernels still have to be tried.
        """

    def scores(self, row: int) -> bytes:
        """Of all tokens to follow, as `Sampler.draw` sees them; only to be compared."""

    def keep(self, count: int) -> int:
        """Cut the memory back to its first `count` tokens, or empty it when it cannot be cut; how many are left."""

    def state_bytes(self) -> int:
        """What `save_state` would write now."""

    def save_state(self, file: Path, cancel: CancelToken) -> None:
        """Write the memory into `file`. Raises `OSError`, and `Cancelled` within a moment; half of it may be left then."""

    def load_state(self, file: Path) -> None:
        """Replace the memory by one that was saved of this model, loaded as it is now, from a file that is known to be sound.

        Raises `AppError` when it does not fit; the memory is empty then. Raises `OSError` when it cannot be read.
        """

    def watch(self, cancel: CancelToken | None) -> None:
        """Let `cancel` interrupt `decode` in the middle; None: a decode runs to its end."""

    def use_threads(self, count: int) -> None:
        """Compute with so many threads from now on."""

    def sampler(self, sampling: Sampling) -> Sampler:
        """Draw tokens this way; to be closed."""

    def close(self) -> None:
        """Free the memory."""


OpenModel = Callable[[GgufFacts, ModelSpec, Callable[[LoadProgress], None], CancelToken], LanguageModel]
"""Load the model of these facts as asked, telling how far it is. Raises `AppError` (`NoRoom`) and `Cancelled`."""
