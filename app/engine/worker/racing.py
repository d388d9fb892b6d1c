"""Whether a graphics card is worth using: raced against the processor once for each model, card and driver.

The race runs in a process of its own, before the model is loaded (two copies of it might not fit), because drivers crash.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.engine.process import engine_process
from app.engine.protocol import CardUse, ModelSpec, Paced, RunPace
from app.engine.time_limit import TimeLimit
from app.engine.worker.parameters import without_card
from app.hardware.graphics import driver_stack
from app.hardware.measured import Measurements, Pace, contest
from app.models.naming import model_files

_LIMIT_S = 60.0  # for starting and computing; a driver that takes longer hangs
_LEAST_BYTES_PER_S = 25e6  # of a slow disk, while the model is loaded
_TOO_SLOW = Pace(0.01, 0.01)  # of a processor that did not finish in time
_log = logging.getLogger(__name__)

RunAlone = Callable[[ModelSpec, CancelToken], Pace]
"""How fast this model runs as it is asked for. Raises `WorkerDied`, `AppError`, `WorkerBug` and `Cancelled`."""


class Cards:
    """What is known of the graphics cards here, and how more is found out.

    `measurements` None: nothing is remembered, and no race is run.
    """

    def __init__(self, measurements: Measurements | None, run: RunAlone) -> None:
        self._measurements = measurements
        self._run = run

    def allowed(self, use: CardUse) -> bool:
        """Whether a card may take part."""
        return use == "auto" and not self.failed(use)

    def failed(self, use: CardUse) -> bool:
        """Whether one would take part, had it not crashed."""
        if use == "never":
            return False
        known = self._measurements is not None and self._measurements.card_failed(driver_stack())
        return known or use == "failed"

    def wins(self, key: str, spec: ModelSpec, card: str, cancel: CancelToken) -> bool:
        """Whether `spec`, which has layers on `card`, is faster than the processor alone; raced where that is not known.

        `key`: of the model's shape. A card that crashes or hangs loses, and that is remembered. Raises `Cancelled`.
        """
        if self._measurements is None:
            return True
        sides = contest(card, spec.gpu_layers, key)
        known = self._measurements.race(driver_stack(), sides)
        if known is not None:
            return known.card_wins
        try:
            on_card = self._run(spec, cancel)
        except (WorkerDied, TimeoutError) as error:
            cancel.raise_if_cancelled()
            _log.warning("the graphics card failed in the race: %s", error)
            self._keep(lambda kept: kept.keep_card_failure(driver_stack()))
            return False
        except (AppError, WorkerBug) as error:
            _log.warning("no race: %s", error)
            return True
        try:
            on_processor = self._run(without_card(spec), cancel)
        except TimeoutError:
            on_processor = _TOO_SLOW
        except (AppError, WorkerBug) as error:
            _log.warning("the processor did not run the race: %s", error)
            return True
        self._keep(lambda kept: kept.keep_race(driver_stack(), sides, on_card, on_processor))
        return on_card.answer_s <= on_processor.answer_s

    def _keep(self, change: Callable[[Measurements], None]) -> None:
        assert self._measurements is not None
        try:
            change(self._measurements)
        except AppError as error:
            _log.warning("not kept: %s", error)


def racing_process(logs: Path) -> RunAlone:
    """Runs each side in a new process. It also raises `TimeoutError`."""

    def run(spec: ModelSpec, cancel: CancelToken) -> Pace:
        worker = engine_process("The measuring process", logs)
        try:
            limit = _LIMIT_S + _size(spec) / _LEAST_BYTES_PER_S
            paced = worker.call(RunPace(spec), TimeLimit(cancel, limit))
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


def _no_race(_spec: ModelSpec, _cancel: CancelToken) -> Pace:
    raise AppError("No race is run here.")


UNTRIED = Cards(None, _no_race)
