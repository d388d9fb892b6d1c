"""Under which licence an installed model may be passed on, as far as the catalogue knows it."""

import re

from app.models.catalog import Catalog, CatalogModel
from app.models.installed import InstalledModel

_HUB = re.compile(r"hub:([^@]+)@")
_QUANTISATION = re.compile(r"[-._](ud-)?(i?q\d\w*|tq\d\w*|bf16|f16|f32|mxfp4\w*)$", re.IGNORECASE)


def licence_of(model: InstalledModel, catalog: Catalog) -> str:
    """The name and the limits of its licence; "" unless the catalogue clearly has this very model.

    Clear is where it was downloaded from; else its name, without the quantisation, must be that of a model.
    """
    known = next((each for each in catalog.models if _is_same(model, each)), None)
    if known is None or known.licence is None:
        return ""
    doubt = "" if "licence" not in known.unverified else " Not confirmed: look it up before you pass it on."
    return f"{known.licence.name}. {known.licence.limits}{doubt}"


def _is_same(model: InstalledModel, known: CatalogModel) -> bool:
    hub = _HUB.match(model.source)
    if hub is not None:
        repositories = (known.repository, known.gguf_repository or "")
        return hub[1].casefold() in [each.casefold() for each in repositories]
    name = _QUANTISATION.sub("", model.name).casefold()
    return name in (known.id, known.repository.split("/")[-1].casefold())
