"""The engine worker: llama.cpp, which nothing outside this package imports.

One process holds the model that answers; another, short-lived one measures (see `engine/sizing.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llama_cpp import llama_cpp as llama

from app.base.jobs import CancelToken
from app.base.logs import start_logging
from app.base.worker_process import serve
from app.engine.codec import CODEC
from app.engine.kept_states import KeptStates
from app.engine.measuring_protocol import (
    Calibrate,
    Judge,
    ListDevices,
    Measure,
    PlanQuantising,
    Quantise,
    RunPace,
)
from app.engine.protocol import Generated
from app.engine.quiet import Quiet
from app.engine.session import Session
from app.engine.worker.calibrating import calibrate
from app.engine.worker.devices import list_devices
from app.engine.worker.judging import judge
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.measuring import measure
from app.engine.worker.native_log import quiet_llama
from app.engine.worker.observing import Observer
from app.engine.worker.pacing import run_pace
from app.engine.worker.quantising import quantise, tensor_types
from app.engine.worker.racing import Cards, racing_process
from app.engine.worker.states import ENGINE
from app.hardware.graphics import driver_stack, hide_cards
from app.hardware.measured import Measurements

# After an answer, before what was read is put on disk. Jobs of many requests leave no such pause.
_QUIET_S = 1.0
_PATIENCE_S = 0.7  # at the end; the front waits a second


def main(arguments: list[str]) -> None:
    """Entry point; `arguments`: the log folder, and where answers are written the file of measurements and the folder
    of what was read.
    """
    start_logging(Path(arguments[0]), "engine-worker")
    quiet_llama()
    observer = _observer(Path(arguments[0]), Path(arguments[1])) if len(arguments) > 1 else None
    llama.llama_backend_init()
    states = KeptStates(Path(arguments[2]), ENGINE) if len(arguments) > 2 else None
    queue = Queue()
    open_model = LlamaModel if observer is None else observer.open_model
    session = Session(open_model, states, lambda: queue.waiting)
    quiet = Quiet(session.keep_state, _QUIET_S)

    def handle(request: Any, cancel: CancelToken) -> Iterator[Any]:
        queue.begins()
        match request:
            case ListDevices():
                yield list_devices()
            case Measure():
                yield measure(request.model)
            case RunPace():
                yield from run_pace(request.model, cancel)
            case Judge():
                yield from judge(request, cancel)
            case Calibrate():
                yield from calibrate(Path(request.folder), request.threads, cancel)
            case PlanQuantising():
                yield tensor_types(request)
            case Quantise():
                yield from quantise(request)
            case _:
                with quiet.busy(cancel):
                    for reply in session.handle(request, cancel):
                        yield reply
                        if observer is not None and isinstance(reply, Generated):
                            observer.answered(reply)

    serve(handle, CODEC, arrives=queue.arrives, at_end=lambda: quiet.end(_PATIENCE_S))


class Queue:
    """Whether requests wait for the one that is answered. `arrives` and `begins` are each called by one thread."""

    def __init__(self) -> None:
        self._arrived = self._begun = 0

    @property
    def waiting(self) -> bool:
        return self._arrived > self._begun

    def arrives(self) -> None:
        self._arrived += 1

    def begins(self) -> None:
        self._begun += 1


def _observer(logs: Path, measured: Path) -> Observer:
    """With the cards hidden from this process where one has crashed."""
    measurements = Measurements(measured)
    if measurements.card_failed(driver_stack()):
        hide_cards()
    return Observer(measurements, Cards(measurements, racing_process(logs)))
