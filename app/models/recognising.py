"""Which model of the catalogue an installed one is."""

import re
from collections.abc import Iterator

from app.models.catalog import Catalog, CatalogModel
from app.models.installed import InstalledModel
from app.models.naming import plain_name

_HUB = re.compile(r"hub:([^@]+)@")


def catalog_model_of(model: InstalledModel, catalog: Catalog, header_name: str = "") -> CatalogModel | None:
    """By where it was downloaded from; else by its name, without the quantisation, or the one in its header."""
    if model.starter:
        return next(iter(catalog.tier("starter")), None)
    repository = repository_of(model).casefold()
    if repository:
        places = ((each, (each.repository, each.gguf_repository or "")) for each in catalog.models)
        return next((each for each, names in places if repository in map(str.casefold, names)), None)
    names = {plain_name(model.name), plain_name(header_name)} - {""}
    return next((known for known in catalog.models if names & set(_names(known))), None)


def repository_of(model: InstalledModel) -> str:
    """The repository of the hub it was downloaded from, "" where it came from elsewhere."""
    hub = _HUB.match(model.source)
    return "" if hub is None else hub[1]


def _names(model: CatalogModel) -> Iterator[str]:
    yield model.id
    yield plain_name(model.repository.rpartition("/")[2])
    yield plain_name(model.name)
