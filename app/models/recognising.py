"""Which model of the catalogue an installed one is."""

import re
from collections.abc import Iterator

from app.models.catalog import Catalog, CatalogModel
from app.models.installed import InstalledModel

_HUB = re.compile(r"hub:([^@]+)@")
_QUANTISATION = re.compile(r"[-._ ](ud-)?(i?q\d\w*|tq\d\w*|bf16|f16|f32|mxfp4\w*)$", re.IGNORECASE)


def catalog_model_of(model: InstalledModel, catalog: Catalog, header_name: str = "") -> CatalogModel | None:
    """By where it was downloaded from; else by its name, without the quantisation, or the one in its header."""
    if model.starter:
        return next(iter(catalog.tier("starter")), None)
    repository = repository_of(model).casefold()
    if repository:
        places = ((each, (each.repository, each.gguf_repository or "")) for each in catalog.models)
        return next((each for each, names in places if repository in map(str.casefold, names)), None)
    names = {_plain(model.name), _plain(header_name)} - {""}
    return next((known for known in catalog.models if names & set(_names(known))), None)


def repository_of(model: InstalledModel) -> str:
    """The repository of the hub it was downloaded from, "" where it came from elsewhere."""
    hub = _HUB.match(model.source)
    return "" if hub is None else hub[1]


def _names(model: CatalogModel) -> Iterator[str]:
    yield model.id
    yield _plain(model.repository.rpartition("/")[2])
    yield _plain(model.name)


def _plain(name: str) -> str:
    """“Qwen3 1.7B Q4_K_M” and “Qwen3-1.7B.Q8_0” are the same model."""
    return _QUANTISATION.sub("", name.strip()).casefold().replace(" ", "-")
