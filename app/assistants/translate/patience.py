"""What is borne of an engine: that its process ends once, and that it refuses a segment here and there."""

from app.assistants.translate.events import Finding
from app.assistants.translate.segments import Outcome, SegmentTranslator
from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken

_TRIES = 2  # when the engine's process ends; each try starts it afresh
_MOST_REFUSED = 3  # segments in a row: then it is not the segments


class Patience:
    """Has segments translated one after another."""

    def __init__(self, translator: SegmentTranslator) -> None:
        self._translator = translator
        self._refused = 0
        self._last: AppError | None = None

    def translate(self, text: str, cancel: CancelToken) -> Outcome:
        """As the translator does; a segment that is refused keeps its source, with a finding that says why.

        Raises `Cancelled`, `WorkerDied` when the process ends twice, and the refusal when it is one of several in a row.
        """
        for left in range(_TRIES - 1, -1, -1):
            try:
                outcome = self._translator.translate(text, cancel)
            except WorkerDied:
                if not left:
                    raise
            except AppError as error:
                self._refused += 1
                self._last = error
                if self._refused == _MOST_REFUSED:
                    raise
                return Outcome(text, "kept", (Finding("kept", f"The source text was kept. {error.what}"),))
            else:
                if outcome.origin == "engine":
                    self._refused = 0
                return outcome
        raise AssertionError("unreachable")

    def raise_refusal(self) -> None:
        """For a run that came to nothing: raises the last refusal, if there was one."""
        if self._last is not None:
            raise self._last
