"""Use cases: models into an offline kit and out of it; each is tried once before it is offered."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from app.assistants.keep_models import find_problem
from app.base.edition import need_other_models
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import person_path
from app.engine.protocol import LoadProgress
from app.engine.sizing import Sizing
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModel, SmallModels
from app.engine.small_translation.recognising import files_in
from app.models.catalog import Catalog
from app.models.copying import BadSource, FileProgress, hash_files
from app.models.encoder_files import check_files, files_below, wanted_files
from app.models.encoders import CARD, Card, EncoderModel, Encoders, folder_name, read_card
from app.models.installed import find_model
from app.models.kit import KitModel, Outcome, import_kit
from app.models.kit_folders import FolderModel, folders_in, names_inside, take_out
from app.models.kit_manifest import KitFolder
from app.models.records import Records
from app.retrieval.client import Library


@dataclass(frozen=True, slots=True)
class KitParts:
    """Where the models of a kit are installed, and what tries them. `small_translation` is for one import only."""

    records: Records
    sizing: Sizing
    encoders: Encoders
    library: Library
    small_models: SmallModels
    small_translation: SmallTranslation


def as_folder(model: EncoderModel | SmallModel, catalog: Catalog) -> FolderModel:
    """An installed model as a kit takes it. Raises `AppError` when its files cannot be read."""
    try:
        names = files_below(model.folder)
    except OSError as error:
        raise AppError(
            f"{model.folder} cannot be read ({error.strerror or error}).", "Leave it out of the kit."
        ) from error
    if isinstance(model, SmallModel):
        files = files_in(model.pair, [each for each in names if "/" not in each])
        own = () if files is None else tuple(each.rpartition("/")[2] for each in files.paths)
        return FolderModel("translation", model.pair, model.folder, own, bytes=model.bytes)
    wanted = tuple(dict.fromkeys((*wanted_files(names), CARD)))
    source = model.card.source
    licence = next(
        (each.licence for each in catalog.models if source.startswith(f"hub:{each.repository}@")), None
    )
    text = "" if licence is None else f"{licence.name}. {licence.limits}"
    return FolderModel("encoders", model.name, model.folder, wanted, source, text, model.bytes)


def folder_models(folder: Path, catalog: Catalog) -> tuple[FolderModel, ...]:
    """Every installed model that is a folder and whole; `folder`: the models folder."""
    found = []
    installed: list[EncoderModel | SmallModel] = [*Encoders(folder).installed()]
    installed += SmallModels(folder).installed()
    for model in installed:
        with suppress(AppError):
            found.append(as_folder(model, catalog))
    return tuple(found)


def install_kit(
    kit: Path, parts: KitParts, cancel: CancelToken
) -> Iterator[FileProgress | LoadProgress | KitModel]:
    """Install every sound model of the kit in the folder `kit`: `FileProgress | LoadProgress`… and a `KitModel` each.

    One that is damaged or does not work here says so in its outcome; GGUF models that do not load are kept, the others
    left out. Raises `AppError` as `kit.import_kit` does, before anything is installed when the kit names what is no part
    of it, and `Cancelled`. The process of the small translation models ends with it.
    """
    kit = person_path(kit)
    with closing(parts.small_translation):
        folders = folders_in(kit)
        for event in import_kit(kit, parts.records, cancel):
            if isinstance(event, KitModel) and event.outcome == "copied":
                event = yield from _tried(event, parts, cancel)
            yield event
        for model in folders:
            yield (yield from _install_folder(model, kit, parts, cancel))


def _tried(event: KitModel, parts: KitParts, cancel: CancelToken) -> Generator[LoadProgress, None, KitModel]:
    file = find_model(event.name, parts.records.folder, None)
    problem = yield from find_problem(file, parts.records, parts.sizing, cancel)
    return replace(event, outcome="unusable", detail=f"{event.detail} {problem}") if problem else event


def _install_folder(
    model: KitFolder, kit: Path, parts: KitParts, cancel: CancelToken
) -> Generator[FileProgress, None, KitModel]:
    try:
        if model.kind == "encoders":
            return (yield from _install_encoder(model, kit, parts, cancel))
        return (yield from _install_translation(model, kit, parts, cancel))
    except AppError as error:
        outcome: Outcome = "damaged" if isinstance(error, BadSource) else "unusable"
        return _result(model, outcome, f"“{model.name}” was not installed: {error}")


def _install_encoder(
    model: KitFolder, kit: Path, parts: KitParts, cancel: CancelToken
) -> Generator[FileProgress, None, KitModel]:
    need_other_models()
    names = names_inside(model)
    if set(names) - {*wanted_files(names), CARD}:
        raise BadSource("It has files that no such model has.", "Get the kit again.")
    card = yield from _card_of(model, kit, cancel)
    there = next((each for each in parts.encoders.installed() if each.name == model.name), None)
    if there is not None and there.card.weights == card.weights:
        return _result(model, "already there", f"Alcove has “{model.name}” already.")
    if there is not None:
        raise _name_taken(model)
    with parts.encoders.staging() as aside:
        yield from take_out(model, kit, aside, cancel)
        parts.library.try_out(str(aside), check_files(aside), cancel)
        cancel.raise_if_cancelled()
        installed = parts.encoders.put_in_place(aside, card.title, card.source, card.prefixes)
    return _result(model, "copied", f"“{installed.name}” was installed.")


def _card_of(model: KitFolder, kit: Path, cancel: CancelToken) -> Generator[FileProgress, None, Card]:
    """Looked at where it lies, so that nothing is copied for a model that is not taken. Raises `BadSource`."""
    folder = kit / model.kind / model.name
    file = dict(zip(names_inside(model), model.files, strict=True)).get(CARD)
    whole = file is not None and (yield from hash_files([folder / CARD], cancel)) == (file.sha256,)
    card = read_card(folder) if whole else None
    if card is None:
        raise BadSource("Its card is missing or damaged.", "Export the kit again.")
    if folder_name(card.title) != model.name:
        raise BadSource("Its card is that of another model.", "Export the kit again.")
    return card


def _install_translation(
    model: KitFolder, kit: Path, parts: KitParts, cancel: CancelToken
) -> Generator[FileProgress, None, KitModel]:
    files = files_in(model.name, names_inside(model))
    if files is None:
        raise BadSource("It is no complete translation model.", "Export the kit again.")
    there = next((each for each in parts.small_models.installed() if each.pair == model.name), None)
    if there is not None and (yield from _has(there.folder, model, cancel)):
        return _result(model, "already there", f"Alcove has “{model.name}” already.")
    if there is not None:
        raise _name_taken(model)
    with parts.small_models.staging() as aside:
        yield from take_out(model, kit, aside / model.name, cancel)
        parts.small_models.install(files, aside, parts.small_translation, cancel)
    return _result(model, "copied", f"“{model.name}” was installed.")


def _has(folder: Path, model: KitFolder, cancel: CancelToken) -> Generator[FileProgress, None, bool]:
    """Whether the installed files are the kit's, byte by byte."""
    places: Sequence[Path] = [folder / name for name in names_inside(model)]
    if not all(each.is_file() for each in places):
        return False
    return (yield from hash_files(places, cancel)) == tuple(each.sha256 for each in model.files)


def _name_taken(model: KitFolder) -> AppError:
    """An index may rest on what is installed: it is never replaced by the way."""
    return AppError(
        f"another model of the name “{model.name}” is installed.",
        "Remove that one first, if this one is to take its place.",
    )


def _result(model: KitFolder, outcome: Outcome, detail: str) -> KitModel:
    return KitModel(model.name, outcome, model.bytes, detail)
