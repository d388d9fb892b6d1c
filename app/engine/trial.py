"""The front's side of comparing versions of a model: how fast each runs, and how well it foresees a text."""

from collections.abc import Generator
from pathlib import Path

from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.engine.measuring_protocol import Judge, Judged, Paced, Pacing, RunPace
from app.engine.process import engine_process
from app.engine.protocol import ModelSpec
from app.hardware.measured import Pace


class Trial:
    """Starts its process with the first request and ends it with `close`; one model is in memory at a time.

    Its methods raise `AppError` when a file does not load or ends the process, and `Cancelled`.
    """

    def __init__(self, paths: DataPaths) -> None:
        self._worker = engine_process("The comparing process", paths.logs)

    def pace(self, file: Path, cancel: CancelToken) -> Generator[float, None, Pace]:
        """About two seconds on the processor, and the time to load; yields how far that is, from 0 to 1."""
        try:
            for reply in self._worker.request(RunPace(ModelSpec(str(file))), cancel):
                if isinstance(reply, Paced):
                    return Pace(reply.prompt_tokens_per_s, reply.generate_tokens_per_s)
                assert isinstance(reply, Pacing)
                yield reply.fraction
        except WorkerDied:
            raise _crashed(file) from None
        raise _crashed(file)

    def judge(self, file: Path, text: str, cancel: CancelToken) -> Generator[Judged, None, None]:
        """One for each stretch of the text; may be left early."""
        try:
            for reply in self._worker.request(Judge(ModelSpec(str(file)), text), cancel):
                assert isinstance(reply, Judged)
                yield reply
        except WorkerDied:
            raise _crashed(file) from None

    def close(self) -> None:
        """End the process."""
        self._worker.close()


def _crashed(file: Path) -> AppError:
    return AppError(f"llama.cpp crashed while it ran “{file.name}”.", "Choose another model.")
