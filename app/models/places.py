"""Where other apps on this machine keep their models, on Linux, Windows and macOS.

The defaults are those of the apps' own documentation and code; where an app lets the person move its
folder, the file that says where is named too.
"""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Layout = Literal["files", "hub", "ollama", "jan"]
_MAX_SETTINGS = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that may hold models of `app`, laid out as `layout`:

    `files`: GGUF files anywhere below; `hub`: `models--org--repo/snapshots/<commit>/…`, names of blobs are
    checksums; `ollama`: `manifests/…` and `blobs/sha256-…`; `jan`: `…/model.yml` that names its file.
    """

    app: str
    folder: Path
    layout: Layout


@dataclass(frozen=True, slots=True)
class Pointer:
    """A file in which `app` says that its models lie elsewhere; see `_pointed` for what it may hold."""

    app: str
    file: Path


def places_here() -> list[Place]:
    """The places of this machine and person."""
    environment, home, system = os.environ, Path.home(), platform.system()
    found = default_places(environment, home, system)
    for pointer in pointers(environment, home, system):
        found += list(_pointed(pointer))
    return list(dict.fromkeys(found))


def default_places(environment: Mapping[str, str], home: Path, system: str) -> list[Place]:
    """Every place without reading a file. `system`: `Linux`, `Windows` or `Darwin` (macOS)."""
    cache = _folder(environment, "XDG_CACHE_HOME", home / ".cache")
    local, data = _app_folders(environment, home, system)
    places = [
        *_named(environment, "OLLAMA_MODELS", "Ollama", "ollama"),
        Place("Ollama", home / ".ollama" / "models", "ollama"),
        *_named(environment, "HF_HUB_CACHE", "Hugging Face", "hub"),
        *_named(environment, "HUGGINGFACE_HUB_CACHE", "Hugging Face", "hub"),
        *_named(environment, "HF_HOME", "Hugging Face", "hub", "hub"),
        Place("Hugging Face", cache / "huggingface" / "hub", "hub"),
        *_named(environment, "LLAMA_CACHE", "llama.cpp", "hub"),
        *_named(environment, "LLAMA_CACHE", "llama.cpp", "files"),
        Place("llama.cpp", _llama_cache(cache, local, home, system), "files"),
        Place("LM Studio", home / ".lmstudio" / "models", "files"),
        Place("LM Studio", home / ".cache" / "lm-studio" / "models", "files"),
        Place("GPT4All", local / "nomic.ai" / "GPT4All", "files"),
        Place("GPT4All", home / ".cache" / "gpt4all", "files"),
        *_named(environment, "JAN_DATA_FOLDER", "Jan", "jan"),
        Place("Jan", data / "Jan" / "data", "jan"),
    ]
    if system == "Linux":
        places += [
            Place("Ollama", Path("/usr/share/ollama/.ollama/models"), "ollama"),  # the service's own user
            Place("Jan", _folder(environment, "XDG_CONFIG_HOME", home / ".config") / "Jan" / "data", "jan"),
        ]
    return list(dict.fromkeys(places))


def pointers(environment: Mapping[str, str], home: Path, system: str) -> list[Pointer]:
    """The files that tell of folders the person moved."""
    _, data = _app_folders(environment, home, system)
    config = _folder(environment, "XDG_CONFIG_HOME", home / ".config")
    gpt4all = data if system == "Windows" else config
    return [
        Pointer("LM Studio", home / ".lmstudio-home-pointer"),
        Pointer("LM Studio", home / ".lmstudio" / "settings.json"),
        Pointer("GPT4All", gpt4all / "nomic.ai" / "GPT4All.ini"),
        Pointer("GPT4All", gpt4all / "gpt4all.io" / "GPT4All.ini"),
        Pointer("Jan", data / "Jan" / "settings.json"),
        *([Pointer("Jan", config / "Jan" / "settings.json")] if system == "Linux" else []),
    ]


def _pointed(pointer: Pointer) -> Iterator[Place]:
    """The places a pointer names: none when it is not there or not understood.

    LM Studio's home pointer holds a path; its `settings.json` may have `downloadsFolder`, Jan's
    `data_folder`; GPT4All's `.ini` may have `modelPath`.
    """
    text = _text(pointer.file)
    if pointer.file.name == ".lmstudio-home-pointer":
        home = _absolute(text.strip())
        if home is not None:
            yield Place(pointer.app, home / "models", "files")
            yield from _pointed(Pointer(pointer.app, home / "settings.json"))
    elif pointer.file.suffix == ".ini":
        for line in text.splitlines():
            key, _, value = line.partition("=")
            folder = _absolute(value.strip().strip('"')) if key.strip() == "modelPath" else None
            if folder is not None:
                yield Place(pointer.app, folder, "files")
    else:
        key, layout = ("data_folder", "jan") if pointer.app == "Jan" else ("downloadsFolder", "files")
        folder = _absolute(_json_field(text, key))
        if folder is not None:
            yield Place(pointer.app, folder, "jan" if layout == "jan" else "files")


def _app_folders(environment: Mapping[str, str], home: Path, system: str) -> tuple[Path, Path]:
    """Where apps keep data that stays on this machine, and data that may travel with the person."""
    if system == "Windows":
        local = _folder(environment, "LOCALAPPDATA", home / "AppData" / "Local")
        return local, _folder(environment, "APPDATA", home / "AppData" / "Roaming")
    if system == "Darwin":
        support = home / "Library" / "Application Support"
        return support, support
    share = _folder(environment, "XDG_DATA_HOME", home / ".local" / "share")
    return share, share


def _llama_cache(cache: Path, local: Path, home: Path, system: str) -> Path:
    if system == "Windows":
        return local / "llama.cpp"
    return (home / "Library" / "Caches" if system == "Darwin" else cache) / "llama.cpp"


def _named(
    environment: Mapping[str, str], variable: str, app: str, layout: Layout, *below: str
) -> Iterator[Place]:
    folder = _absolute(environment.get(variable, ""))
    if folder is not None:
        yield Place(app, folder.joinpath(*below), layout)


def _folder(environment: Mapping[str, str], variable: str, default: Path) -> Path:
    return _absolute(environment.get(variable, "")) or default


def _absolute(named: str) -> Path | None:
    """What is not absolute would depend on where Alcove was started."""
    try:
        path = Path(named).expanduser()
    except RuntimeError:  # the home of nobody
        return None
    return path if path.is_absolute() and "\0" not in named else None


def _text(file: Path) -> str:
    try:
        if file.is_file() and file.stat().st_size <= _MAX_SETTINGS:
            return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        pass
    return ""


def _json_field(text: str, key: str) -> str:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, str) else ""
