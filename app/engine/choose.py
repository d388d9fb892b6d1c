"""Which model a request runs on, and with what context."""

import os
from pathlib import Path

from app.base.paths import DataPaths
from app.base.settings import Settings
from app.engine.protocol import ModelSpec
from app.models.adapters import usable_adapters
from app.models.download.address import HUB
from app.models.installed import find_model
from app.models.records import Records


def models_folder(settings: Settings, paths: DataPaths) -> Path:
    """Where downloaded and imported models are kept."""
    return settings.models_folder or paths.models


def hub_endpoint(settings: Settings) -> str:
    """Where models are fetched from: the person's mirror, else the environment's, else the hub itself."""
    return settings.mirror or os.environ.get("HF_ENDPOINT") or HUB


def model_to_use(settings: Settings, paths: DataPaths, name: str | None = None) -> ModelSpec:
    """`name` (an id or a GGUF file), else the person's default, else the starter.

    Raises `AppError` when it is not installed, or an adapter attached to it is gone.
    """
    folder = models_folder(settings, paths)
    file = find_model(name, folder, settings.default_model)
    records = Records(folder)
    record = records.find(file)
    return ModelSpec(
        file=str(file),
        context_length=settings.context_length,
        adapt=True,
        adapters=usable_adapters(file, records),
        name="" if record is None else record.name,
    )
