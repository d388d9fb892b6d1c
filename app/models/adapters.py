"""LoRA adapters: small GGUF files that change how a model answers, remembered with the model, used where they lie."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.errors import AppError
from app.base.paths import is_there, person_path
from app.models.gguf import read_gguf, read_headers
from app.models.gguf_fields import clean
from app.models.gguf_header import Header
from app.models.installed import STARTER, InstalledModel
from app.models.naming import model_files
from app.models.records import Adapter, Record, Records

LARGEST_SCALE = 2.0
_ACTIVATED = "adapter.alora.invocation_tokens"


@dataclass(frozen=True, slots=True)
class AdapterFacts:
    """`architecture`: of the models it is for; `bytes`: of its weights, which are held in memory beside theirs."""

    file: Path
    architecture: str
    bytes: int


def read_adapter(file: Path) -> AdapterFacts:
    """Raises `AppError` when the file is no LoRA adapter in GGUF."""
    file = person_path(file)
    header = read_gguf(file)
    kind, way = _text(header, "general.type"), _text(header, "adapter.type")
    if kind != "adapter":
        raise AppError(
            f"“{file.name}” is no adapter.",
            "Choose a LoRA adapter in GGUF; a whole model is added to the library instead.",
        )
    if way != "lora" or _ACTIVATED in header.fields:
        way = "aLoRA" if way == "lora" else way or "unknown"
        raise AppError(
            f"“{file.name}” is an adapter of a kind Alcove cannot use ({way}).", "Choose a LoRA adapter."
        )
    size = sum(tensor.size for tensor in header.tensors)
    return AdapterFacts(file, _text(header, "general.architecture"), size)


def check_match(adapter: AdapterFacts, model: InstalledModel) -> None:
    """Raises `AppError` when the adapter is for another kind of model. Loading both tells the rest."""
    if model.missing:
        raise AppError(model.missing, "Attach the adapter when the model is there again.")
    _, header = next(read_headers(model.file))
    needed = _text(header, "general.architecture")
    if adapter.architecture != needed:
        raise AppError(
            f"“{adapter.file.name}” is for models of the kind {adapter.architecture or 'unknown'}, "
            f"but “{model.name}” is {needed}.",
            "Choose an adapter that was made for this model.",
        )


def adapters_of(file: Path, records: Records) -> tuple[Adapter, ...]:
    """What is attached to the model that begins with `file`, whether its files are there or not."""
    record = records.find(file)
    return () if record is None else record.adapters


def usable_adapters(file: Path, records: Records) -> tuple[tuple[str, float], ...]:
    """The same for `ModelSpec`. Raises `AppError` when one of the files is gone."""
    adapters = adapters_of(file, records)
    for each in adapters:
        if not is_there(Path(each.file)):
            raise AppError(
                f"The adapter {each.file} of “{file.stem}” is no longer there.",
                "Put it back, or detach it: “alcove models detach”, or on the Models page.",
            )
    return as_pairs(adapters)


def as_pairs(adapters: Sequence[Adapter]) -> tuple[tuple[str, float], ...]:
    """As `ModelSpec` has them."""
    return tuple((each.file, each.scale) for each in adapters)


def with_adapter(adapters: Sequence[Adapter], file: Path, scale: float) -> tuple[Adapter, ...]:
    """With the adapter in `file` at this strength: added as the last one, or in the place it has."""
    new = Adapter(str(person_path(file)), scale)
    places = [number for number, each in enumerate(adapters) if _same(each.file, new.file)]
    if not places:
        return (*adapters, new)
    return (*adapters[: places[0]], new, *adapters[places[0] + 1 :])


def keep_adapters(model: InstalledModel, adapters: Sequence[Adapter], records: Records) -> None:
    """Remember what is attached to `model` from now on. Raises `AppError` when that cannot be saved."""
    records.put_adapters(_record_of(model, records), adapters)


def set_scale(model: InstalledModel, adapter: Adapter, records: Records) -> None:
    """Let an attached adapter count as strongly as `adapter` says; one that was detached meanwhile stays so.

    Raises `AppError` when that cannot be saved.
    """
    attached = adapters_of(model.file, records)
    if any(_same(each.file, adapter.file) for each in attached):
        keep_adapters(model, with_adapter(attached, Path(adapter.file), adapter.scale), records)


def detach(model: InstalledModel, adapter: str | None, records: Records) -> tuple[Adapter, ...]:
    """Take one adapter (named by its file, with or without folder) or all of them from `model`; returns them.

    The files stay. Raises `AppError` when there is no such adapter.
    """
    attached = adapters_of(model.file, records)
    gone = tuple(each for each in attached if adapter is None or _is_named(each, adapter))
    if not gone:
        names = ", ".join(f"“{Path(each.file).name}”" for each in attached)
        what = f"an adapter “{adapter}”" if adapter is not None and attached else "any adapter"
        raise AppError(f"“{model.name}” does not have {what}.", f"It has {names}." if names else "")
    keep_adapters(model, [each for each in attached if each not in gone], records)
    return gone


def _record_of(model: InstalledModel, records: Records) -> Record:
    """Its record, or a new one of a model that Alcove found or brought along."""
    known = records.find(model.file)
    if known is not None:
        return known
    source = STARTER if model.starter else "found"
    try:
        return records.describe(model_files(model.file), name=model.name, source=source, owned=False)
    except OSError as error:
        raise AppError(
            f"{model.file} cannot be read ({error.strerror or error}).", "Check its permissions."
        ) from error


def _is_named(adapter: Adapter, name: str) -> bool:
    file = Path(adapter.file)
    return name.casefold() in (file.name.casefold(), file.stem.casefold()) or _same(adapter.file, name)


def _same(one: str, other: str) -> bool:
    return os.path.normcase(os.path.abspath(one)) == os.path.normcase(os.path.abspath(other))  # noqa: PTH100


def _text(header: Header, key: str) -> str:
    value = header.fields.get(key)
    return clean(value) if isinstance(value, str) else ""
