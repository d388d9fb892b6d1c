"""What generation needs of a loaded model. llama.cpp stands behind it in the worker, a toy in tests."""

from collections.abc import Callable, Sequence
from typing import Protocol

from app.base.jobs import CancelToken
from app.engine.protocol import ModelSpec, Sampling
from app.hardware.fit import Plan
from app.models.gguf import GgufFacts


class Aborted(Exception):
    """A `decode` was interrupted by its cancel token; the model's memory has to be cut back."""


class Sampler(Protocol):
    """Draws tokens for one answer."""

    def draw(self) -> int:
        """The next token, from the last position decoded."""

    def close(self) -> None:
        """Free what it holds."""


class LanguageModel(Protocol):
    """A model with one conversation in its memory, at positions 0, 1, 2…

    `plan`: how it was loaded. `context_length`: tokens the memory holds. `slice_length`: tokens of a prompt to read at a time.
    `first`: the token every prompt begins with, if any. `bos`, `eos`: the texts of these tokens, and
    `control_tokens` of all that steer the model instead of being text.
    """

    plan: Plan
    context_length: int
    slice_length: int
    first: int | None
    bos: str
    eos: str
    control_tokens: Sequence[str]

    def tokens(self, text: str, *, special: bool) -> list[int]:
        """Tokens of `text`, nothing added; control tokens in it count only with `special`."""

    def piece(self, token: int) -> bytes:
        """The bytes of the token; nothing for control tokens."""

    def ends(self, token: int) -> bool:
        """Whether the model means to stop with this token."""

    def decode(self, tokens: Sequence[int]) -> None:
        """Add `tokens` to the memory and make the last one ready for drawing.

        Raises `Aborted` when the watched token is cancelled, `AppError` when the model cannot go on.
        """

    def keep(self, count: int) -> int:
        """Cut the memory back to its first `count` tokens, or empty it when it cannot be cut; how many are left."""

    def watch(self, cancel: CancelToken | None) -> None:
        """Let `cancel` interrupt `decode` in the middle; None: a decode runs to its end."""

    def use_threads(self, count: int) -> None:
        """Compute with so many threads from now on."""

    def sampler(self, sampling: Sampling) -> Sampler:
        """Draw tokens this way; to be closed."""

    def close(self) -> None:
        """Free the memory."""


OpenModel = Callable[[GgufFacts, ModelSpec, Callable[[float], None], CancelToken], LanguageModel]
"""Load the model of these facts as asked, telling the fraction done. Raises `AppError` and `Cancelled`."""
