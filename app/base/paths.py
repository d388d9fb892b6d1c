"""Every folder and file Alcove uses, decided in one place.

Order: `--home DIR`, then the environment variable ALCOVE_HOME, then (in a packaged build) a file named
`portable` or `portable.txt` beside the program, then the folders of the operating system.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.base.errors import AppError

_APP = "alcove"
_PORTABLE = ("portable", "portable.txt")  # Windows hides the ending of a text file that is made by hand
_LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Where things are kept. Nothing is created until `prepare` is called."""

    data: Path
    config: Path
    cache: Path
    logs: Path
    portable: bool = False  # carried from machine to machine

    @property
    def user_db(self) -> Path:
        """Conversations and collections: precious."""
        return self.data / "user.db"

    @property
    def index_db(self) -> Path:
        """Files, passages and vectors: can be rebuilt from the person's documents."""
        return self.data / "index.db"

    @property
    def index_lock(self) -> Path:
        return self.data / "index.lock"

    @property
    def window_lock(self) -> Path:
        return self.data / "window.lock"

    @property
    def vector_cache(self) -> Path:
        """The FAISS file; a cache of the vectors in `index_db`."""
        return self.cache / "vectors.faiss"

    @property
    def models(self) -> Path:
        return self.data / "models"

    @property
    def measurements(self) -> Path:
        """What this machine was measured to do; can be measured again."""
        return self.data / (f"measured-{_machine_name()}.json" if self.portable else "measured.json")

    @property
    def states(self) -> Path:
        """What models have read, so that they need not read it again; it may always be deleted."""
        return self.cache / "states"

    @property
    def file_lists(self) -> Path:
        """The latest lists of files that hubs gave, fetched when the person asked."""
        return self.cache / "file-lists"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def settings_file(self) -> Path:
        return self.config / "settings.json"

    def prepare(self) -> None:
        """Create the folders. Raises `AppError` when they cannot be created."""
        for folder in (self.data, self.config, self.cache, self.logs, self.models, self.backups):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise AppError(
                    f"The data folder {folder} cannot be created ({error.strerror or error}).",
                    "Choose another one with --home, or give yourself permission to write there.",
                ) from error


def find_paths(home: str | Path | None = None) -> DataPaths:
    """The paths of this run; `home` is the value of `--home`, if given. Raises `AppError` as `person_path` does."""
    portable = None
    if home is None:
        home = os.environ.get("ALCOVE_HOME") or (portable := _portable_home())
    if home is not None:
        home = person_path(home)
        return DataPaths(home, home, home / "cache", home / "logs", portable=portable is not None)
    return DataPaths(
        data=platformdirs.user_data_path(_APP, appauthor=False),
        config=platformdirs.user_config_path(_APP, appauthor=False),
        cache=platformdirs.user_cache_path(_APP, appauthor=False),
        logs=platformdirs.user_log_path(_APP, appauthor=False),
    )


def person_path(named: str | Path) -> Path:
    """The absolute path, without `~` and `..`, of what a person typed or dropped.

    One folder has one such path, so that paths can be compared. Raises `AppError` for what can be no path.
    """
    try:
        if not str(named).strip():
            raise ValueError("it is empty")
        if "\0" in str(named):
            raise ValueError("it holds a null character")
        str(named).encode()
        return Path(os.path.abspath(Path(named).expanduser()))  # noqa: PTH100 - Path.absolute keeps `..`
    except UnicodeEncodeError as error:
        raise _no_path(
            named, "it is not valid Unicode", "Rename the file or folder and try again."
        ) from error
    except (OSError, RuntimeError, ValueError) as error:
        raise _no_path(named, str(error).rstrip("."), "Check the name and try again.") from error


def is_there(path: Path) -> bool:
    """Whether a file or folder exists. Raises `AppError` when that cannot be told, mostly for lack of permission."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except PermissionError as error:
        raise AppError(
            f"You have no permission to open {path}.", "Change the permissions of the folder it is in."
        ) from error
    except OSError as error:
        raise _no_path(path, error.strerror or str(error), "Check the name and try again.") from error
    return True


def check_free(path: Path, *, overwrite: bool) -> None:
    """Before work whose result goes to `path`: raises `AppError` when a file is there that must not be replaced, or
    the folder is not."""
    if not path.parent.is_dir():
        raise AppError(f"The folder {path.parent} does not exist.", "Choose another one, or create it first.")
    if is_there(path) and not overwrite:
        raise AppError(
            f"{path.name} is there already.", "Choose another name, or add --overwrite to replace it."
        )


def _no_path(named: str | Path, reason: str, remedy: str) -> AppError:
    shown = str(named).encode(errors="replace").decode().replace("\0", "�")
    if len(shown) > _LONGEST_SHOWN:
        shown = shown[:_LONGEST_SHOWN] + "…"
    return AppError(f"“{shown}” names no file or folder ({reason}).", remedy)


def _portable_home() -> Path | None:
    """Beside a packaged program; an interpreter is shared by many and no place for data."""
    if not getattr(sys, "frozen", False):
        return None
    folder = _program_folder()
    return folder / "alcove-data" if any((folder / name).is_file() for name in _PORTABLE) else None


def _machine_name() -> str:
    """What can be part of a file's name."""
    import platform  # only a portable Alcove needs it

    return "".join(letter if letter.isalnum() else "-" for letter in platform.node()) or "unnamed"


def _program_folder() -> Path:
    """Where a person sees the program: an AppImage and a Mac's bundle are closed, so it is the folder they lie in."""
    program = Path(sys.executable).resolve()
    mounted, image = os.environ.get("APPDIR"), os.environ.get("APPIMAGE")
    # these two are inherited by all that an AppImage starts, which may be this program without being one
    if mounted and image and program.is_relative_to(Path(mounted).resolve()):
        return Path(image).resolve().parent
    match program.parts[-4:]:
        case (bundle, "Contents", "MacOS", _) if bundle.endswith(".app"):
            return program.parents[3]
    return program.parent


def resource(*parts: str) -> Path:
    """A file or folder shipped with Alcove, below `resources/`."""
    return _shipped_root() / "resources" / Path(*parts)


def shipped_models() -> Path:
    """The folder `models/` shipped with Alcove (catalogue and pins, not weights)."""
    return _shipped_root() / "models"


def _shipped_root() -> Path:
    """The checkout in development, the package's own folder once installed or frozen."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "_shipped"
    return inside if inside.is_dir() else package.parent
