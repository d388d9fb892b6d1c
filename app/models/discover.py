"""Models that other apps already keep on this machine, to be used where they lie.

Nothing is ever written, moved, linked or deleted there. What other apps wrote is read with limits: their
folders may be huge, may run in circles, and may hold anything.
"""

import itertools
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.gguf import read_facts
from app.models.naming import is_later_part, model_files, shown, stem_of
from app.models.places import Layout, Place

_MAX_DEPTH = 8
_MAX_ENTRIES = 50_000
_MAX_DESCRIPTION = 1 << 20  # bytes of a manifest or model.yml
_SHA256 = re.compile(r"[0-9a-f]{64}")
_OLLAMA_DIGEST = re.compile(r"sha256[:-]([0-9a-f]{64})")
_OLLAMA_LAYER = "application/vnd.ollama.image."
_OLLAMA_HOST, _OLLAMA_NAMESPACE = "registry.ollama.ai", "library"
_MMPROJ = re.compile(r"(^|[-_.])mmproj([-_.]|$)", re.IGNORECASE)
_YAML_LINE = re.compile(r"([a-z0-9_]+):\s*(.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Discovered:
    """One model of `app`. `bytes`: of all its files; `sha256`: of its one file where that is known.

    `usable` False: `reason` is one sentence; `file` may then be a folder that cannot be opened.
    """

    app: str
    name: str
    file: Path
    bytes: int
    sha256: str
    usable: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    file: Path
    sha256: str = ""
    reason: str = ""


def discover(places: Sequence[Place], cancel: CancelToken) -> Iterator[Discovered]:
    """Every model below `places`, each once, however many links or copies with a known checksum lead to it.

    Folders that are not there are passed over; those that cannot be opened are told of.
    """
    seen: set[object] = set()
    for place in places:
        search = _Search(place.folder, cancel)
        with suppress(FileNotFoundError, NotADirectoryError):
            # the problems are complete only after the rest of the walk, which the chain sees to
            for candidate in itertools.chain(
                _refused(place) or _LAYOUTS[place.layout](search), search.problems
            ):
                cancel.raise_if_cancelled()
                found = _examined(place.app, candidate)
                keys = _identity(found)
                if not seen & keys:
                    seen |= keys
                    yield found


class _Search:
    """A walk through folders with limits; `problems` tells what could not be looked at."""

    def __init__(self, root: Path, cancel: CancelToken) -> None:
        self.root = root
        self.problems: list[_Candidate] = []
        self._cancel = cancel
        self._left = _MAX_ENTRIES
        self._visited: set[tuple[int, int]] = set()

    def files(self, folder: Path, wanted: Callable[[str], bool], depth: int = 0) -> Iterator[Path]:
        """The plain files below `folder` with a wanted name, in order; links are followed, folders once."""
        try:
            now = folder.stat()
            if (now.st_dev, now.st_ino) in self._visited:
                return
            self._visited.add((now.st_dev, now.st_ino))
            with os.scandir(folder) as entries:
                names = sorted(self._taken(folder, entries))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self.problems.append(_Candidate("", folder, reason=_cannot_open(folder, error)))
            return
        folders = []
        for name in names:
            self._cancel.raise_if_cancelled()
            path = folder / name
            try:
                mode = path.stat().st_mode
            except PermissionError as error:  # names may be read here, files not
                self.problems.append(_Candidate("", folder, reason=_cannot_open(folder, error)))
                break
            except OSError:  # a link that leads nowhere
                continue
            if stat.S_ISDIR(mode) and not name.startswith("."):
                folders.append(path)
            elif stat.S_ISREG(mode) and wanted(name):
                yield path
        for path in folders if depth < _MAX_DEPTH else ():
            yield from self.files(path, wanted, depth + 1)

    def _taken(self, folder: Path, entries: Iterator["os.DirEntry[str]"]) -> Iterator[str]:
        for entry in entries:
            self._cancel.raise_if_cancelled()
            if self._left == 0:
                why = f"{self.root} holds more than {_MAX_ENTRIES} files; the rest was not looked at."
                if not any(problem.reason == why for problem in self.problems):
                    self.problems.append(_Candidate("", folder, reason=why))
                return
            self._left -= 1
            yield entry.name


def _refused(place: Place) -> list[_Candidate]:
    """What to say where the place itself cannot be opened. Raises `OSError` when it is not there."""
    try:
        with os.scandir(place.folder):
            return []
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        return [_Candidate("", place.folder, reason=_cannot_open(place.folder, error))]


def _cannot_open(path: Path, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f"You have no permission to open {path}; an administrator can give it to you."
    return f"{path} cannot be opened ({error.strerror or error})."


def _models_in_files(search: _Search) -> Iterator[_Candidate]:
    for file in search.files(search.root, _is_model):
        yield _Candidate(stem_of(file.name), file)


def _models_in_hub(search: _Search) -> Iterator[_Candidate]:
    """The hub names large blobs by their SHA-256 (64 digits), small ones by their Git hash (40)."""
    for repo in sorted(search.root.glob("models--*")):
        for file in search.files(repo / "snapshots", _is_model):
            blob = file.resolve().name
            yield _Candidate(stem_of(file.name), file, blob if _SHA256.fullmatch(blob) else "")


def _models_in_ollama(search: _Search) -> Iterator[_Candidate]:
    manifests = search.root / "manifests"
    for file in search.files(manifests, lambda name: not name.startswith(".")):
        parts = file.relative_to(manifests).parts
        if len(parts) == 4:
            *registry, model, tag = parts
            if registry[0] == _OLLAMA_HOST:  # Ollama shows its own registry as little as possible
                registry = [] if registry[1] == _OLLAMA_NAMESPACE else registry[1:]
            yield from _ollama_model("/".join([*registry, f"{model}:{tag}"]), file, search.root / "blobs")


def _ollama_model(name: str, manifest: Path, blobs: Path) -> Iterator[_Candidate]:
    """One manifest: the layers of a model, of which the weights are one, named by its SHA-256."""
    try:
        content = json.loads(_description(manifest))
        layers = [(str(each["mediaType"]), str(each["digest"])) for each in content["layers"]]
    except OSError as error:
        yield _Candidate(name, manifest, reason=_cannot_open(manifest, error))
        return
    except (ValueError, KeyError, TypeError, RecursionError):
        yield _Candidate(name, manifest, reason=f"“{name}” cannot be read: its manifest is damaged.")
        return
    weights = [digest for kind, digest in layers if kind == f"{_OLLAMA_LAYER}model"]
    adapters = [digest for kind, digest in layers if kind == f"{_OLLAMA_LAYER}adapter"]
    digest = _OLLAMA_DIGEST.fullmatch(weights[0]) if len(weights) == 1 else None
    if digest is not None and not adapters:
        yield _Candidate(name, blobs / f"sha256-{digest[1]}", digest[1])
    elif adapters:
        yield _Candidate(
            name, manifest, reason=f"“{name}” is a model with an adapter, which only Ollama puts together."
        )
    else:
        yield _Candidate(name, manifest, reason=f"“{name}” is not kept as one GGUF file.")


def _models_in_jan(search: _Search) -> Iterator[_Candidate]:
    """`model_path` is absolute, or relative to Jan's data folder."""
    models = search.root / "llamacpp" / "models"
    for file in search.files(models, lambda name: name == "model.yml"):
        name = file.parent.relative_to(models).as_posix()
        try:
            fields = _flat_yaml(_description(file))
        except (OSError, ValueError) as error:
            reason = _cannot_open(file, error) if isinstance(error, OSError) else f"{file} is damaged."
            yield _Candidate(name, file, reason=reason)
            continue
        named = fields.get("model_path", "")
        if not named or "\0" in named:
            yield _Candidate(name, file, reason=f"“{name}” does not say where its file is.")
            continue
        sha256 = fields.get("model_sha256", "").lower()
        yield _Candidate(name, search.root / named, sha256 if _SHA256.fullmatch(sha256) else "")


_LAYOUTS: dict[Layout, Callable[[_Search], Iterator[_Candidate]]] = {
    "files": _models_in_files,
    "hub": _models_in_hub,
    "ollama": _models_in_ollama,
    "jan": _models_in_jan,
}


def _examined(app: str, candidate: _Candidate) -> Discovered:
    """Usable only when its header is that of a language model and all its parts are there."""
    name, file = shown(candidate.name), candidate.file
    if candidate.reason:
        return Discovered(app, name, file, 0, "", usable=False, reason=candidate.reason)
    try:
        if not stat.S_ISREG(file.stat().st_mode):
            return Discovered(app, name, file, 0, "", usable=False, reason=f"{file} is not a file.")
        facts = read_facts(file)
    except FileNotFoundError:
        reason = f"The file of “{name}” is missing: {file}."
        return Discovered(app, name, file, 0, "", usable=False, reason=reason)
    except OSError as error:
        return Discovered(app, name, file, 0, "", usable=False, reason=_cannot_open(file, error))
    except AppError as error:
        return Discovered(app, name, file, _bytes(file), "", usable=False, reason=error.what)
    if not facts.can_write:
        reason = f"“{name}” only turns text into vectors; it cannot write."
        return Discovered(app, name, file, facts.file_bytes, candidate.sha256, usable=False, reason=reason)
    sha256 = candidate.sha256 if facts.parts == 1 else ""
    return Discovered(app, name, file, facts.file_bytes, sha256, usable=True, reason="")


def _identity(found: Discovered) -> set[object]:
    """What two findings of one model have in common."""
    if not found.usable:
        return {(str(found.file), found.name)}
    keys: set[object] = {found.sha256} if found.sha256 else set()
    with suppress(OSError):
        now = found.file.stat()
        keys.add((now.st_dev, now.st_ino))
    return keys


def _bytes(file: Path) -> int:
    with suppress(OSError):
        return sum(each.stat().st_size for each in model_files(file))
    return 0


def _is_model(name: str) -> bool:
    return name.casefold().endswith(".gguf") and not is_later_part(name) and not _MMPROJ.search(name)


def _description(file: Path) -> str:
    """Raises `OSError`, and `ValueError` for what is no small text."""
    with file.open("rb") as stream:
        content = stream.read(_MAX_DESCRIPTION + 1)
    if len(content) > _MAX_DESCRIPTION:
        raise ValueError("too long")
    return content.decode()


def _flat_yaml(text: str) -> dict[str, str]:
    """The plain and quoted texts at the top level; more than that Jan's `model.yml` does not have."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        found = _YAML_LINE.match(line)
        if found is None:
            continue
        value = found[2]
        if value.startswith('"'):
            value = str(json.loads(value))
        elif value.startswith("'"):
            value = value[1:-1].replace("''", "'")
        fields[found[1]] = value
    return fields
