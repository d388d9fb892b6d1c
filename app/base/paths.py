"""Every folder and file Alcove uses, decided in one place.

Order: `--home DIR`, then the environment variable ALCOVE_HOME, then a file named `portable` beside the
executable, then the folders of the operating system.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.base.errors import AppError

_APP = "alcove"


@dataclass(frozen=True, slots=True)
class DataPaths:
    """Where things are kept. Nothing is created until `prepare` is called."""

    data: Path
    config: Path
    cache: Path
    logs: Path

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


def find_paths(home: Path | None = None) -> DataPaths:
    """The paths of this run; `home` is the value of `--home`, if given."""
    if home is None and os.environ.get("ALCOVE_HOME"):
        home = Path(os.environ["ALCOVE_HOME"])
    executable_folder = Path(sys.executable).resolve().parent
    if home is None and (executable_folder / "portable").is_file():
        home = executable_folder / "alcove-data"
    if home is not None:
        home = home.expanduser().absolute()
        return DataPaths(data=home, config=home, cache=home / "cache", logs=home / "logs")
    return DataPaths(
        data=platformdirs.user_data_path(_APP, appauthor=False),
        config=platformdirs.user_config_path(_APP, appauthor=False),
        cache=platformdirs.user_cache_path(_APP, appauthor=False),
        logs=platformdirs.user_log_path(_APP, appauthor=False),
    )


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
