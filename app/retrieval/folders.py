"""Going through folders without ever leaving them, past what the rules pass over."""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.retrieval.ignoring import IGNORE_FILES, FolderRules, rules_of_root
from app.retrieval.protocol import Rules

Check = Callable[[], None]
HIDES_BY_MARK = sys.platform in ("win32", "darwin")


@dataclass(frozen=True, slots=True)
class OpenedFolder:
    """A folder and what lies in it beside further folders; `error` when it could not be looked into."""

    path: str
    files: list["os.DirEntry[str]"] = field(default_factory=list)
    error: OSError | None = None


def open_folders(
    top: str, rules: FolderRules, check: Check, visited: set[tuple[int, int]]
) -> Iterator[OpenedFolder]:
    """`top` and every folder below it that is not passed over, each once: what is in `visited` is left out.

    Links are not followed. `check` is called for every folder and may raise to stop.
    """
    waiting = [(top, rules)]
    while waiting:
        folder, above = waiting.pop()
        check()
        try:
            facts = os.stat(folder)  # noqa: PTH116 - a Path for each of 100,000 takes as long as the rest
            if (facts.st_dev, facts.st_ino) in visited:
                continue
            visited.add((facts.st_dev, facts.st_ino))
            with os.scandir(folder) as scanned:
                entries = list(scanned)
            inside = above.inside(folder, _ignore_files(entries))
            files, folders = _sorted_out(entries, inside)
        except OSError as error:
            yield OpenedFolder(folder, error=error)
            continue
        yield OpenedFolder(folder, files)
        waiting += [(path, inside) for path in sorted(folders, reverse=True)]


def is_hidden(facts: os.stat_result) -> bool:
    """Whether the system marks it as hidden, whatever its name."""
    attributes = getattr(facts, "st_file_attributes", 0) & stat.FILE_ATTRIBUTE_HIDDEN
    return bool(attributes or getattr(facts, "st_flags", 0) & stat.UF_HIDDEN)


class Approach:
    """The way from a chosen folder down to single paths in it; what is on the way is looked at once."""

    def __init__(self, root: str, rules: Rules) -> None:
        self._root = root
        first = rules_of_root(root, rules)
        self._inside: dict[str, FolderRules | None] = {root: _entered(root, first)}

    def rules_above(self, path: str) -> FolderRules | None:
        """The rules that hold in the folder `path` lies in; None when that is passed over itself.

        Raises `OSError` when there is no such folder.
        """
        folder = os.path.dirname(path)  # noqa: PTH120
        if folder in self._inside:
            return self._inside[folder]
        above = self.rules_above(folder)
        facts = os.lstat(folder)
        if above is None or not stat.S_ISDIR(facts.st_mode) or _is_over(above, folder, facts):
            self._inside[folder] = None
        else:
            self._inside[folder] = _entered(folder, above)
        return self._inside[folder]

    def admits(self, path: str, facts: os.stat_result) -> bool:
        """Whether `path`, below the chosen folder, is not passed over. Raises `OSError` as `rules_above` does."""
        above = self.rules_above(path)
        return above is not None and not _is_over(above, path, facts)


def _is_over(rules: FolderRules, path: str, facts: os.stat_result) -> bool:
    name = os.path.basename(path)  # noqa: PTH119
    is_folder = stat.S_ISDIR(facts.st_mode)
    return rules.passes_over(name, path, folder=is_folder) or (not rules.hidden and is_hidden(facts))


def _entered(folder: str, above: FolderRules) -> FolderRules:
    with os.scandir(folder) as entries:
        return above.inside(folder, _ignore_files(list(entries)))


def _ignore_files(entries: list["os.DirEntry[str]"]) -> list[str]:
    found = {
        each.name for each in entries if each.name in IGNORE_FILES and each.is_file(follow_symlinks=False)
    }
    return [name for name in IGNORE_FILES if name in found] if found else []


def _sorted_out(
    entries: list["os.DirEntry[str]"], rules: FolderRules
) -> tuple[list["os.DirEntry[str]"], list[str]]:
    """Files and paths of folders."""
    files, folders = [], []
    patterns = rules.has_patterns
    for entry in entries:
        if entry.is_symlink():
            continue
        is_folder = entry.is_dir(follow_symlinks=False)
        name = entry.name
        if (name[0] in ".~" or patterns) and rules.passes_over(name, entry.path, folder=is_folder):
            continue
        if not is_folder:
            files.append(entry)
        elif rules.hidden or not HIDES_BY_MARK or not is_hidden(entry.stat(follow_symlinks=False)):
            folders.append(entry.path)
    return files, folders
