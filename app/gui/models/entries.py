"""The rows of the Models page: what is on this computer and what the catalogue knows, each model once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.assistants.choose_model import Candidate, judge
from app.gui.models.headers import can_answer
from app.hardware.fit import Fit, Speed, fit
from app.models.catalog import Catalog, CatalogModel, Tier
from app.models.recognising import catalog_model_of, repository_of

if TYPE_CHECKING:
    from app.hardware.probe import Machine
    from app.models.catalog_refresh import FileList
    from app.models.gguf import GgufFacts
    from app.models.installed import InstalledModel
    from app.models.tuned import Tuning

_TIERS: tuple[Tier | None, ...] = ("best", "balanced", "fast", "starter", None)


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One row. `key`: “installed:<file>”, “catalog:<id>” or “hub:<repository>”.

    `catalog`: what the catalogue knows of it; `installed`: where it is on this computer; `repository`: on the hub,
    "" unknown; `candidate`: how it runs here, of a model of the catalogue. `facts`: of the installed file's header;
    `fit`: by these facts, or its copy's, else the candidate's. `in_use`: it answers. `tuning`: of its copy that is used
    instead of it, and `copy`: that file and its header.
    """

    key: str
    name: str
    catalog: CatalogModel | None
    installed: "InstalledModel | None"
    repository: str
    candidate: Candidate | None
    facts: "GgufFacts | None" = None
    fit: Fit | None = None
    in_use: bool = False
    tuning: "Tuning | None" = None
    copy: "tuple[Path, GgufFacts] | None" = None

    @property
    def ready(self) -> bool:
        """It is on this computer, and its files are there."""
        return self.installed is not None and not self.installed.missing

    @property
    def usable(self) -> bool:
        """It can answer."""
        return self.installed is not None and can_answer(self.installed, self.facts)

    @property
    def untried(self) -> bool:
        """It is here and has not loaded yet."""
        return self.installed is not None and self.ready and not self.installed.loads

    @property
    def origin(self) -> CatalogModel | str:
        """Where its files are fetched from: as the catalogue says, or a repository; "" for nowhere."""
        known = self.catalog
        if known is not None and self.repository.casefold() in ("", (known.gguf_repository or "").casefold()):
            return known if known.available else ""
        return self.repository

    @property
    def bytes(self) -> int | None:
        """Of its files on the disk, or to be downloaded; None unknown."""
        if self.installed is not None:
            return self.installed.bytes or None
        return self.candidate.bytes if self.candidate is not None else None

    @property
    def parameters(self) -> int:
        """How many weights; 0 unknown."""
        if self.catalog is not None:
            return self.catalog.parameters
        return self.facts.parameters if self.facts is not None else 0

    @property
    def quantisation(self) -> str:
        """Of the installed file, or of the one that is offered; "" unknown."""
        if self.facts is not None:
            return self.facts.quantisation
        return self.candidate.quantisation if self.candidate is not None else ""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Everything the rows are made of, before it is judged for a machine.

    `facts`: by file, of those that could be read; `files`: by the id of a catalogue model, where they were once
    asked of the hub; `in_use`: the file that answers, None for the starter. `tunings`: by file, of those with a copy, and
    `copies`: that file and its header.
    """

    catalog: Catalog
    installed: "tuple[InstalledModel, ...]"
    facts: "Mapping[Path, GgufFacts]"
    files: "Mapping[str, FileList]"
    in_use: Path | None
    tunings: "Mapping[Path, Tuning]" = field(default_factory=dict)
    copies: "Mapping[Path, tuple[Path, GgufFacts]]" = field(default_factory=dict)


def entries_of(shelf: Shelf, machine: "Machine | None", speed: Speed | None) -> tuple[ModelEntry, ...]:
    """All rows: installed ones with the one in use first, then the catalogue's, the suggested ones first.

    `machine` None: not looked at yet, so nothing is judged.
    """
    here = [_installed(each, shelf, machine, speed) for each in shelf.installed]
    here.sort(key=lambda entry: not entry.in_use)
    known = {entry.catalog.id for entry in here if entry.catalog is not None}
    rest = [each for each in shelf.catalog.models if each.id not in known]
    rest.sort(key=lambda model: (_TIERS.index(model.tier), not model.available, not model.runs))
    return (*here, *(_judged(each, shelf, machine, speed) for each in rest))


def offered(model: CatalogModel) -> ModelEntry:
    """A model of the catalogue that is not here, and not judged yet."""
    return ModelEntry(f"catalog:{model.id}", model.name, model, None, model.gguf_repository or "", None)


def of_repository(repository: str) -> ModelEntry:
    """A model that only the hub knows."""
    name = repository.rpartition("/")[2]
    return ModelEntry(f"hub:{repository}", name, None, None, repository, None)


def _installed(
    model: "InstalledModel", shelf: Shelf, machine: "Machine | None", speed: Speed | None
) -> ModelEntry:
    facts = shelf.facts.get(model.file)
    known = catalog_model_of(model, shelf.catalog, "" if facts is None else facts.name)
    copy = shelf.copies.get(model.file)
    loaded = facts if copy is None else copy[1]
    found = fit(machine, loaded.shape, speed=speed) if machine is not None and loaded is not None else None
    candidate = None
    if known is not None and machine is not None:
        listed = shelf.files.get(known.id)
        judged = judge(known, machine, speed, listed, facts.quantisation if facts is not None else None)
        candidate = replace(judged, bytes=model.bytes, fit=found)
    repository = repository_of(model) or ((known.gguf_repository or "") if known is not None else "")
    in_use = model.starter if shelf.in_use is None else model.file == shelf.in_use
    return ModelEntry(
        f"installed:{model.file}", model.name, known, model, repository, candidate, facts, found, in_use,
        shelf.tunings.get(model.file), copy,
    )  # fmt: skip


def _judged(model: CatalogModel, shelf: Shelf, machine: "Machine | None", speed: Speed | None) -> ModelEntry:
    if machine is None:
        return offered(model)
    candidate = judge(model, machine, speed, shelf.files.get(model.id))
    return replace(offered(model), candidate=candidate, fit=candidate.fit if model.runs else None)


def installed_bytes(entries: Sequence[ModelEntry]) -> int:
    """What the installed models take together."""
    return sum(entry.installed.bytes for entry in entries if entry.installed is not None)
