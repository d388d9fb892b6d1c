"""The front's side of the small translation models: `SmallTranslation`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.base.errors import AppError, WorkerDied
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.base.worker_process import WorkerProcess
from app.engine.small_translation.protocol import CODEC, Translate, Translated, TryOut, Unpack, Unpacked


class SmallTranslation:
    """Starts its process with the first request and ends it with `close`. Safe to use from several threads.

    Every method raises `AppError` (a model is damaged or gone), `WorkerDied` (the process ended; the next request
    starts a fresh one) and `Cancelled`.
    """

    def __init__(self, paths: DataPaths) -> None:
        self._worker = WorkerProcess(
            "app.engine.small_translation.worker",
            CODEC,
            title="The small translation model",
            log_file=paths.logs / "translation.log",
            arguments=[str(paths.logs)],
        )

    @property
    def worker_pid(self) -> int | None:
        """Process id while the worker runs."""
        return self._worker.pid

    def translate(self, route: Sequence[Path], texts: Sequence[str], cancel: CancelToken) -> Iterator[str]:
        """The translation of each text, in order. `route`: the folders of the models, one or two.

        Line breaks and blanks at the ends of lines stay. Stopping takes effect after the sentence under way.
        """
        request = Translate(tuple(str(folder) for folder in route), tuple(texts))
        for reply in self._worker.request(request, cancel):
            assert isinstance(reply, Translated)
            yield reply.text

    def try_out(self, folder: Path, cancel: CancelToken) -> None:
        """Load the model in `folder` once: right names are no proof that it can be used."""
        try:
            self._worker.call(TryOut(str(folder)), cancel)
        except WorkerDied as died:
            if died.killed:
                raise
            raise AppError(
                "The translation model crashed while it was loaded.", "Get it again from where it came from."
            ) from None

    def unpack(self, file: Path, target: Path, cancel: CancelToken) -> int:
        """Write what a `.gz` or `.zst` file holds to `target`; returns its bytes."""
        unpacked = self._worker.call(Unpack(str(file), str(target)), cancel)
        assert isinstance(unpacked, Unpacked)
        return unpacked.bytes

    def close(self) -> None:
        """End the process."""
        self._worker.close()
