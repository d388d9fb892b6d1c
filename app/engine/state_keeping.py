"""What of one model's memory goes to disk, and what comes back: decided by the time that reading it again would take."""

import logging
from collections.abc import Sequence
from functools import partial

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.engine.kept_states import KeptState, KeptStates, all_forgotten
from app.engine.language_model import LanguageModel

_LEAST_TOKENS = 128  # fewer are read again in a moment
_LEAST_LEARNT = 16  # read at once; one alone takes longer than one of many
_LEAST_GAIN = 64  # tokens that a state must save over what is in memory already
_LEAST_PART = 4  # … and a fourth of what it holds, since all of it has to be loaded
_DISK_BYTES_PER_S = 300e6  # a plain SSD
_WORTH = 3  # a state is written if reading took so many times as long
_log = logging.getLogger(__name__)


def shared_length(some: Sequence[int], others: Sequence[int]) -> int:
    """How many tokens both begin with."""
    count = 0
    for one, other in zip(some, others, strict=False):
        if one != other:
            break
        count += 1
    return count


class StateKeeper:
    """Keeps states of one loaded model.

    Writing a state takes as long as its bytes do: 1,500 tokens of the starter are 33 MB, 4,000 tokens of a model of 3
    billion weights 450 MB. So a state is written only where reading its tokens took three times as long as writing it to
    a plain SSD will, which most models do on a processor and few on a graphics card; where it holds 128 tokens that no
    state on disk holds; and, since even then it may take a second, only when asked to, while nobody waits.
    """

    def __init__(self, states: KeptStates, key: str, model: LanguageModel) -> None:
        self._states = states
        self._key = key
        self._model = model
        self._era = ""
        self._tokens_read = 0
        self._reading_s = 0.0

    def begins(self, era: str) -> bool:
        """What is read from now on was asked for in `era`. Whether all was forgotten since: then memory has to forget too."""
        before, self._era = self._era, era
        return all_forgotten(before, era)

    def learn(self, tokens: int, seconds: float) -> None:
        """So long did it take to read so many tokens."""
        if tokens >= _LEAST_LEARNT:
            self._tokens_read += tokens
            self._reading_s += seconds

    def find(self, prompt: Sequence[int], held: int, cancel: CancelToken) -> KeptState | None:
        """A sound state that holds clearly more tokens of `prompt` than memory, which holds `held`. Raises `Cancelled`."""
        if len(prompt) - held < _LEAST_GAIN:
            return None
        state = self._best(prompt, held)
        return state if state is not None and self._states.checked(state, cancel) else None

    def load(self, state: KeptState) -> Sequence[int] | None:
        """Fill the memory from it. Returns the tokens in memory then; None if it was left as it is."""
        try:
            with self._states.loading(state, self._era) as file:
                self._model.load_state(file)
        except OSError:
            return None  # another process has just taken or removed it
        except AppError as error:
            _log.warning("a kept state was not loaded: %s", error)
            return ()
        return state.tokens

    def save(self, held: Sequence[int], cancel: CancelToken) -> None:
        """Put the memory on disk, which holds these tokens, if that is worth it. Raises `Cancelled`; then nothing is kept."""
        if len(held) < _LEAST_TOKENS:
            return
        kept = self._states.of(self._key)
        for each in kept:
            if self._usable(each, held) > len(held) - _LEAST_TOKENS:
                self._states.used(each)
                return
        size = self._model.state_bytes()
        if len(held) * self._token_s < _WORTH * size / _DISK_BYTES_PER_S:
            return
        slack = _LEAST_TOKENS if self._model.goes_back else 1
        older = [each for each in kept if shared_length(each.tokens, held) > len(each.tokens) - slack]
        self._states.save(
            self._key,
            held,
            partial(self._model.save_state, cancel=cancel),
            size=size,
            era=self._era,
            instead_of=older,
            cancel=cancel,
        )

    @property
    def _token_s(self) -> float:
        return self._reading_s / self._tokens_read if self._tokens_read else 0.0

    def _best(self, prompt: Sequence[int], held: int) -> KeptState | None:
        """The one that saves most, the smaller of two that save the same."""
        fitting = [
            each for each in self._states.of(self._key) if len(each.tokens) <= self._model.context_length
        ]
        shared = {each.file: self._usable(each, prompt) for each in fitting}
        worth = [
            each
            for each in fitting
            if shared[each.file] - held >= max(_LEAST_GAIN, len(each.tokens) // _LEAST_PART)
        ]
        return max(worth, key=lambda each: (shared[each.file], -len(each.tokens)), default=None)

    def _usable(self, state: KeptState, prompt: Sequence[int]) -> int:
        """Tokens of `prompt` that it saves reading. Where memory cannot go back, it serves only as a whole."""
        shared = shared_length(state.tokens, prompt)
        return shared if self._model.goes_back or shared == len(state.tokens) else 0
