"""What the subcommands share: the backend, stopping with Ctrl-C, progress on stderr, JSON on stdout."""

import json
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from app.assistants.events import Notice
from app.backend import Backend, close_backend, open_backend, open_sizing
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths, is_there, person_path
from app.engine.protocol import ModelSpec
from app.engine.sizing import Sizing
from app.hardware.measured import Measurements
from app.retrieval.protocol import IndexFinished, IndexProgress, Reembedded, ReembedProgress

Event = TypeVar("Event")
Ending = TypeVar("Ending")


class OpenWindow(Protocol):
    """Shows the window until it is closed; returns the exit code. `files` are taken as if dropped on it."""

    def __call__(self, paths: DataPaths, files: Sequence[Path] = ()) -> int: ...


class Session:
    """One run of the command line."""

    def __init__(self, paths: DataPaths, open_window: OpenWindow) -> None:
        self.paths = paths
        self.open_window = open_window
        self.token = CancelToken()
        self._asking = False
        self._told = ""
        self.console = Console(stderr=True, highlight=False)

    @contextmanager
    def backend(self) -> Iterator[tuple[Backend, CancelToken]]:
        """The opened backend and the token that Ctrl-C sets; workers end with the block. Raises `Cancelled` after a stop."""
        backend = open_backend(self.paths)
        if backend.user_db.read_only:
            self.warn(
                f"Nothing can be written in {self.paths.data}: what is indexed is searched, nothing is saved."
            )
        with self.stoppable():
            try:
                yield backend, self.token
            finally:
                self.tell_how_loaded(backend)
                if "_measuring" in self.__dict__:
                    self.sizing.close()
                    del self._measuring
                close_backend(backend)

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Ctrl-C and SIGTERM set the token meanwhile, a second one does not wait. Raises `Cancelled` after a stop."""

        def stop(number: int, frame: FrameType | None) -> None:
            if self.token.cancelled or self._asking:
                raise KeyboardInterrupt  # asked twice, or nothing is under way: do not wait
            self.token.cancel()
            print("\nStopping…", file=sys.stderr, flush=True)

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
            if self.token.cancelled:
                raise Cancelled
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def tell_how_loaded(self, backend: Backend) -> None:
        """Where the model came out smaller than was asked for; once."""
        said = backend.engine.remark
        if said and said != self._told:
            self._told = said
            self.warn(said)

    @cached_property
    def _measuring(self) -> tuple[Sizing, Measurements]:
        return open_sizing(self.paths)

    @property
    def sizing(self) -> Sizing:
        """Inside the block of `backend`, which ends its process."""
        return self._measuring[0]

    @property
    def measurements(self) -> Measurements:
        return self._measuring[1]

    def model_to_use(self, backend: Backend, name: str | None) -> ModelSpec:
        """`engine.choose.model_to_use`; before its first use the starter is tuned for this processor."""
        from app.assistants.tune_starter import tune_starter_quickly
        from app.engine.choose import model_to_use

        if name is None:
            told = False
            for _ in tune_starter_quickly(backend.settings.current, backend.paths, self.token):
                if not told:
                    self.warn("The starter model is prepared for this computer, once.")
                    told = True
        return model_to_use(backend.settings.current, backend.paths, name)

    def warn(self, text: str) -> None:
        """A sentence on stderr, also while progress is shown there."""
        self.console.print(f"alcove: {text}", markup=False, soft_wrap=True)

    def prompt(self, text: str) -> str | None:
        """A line from the person; None at the end of input. A stop of the work before is forgotten."""
        self.token = CancelToken()
        self._asking = True
        try:
            print(text, end="", file=sys.stderr, flush=True)  # stdout belongs to the answers
            return input()
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            return None
        finally:
            self._asking = False

    def with_bar(
        self, events: Iterable[Event], waiting: str, step: Callable[[Event], "Step | None"]
    ) -> Iterator[Event]:
        """A progress bar on stderr, where that is a terminal, while `events` come.

        Those that are no step of it are handed on; meanwhile it is hidden, since it would catch what is
        written to stdout. `waiting`: what it says before the first step, in rich's markup.
        """
        with Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
            console=self.console, transient=True, disable=not self.console.is_terminal,
        ) as bar:  # fmt: skip
            task = bar.add_task(waiting, total=None)
            for event in events:
                now = step(event)
                if now is not None:
                    bar.update(task, description=now.text, total=now.total or None, completed=now.done)
                    bar.start()
                else:
                    bar.stop()
                    yield event
                    bar.reset(task, description=waiting)

    def stream(
        self,
        events: Iterable[object],
        last: tuple[type[Ending], ...],
        as_object: Callable[[Ending], dict[str, Any]],
    ) -> Ending | None:
        """Print each event as an object on a line, the one of a kind in `last` by `as_object`; returns that."""
        ending = None
        for event in events:
            if isinstance(event, Notice):
                self.warn(event.text)
            if isinstance(event, last):
                ending = event
                print_json({"event": type(event).__name__, **as_object(event)})
            else:
                print_json({"event": type(event).__name__, **plain(event)})
        return ending

    def show_indexing(self, events: Iterable[IndexProgress | IndexFinished]) -> IndexFinished | None:
        """A progress bar while an index run goes on; returns its result."""
        finished: IndexFinished | None = None
        for event in self.with_bar(events, "Looking for documents", index_step):
            if isinstance(event, IndexFinished):
                finished = event
        return finished


@dataclass(frozen=True, slots=True)
class Step:
    """Where a progress bar stands: `text` in rich's markup, `done` of `total` (0 while it is not known)."""

    text: str
    done: float
    total: float


def index_step(event: IndexProgress | IndexFinished) -> Step | None:
    if isinstance(event, IndexFinished):
        return None
    if event.stage == "embedding":
        return Step(describe(event), event.passages, event.passages_total)
    if event.stage == "recognising":
        return Step(describe(event), event.pages, event.pages_total)
    return Step(describe(event), event.done, event.total)


_WAITING = {
    "": "Waiting",
    "answer": "Waiting for the answer to be written",
    "paused": "Reading is paused",
    "busy": "Waiting until other programs need less",
    "battery": "Waiting for mains power",
    "hot": "Waiting for the computer to cool down",
}


def describe(progress: IndexProgress) -> str:
    """One line about where indexing is, in rich's markup."""
    if progress.stage == "listing":
        return "Looking for documents"
    if progress.stage == "waiting":
        return _WAITING[progress.reason]
    name = escape(Path(progress.file).name)
    if progress.stage == "recognising":
        return f"Recognising text in {name}" if name else "Recognising text"
    return f"Reading {name}" if name and progress.stage == "reading" else "Preparing the search"


def reembed_step(event: ReembedProgress | Reembedded) -> Step | None:
    if isinstance(event, Reembedded):
        return None
    text = _WAITING[event.reason] if event.reason else "Preparing the library for the search model"
    return Step(text, event.done, event.total)


def resolve_scope(backend: Backend, names: Sequence[str]) -> tuple[str, ...]:
    """Folders for the values of `--in`: each a folder, a file or the name of a collection.

    Without any: all folders of all collections. Raises `AppError` for a name that is neither.
    """
    if not names:
        folders = backend.collections.folders()
        if not folders:
            raise AppError(
                "There are no documents to ask yet.",
                "Name a folder with --in, or add one with “alcove index FOLDER”.",
            )
        return folders
    return tuple(dict.fromkeys(folder for name in names for folder in _scope(backend, name)))


def _scope(backend: Backend, name: str) -> tuple[str, ...]:
    collection = backend.collections.get(name)
    try:
        path = person_path(name)
        if is_there(path):
            return (str(path),)
    except AppError:
        if collection is None:
            raise
    if collection is None:
        raise AppError(
            f"There is no folder, file or collection “{name}”.",
            "Check the spelling, or add the folder first.",
        )
    return collection.folders


def print_json(value: Any) -> None:
    """One JSON object on stdout. Dataclasses become objects, paths become strings."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def plain(value: Any) -> Any:
    """`value` as JSON types."""
    return TypeAdapter(Any).dump_python(value, mode="json")
