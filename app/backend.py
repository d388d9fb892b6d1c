"""Every part of Alcove, built once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.base.paths import DataPaths
from app.base.settings import SettingsStore
from app.engine.client import Engine
from app.retrieval.client import Library
from app.storage.collections import Collections
from app.storage.conversations import Conversations
from app.storage.database import Database, open_database
from app.storage.migrations import USER
from app.storage.passages import IndexReader

if TYPE_CHECKING:  # only needed where models are chosen; the window does not wait for them
    from app.engine.sizing import Sizing
    from app.hardware.measured import Measurements


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts, without logic. Close the workers and the database with `close_backend`."""

    paths: DataPaths
    settings: SettingsStore
    user_db: Database
    conversations: Conversations
    collections: Collections
    index: IndexReader
    library: Library
    engine: Engine


def open_backend(paths: DataPaths) -> Backend:
    """Create folders and databases where missing and build every part; starts no worker.

    Raises `AppError` when the data folder cannot be used.
    """
    paths.prepare()
    user_db = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
    return Backend(
        paths=paths,
        settings=SettingsStore(paths.settings_file),
        user_db=user_db,
        conversations=Conversations(user_db),
        collections=Collections(user_db),
        index=IndexReader(paths.index_db),
        library=Library(paths),
        engine=Engine(paths),
    )


def close_backend(backend: Backend) -> None:
    """End the workers and close the databases."""
    backend.engine.close()
    backend.library.close()
    backend.index.close()
    backend.user_db.close()


def open_sizing(paths: DataPaths) -> "tuple[Sizing, Measurements]":
    """What is asked when models are chosen or measured; to be closed by `Sizing.close`. Starts no process yet."""
    from app.engine.sizing import Sizing
    from app.hardware.measured import Measurements

    return Sizing(paths), Measurements(paths.measurements)
