"""`hardware.fit.fit` on what llama.cpp says: its devices, and its own sizes where it tells them."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.base.errors import AppError, WorkerBug
from app.engine.measuring_protocol import Devices, Measured
from app.hardware.fit import ANSWERING, Fit, Memory, ModelShape, Plan, Speed, estimate, fit

if TYPE_CHECKING:
    from app.hardware.probe import Machine

_GPU_KINDS = ("gpu", "igpu")
_VENDORS = ("NVIDIA", "AMD", "Intel", "Apple", "Qualcomm")
_log = logging.getLogger(__name__)


class CannotLoad(AppError):
    """llama.cpp cannot load such a model, which its header already shows."""

    def __init__(self, reason: str) -> None:
        super().__init__("llama.cpp cannot load this model.", f"Choose another one. ({reason})")


def exact_fit(
    machine: "Machine",
    shape: ModelShape,
    measure: Callable[[Plan], Memory],
    *,
    context: int,
    speed: Speed | None = None,
) -> Fit:
    """The best plan by llama.cpp's own sizes, by formula where `measure` raises `AppError`.

    `context`: tokens wanted. Raises `CannotLoad` and `Cancelled` as `measure` does.
    """

    def measured(plan: Plan) -> Memory:
        guessed = estimate(shape, plan)
        try:
            exact = measure(plan)
        except CannotLoad:
            raise
        except (AppError, WorkerBug) as error:
            _log.warning("measured by formula: %s", error)
            return guessed
        if not exact.kv and guessed.kv:
            _log.warning("llama.cpp tells the size of the context in words that are not known")
            exact = replace(exact, kv=guessed.kv)
        on_gpu = guessed.on_gpu - guessed.compute + exact.on_gpu if plan.gpu_layers else 0
        return replace(exact, on_gpu=max(0, on_gpu))

    return fit(machine, shape, context=context, measure=measured, speed=speed)


def memory_of(measured: Measured, overhead: int) -> Memory:
    """`overhead` in bytes: it shows only in a process that held no other model before."""
    sizes = (measured.weights, measured.kv, measured.compute, overhead + ANSWERING, measured.gpu_compute)
    return Memory(*sizes, exact=True)


def with_devices(known: "Machine", found: Devices) -> "Machine":
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
                # Metal calls its devices cards of their own, but they use the machine's memory
                shares_ram=device.kind == "igpu" or _vendor(device.description) == "Apple",
            )
        )
    names = {gpu.name.casefold() for gpu in usable}
    others = [gpu for gpu in known.gpus if not any(gpu.name.casefold() in name for name in names)]
    cpu = replace(known.cpu, features=found.features)
    return replace(known, cpu=cpu, gpus=(*usable, *others))


def _vendor(description: str) -> str:
    """From the name a driver gives its card; "" when it does not say."""
    for vendor in _VENDORS:
        if vendor.casefold() in description.casefold():
            return vendor
    return "AMD" if "radeon" in description.casefold() else ""
