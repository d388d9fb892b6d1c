"""What Alcove knows about each model before anything is downloaded: `models/catalog.toml`, typed and checked.

Nothing here reaches the network; the list of files and checksums of a repository is `catalog_refresh`'s.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from app.base.errors import AppError
from app.base.paths import shipped_models
from app.models.catalog_reading import Mistakes, read_table
from app.models.download.address import is_repository

Purpose = Literal["chat", "completion", "code", "translation", "embedding", "reranking", "extractive-reader"]
Tier = Literal["starter", "fast", "balanced", "best"]
Fact = Literal["licence", "shape", "parameters", "context", "repository"]

MANY_LANGUAGES = "mul"  # ISO 639-2: the makers name many more than those listed
_SLUG = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_FAMILY_KEYS = ("id", "name", "developer", "about")
_OWN_KEYS = ("id", "name", "parameters", "repository", "gguf_repository", "tier")  # never shared by a family


@dataclass(frozen=True, slots=True)
class Licence:
    """`limits`: what it forbids or asks for, in words. `commercial` None: not known, or it depends on who asks."""

    id: str
    name: str
    limits: str
    commercial: bool | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network; None where not known.

    `head_dim`: numbers per head. `width`: of the embedding. `vocabulary`: tokens. `sliding_window`: tokens;
    `full_attention_every`: 2 when every second layer looks at the whole context. `kv_layers`: layers that keep
    keys and values, where that is not all of them.
    """

    layers: int | None = None
    heads: int | None = None
    kv_heads: int | None = None
    head_dim: int | None = None
    width: int | None = None
    vocabulary: int | None = None
    sliding_window: int | None = None
    full_attention_every: int | None = None
    kv_layers: int | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """As the makers recommend it, for answers without thinking where the model can do both."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """A model that can think aloud first. `by_default` None: not known.

    The template variable `variable` is set to `off` to have it answer at once; None: it cannot be turned off.
    """

    by_default: bool | None = None
    variable: str | None = None
    off: bool | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a prompt must respect. `template` False: no chat template. `system_role` False: it knows none.

    `query_prefix`, `passage_prefix`: put before texts that become vectors. `pooling`: how an encoder makes one
    vector of many.
    """

    template: bool | None = None
    system_role: bool | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None
    pooling: Literal["mean", "cls", "last"] | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """How a model was trained to translate. `prompt`: with {text} and {target_language}, perhaps {source_language}.

    `languages`: codes of what it translates, where that is not what the model covers otherwise. `code_names`: the
    prompt wants codes instead of names of languages.
    """

    prompt: str
    languages: tuple[str, ...] = ()
    code_names: bool = False


@dataclass(frozen=True, slots=True)
class CatalogModel:
    """One model. None, False and empty lists mean unknown, except `runs`.

    `parameters`: how many; `active_parameters`: used for each token, where that is not all of them. `context`:
    tokens it was trained for. `architecture`: the name GGUF files give it. `quantisations`: the first is offered.
    `recurrent`: part of it keeps a running state, so a changed history is read again from the start.
    `needs_tuning`: only a beginning, to be trained for its purpose first.
    `runs` False: llama.cpp cannot run it, `why_not` says why and `instead` is the id of a model to use.
    `unverified`: facts from general knowledge, not from the model's own files.
    """

    id: str
    name: str
    family: str
    developer: str
    purposes: tuple[Purpose, ...]
    parameters: int
    repository: str
    gguf_repository: str | None = None
    quantisations: tuple[str, ...] = ()
    tier: Tier | None = None
    licence: Licence | None = None
    gated: bool | None = None
    languages: tuple[str, ...] = ()
    context: int | None = None
    architecture: str | None = None
    shape: Shape = field(default_factory=Shape)
    active_parameters: int | None = None
    recurrent: bool = False
    sampling: Sampling | None = None
    thinking: Thinking | None = None
    prompt: Prompt = field(default_factory=Prompt)
    translation: Translation | None = None
    needs_tuning: bool = False
    runs: bool = True
    why_not: str | None = None
    instead: str | None = None
    unverified: tuple[Fact, ...] = ()
    notes: str | None = None

    @property
    def available(self) -> bool:
        """It runs, and there is a repository to get it from."""
        return self.runs and self.gguf_repository is not None

    @property
    def writes(self) -> bool:
        """It answers or goes on writing; the others only turn text into vectors, scores or places."""
        return bool({"chat", "completion", "code", "translation"} & set(self.purposes))


@dataclass(frozen=True, slots=True)
class Family:
    """`about`: what it is for, in one or two sentences."""

    id: str
    name: str
    developer: str
    about: str
    models: tuple[CatalogModel, ...] = ()


class CatalogError(AppError):
    """The catalogue is broken; `mistakes` names each with its place."""

    def __init__(self, file: Path, mistakes: tuple[str, ...]) -> None:
        more = f" (and {len(mistakes) - 1} more)" if len(mistakes) > 1 else ""
        super().__init__(f"The catalogue {file} has a mistake: {mistakes[0]}{more}.", "Install Alcove again.")
        self.mistakes = mistakes


class Catalog:
    """All families, in the order of the file."""

    def __init__(self, families: tuple[Family, ...]) -> None:
        self.families = families
        self._models = {model.id: model for family in families for model in family.models}
        self._families = {family.id: family for family in families}

    @property
    def models(self) -> tuple[CatalogModel, ...]:
        return tuple(self._models.values())

    def model(self, id: str) -> CatalogModel:
        """The model of that id, in whatever case it is written. Raises `AppError` for an unknown one."""
        found = self._models.get(id.casefold())
        if found is None:
            near = ", ".join(each.id for each in self.search(id)[:3])
            raise AppError(
                f"The catalogue has no model “{id}”.",
                f"Perhaps you mean {near}." if near else "See `alcove models list` for all of them.",
            )
        return found

    def family(self, id: str) -> Family:
        """Raises `KeyError`: family ids come from the models, not from a person."""
        return self._families[id]

    def tier(self, tier: Tier) -> list[CatalogModel]:
        return [model for model in self.models if model.tier == tier]

    def search(
        self,
        text: str = "",
        *,
        purpose: Purpose | None = None,
        language: str | None = None,
        commercial: bool = False,
        available: bool = False,
    ) -> list[CatalogModel]:
        """Models that hold every word of `text` in what names or describes them; the closest names come first.

        `language`: ISO code; models whose makers name many languages count. `commercial`: only licences known to allow
        it. `available`: only those that run here and can be downloaded.
        """
        words = text.casefold().split()
        found = [
            (self._rank(model, words), model)
            for model in self.models
            if (purpose is None or purpose in model.purposes)
            and (language is None or language in model.languages or MANY_LANGUAGES in model.languages)
            and (not commercial or (model.licence is not None and model.licence.commercial is True))
            and (not available or model.available)
        ]
        ranked = [(rank, model) for rank, model in found if rank is not None]
        return [model for _, model in sorted(ranked, key=lambda each: each[0])]

    def _rank(self, model: CatalogModel, words: list[str]) -> int | None:
        """0 when the names hold all words, 1 when the description is needed too, None when a word is nowhere."""
        family = self._families[model.family]
        names = f"{model.id} {model.name} {family.name}".casefold()
        licence = (model.licence.id, model.licence.name) if model.licence else ()
        described = (
            model.developer,
            family.about,
            *model.purposes,
            model.architecture,
            *licence,
            model.notes,
        )
        everything = " ".join((names, *(each.casefold() for each in described if each)))
        if all(word in names for word in words):
            return 0
        return 1 if all(word in everything for word in words) else None


def load_catalog(file: Path | None = None) -> Catalog:
    """The catalogue shipped with Alcove, or the one in `file`. Raises `CatalogError`, `AppError` for no file."""
    file = file or shipped_models() / "catalog.toml"
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AppError(f"The catalogue {file} cannot be read ({error.strerror or error}).", "Install Alcove again.") from error  # fmt: skip
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(file, (str(error),)) from error
    mistakes = Mistakes()
    families = tuple(_families(tables, mistakes))
    _check_together(families, mistakes)
    if mistakes:
        raise CatalogError(file, mistakes.listed())
    return Catalog(families)


def _families(tables: Mapping[str, Any], mistakes: Mistakes) -> Iterator[Family]:
    for key in tables.keys() - {"licence", "family"}:
        mistakes.add("catalogue", f"unknown key “{key}”")
    licences: dict[str, Licence] = {}
    for id, table in _tables(tables.get("licence", {}), dict, "licence", mistakes).items():
        read = read_table(Licence, {**table, "id": id}, f"licence “{id}”", mistakes)
        if read is not None:
            licences[id] = read
    for number, table in enumerate(_tables(tables.get("family", []), list, "family", mistakes), 1):
        place = f"family “{table.get('id', number)}”"
        own = {key: table[key] for key in _FAMILY_KEYS if key in table}
        models = [
            _model(each, table, place, licences, mistakes)
            for each in _tables(table.get("model", []), list, f"{place}, model", mistakes)
        ]
        family = read_table(Family, own, place, mistakes)
        if not models:
            mistakes.add(place, "has no model")
        if family is not None:
            known = tuple(model for model in models if model is not None)
            yield Family(family.id, family.name, family.developer, family.about, known)


def _tables(value: Any, kind: type, place: str, mistakes: Mistakes) -> Any:
    """`value` when it is a `kind` (list or dict) of tables, else an empty one."""
    each = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [None]
    if isinstance(value, kind) and all(isinstance(table, dict) for table in each):
        return value
    mistakes.add(place, "must be a table" if kind is dict else "must be a list of tables")
    return kind()


def _model(
    table: dict[str, Any],
    family: dict[str, Any],
    place: str,
    licences: dict[str, Licence],
    mistakes: Mistakes,
) -> CatalogModel | None:
    """A model with what its family says of all of them; its own keys go first."""
    shared = {key: value for key, value in family.items() if key not in (*_FAMILY_KEYS, "model")}
    for key in shared.keys() & set(_OWN_KEYS):
        mistakes.add(place, f"“{key}” belongs to a model")
    own_place = f"{place}, model “{table.get('id', table.get('name', '?'))}”"
    merged = {**shared, **table, "family": family.get("id", "?"), "developer": family.get("developer", "?")}
    licence = merged.get("licence")
    if isinstance(licence, str) and licence in licences:
        merged["licence"] = licences[licence]
    elif licence is not None:
        mistakes.add(own_place if "licence" in table else place, f"there is no licence “{licence}”")
        del merged["licence"]
    origin = dict.fromkeys(shared.keys() - table.keys(), place)
    model = read_table(CatalogModel, merged, own_place, mistakes, origin)
    if model is not None:
        _check_model(model, own_place, mistakes)
    return model


def _check_model(model: CatalogModel, place: str, mistakes: Mistakes) -> None:
    shape = model.shape
    rules = {
        "the id must be a lower-case slug": _SLUG.fullmatch(model.id),
        "“purposes” must not be empty": model.purposes,
        "“parameters” must not be 0": model.parameters,
        "“repository” must read owner/name": is_repository(model.repository),
        "“gguf_repository” must read owner/name": is_repository(model.gguf_repository or "a/b"),
        "“quantisations” need a “gguf_repository”": model.gguf_repository or not model.quantisations,
        "“languages” must be ISO 639 codes": all(map(_LANGUAGE.fullmatch, model.languages)),
        "more key-value heads than heads": (shape.kv_heads or 0) <= (shape.heads or shape.kv_heads or 0),
        "a tier needs a model that runs and a “gguf_repository”": model.tier is None or model.available,
        "a model that does not run needs “why_not” and “instead”": model.runs
        or (model.why_not and model.instead),
        "“why_not” is for a model that does not run": not model.runs or model.why_not is None,
        "translation: the prompt needs {text} and {target_language}": model.translation is None
        or all(each in model.translation.prompt for each in ("{text}", "{target_language}")),
        "translation: “languages” must be ISO 639 codes": model.translation is None
        or all(map(_LANGUAGE.fullmatch, model.translation.languages)),
        "thinking: “variable” and “off” go together": model.thinking is None
        or (model.thinking.variable is None) == (model.thinking.off is None),
    }
    for what, kept in rules.items():
        if not kept:
            mistakes.add(place, what)


def _check_together(families: tuple[Family, ...], mistakes: Mistakes) -> None:
    models: dict[str, CatalogModel] = {}
    seen: set[str] = set()
    for family in families:
        if family.id in seen:
            mistakes.add(f"family “{family.id}”", "this id is used twice")
        seen.add(family.id)
        for model in family.models:
            if model.id in models:
                mistakes.add(f"family “{family.id}”, model “{model.id}”", "this id is used twice")
            models[model.id] = model
    for model in models.values():
        place = f"family “{model.family}”, model “{model.id}”, instead"
        if model.instead is not None and model.instead not in models:
            mistakes.add(place, f"there is no model “{model.instead}”")
        elif model.instead is not None and not models[model.instead].available:
            mistakes.add(place, f"“{model.instead}” cannot be downloaded and run either")
