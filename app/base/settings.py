"""The person's preferences: declared once, validated, kept in one small JSON file."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from app.base.errors import AppError
from app.base.files import write_text
from app.base.web_address import is_web_address

Theme = Literal["system", "light", "dark"]
Schedule = Literal["always", "idle", "plugged", "manual"]
"""When documents are read unasked: always, while other programs need little, on mains power, or never."""
CAUTION = 2
"""How sure Alcove must be to answer, unless the person chose otherwise: 0 always answers, 4 only when sure."""
Check = Callable[[Any], Any]
_PATHS = ("models_folder", "default_model")
_MOST_MIB_PER_S = 1e6  # more than any line


def _checked(check: Check) -> dict[str, Check]:
    """`check` returns a value as it is kept, or raises `ValueError`."""
    return {"check": check}


def _theme(value: Any) -> Any:
    if value not in get_args(Theme):
        raise ValueError(f"theme must be one of {get_args(Theme)}")
    return value


def _schedule(value: Any) -> Any:
    if value not in get_args(Schedule):
        raise ValueError(f"reading_schedule must be one of {get_args(Schedule)}")
    return value


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError("must be a list of patterns")
    return tuple(each for each in value if each.strip())


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a name")
    return value


def _path(value: Any) -> Path | None:
    if value is not None and not isinstance(value, str | Path):
        raise ValueError("must be a path")
    return None if value is None else Path(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _number(least: int, most: int) -> Check:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return value

    return check


def _web_address(value: Any) -> str:
    if value == "":
        return ""
    if not isinstance(value, str) or not is_web_address(value):
        raise ValueError("must be an address that begins with https:// or http://, without user and password")
    return value.rstrip("/")


def _speed(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= _MOST_MIB_PER_S:
        raise ValueError("must be more than 0, or nothing for no limit")
    return float(value)


@dataclass(frozen=True)
class Settings:
    """Every setting with its default. A plain dataclass: it is read before the window shows, and pydantic would
    add a fifth to that time.
    """

    theme: Theme = field(default="system", metadata=_checked(_theme))
    # None: the folder `models` in the data folder
    models_folder: Path | None = field(default=None, metadata=_checked(_path))
    # GGUF file to chat with; None: the starter
    default_model: Path | None = field(default=None, metadata=_checked(_path))
    # tokens the model can look at
    context_length: int = field(default=4096, metadata=_checked(_number(512, 131072)))
    # models may be computed on a graphics card, where that is faster
    use_card: bool = field(default=True, metadata=_checked(_flag))
    # a copy of the starter is made in the format that this processor computes fastest
    tune_starter: bool = field(default=True, metadata=_checked(_flag))
    max_answer_tokens: int = field(default=512, metadata=_checked(_number(16, 8192)))
    # the first-run page was shown
    greeted: bool = field(default=False, metadata=_checked(_flag))
    # a hub like the Hugging Face hub that models come from; "": HF_ENDPOINT, else that hub itself
    mirror: str = field(default="", metadata=_checked(_web_address))
    # of all downloads together, in MiB a second; None: as fast as it goes
    download_limit: float | None = field(default=None, metadata=_checked(_speed))
    # when documents are read unasked: always, while other programs need little, on mains power, never
    reading_schedule: Schedule = field(default="always", metadata=_checked(_schedule))
    # the person paused reading; it stays so after a restart
    reading_paused: bool = field(default=False, metadata=_checked(_flag))
    # what is not read, in the syntax of .gitignore
    ignore: tuple[str, ...] = field(default=(), metadata=_checked(_patterns))
    read_hidden: bool = field(default=False, metadata=_checked(_flag))
    # in MiB
    largest_file: int = field(default=200, metadata=_checked(_number(1, 4096)))
    # text in scans and pictures is recognised
    recognise_text: bool = field(default=True, metadata=_checked(_flag))
    read_archives: bool = field(default=True, metadata=_checked(_flag))
    # folder name of the model that makes vectors; "": the starter
    embedder: str = field(default="", metadata=_checked(_name))
    # folder name of the model that reorders what was found; "": none
    reranker: str = field(default="", metadata=_checked(_name))
    # folder name of the model that marks answers in passages; "": the one Alcove comes with
    reader: str = field(default="", metadata=_checked(_name))
    # 0: always answer … 4: only when sure
    caution: int = field(default=CAUTION, metadata=_checked(_number(0, 4)))
    # what models have read is kept on disk, so that it need not be read again
    keep_states: bool = field(default=True, metadata=_checked(_flag))
    unknown: Mapping[str, Any] = field(default_factory=dict)  # of a newer version: kept, not dropped


def _changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """Raises `ValueError` for a value that is not allowed."""
    checks = {each.name: each.metadata["check"] for each in fields(Settings) if each.metadata}
    known = {name: checks[name](value) for name, value in values.items() if name in checks}
    unknown = {name: value for name, value in values.items() if name not in checks}
    return replace(settings, **known, unknown={**settings.unknown, **unknown})


def _as_json(settings: Settings, folder: Path) -> str:
    """Paths below `folder` are written relative to it: where all data lies together, as on a stick, it may be moved."""
    values = asdict(settings)
    values |= values.pop("unknown")
    for name in _PATHS:
        path = values[name]
        if path is not None and path.is_relative_to(folder):
            values[name] = path.relative_to(folder).as_posix()
    return json.dumps(values, indent=2, default=str) + "\n"


def _with_whole_paths(settings: Settings, folder: Path) -> Settings:
    """What `_as_json` made relative to `folder` is absolute again."""
    paths = {name: path for name in _PATHS if (path := getattr(settings, name)) is not None}
    return replace(settings, **{name: folder / path for name, path in paths.items()})


class SettingsStore:
    """Loads the settings once and writes each change at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.current = self._load()

    def change(self, **changes: object) -> Settings:
        """Validate, save and return the changed settings. Raises `AppError` when they cannot be saved."""
        changed = _changed(self.current, changes)
        write_text(self._path, _as_json(changed, self._path.parent))
        self.current = changed
        return changed

    def _load(self) -> Settings:
        """Defaults when there is no file; a damaged one is kept aside, never overwritten unseen.

        Raises `AppError` when the file is there and may not be read.
        """
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return Settings()
        except OSError as error:
            raise AppError(
                f"The settings in {self._path} cannot be read ({error.strerror or error}).",
                "Check the permissions of that file.",
            ) from error
        try:
            return _with_whole_paths(_changed(Settings(), dict(json.loads(content))), self._path.parent)
        except (ValueError, TypeError):
            with suppress(OSError):  # where it cannot be put aside, it cannot be overwritten either
                self._path.replace(self._path.with_suffix(".damaged.json"))
            return Settings()
