"""Which model a request runs on, and with what context."""

from pathlib import Path

from app.base.paths import DataPaths
from app.base.settings import Settings
from app.engine.protocol import ModelSpec
from app.models.installed import find_model


def models_folder(settings: Settings, paths: DataPaths) -> Path:
    """Where downloaded and imported models are kept."""
    return settings.models_folder or paths.models


def model_to_use(settings: Settings, paths: DataPaths, name: str | None = None) -> ModelSpec:
    """`name` (an id or a GGUF file), else the person's default, else the starter.

    Raises `AppError` when it is not installed.
    """
    file = find_model(name, models_folder(settings, paths), settings.default_model)
    return ModelSpec(file=str(file), context_length=settings.context_length)
