"""Keeping the library up to date: one first refresh, then only what changes, as the settings allow."""

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.assistants.events import Indexing, Notice
from app.assistants.watching import Began, Changed, Watch
from app.assistants.when_to_look import Due, Looks, Timing
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.settings import SettingsStore
from app.retrieval.client import Library
from app.retrieval.preferences import rules_of
from app.retrieval.protocol import IndexFinished, IndexProgress, Rules

_TIMING = Timing()
_LONG_S = (
    300.0  # then even a refresh that goes on is begun anew where files changed meanwhile; what it read stays
)
_MOST_PATHS = 5000  # more are quicker found by looking at everything


@dataclass(frozen=True, slots=True)
class KeptUp:
    """A refresh has ended. `only`: the paths it was about, empty: all folders."""

    finished: IndexFinished
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Watching:
    """Nothing is being read; changes of `folders` are waited for.

    `polling_s`: None when the system tells of every change, else every how many seconds (some of) the folders are
    looked at.
    """

    folders: tuple[str, ...]
    polling_s: float | None = None


@dataclass(frozen=True, slots=True)
class RefreshFailed:
    """It is tried again in `again_s` seconds."""

    error: AppError
    again_s: float


KeepUpEvent = Indexing | KeptUp | Watching | Notice | RefreshFailed


def keep_up(
    folders: Callable[[], Sequence[str]],
    *,
    library: Library,
    settings: SettingsStore,
    cancel: CancelToken,
    again: threading.Event | None = None,
    own: Sequence[Path] = (),
    asked: bool = False,
    timing: Timing = _TIMING,
) -> Iterator[KeepUpEvent]:
    """Refresh `folders` now and whenever something in them changes, until `cancel` is set: then raises `Cancelled`.

    What changes is gathered until it is calm. The settings are followed while it runs: when to read, paused or not, what to
    ignore; so are the folders. Set `again` to have everything looked at now. Changes in `own` folders count for nothing.
    `asked`: a person asked for it just now, so that it reads also where the settings say only when asked, or paused.
    Errors of a refresh become `RefreshFailed`, and it is tried again; nothing else is raised.
    """
    keeper = _Keeper(folders, library, settings, cancel, again or threading.Event(), own, asked, timing)
    try:
        yield from keeper.run()
    finally:
        keeper.close()


@dataclass(slots=True, eq=False)
class _Refresh:
    """One refresh on a thread of its own. Its events and its `_Ended` go into the queue."""

    everything: bool
    paths: frozenset[str]
    started: float
    told: "queue.SimpleQueue[object]"
    cancel: CancelToken = field(default_factory=CancelToken)
    waiting: bool = False  # for longer than an answer takes
    interrupted: bool = False
    finished: IndexFinished | None = None
    listed: float | None = None  # seconds

    def run(self, ask: Callable[[CancelToken], Iterable[IndexProgress | IndexFinished]]) -> None:
        error: BaseException | None = None
        try:
            for event in ask(self.cancel):
                self.told.put((self, event))
        except BaseException as raised:
            error = raised
        self.told.put(_Ended(self, error))


@dataclass(frozen=True, slots=True)
class _Ended:
    refresh: _Refresh
    error: BaseException | None


class _Keeper:
    """One loop: everything that happens comes through one queue."""

    def __init__(
        self,
        folders: Callable[[], Sequence[str]],
        library: Library,
        settings: SettingsStore,
        cancel: CancelToken,
        again: threading.Event,
        own: Sequence[Path],
        asked: bool,
        timing: Timing,
    ) -> None:
        self._folders = folders
        self._library = library
        self._settings = settings
        self._cancel = cancel
        self._again = again
        self._own = tuple(map(str, own))
        self._asked = asked
        self._timing = timing
        self._told: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._roots: tuple[str, ...] = ()
        self._rules: Rules | None = None
        self._watch: Watch | None = None
        self._began: Began | None = None  # until the system tells of changes
        self._refresh: _Refresh | None = None
        self._due = Due()
        self._looks = Looks(timing)
        self._looked = float("-inf")
        self._said = ""  # why folders are polled

    def run(self) -> Iterator[KeepUpEvent]:
        while True:
            self._cancel.raise_if_cancelled()
            self._look_around()
            if self._looks.clock_jumped() and self._watch is not None:
                self._due.everything = True
            if self._due.is_calm(self._timing.now(), self._timing):
                self._begin_or_interrupt()
            yield from self._take()

    def close(self) -> None:
        if self._refresh is not None:
            self._refresh.cancel.cancel()
        if self._watch is not None:
            self._watch.stop()

    # what is to be done

    def _look_around(self) -> None:
        """Follow the list of folders, the settings and the time."""
        now = self._timing.now()
        if self._again.is_set():
            self._again.clear()
            self._due.everything = True
            self._looks.allow()
        elif now - self._looked < self._timing.look:
            return
        self._looked = now
        with suppress(AppError):  # a database that is busy: those of before hold
            self._follow(tuple(dict.fromkeys(self._folders())))
        if self._watch is not None and self._refresh is None:
            if self._looks.wanted:
                self._due.everything = True
            elif self._began is not None and self._began.polled and self._looks.poll_wanted:
                self._due.add(self._began.polled, now - self._timing.calm)

    def _follow(self, roots: tuple[str, ...]) -> None:
        settings = self._settings.current
        rules = rules_of(settings)
        unasked = self._asked or settings.reading_schedule != "manual"
        watching = self._watch is not None
        if (roots, rules, unasked and bool(roots)) == (self._roots, self._rules, watching):
            return
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        new = set(roots) - set(self._roots)
        if unasked and roots and (rules != self._rules or not watching):
            self._due.everything = True
        elif unasked and new:
            self._due.add(new, self._timing.now() - self._timing.calm)
        self._roots, self._rules = roots, rules
        if unasked and roots:
            self._began = None
            self._watch = Watch(roots, rules, self._told, self._timing, self._own)

    def _begin_or_interrupt(self) -> None:
        if self._refresh is not None:
            self._interrupt(self._refresh)
        elif (
            self._roots and self._looks.allowed and (self._asked or not self._settings.current.reading_paused)
        ):
            self._begin()

    def _begin(self) -> None:
        due, self._due = self._due, Due()
        everything = due.everything or len(due.paths) > _MOST_PATHS
        paths = () if everything else tuple(sorted(due.paths))
        run = _Refresh(everything, frozenset(paths), self._timing.now(), self._told)
        self._refresh = run
        self._looks.begun(everything=everything)
        roots, library = self._roots, self._library

        def ask(cancel: CancelToken) -> Iterable[IndexProgress | IndexFinished]:
            return library.refresh(roots, cancel, if_free=True, only=paths, unasked=True)

        threading.Thread(target=run.run, args=(ask,), name="keeping up", daemon=True).start()

    def _interrupt(self, run: _Refresh) -> None:
        """What changed must not wait for hours: deleted files are to disappear from answers."""
        long = self._timing.now() - run.started >= max(_LONG_S, self._looks.between_s)
        if not run.interrupted and (run.waiting or long):
            run.interrupted = True
            run.cancel.cancel()

    # what happens

    def _take(self) -> Iterator[KeepUpEvent]:
        """One thing that was told; comes back at the latest after a tick."""
        try:
            told = self._told.get(timeout=self._timing.tick)
        except queue.Empty:
            return
        match told:
            case Changed(paths):
                self._due.add(paths, self._timing.now())
                if not paths.isdisjoint(self._roots):
                    self._looks.allow()  # what could not be found is back
            case Began():
                yield from self._take_began(told)
            case (_Refresh() as run, IndexProgress() as progress) if run is self._refresh:
                run.waiting = progress.stage == "waiting" and progress.reason not in ("", "answer")
                if progress.stage not in ("listing", "waiting") and run.listed is None:
                    run.listed = self._timing.now() - run.started
                if progress.stage != "listing" or run.everything:
                    yield Indexing(progress)
            case (_Refresh() as run, IndexFinished() as finished) if run is self._refresh:
                run.finished = finished
            case _Ended():
                yield from self._take_end(told)
            case BaseException():
                raise told  # of the thread that watches: a mistake of ours

    def _take_began(self, began: Began) -> Iterator[KeepUpEvent]:
        self._began = began
        if began.why and began.why != self._said:
            yield Notice(_why_polled(began, self._looks.poll_s))
            self._said = began.why
        yield from self._rest()

    def _take_end(self, ended: _Ended) -> Iterator[KeepUpEvent]:
        run, error = ended.refresh, ended.error
        if run is not self._refresh:
            return
        self._refresh = None
        if run.finished is not None:
            listed = run.finished.seconds if run.listed is None else run.listed
            self._looks.succeeded(listed if run.everything else None)
            yield KeptUp(run.finished, tuple(sorted(run.paths)))
            yield from self._rest()
            return
        self._due.everything |= run.everything
        self._due.paths |= run.paths
        if error is not None and not isinstance(error, AppError | Cancelled):
            raise error
        if run.interrupted:
            return
        wait = self._looks.failed()
        if isinstance(error, AppError):
            yield RefreshFailed(error, wait)
        else:
            yield from self._rest()  # another Alcove is writing: nothing anybody has to know

    def _rest(self) -> Iterator[KeepUpEvent]:
        if self._refresh is None and self._began is not None and (not self._due or not self._looks.allowed):
            yield Watching(self._roots, self._looks.poll_s if self._began.polled else None)


def _why_polled(began: Began, every_s: float) -> str:
    often = f"{round(every_s)} seconds" if every_s < 90 else f"{round(every_s / 60)} minutes"
    if began.why == "remote":
        return f"{began.polled[0]} is on another computer, which does not tell of changes. Alcove looks every {often}."
    told = f"Too many folders to be told of every change; Alcove looks every {often}."
    if sys.platform.startswith("linux"):
        return told + " To be told, raise the system's limit: sudo sysctl fs.inotify.max_user_watches=1048576"
    return told
