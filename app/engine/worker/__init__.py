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
from app.engine.protocol import (
    CODEC,
    Calibrate,
    Generated,
    ListDevices,
    Measure,
    PlanQuantising,
    Quantise,
)
from app.engine.session import Session
from app.engine.worker.calibrating import calibrate
from app.engine.worker.devices import list_devices
from app.engine.worker.llama_model import LlamaModel
from app.engine.worker.measuring import measure
from app.engine.worker.native_log import quiet_llama
from app.engine.worker.observing import Observer
from app.engine.worker.quantising import quantise, tensor_types
from app.hardware.measured import Measurements


def main(arguments: list[str]) -> None:
    """Entry point; `arguments`: the log folder, and the file of measurements where answers shall be observed."""
    start_logging(Path(arguments[0]), "engine-worker")
    quiet_llama()
    llama.llama_backend_init()
    observer = Observer(Measurements(Path(arguments[1]))) if len(arguments) > 1 else None
    session = Session(LlamaModel if observer is None else observer.open_model)

    def handle(request: Any, cancel: CancelToken) -> Iterator[Any]:
        match request:
            case ListDevices():
                yield list_devices()
            case Measure():
                yield measure(request.model)
            case Calibrate():
                yield from calibrate(Path(request.folder), request.threads, cancel)
            case PlanQuantising():
                yield tensor_types(request)
            case Quantise():
                yield from quantise(request)
            case _:
                for reply in session.handle(request, cancel):
                    yield reply
                    if observer is not None and isinstance(reply, Generated):
                        observer.answered(reply)

    serve(handle, CODEC)
