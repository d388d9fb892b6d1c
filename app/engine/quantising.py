"""The front's side of quantising: llama.cpp's quantiser, in a process of its own that Stop ends."""

from collections.abc import Iterator
from pathlib import Path

from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.measuring_protocol import PlanQuantising, Quantise, TensorTypes, Written
from app.engine.process import engine_process

_GRACE_S = 0.1  # it never obeys: llama.cpp cannot be asked to stop


class Quantiser:
    """Starts its process with the first request and ends it with `close`."""

    def __init__(self, paths: DataPaths) -> None:
        self._worker = engine_process("The quantiser", paths.logs, grace_s=_GRACE_S)

    def tensor_types(self, file: Path, quantisation: str, cancel: CancelToken) -> dict[str, str]:
        """The type of each tensor afterwards, by its name. Raises `AppError` when llama.cpp refuses, and `Cancelled`."""
        try:
            found = self._worker.call(PlanQuantising(str(file), quantisation), cancel)
        except WorkerDied:
            raise _crashed(file) from None
        assert isinstance(found, TensorTypes)
        return found.types

    def write(
        self, file: Path, target: Path, quantisation: str, cancel: CancelToken, *, requantise: bool = False
    ) -> Iterator[int]:
        """Write `target`; yields its bytes so far. Half of it may be left when this raises `AppError` or `Cancelled`.

        `requantise`: see `measuring_protocol.Quantise`.
        """
        from app.hardware.probe import physical_cores

        request = Quantise(str(file), str(target), quantisation, physical_cores(), requantise)
        try:
            for reply in self._worker.request(request, cancel):
                assert isinstance(reply, Written)
                yield reply.bytes
        except WorkerDied:
            raise _crashed(file) from None

    def close(self) -> None:
        """End the process, whatever it does."""
        self._worker.close()


def _crashed(file: Path) -> AppError:
    return AppError(
        f"llama.cpp crashed while it quantised “{file.name}”.", "Choose another type, or another model."
    )
