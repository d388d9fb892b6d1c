"""Looking at the disk for the rows of the Models page. Runs on a job's thread."""

from pathlib import Path
from typing import TYPE_CHECKING

from app.backend import Backend
from app.gui.models.entries import Shelf
from app.gui.models.headers import HeaderCache

if TYPE_CHECKING:
    from app.models.catalog import Catalog
    from app.models.installed import InstalledModel
    from app.models.records import Records


def records_of(backend: Backend) -> "Records":
    """The records of the models folder as the settings have it now."""
    from app.engine.choose import models_folder
    from app.models.records import Records

    return Records(models_folder(backend.settings.current, backend.paths))


def look(backend: Backend, catalog: "Catalog", headers: HeaderCache) -> Shelf:
    """What is installed, and what was once heard of the catalogue's repositories."""
    from app.assistants.choose_model import known_lists
    from app.engine.choose import models_folder
    from app.models.installed import installed_models, missing_models
    from app.models.tuned import Tunings

    settings = backend.settings.current
    folder = models_folder(settings, backend.paths)
    installed = [*installed_models(folder), *missing_models(folder)]
    in_use = settings.default_model
    if in_use is not None and in_use not in [each.file for each in installed]:
        installed.insert(0, _from_anywhere(in_use))
    facts = {each.file: found for each in installed if (found := headers.facts(each.file)) is not None}
    lists, tunings = known_lists(catalog, backend.paths.file_lists), Tunings(folder)
    tuned = {each.file: kept for each in installed if (kept := tunings.find(each.file)) and kept.kind}
    copies = {
        file: (copy, found)
        for file in tuned
        if (copy := tunings.file(file)) is not None and (found := headers.facts(copy)) is not None
    }
    return Shelf(catalog, tuple(installed), facts, lists, in_use, tuned, copies)


def _from_anywhere(file: Path) -> "InstalledModel":
    """The model chosen in the settings may lie where Alcove keeps no record of it."""
    from app.models.installed import InstalledModel

    try:
        return InstalledModel(file.stem, file, file.stat().st_size, starter=False)
    except OSError:
        return InstalledModel(file.stem, file, 0, starter=False, missing=f"{file} is no longer there.")
