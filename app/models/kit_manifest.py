"""What a kit says it holds: `alcove-kit.json`, and `SHA256SUMS` for those who check it by other means."""

import json
import re
import stat
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from app import __version__
from app.base.errors import AppError
from app.base.files import write_text
from app.base.paths import is_there

MANIFEST = "alcove-kit.json"
CHECKSUMS = "SHA256SUMS"
_KIND, _VERSION = "alcove-kit", 1
_MAX_MANIFEST = 4 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")

FolderKind = Literal["encoders", "translation"]
"""Search models, rerankers and readers; small translation models. So their folders in a kit are called."""


@dataclass(frozen=True, slots=True)
class KitFile:
    """One file of a kit: a plain name, of a model in a folder the path below the kit; its size, its checksum in hex."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class KitEntry:
    """One model as a kit's manifest describes it. `licence`: its text, "" when it is not known."""

    name: str
    files: tuple[KitFile, ...]
    source: str
    licence: str

    @property
    def bytes(self) -> int:
        return sum(each.bytes for each in self.files)


@dataclass(frozen=True, slots=True)
class KitFolder(KitEntry):
    """A model that is a folder with several files, `kind/name` in the kit."""

    kind: FolderKind = "encoders"


@dataclass(frozen=True, slots=True)
class Kit:
    """GGUF models, and those that are folders; the first copies of Alcove look at the former only."""

    models: tuple[KitEntry, ...] = ()
    folders: tuple[KitFolder, ...] = ()


def stands_in(folder: Path, file: KitFile) -> bool:
    """Whether a plain file of this name and size is in the kit `folder`; whether it is whole, its checksum tells."""
    place = folder / file.file
    return not place.is_symlink() and place.is_file() and place.stat().st_size == file.bytes


def read_manifest(folder: Path) -> Kit | None:
    """What the kit in `folder` says it holds; None without one. Raises `AppError` when it is damaged."""
    file = folder / MANIFEST
    if not is_there(file):
        return None
    try:
        if not stat.S_ISREG(file.lstat().st_mode) or file.stat().st_size > _MAX_MANIFEST:
            raise ValueError("no small file")
        return _parsed(json.loads(file.read_bytes()))
    except OSError as error:
        raise AppError(
            f"{file} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise AppError(f"{file} is damaged or from a newer Alcove.", "Export the kit again.") from error


def write_manifest(target: Path, kit: Kit) -> None:
    """Raises `AppError` when it cannot be written."""
    content = {
        "kind": _KIND,
        "version": _VERSION,
        "alcove": __version__,
        "models": [asdict(each) for each in kit.models],
        "folders": [asdict(each) for each in kit.folders],
    }
    write_text(target / MANIFEST, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    entries: Sequence[KitEntry] = (*kit.models, *kit.folders)
    lines = [f"{each.sha256}  {each.file}\n" for entry in entries for each in entry.files]
    write_text(target / CHECKSUMS, "".join(lines))


def _parsed(content: Any) -> Kit:
    """Raises `ValueError`, `KeyError` or `TypeError` for what is no manifest."""
    if (content["kind"], content["version"]) != (_KIND, _VERSION):
        raise ValueError("another kind of file")
    models = tuple(KitEntry(*_facts(each)) for each in content["models"])
    folders = tuple(KitFolder(*_facts(each), _kind(each["kind"])) for each in content.get("folders", ()))
    return Kit(models, folders)


def _facts(model: Any) -> tuple[str, tuple[KitFile, ...], str, str]:
    files = tuple(
        KitFile(str(each["file"]), int(each["bytes"]), str(each["sha256"])) for each in model["files"]
    )
    if not files or not all(_SHA256.fullmatch(each.sha256) and each.bytes >= 0 for each in files):
        raise ValueError("a file without size or checksum")
    return str(model["name"]), files, str(model["source"]), str(model["licence"])


def _kind(value: object) -> FolderKind:
    for kind in get_args(FolderKind):
        if kind == value:
            return kind  # type: ignore[no-any-return]
    raise ValueError("no known kind of folder")
