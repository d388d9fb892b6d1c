"""Use case: attach a LoRA adapter to a model, after both were loaded together once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.base.jobs import CancelToken
from app.engine.protocol import Loaded, LoadProgress
from app.engine.sizing import Sizing
from app.models.adapters import adapters_of, as_pairs, check_match, keep_adapters, read_adapter, with_adapter
from app.models.installed import InstalledModel
from app.models.records import Adapter, Records


@dataclass(frozen=True, slots=True)
class Attached:
    """The model answers with these from its next load on; `bytes`: the memory that the new one takes."""

    adapters: tuple[Adapter, ...]
    bytes: int


def attach_adapter(
    model: InstalledModel, file: Path, scale: float, *, records: Records, sizing: Sizing, cancel: CancelToken
) -> Iterator[LoadProgress | Attached]:
    """Attach the adapter in `file`, or change the strength of one that is attached: `LoadProgress`…, `Attached`.

    Raises `AppError` when it is no adapter or does not belong to the model, and `Cancelled`; then nothing changes.
    """
    adapter = read_adapter(file)
    check_match(adapter, model)
    tried = with_adapter(adapters_of(model.file, records), adapter.file, scale)
    for event in sizing.try_out(model.file, cancel, adapters=as_pairs(tried)):
        if not isinstance(event, Loaded):
            yield event
    adapters = with_adapter(adapters_of(model.file, records), adapter.file, scale)  # as they are by now
    keep_adapters(model, adapters, records)
    yield Attached(adapters, adapter.bytes)
