"""What the settings say about reading and searching documents, as the retrieval worker needs it."""

from dataclasses import dataclass, field

from app.base.edition import recognises_text
from app.base.paths import DataPaths
from app.base.settings import Schedule, Settings
from app.models.encoders import Encoders
from app.retrieval.protocol import Rules

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Preferences:
    """`embedder`, `reranker` and `reader`: folders of installed models, "" for the starter, for none and for Alcove's own."""

    rules: Rules = field(default_factory=Rules)
    schedule: Schedule = "always"
    embedder: str = ""
    reranker: str = ""
    reader: str = ""
    paused: bool = False


def preferences_of(settings: Settings, paths: DataPaths) -> Preferences:
    kept = Encoders(settings.models_folder or paths.models).folder
    embedder, reranker, reader = (
        str(kept / name) if name else "" for name in (settings.embedder, settings.reranker, settings.reader)
    )
    return Preferences(
        rules_of(settings), settings.reading_schedule, embedder, reranker, reader, settings.reading_paused
    )


def rules_of(settings: Settings) -> Rules:
    return Rules(
        settings.ignore,
        settings.read_hidden,
        settings.largest_file * _MIB,
        settings.recognise_text and recognises_text(),
        settings.read_archives,
    )
