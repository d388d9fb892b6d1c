"""What llama.cpp says about this machine and about a model that is not loaded: asked in a short-lived process.

Drivers crash and headers lie; both then end this process and not the one that answers.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.exact_fit import CannotLoad, exact_fit, memory_of, with_devices
from app.engine.measuring_protocol import (
    Calibrate,
    Calibrated,
    CalibrationProgress,
    Devices,
    ListDevices,
    Measure,
    Measured,
    Unloadable,
)
from app.engine.process import engine_process
from app.engine.protocol import Load, Loaded, LoadProgress, ModelSpec
from app.engine.time_limit import TimeLimit
from app.hardware.fit import USUAL_CONTEXT, Fit, Memory, ModelShape, Plan, Speed, card_of
from app.hardware.graphics import driver_stack, has_card_backends, model_key
from app.hardware.measured import Measurements, contest

if TYPE_CHECKING:
    from app.hardware.probe import Machine

_DEVICES_S = 15.0  # a driver that takes longer will not be any help either
_MEASURE_S = 30.0
_LOOK_S = 0.1
_TRIAL_CONTEXT = 512  # tokens
_log = logging.getLogger(__name__)


class Sizing:
    """Starts its process with the first question and ends it with `close`. Safe to use from several threads."""

    def __init__(self, paths: DataPaths, uses_card: Callable[[], bool] = lambda: True) -> None:
        """`uses_card`: whether the person wants a graphics card to be used."""
        self._uses_card = uses_card
        self._measurements = Measurements(paths.measurements)
        self._folder = paths.cache / "calibration"
        self._worker = engine_process("The measuring process", paths.logs, paths.measurements)
        self._measured: Path | None = None
        self._overhead = 0
        self._lock = (
            threading.Lock()
        )  # one question at a time: a time limit does not run while another is asked

    def machine(self, cancel: CancelToken) -> "Machine":
        """This machine with the graphics cards that llama.cpp can use, and others it knows of. Raises `Cancelled`.

        Without an answer in 15 seconds, or when a driver ends the process (which is remembered), the processor alone is
        used; as it is when one ended it before or a card is not wanted.
        """
        from app.hardware.probe import probe

        known = probe()
        try:
            with self._alone(cancel):
                found = self._ask(ListDevices(), _DEVICES_S, cancel)
        except (AppError, WorkerBug) as error:
            _log.warning("no list of devices: %s", error)
            if isinstance(error, _Crashed) and has_card_backends():
                self._keep_card_failure()
            return known
        assert isinstance(found, Devices)
        machine = with_devices(known, found)
        if self._uses_card() and not self._measurements.card_failed(driver_stack()):
            return machine
        return replace(machine, gpus=tuple(replace(gpu, usable=False) for gpu in machine.gpus))

    def measure(self, file: Path, plan: Plan, cancel: CancelToken) -> Memory:
        """Memory of one way to run the model; the file may be no more than its header, see `models.partial`.

        Raises `CannotLoad`, `AppError` when llama.cpp tells no sizes, and `Cancelled`.
        """
        spec = ModelSpec(str(file), plan.context_length, 0, plan.gpu_layers, plan.kv_type)
        with self._alone(cancel):
            if self._measured not in (None, file):
                # what a model takes beside its buffers shows only in a process that held no other before
                self._worker.close()
                self._overhead = 0
            self._measured = file
            measured = self._ask(Measure(spec), _MEASURE_S, cancel)
            if isinstance(measured, Unloadable):
                raise CannotLoad(measured.reason)
            assert isinstance(measured, Measured)
            self._overhead = max(measured.overhead, self._overhead)
            return memory_of(measured, self._overhead)

    def fit(
        self,
        file: Path,
        shape: ModelShape,
        machine: "Machine",
        cancel: CancelToken,
        *,
        context: int = USUAL_CONTEXT,
        speed: Speed | None = None,
    ) -> Fit:
        """`hardware.fit.fit` with llama.cpp's own sizes; by formula where it cannot tell. Without a card that crashed with this
        file, or lost its race.

        Raises `CannotLoad` and `Cancelled`.
        """

        def measure(plan: Plan) -> Memory:
            return self.measure(file, plan, cancel)

        if self._measurements.card_failed(driver_stack(), model_key(str(file))):
            machine = replace(machine, gpus=())
        found = exact_fit(machine, shape, measure, context=context, speed=speed)
        card = card_of(machine)
        if card is None or not found.plan.gpu_layers:
            return found
        race = self._measurements.race(driver_stack(), contest(card.name, found.plan.gpu_layers, shape.key))
        if race is None or race.card_wins:
            return found
        return exact_fit(replace(machine, gpus=()), shape, measure, context=context, speed=speed)

    def try_out(
        self, file: Path, cancel: CancelToken, *, adapters: tuple[tuple[str, float], ...] = ()
    ) -> Iterator[LoadProgress | Loaded]:
        """Load the model for once, with a short context, beside the one that answers; ends with `Loaded`.

        `adapters`: as in `ModelSpec`.
        Only this tells that it can be used: a sound header and a right checksum are no proof.
        Raises `AppError` when it cannot be loaded, and `Cancelled`.
        """
        with self._alone(cancel):
            self._worker.close()
            self._measured = None
            try:
                spec = ModelSpec(str(file), _TRIAL_CONTEXT, adapters=adapters)
                yield from self._worker.request(Load(spec), cancel)
            except WorkerDied:
                raise AppError(
                    f"llama.cpp crashed while it loaded “{file.name}”.", "Choose another model."
                ) from None
            finally:
                self._worker.close()  # its memory belongs to others again

    def calibrate(self, cancel: CancelToken) -> Iterator[CalibrationProgress | Speed]:
        """Measure this machine in about ten seconds; ends with the `Speed`. Raises `AppError` and `Cancelled`."""
        from app.hardware.probe import physical_cores

        with self._alone(cancel):
            for reply in self._worker.request(Calibrate(str(self._folder), physical_cores()), cancel):
                if isinstance(reply, Calibrated):
                    yield Speed(reply.bytes_per_s, reply.layer_s, reply.row_s)
                else:
                    yield reply

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    @contextmanager
    def _alone(self, cancel: CancelToken) -> Iterator[None]:
        """One question at a time. Raises `Cancelled` while it waits."""
        while not self._lock.acquire(timeout=_LOOK_S):
            cancel.raise_if_cancelled()
        try:
            yield
        finally:
            self._lock.release()

    def _ask(self, request: object, seconds: float, cancel: CancelToken) -> object:
        """One answer in time. Raises `AppError` when there is none, and `Cancelled`."""
        try:
            return self._worker.call(request, TimeLimit(cancel, seconds))
        except Cancelled:
            cancel.raise_if_cancelled()
            raise AppError("Measuring took too long.", "Try again when the computer is less busy.") from None
        except WorkerDied:
            raise _Crashed("llama.cpp crashed while it was asked.", "Try another model.") from None

    def _keep_card_failure(self) -> None:
        with suppress(AppError):  # then it crashes again
            self._measurements.keep_card_failure(driver_stack())


class _Crashed(AppError):
    """The process ended over a question."""
