"""Which model a request runs on, and with what context."""

import os
from dataclasses import replace
from pathlib import Path

from app.base.paths import DataPaths
from app.base.settings import Settings
from app.engine.protocol import ModelSpec
from app.models.adapters import usable_adapters
from app.models.download.address import HUB
from app.models.installed import find_model, smaller_ones
from app.models.records import Records
from app.models.tuned import Tunings


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
    spec = ModelSpec(
        file=str(file),
        context_length=settings.context_length,
        adapt=True,
        adapters=usable_adapters(file, records),
        name="" if record is None else record.name,
        smaller=tuple((str(each.file), each.name) for each in smaller_ones(file, folder)),
        card="auto" if settings.use_card else "never",
    )
    tuned = Tunings(folder).file(file)
    return spec if tuned is None else _tuned(spec, tuned)


def _tuned(spec: ModelSpec, copy: Path) -> ModelSpec:
    """The copy instead of the model, under the model's name; the model itself where memory does not suffice for it."""
    itself = (spec.file, f"{spec.shown_name} as it came")
    try:
        larger = copy.stat().st_size > Path(spec.file).stat().st_size
    except OSError:  # it has just been deleted
        return spec
    smaller = (itself, *spec.smaller) if larger else spec.smaller
    return replace(spec, file=str(copy), original=spec.file, name=spec.shown_name, smaller=smaller)
