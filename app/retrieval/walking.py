"""Listing the files of folders: all of them, or what lies at some paths."""

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.retrieval.folders import HIDES_BY_MARK, Approach, is_hidden, open_folders
from app.retrieval.ignoring import FolderRules, rules_of_root
from app.retrieval.index_store import SeenFile
from app.retrieval.protocol import FileFailure, Rules

NO_RULES = Rules()
Check = Callable[[int], None]
"""Called with the number of files so far for every folder; may raise to stop."""


@dataclass(slots=True)
class Listing:
    """What lies below some folders. Nothing is known about what lies below `unseen` ones.

    `gone`: paths that were asked for and are not there, or are passed over now; so is what lay below them.
    """

    files: dict[str, SeenFile] = field(default_factory=dict)
    failures: list[FileFailure] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


def list_files(
    roots: Iterable[str],
    rules: Rules = NO_RULES,
    check: Check = lambda seen: None,
) -> Listing:
    """Every regular file below `roots` (each a folder or a file) that `rules` do not pass over.

    Links, pipes and devices are passed over as well. Files larger than `rules` allow are listed like others.
    """
    walk = _Walk(rules, check)
    chosen = [str(Path(root).absolute()) for root in roots]
    for root in _innermost_first(chosen):
        walk.list_root(root)
    return walk.listing


def list_only(
    paths: Iterable[str],
    roots: Iterable[str],
    rules: Rules = NO_RULES,
    check: Check = lambda seen: None,
) -> Listing:
    """What `list_files` would find at `paths` below `roots`: a file, or everything in a folder.

    A path that it would not find is `gone`, unless its root is missing itself (an unplugged drive): then that is
    `unseen`. Paths outside the roots are left out.
    """
    walk = _Walk(rules, check)
    chosen = _innermost_first([str(Path(root).absolute()) for root in roots])
    asked = list(dict.fromkeys(paths))
    for root in chosen:  # one that lies in what is asked for follows its own rules
        if any(str(above) in asked for above in Path(root).parents):
            walk.list_root(root)
    below = _by_root(asked, chosen)
    for root, wanted in below.items():
        walk.list_below(root, wanted)
    return walk.listing


class _Walk:
    def __init__(self, rules: Rules, check: Check) -> None:
        self.listing = Listing()
        self._rules = rules
        self._check = check
        self._visited: set[tuple[int, int]] = set()

    def list_root(self, root: str) -> None:
        """What was chosen is listed even where a rule would pass it over."""
        try:
            facts = os.stat(root)  # noqa: PTH116
        except OSError as error:
            self._not_listed(root, error, chosen=True)
            return
        if stat.S_ISDIR(facts.st_mode):
            self._list_folder(root, rules_of_root(root, self._rules), chosen=True)
        else:
            self._add(root, facts)

    def list_below(self, root: str, paths: Sequence[str]) -> None:
        if root in paths:
            self.list_root(root)
            return
        try:
            approach = Approach(root, self._rules)
        except OSError as error:
            self._not_listed(root, error, chosen=True)
            return
        for path in paths:
            self._check(len(self.listing.files))
            try:
                self._list_path(path, approach)
            except (FileNotFoundError, NotADirectoryError):
                self.listing.gone.append(path)
            except OSError as error:
                self._not_listed(path, error, chosen=False)

    def _list_path(self, path: str, approach: Approach) -> None:
        above = approach.rules_above(path)
        facts = os.lstat(path)
        if above is None or not approach.admits(path, facts):
            self.listing.gone.append(path)
        elif stat.S_ISDIR(facts.st_mode):
            self._list_folder(path, above, chosen=False)
        elif stat.S_ISREG(facts.st_mode):
            self._add(path, facts)
        else:
            self.listing.gone.append(path)

    def _list_folder(self, top: str, above: FolderRules, *, chosen: bool) -> None:
        def check() -> None:
            self._check(len(self.listing.files))

        for folder in open_folders(top, above, check, self._visited):
            if folder.error is not None:
                self._not_listed(folder.path, folder.error, chosen=chosen and folder.path == top)
            for entry in folder.files:
                try:
                    facts = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # gone between the two calls
                except OSError as error:
                    self._not_listed(entry.path, error, chosen=False)
                    continue
                if self._rules.hidden or not HIDES_BY_MARK or not is_hidden(facts):
                    self._add(entry.path, facts)

    def _add(self, path: str, facts: os.stat_result) -> None:
        if not stat.S_ISREG(facts.st_mode):
            return
        if not path.isascii() and not _is_unicode(path):
            shown = os.fsencode(path).decode(errors="replace")
            reason = "The file name is not valid Unicode. Rename the file, then refresh."
            self.listing.failures.append(FileFailure(shown, "unreadable", reason))
            return
        self.listing.files[path] = SeenFile(path, facts.st_size, facts.st_mtime_ns)

    def _not_listed(self, path: str, error: OSError, *, chosen: bool) -> None:
        """A folder that cannot be looked into keeps what was read from it before."""
        if isinstance(error, FileNotFoundError) and not chosen:
            return
        self.listing.unseen.append(path)
        shown = os.fsencode(path).decode(errors="replace")
        self.listing.failures.append(FileFailure(shown, "unreadable", _why(error)))


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "There is no such file or folder. Check the name, or connect the drive it is on."
    if isinstance(error, PermissionError):
        return "You have no permission to open it. Change its permissions, then refresh."
    return f"It cannot be opened ({error.strerror or error}). Check the drive, then refresh."


def _is_unicode(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _innermost_first(roots: Sequence[str]) -> list[str]:
    """A chosen folder inside another one has rules of its own, so it is listed before that one comes to it."""
    chosen = dict.fromkeys(roots)
    return sorted(chosen, key=lambda root: -sum(str(above) in chosen for above in Path(root).parents))


def _by_root(paths: Iterable[str], roots: Sequence[str]) -> dict[str, list[str]]:
    """Each path with the innermost root it lies in."""
    chosen = set(roots)
    below: dict[str, list[str]] = {}
    for path in dict.fromkeys(paths):
        above = (str(each) for each in (Path(path), *Path(path).parents))
        root = next((each for each in above if each in chosen), None)
        if root is not None:
            below.setdefault(root, []).append(path)
    return below
