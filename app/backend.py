"""Every part of Alcove, built once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.base.paths import DataPaths
from app.base.settings import SettingsStore
from app.engine.client import Engine
from app.retrieval.client import Library
from app.retrieval.preferences import preferences_of
from app.storage.collections import Collections
from app.storage.conversations import Conversations
from app.storage.database import Database, open_database
from app.storage.migrations import USER
from app.storage.passages import IndexReader
from app.storage.summary_parts import SummaryParts

if TYPE_CHECKING:  # for what is only needed where models are chosen or texts translated
    from app.assistants.keep_kits import KitParts
    from app.documents.layout.process import LayoutProcess
    from app.engine.sizing import Sizing
    from app.engine.small_translation.client import SmallTranslation
    from app.engine.small_translation.models import SmallModels
    from app.hardware.measured import Measurements
    from app.models.catalog import Catalog
    from app.models.download.queue import DownloadQueue
    from app.storage.glossaries import Glossaries
    from app.storage.translation_jobs import TranslationJobs
    from app.storage.translation_memory import TranslationMemory
    from app.updates.seen import SeenManifest
    from app.updates.source import UpdateSource
    from app.updates.this_copy import ThisCopy


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts, without logic. Close the workers and the database with `close_backend`."""

    paths: DataPaths
    settings: SettingsStore
    user_db: Database
    conversations: Conversations
    collections: Collections
    summary_parts: SummaryParts
    index: IndexReader
    library: Library
    engine: Engine


@dataclass(frozen=True, slots=True)
class ModelParts:
    """What the pages about models work with besides. End its processes and threads with `close_models`."""

    catalog: "Catalog"
    sizing: "Sizing"
    measurements: "Measurements"
    downloads: "DownloadQueue"


@dataclass(frozen=True, slots=True)
class TranslationParts:
    """What translating works with besides. End its processes with `close_translation`."""

    layout: "LayoutProcess"
    memory: "TranslationMemory"
    glossaries: "Glossaries"
    jobs: "TranslationJobs"
    small_models: "SmallModels"
    small_translation: "SmallTranslation"


@dataclass(frozen=True, slots=True)
class UpdateParts:
    """What looking for a newer version works with. Nothing of it looks by itself."""

    source: "UpdateSource"
    seen: "SeenManifest"
    copy: "ThisCopy"


def open_backend(paths: DataPaths) -> Backend:
    """Create folders and databases where missing and build every part; starts no worker.

    Raises `AppError` when the data folder cannot be used.
    """
    paths.prepare()
    user_db = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
    settings = SettingsStore(paths.settings_file)
    engine = Engine(paths, lambda: settings.current.keep_states)
    return Backend(
        paths=paths,
        settings=settings,
        user_db=user_db,
        conversations=Conversations(user_db, engine.forget_states),
        collections=Collections(user_db),
        summary_parts=SummaryParts(user_db),
        index=IndexReader(paths.index_db),
        library=Library(paths, lambda: preferences_of(settings.current, paths), engine.forget_states),
        engine=engine,
    )


def close_backend(backend: Backend) -> None:
    """End the workers and close the databases."""
    backend.engine.close()
    backend.library.close()
    backend.index.close()
    backend.user_db.close()


def open_sizing(paths: DataPaths, settings: SettingsStore | None = None) -> "tuple[Sizing, Measurements]":
    """What is asked when models are chosen or measured; to be closed by `Sizing.close`. Starts no process yet.

    `settings`: where they are open already.
    """
    from app.engine.sizing import Sizing
    from app.hardware.measured import Measurements

    known = settings or SettingsStore(paths.settings_file)
    return Sizing(paths, lambda: known.current.use_card), Measurements(paths.measurements)


def open_models(backend: Backend) -> ModelParts:
    """Reads the catalogue and the list of downloads; starts no process and resumes no download.

    Raises `AppError` when the catalogue cannot be read.
    """
    from app.assistants.fetch_model import saved_token, take_back, take_in
    from app.hardware.fit import MIB
    from app.models.catalog import load_catalog
    from app.models.download.pace import BandwidthLimit
    from app.models.download.queue import DownloadQueue
    from app.models.records import Records

    sizing, measurements = open_sizing(backend.paths, backend.settings)
    limit = backend.settings.current.download_limit
    downloads = DownloadQueue(
        backend.paths.data / "downloads.json",
        token_for=saved_token,
        accept=lambda files, arrived, cancel: take_in(
            files, arrived, records=Records(arrived.file.parent), sizing=sizing, cancel=cancel
        ),
        reject=lambda file: take_back(file, Records(file.parent), backend.settings),
        limit=BandwidthLimit(None if limit is None else limit * MIB),
    )
    return ModelParts(load_catalog(), sizing, measurements, downloads)


def close_models(parts: ModelParts) -> None:
    """End the measuring process; stop the downloads and keep what has arrived."""
    parts.downloads.close()
    parts.sizing.close()


def open_kits(backend: Backend, sizing: "Sizing") -> "KitParts":
    """For one import of an offline kit, which closes them; starts no process."""
    from app.assistants.keep_kits import KitParts
    from app.engine.choose import models_folder
    from app.engine.small_translation.client import SmallTranslation
    from app.engine.small_translation.models import SmallModels
    from app.models.encoders import Encoders
    from app.models.records import Records

    folder = models_folder(backend.settings.current, backend.paths)
    return KitParts(
        records=Records(folder),
        sizing=sizing,
        encoders=Encoders(folder),
        library=backend.library,
        small_models=SmallModels(folder),
        small_translation=SmallTranslation(backend.paths),
    )


def open_translation(backend: Backend) -> TranslationParts:
    """Starts no process."""
    from app.base.scratch import scratch_folder
    from app.documents.layout.process import LAYOUT_LIMITS, LayoutProcess
    from app.engine.choose import models_folder
    from app.engine.small_translation.client import SmallTranslation
    from app.engine.small_translation.models import SmallModels
    from app.storage.glossaries import Glossaries
    from app.storage.translation_jobs import TranslationJobs
    from app.storage.translation_memory import TranslationMemory

    paths = backend.paths
    return TranslationParts(
        layout=LayoutProcess(LAYOUT_LIMITS, scratch_folder(paths.cache, "layout"), paths.logs),
        memory=TranslationMemory(backend.user_db),
        glossaries=Glossaries(backend.user_db),
        jobs=TranslationJobs(backend.user_db),
        small_models=SmallModels(models_folder(backend.settings.current, paths)),
        small_translation=SmallTranslation(paths),
    )


def close_translation(parts: TranslationParts) -> None:
    """End the process that reads and writes files, and the one of the small models."""
    parts.layout.close()
    parts.small_translation.close()


def open_updates(paths: DataPaths) -> UpdateParts:
    """Reads which address this copy would ask; asks nobody. Raises `AppError` when that cannot be read."""
    from app.updates.seen import SeenManifest
    from app.updates.source import read_source
    from app.updates.this_copy import this_copy

    return UpdateParts(
        read_source(paths.config), SeenManifest(paths.data / "updates-seen.json"), this_copy(paths)
    )
