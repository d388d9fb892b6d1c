"""Being told by the system what changes below some folders."""

import os
import queue
import stat
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from app.assistants.when_to_look import Timing
from app.retrieval.folders import Approach, open_folders
from app.retrieval.ignoring import IGNORE_FILES, rules_of_root
from app.retrieval.protocol import Rules

if TYPE_CHECKING:
    from watchfiles import Change

# Linux is asked for each folder by itself: it would follow links out of the folders, and count those nobody reads.
_ONE_BY_ONE = sys.platform.startswith("linux")
_MODIFIED = 2  # `watchfiles.Change.modified`
_TRIES = 3
_BUILD_SHARE = 20.0  # watching anew takes at most a twentieth of the time
_AGAIN_S = 600.0  # after the system refused
_REMOTE = (
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs", "9p", "afs", "ceph", "ncpfs",
    "vboxsf", "vmhgfs", "fuse.sshfs", "fuse.rclone", "fuse.davfs2", "fuse.vmhgfs-fuse", "fuse.gvfsd-fuse",
)  # fmt: skip

Why = Literal["", "limit", "remote"]


@dataclass(frozen=True, slots=True)
class Began:
    """From now on changes are told, but not those below `polled`, because `why`."""

    polled: tuple[str, ...] = ()
    why: Why = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """Files or folders that are new, changed or gone. A chosen folder itself: all below it may have changed."""

    paths: frozenset[str]


class Watch:
    """A thread that puts `Began` and `Changed` into `told` until it is stopped.

    What `rules` pass over is not told, nor what lies in `own` folders. A chosen folder that goes and comes back (a
    drive) is watched again.
    """

    def __init__(
        self,
        roots: Sequence[str],
        rules: Rules,
        told: "queue.SimpleQueue[object]",
        timing: Timing,
        own: Sequence[str] = (),
    ) -> None:
        self._roots = tuple(roots)
        self._rules = rules
        self._told = told
        self._own = own
        self._timing = timing
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Nothing is told any more. A drive that does not answer is not waited for."""
        self._stopped.set()
        self._thread.join(self._timing.tick * 2)

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._watch_until_refused()
                self._stopped.wait(_AGAIN_S)
        except BaseException as error:
            self._told.put(error)  # whoever reads the queue raises it

    def _watch_until_refused(self) -> None:
        remote = tuple(root for root in self._roots if _is_remote(root))
        local = tuple(root for root in self._roots if root not in remote)
        watched = _Watched(local, self._rules, self._timing.tick, self._stopped)
        try:
            watched.begin()
            self._told.put(Began(remote, "remote" if remote else ""))
            self._follow(watched)
        except (OSError, RuntimeError):
            if not self._stopped.is_set():
                self._told.put(Began(self._roots, "limit"))
        finally:
            watched.close()

    def _follow(self, watched: "_Watched") -> None:
        looked = time.monotonic()
        new: set[str] = set()  # folders that are not watched yet
        while not self._stopped.is_set():
            changes = watched.changes()
            found = _Filter(self._roots, self._rules, self._own)
            paths = {path for change, path in changes if found.admits(path, change)}
            new |= watched.new_folders(changes)
            if time.monotonic() - looked >= self._timing.look:
                looked = time.monotonic()
                back = watched.roots_changed()
                new |= back
                paths |= back
            if new and watched.may_begin_again():
                watched.begin()
                paths |= {path for path in new if found.admits(path)}  # what came before they were watched
                new = set()
            if paths:
                self._told.put(Changed(frozenset(map(_told_as, paths))))


class _Filter:
    """Which changed paths are worth telling, by the ignore files as they are now."""

    def __init__(self, roots: Sequence[str], rules: Rules, own: Sequence[str]) -> None:
        self._roots = roots
        self._rules = rules
        self._own = own
        self._ways: dict[str, Approach] = {}

    def admits(self, path: str, change: "Change | None" = None) -> bool:
        if any(path == own or path.startswith(_with_end(own)) for own in self._own):
            return False
        if path in self._roots:
            return True
        root = max((each for each in self._roots if path.startswith(_with_end(each))), key=len, default=None)
        if root is None:
            return False
        if sys.platform == "win32" and change == _MODIFIED and _is_folder(path):  # told with each file in it
            return False
        return self._is_read(path, root)

    def _is_read(self, path: str, root: str) -> bool:
        """Whether it is not passed over; of what is gone, whether it may have been read."""
        *folders, name = Path(path[len(_with_end(root)) :]).parts
        if not self._rules.hidden and any(each.startswith(".") for each in folders):
            return False
        try:
            if root not in self._ways:
                self._ways[root] = Approach(root, self._rules)
            above = self._ways[root].rules_above(path)
            if above is None or name in IGNORE_FILES:
                return above is not None
            with suppress(FileNotFoundError):
                return self._ways[root].admits(path, os.lstat(path))
        except OSError:
            return not name.startswith(".") or self._rules.hidden
        return not all(above.passes_over(name, path, folder=folder) for folder in (False, True))


class _Watched:
    """The folders that the system was asked to watch."""

    def __init__(self, roots: Sequence[str], rules: Rules, tick_s: float, stopped: threading.Event) -> None:
        self._roots = tuple(roots)
        self._rules = rules
        self._tick_s = tick_s
        self._stopped = stopped
        self._telling: list[Generator[set[tuple[Change, str]], None, None]] = []
        self._early: set[tuple[Change, str]] = set()
        self._folders: set[str] = set()
        self._identities: dict[str, tuple[int, int] | None] = {}
        self._began, self._took = 0.0, 0.0

    def begin(self) -> None:
        """Ask for what is there now; what was asked for before is given up only then, so that nothing is missed.

        Raises `OSError` or `RuntimeError` when the system refuses.
        """
        started = time.monotonic()
        self._identities = {root: _identity(root) for root in self._roots}
        for tries in range(_TRIES):
            recursive, single = self._wanted()
            try:
                fresh = [
                    each for each in (self._ask(recursive, deep=True), self._ask(single, deep=False)) if each
                ]
                break
            except (FileNotFoundError, PermissionError):  # a folder has gone since it was listed
                if tries == _TRIES - 1:
                    raise
        self.close()
        self._telling, self._folders = fresh, recursive | single
        self._began = time.monotonic()
        self._took = self._began - started - len(fresh) * self._tick_s  # the first look at each waits so long

    def may_begin_again(self) -> bool:
        return time.monotonic() - self._began >= self._took * _BUILD_SHARE

    def changes(self) -> "set[tuple[Change, str]]":
        """What has changed since the last call; waits a moment for it."""
        if not self._telling:
            self._stopped.wait(self._tick_s)
        early, self._early = self._early, set()
        return early.union(*(next(each, set()) for each in self._telling))

    def new_folders(self, changes: "set[tuple[Change, str]]") -> set[str]:
        """Folders that came, or went and may have come back under another name."""
        if not _ONE_BY_ONE:
            return set()
        return {
            path
            for _, path in changes
            if (path not in self._folders and _is_folder(path))
            or (path in self._folders and not _is_folder(path))
        }

    def roots_changed(self) -> set[str]:
        return {root for root, before in self._identities.items() if _identity(root) != before}

    def close(self) -> None:
        for each in self._telling:
            each.close()
        self._telling = []

    def _wanted(self) -> tuple[set[str], set[str]]:
        """Folders to watch with all that is in them, and by themselves (of a single file: the one it is in)."""
        there = [root for root, identity in self._identities.items() if identity is not None]
        folders = {root for root in there if os.path.isdir(root)}  # noqa: PTH112 - also by a link: it was chosen
        single = {os.path.dirname(root) for root in there if root not in folders}  # noqa: PTH120
        return (set(), single | self._below(folders)) if _ONE_BY_ONE else (folders, single - folders)

    def _below(self, roots: set[str]) -> set[str]:
        visited: set[tuple[int, int]] = set()
        found = (
            each.path
            for root in sorted(roots, key=len, reverse=True)
            for each in open_folders(root, rules_of_root(root, self._rules), self._check, visited)
            if each.error is None
        )
        return {path for path in found if path.isascii() or _is_unicode(path)}

    def _check(self) -> None:
        if self._stopped.is_set():
            raise RuntimeError("stopped")

    def _ask(
        self, folders: set[str], *, deep: bool
    ) -> "Generator[set[tuple[Change, str]], None, None] | None":
        if not folders:
            return None
        from watchfiles import watch

        tick_ms = round(self._tick_s * 1000)

        telling = watch(
            *sorted(folders), watch_filter=None, step=tick_ms, rust_timeout=tick_ms, yield_on_timeout=True,
            stop_event=self._stopped, recursive=deep, force_polling=False, ignore_permission_denied=False,
            raise_interrupt=False,
        )  # fmt: skip
        self._early |= next(telling, set())  # only now the system is asked
        return telling


def _told_as(path: str) -> str:
    """New rules concern all that is in their folder."""
    folder, name = os.path.split(path)
    return folder if name in IGNORE_FILES else path


def _with_end(folder: str) -> str:
    return folder if folder.endswith(os.sep) else folder + os.sep


def _identity(path: str) -> tuple[int, int] | None:
    """Which file or folder stands there; of a single file, which folder it is in: programs replace files."""
    try:
        facts = os.stat(path)  # noqa: PTH116
        if not stat.S_ISDIR(facts.st_mode):
            facts = os.stat(os.path.dirname(path))  # noqa: PTH116, PTH120
    except OSError:
        return None
    return facts.st_dev, facts.st_ino


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)  # noqa: PTH112, PTH114


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_remote(path: str) -> bool:
    """Whether other machines change it as well, of which this system is not told."""
    if path.startswith("\\\\"):
        return True
    import psutil

    try:
        mounts = psutil.disk_partitions(all=True)
    except Exception:  # it may be denied
        return False
    above = [
        each for each in mounts if path == each.mountpoint or path.startswith(_with_end(each.mountpoint))
    ]
    mount = max(above, key=lambda each: len(each.mountpoint), default=None)
    return mount is not None and (mount.fstype.lower() in _REMOTE or "remote" in mount.opts.split(","))
