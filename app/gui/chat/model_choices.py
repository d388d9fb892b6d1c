"""The models on this computer as the chat offers them. The functions run on a job's thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.gui.models.headers import HeaderCache, can_answer


@dataclass(frozen=True, slots=True)
class Choice:
    """A model on this computer; `size` in words."""

    name: str
    file: Path
    size: str
    starter: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """`in_use`: the file that is set to answer, None for the starter; `there`: it can be found."""

    models: tuple[Choice, ...] = ()
    in_use: Path | None = None
    there: bool = True

    @property
    def current(self) -> Choice | None:
        """None: gone, or not looked for yet."""
        for each in self.models:
            if each.file == self.in_use or (self.in_use is None and each.starter):
                return each
        return None


def find_choices(backend: Backend, headers: HeaderCache, cancel: CancelToken) -> Iterator[Choices]:
    """The installed models that can answer, and the one in use wherever it lies. Raises `Cancelled`."""
    from app.engine.choose import models_folder
    from app.models.disk import in_words
    from app.models.installed import find_model, installed_models

    settings = backend.settings.current
    folder, in_use = models_folder(settings, backend.paths), settings.default_model
    models = []
    for each in installed_models(folder):
        cancel.raise_if_cancelled()
        if each.file == in_use or can_answer(each, headers.facts(each.file)):
            models.append(Choice(each.name, each.file, in_words(each.bytes), each.starter))
    try:
        file = find_model(None, folder, in_use)
        if file not in [each.file for each in models]:
            models.insert(0, Choice(file.stem, file, in_words(file.stat().st_size), starter=False))
    except (AppError, OSError):
        yield Choices(tuple(models), in_use, there=False)
        return
    yield Choices(tuple(models), in_use)


def warm_up(backend: Backend, _cancel: CancelToken) -> Iterator[None]:
    """Start loading the model in use. Raises `AppError` when it is not there."""
    from app.engine.choose import model_to_use

    backend.engine.warm_up(model_to_use(backend.settings.current, backend.paths))
    return iter(())
