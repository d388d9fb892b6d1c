"""What llama.cpp says about this machine and about a model that is not loaded: asked in a short-lived process.

Drivers crash and headers lie; both then end this process and not the one that answers.
"""

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.base.errors import AppError, Cancelled, WorkerBug, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.worker_process import WorkerProcess
from app.engine.client import WAITING
from app.engine.protocol import (
    CODEC,
    Calibrate,
    Calibrated,
    CalibrationProgress,
    Devices,
    ListDevices,
    Measure,
    Measured,
    ModelSpec,
    Unloadable,
)
from app.hardware.fit import USUAL_CONTEXT, Fit, Memory, ModelShape, Plan, Speed, estimate, fit

if TYPE_CHECKING:
    from app.hardware.probe import Machine

_DEVICES_S = 15.0  # a driver that takes longer will not be any help either
_MEASURE_S = 30.0
_GRACE_S = 0.5
_GPU_KINDS = ("gpu", "igpu")
_log = logging.getLogger(__name__)


class CannotLoad(AppError):
    """llama.cpp cannot load such a model, which its header already shows."""

    def __init__(self, reason: str) -> None:
        super().__init__("llama.cpp cannot load this model.", f"Choose another one. ({reason})")


class Sizing:
    """Starts its process with the first question and ends it with `close`. Safe to use from several threads."""

    def __init__(self, paths: DataPaths) -> None:
        self._folder = paths.cache / "calibration"
        self._worker = WorkerProcess(
            "app.engine.worker",
            CODEC,
            title="The measuring process",
            log_file=paths.logs / "engine.log",
            arguments=[str(paths.logs)],
            environment=WAITING,
            grace_s=_GRACE_S,
        )
        self._measured: Path | None = None
        self._overhead = 0
        self._lock = (
            threading.Lock()
        )  # one question at a time: a time limit does not run while another is asked

    def machine(self, cancel: CancelToken) -> "Machine":
        """This machine with the graphics cards that llama.cpp can use, and others it knows of. Raises `Cancelled`.

        Without an answer in 15 seconds, or when a driver ends the process, the processor alone is used.
        """
        from app.hardware.probe import probe

        known = probe()
        try:
            with self._lock:
                found = self._ask(ListDevices(), _DEVICES_S, cancel)
        except (AppError, WorkerBug) as error:
            _log.warning("no list of devices: %s", error)
            return known
        assert isinstance(found, Devices)
        return _merged(known, found)

    def measure(self, file: Path, plan: Plan, cancel: CancelToken) -> Memory:
        """Memory of one way to run the model; the file may be no more than its header, see `models.partial`.

        Raises `CannotLoad`, `AppError` when llama.cpp tells no sizes, and `Cancelled`.
        """
        spec = ModelSpec(str(file), plan.context_length, 0, plan.gpu_layers, plan.kv_type)
        with self._lock:
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
            sizes = (measured.weights, measured.kv, measured.compute, self._overhead, measured.gpu_compute)
        return Memory(*sizes, exact=True)

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
        """`hardware.fit.fit` with llama.cpp's own sizes; by formula where it cannot tell.

        Raises `CannotLoad` and `Cancelled`.
        """

        def measured(plan: Plan) -> Memory:
            guessed = estimate(shape, plan)
            try:
                exact = self.measure(file, plan, cancel)
            except CannotLoad:
                raise
            except (AppError, WorkerBug) as error:
                _log.warning("measured by formula: %s", error)
                return guessed
            on_gpu = guessed.on_gpu - guessed.compute + exact.on_gpu if plan.gpu_layers else 0
            return replace(exact, on_gpu=max(0, on_gpu))

        return fit(machine, shape, context=context, measure=measured, speed=speed)

    def calibrate(self, cancel: CancelToken) -> Iterator[CalibrationProgress | Speed]:
        """Measure this machine in about ten seconds; ends with the `Speed`. Raises `AppError` and `Cancelled`."""
        from app.hardware.probe import physical_cores

        with self._lock:
            for reply in self._worker.request(Calibrate(str(self._folder), physical_cores()), cancel):
                if isinstance(reply, Calibrated):
                    yield Speed(reply.bytes_per_s, reply.layer_s)
                else:
                    yield reply

    def close(self) -> None:
        """End the process."""
        self._worker.close()

    def _ask(self, request: object, seconds: float, cancel: CancelToken) -> object:
        """One answer in time. Raises `AppError` when there is none, and `Cancelled`."""
        try:
            return self._worker.call(request, _Limited(cancel, seconds))
        except Cancelled:
            cancel.raise_if_cancelled()
            raise AppError("Measuring took too long.", "Try again when the computer is less busy.") from None
        except WorkerDied:
            raise AppError("llama.cpp crashed while it was asked.", "Try another model.") from None


class _Limited(CancelToken):
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


def _merged(known: "Machine", found: Devices) -> "Machine":
    """llama.cpp's devices, with what is known of the vendor; cards it cannot use stay listed as such."""
    from app.hardware.probe import Gpu

    usable = []
    for device in found.devices:
        if device.kind not in _GPU_KINDS or device.memory_total <= 0:
            continue
        same = next((gpu for gpu in known.gpus if gpu.name.casefold() in device.description.casefold()), None)
        usable.append(
            Gpu(
                name=device.description or device.name,
                vendor=same.vendor if same is not None else _vendor(device.description),
                memory_total=device.memory_total,
                memory_free=device.memory_free,
                backend=device.name.rstrip("0123456789").lower(),
                usable=True,
                shares_ram=device.kind == "igpu",
            )
        )
    names = {gpu.name.casefold() for gpu in usable}
    others = [gpu for gpu in known.gpus if not any(gpu.name.casefold() in name for name in names)]
    cpu = replace(known.cpu, features=found.features)
    return replace(known, cpu=cpu, gpus=(*usable, *others))


def _vendor(description: str) -> str:
    """From the name a driver gives its card; "" when it does not say."""
    for vendor in ("NVIDIA", "AMD", "Intel", "Apple", "Qualcomm"):
        if vendor.casefold() in description.casefold():
            return vendor
    return "AMD" if "radeon" in description.casefold() else ""
