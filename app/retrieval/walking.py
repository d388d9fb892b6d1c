"""Listing the files of a folder without ever leaving it."""

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.retrieval.index_store import SeenFile
from app.retrieval.protocol import FileFailure


@dataclass(slots=True)
class Listing:
    """What lies below some folders. Nothing is known about what lies below `unseen` ones."""

    files: dict[str, SeenFile] = field(default_factory=dict)
    failures: list[FileFailure] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)


def list_files(roots: Iterable[str], check: Callable[[int], None] = lambda seen: None) -> Listing:
    """Every regular file below `roots` (each a folder or a file).

    Hidden files and folders, links, pipes and devices are passed over. `check(files so far)` is called
    for every folder and may raise to stop.
    """
    listing = Listing()
    visited: set[tuple[int, int]] = set()
    waiting = [str(Path(root).absolute()) for root in reversed(list(roots))]
    top = set(waiting)
    while waiting:
        folder = waiting.pop()
        check(len(listing.files))
        try:
            facts = Path(folder).stat()
            if not stat.S_ISDIR(facts.st_mode):
                _add_file(listing, folder, facts)
                continue
            if (facts.st_dev, facts.st_ino) in visited:
                continue
            visited.add((facts.st_dev, facts.st_ino))
            waiting += _scan(listing, folder)
        except OSError as error:
            _not_listed(listing, folder, error, chosen=folder in top)
    return listing


def _scan(listing: Listing, folder: str) -> list[str]:
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "~$")) or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
                continue
            try:
                _add_file(listing, entry.path, entry.stat(follow_symlinks=False))
            except FileNotFoundError:
                continue  # gone between the two calls
    return sorted(folders, reverse=True)


def _add_file(listing: Listing, path: str, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        return
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode(errors="replace")
        reason = "The file name is not valid Unicode. Rename the file, then refresh."
        listing.failures.append(FileFailure(shown, "unreadable", reason))
        return
    listing.files[path] = SeenFile(path, facts.st_size, facts.st_mtime_ns)


def _not_listed(listing: Listing, folder: str, error: OSError, *, chosen: bool) -> None:
    """A folder that cannot be looked into keeps what was read from it before."""
    if isinstance(error, FileNotFoundError) and not chosen:
        return
    listing.unseen.append(folder)
    shown = os.fsencode(folder).decode(errors="replace")
    if isinstance(error, FileNotFoundError):
        reason = "There is no such file or folder. Check the name, or connect the drive it is on."
    elif isinstance(error, PermissionError):
        reason = "You have no permission to open it. Change its permissions, then refresh."
    else:
        reason = f"It cannot be opened ({error.strerror or error}). Check the drive, then refresh."
    listing.failures.append(FileFailure(shown, "unreadable", reason))
