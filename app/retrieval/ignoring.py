"""What is passed over in folders: hidden files, and what patterns in the syntax of .gitignore name.

Patterns come from the settings, which have the last word, and from files named `.alcoveignore` or `.gitignore` inside the
folders, of which the deepest decides. Light at import: the window filters what changed with it.
"""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.base.files import open_regular
from app.retrieval.protocol import Rules

IGNORE_FILES = (".alcoveignore", ".gitignore")  # the first has the last word in its folder
_NEVER = frozenset({".git"})  # not even where hidden files are read
_OFFICE_LOCK = "~$"
_LONGEST_FILE = 256 * 1024
# Wildcards are tried in every way they could fit, so that a few lines in a folder from elsewhere could hold up
# everything: four in one name take 30 ms on the longest name there can be, five take seconds.
_LONGEST_PATTERN = 400
_MOST_WILDCARDS = 4
_MOST_FOLDER_WILDCARDS = 2
_MARK = "ps_d"  # the group with which pathspec's expressions say where the folder that a pattern names ends
_ANYWHERE = "^(?:.+/)?"  # how they begin when a name may lie in any folder
_FLAGS = re.IGNORECASE if sys.platform in ("win32", "darwin") else re.NOFLAG


@dataclass(frozen=True, slots=True)
class _Pattern:
    expression: re.Pattern[str]
    ignores: bool  # false: what begins with “!” and brings back
    name_only: bool  # it is matched with the last name of a path, which is much faster


class _OneLook:
    """Whether any of many patterns fits, which is false for most files."""

    def __init__(self, patterns: Iterable[_Pattern]) -> None:
        expressions = [each.expression.pattern.replace(f"(?P<{_MARK}>", "(?:") for each in patterns]
        self._any = (
            re.compile("|".join(f"(?:{each})" for each in expressions), _FLAGS) if expressions else None
        )

    def fits(self, name: str) -> bool:
        return self._any is not None and self._any.match(name) is not None


class Patterns:
    """One list of patterns, for what lies below `base`."""

    def __init__(self, base: str, lines: Iterable[str]) -> None:
        self._patterns = [each for each in map(_compiled, lines) if each is not None]
        self._patterns.reverse()  # the last one that fits decides
        self._cut = len(base) if base.endswith(os.sep) else len(base) + 1
        self._by_name = _OneLook(each for each in self._patterns if each.name_only)
        self._by_path = _OneLook(each for each in self._patterns if not each.name_only)

    def __len__(self) -> int:
        return len(self._patterns)

    def says(self, path: str, *, folder: bool) -> bool | None:
        """Whether it is ignored; None where no pattern fits. It is in a folder that is not ignored itself."""
        inside = path[self._cut :]
        if os.sep != "/":
            inside = inside.replace(os.sep, "/")
        name = inside.rpartition("/")[2]
        if folder:
            inside, name = inside + "/", name + "/"
        if not self._by_name.fits(name) and not self._by_path.fits(inside):
            return None
        for pattern in self._patterns:
            looked_at = name if pattern.name_only else inside
            found = pattern.expression.match(looked_at)
            if found is not None and _is_about(found, looked_at):
                return pattern.ignores
        return None


@dataclass(frozen=True, slots=True)
class FolderRules:
    """What is passed over in one folder. Lists of patterns stand in the order in which they are asked."""

    hidden: bool
    chosen: Patterns | None
    found: tuple[Patterns, ...] = field(default=())

    @property
    def has_patterns(self) -> bool:
        return self.chosen is not None or bool(self.found)

    def passes_over(self, name: str, path: str, *, folder: bool) -> bool:
        """`path`: the folder's path and `name`."""
        if name.startswith(_OFFICE_LOCK) or name in _NEVER or (name.startswith(".") and not self.hidden):
            return True
        for patterns in (self.chosen, *self.found) if self.chosen is not None else self.found:
            said = patterns.says(path, folder=folder)
            if said is not None:
                return said
        return False

    def inside(self, folder: str, ignore_files: Sequence[str]) -> "FolderRules":
        """The rules for `folder`, in which those of `IGNORE_FILES` lie."""
        lists = (Patterns(folder, _lines(os.path.join(folder, name))) for name in ignore_files)  # noqa: PTH118
        more = tuple(each for each in lists if len(each))
        return FolderRules(self.hidden, self.chosen, more + self.found) if more else self


def rules_of_root(root: str, rules: Rules) -> FolderRules:
    """The rules for a chosen folder, before it is looked into."""
    chosen = Patterns(root, rules.ignore)
    return FolderRules(rules.hidden, chosen if len(chosen) else None)


def is_pattern(line: str) -> bool:
    """Whether a line is one that can be followed; empty ones and comments can."""
    return not line.strip() or line.startswith("#") or _compiled(line) is not None


def _compiled(line: str) -> _Pattern | None:
    """None for what is no pattern."""
    line = line.rstrip("\r\n")
    if not line.strip() or line.startswith("#") or _is_costly(line):
        return None
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        pattern = GitIgnoreSpecPattern(line)
    except ValueError:
        return None
    if pattern.include is None or pattern.regex is None:
        return None
    expression = pattern.regex.pattern
    name_only = expression.startswith(_ANYWHERE) and "/" not in line.rstrip("/")
    return _Pattern(
        re.compile(expression.removeprefix(_ANYWHERE) if name_only else expression, _FLAGS),
        pattern.include,
        name_only,
    )


def _is_costly(line: str) -> bool:
    names = line.split("/")
    return (
        len(line) > _LONGEST_PATTERN
        or any(name.count("*") > _MOST_WILDCARDS for name in names)
        or names.count("**") > _MOST_FOLDER_WILDCARDS
    )


def _is_about(found: re.Match[str], name: str) -> bool:
    """Whether a pattern names this very file or folder, not one above it: that was decided when it was met."""
    if _MARK not in found.re.groupindex or found.end(_MARK) == -1:
        return True
    return found.end(_MARK) == len(name)


def _lines(file: str) -> list[str]:
    """Of a regular file; one that cannot be read or is no list of patterns ignores nothing."""
    try:
        with open_regular(file) as opened:
            content = opened.read(_LONGEST_FILE)
    except OSError:
        return []
    return content.decode("utf-8-sig", errors="replace").splitlines()
