"""Under which licence an installed model may be passed on, as far as the catalogue knows it."""

from app.models.catalog import Catalog
from app.models.installed import InstalledModel
from app.models.recognising import catalog_model_of


def licence_of(model: InstalledModel, catalog: Catalog) -> str:
    """The name and the limits of its licence; "" unless the catalogue clearly has this very model.

    Clear is where it was downloaded from; else its name, without the quantisation, must be that of a model.
    """
    known = catalog_model_of(model, catalog)
    if known is None or known.licence is None:
        return ""
    doubt = "" if "licence" not in known.unverified else " Not confirmed: look it up before you pass it on."
    return f"{known.licence.name}. {known.licence.limits}{doubt}"
