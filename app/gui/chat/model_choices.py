"""The models on this computer as the chat offers them. The functions run on a job's thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken


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


def find_choices(backend: Backend, _cancel: CancelToken) -> Iterator[Choices]:
    """The installed models, and the one in use where it lies outside their folder."""
    from app.engine.choose import model_to_use, models_folder
    from app.models.disk import in_words
    from app.models.installed import installed_models

    settings = backend.settings.current
    models = [
        Choice(each.name, each.file, in_words(each.bytes), each.starter)
        for each in installed_models(models_folder(settings, backend.paths))
    ]
    in_use = settings.default_model
    try:
        file = Path(model_to_use(settings, backend.paths).file)
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
