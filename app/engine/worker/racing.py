"""Whether a graphics card is worth using: raced against the processor once for each model, card and driver.

The race runs in a process of its own, before the model is loaded (two copies of it might not fit), because drivers crash.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.engine.measuring_protocol import Paced, RunPace
from app.engine.process import engine_process
from app.engine.protocol import ModelSpec
from app.engine.time_limit import TimeLimit
from app.engine.worker.parameters import without_card
from app.hardware.graphics import driver_stack, model_key
from app.hardware.measured import Measurements, Pace, contest
from app.models.naming import model_files

_LIMIT_S = 15.0  # for starting and computing; a driver that takes longer hangs
_LEAST_BYTES_PER_S = 25e6  # of a slow disk, while the model is loaded for the first time
_TOO_SLOW = Pace(0.01, 0.01)  # of a processor that did not finish in time
_log = logging.getLogger(__name__)

RunAlone = Callable[[ModelSpec, CancelToken, float], Pace]
"""How fast this model runs as it is asked for, told in so many seconds. Raises `TimeoutError`, `WorkerDied`, `AppError`,
`WorkerBug` and `Cancelled`.
"""


class Cards:
    """What is known of the graphics cards here, and how more is found out.

    `measurements` None: nothing is remembered, and no race is run.
    """

    def __init__(self, measurements: Measurements | None, run: RunAlone) -> None:
        self._measurements = measurements
        self._run = run

    def allowed(self, spec: ModelSpec) -> bool:
        """Whether a card may take part."""
        return spec.card == "auto" and not self.failed(spec)

    def failed(self, spec: ModelSpec) -> bool:
        """Whether one would take part, had it not crashed with this file."""
        if spec.card == "never":
            return False
        kept = self._measurements
        known = kept is not None and kept.card_failed(driver_stack(), model_key(spec.file))
        return known or spec.card == "failed"

    def wins(self, key: str, spec: ModelSpec, card: str, cancel: CancelToken) -> bool:
        """Whether `spec`, which has layers on `card`, is faster than the processor alone; raced where that is not known.

        `key`: of the model's shape. The processor runs first: how long it takes to read the file then shows, and the card
        gets as long and no more than 15 seconds beside. A card that crashes or hangs loses, and that is remembered. Raises
        `Cancelled`.
        """
        if self._measurements is None:
            return True
        sides = contest(card, spec.gpu_layers, key)
        known = self._measurements.race(driver_stack(), sides)
        if known is not None:
            return known.card_wins
        began = time.monotonic()
        on_processor = self._on_processor(spec, cancel)
        if on_processor is None:
            return True
        try:
            on_card = self._run(spec, cancel, _LIMIT_S + time.monotonic() - began)
        except (WorkerDied, TimeoutError) as error:
            cancel.raise_if_cancelled()
            _log.warning("the graphics card failed in the race: %s", error)
            self._keep(lambda kept: kept.keep_card_failure(driver_stack(), model_key(spec.file)))
            return False
        except (AppError, WorkerBug) as error:
            _log.warning("no race: %s", error)
            return True
        self._keep(lambda kept: kept.keep_race(driver_stack(), sides, on_card, on_processor))
        return on_card.answer_s <= on_processor.answer_s

    def _on_processor(self, spec: ModelSpec, cancel: CancelToken) -> Pace | None:
        """None where it does not run at all."""
        try:
            return self._run(without_card(spec), cancel, _LIMIT_S + _size(spec) / _LEAST_BYTES_PER_S)
        except TimeoutError:
            return _TOO_SLOW
        except (AppError, WorkerBug) as error:
            cancel.raise_if_cancelled()
            _log.warning("the processor did not run the race: %s", error)
            return None

    def _keep(self, change: Callable[[Measurements], None]) -> None:
        assert self._measurements is not None
        try:
            change(self._measurements)
        except AppError as error:
            _log.warning("not kept: %s", error)


def racing_process(logs: Path) -> RunAlone:
    """Runs each side in a new process."""

    def run(spec: ModelSpec, cancel: CancelToken, seconds: float) -> Pace:
        worker = engine_process("The measuring process", logs)
        try:
            paced = worker.call(RunPace(spec), TimeLimit(cancel, seconds))
        except Cancelled:
            cancel.raise_if_cancelled()
            raise TimeoutError("no answer in time") from None
        finally:
            worker.kill()
        assert isinstance(paced, Paced)
        return Pace(paced.prompt_tokens_per_s, paced.generate_tokens_per_s)

    return run


def _size(spec: ModelSpec) -> int:
    with suppress(OSError):
        return sum(file.stat().st_size for file in model_files(Path(spec.file)))
    return 0


def _no_race(_spec: ModelSpec, _cancel: CancelToken, _seconds: float) -> Pace:
    raise AppError("No race is run here.")


UNTRIED = Cards(None, _no_race)
