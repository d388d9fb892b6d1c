"""Glossary files named on the command line, for one run only."""

from pathlib import Path

from app.base.errors import AppError
from app.base.languages import language_name
from app.documents.exchange.tables import read_terms
from app.documents.exchange.tbx import read_tbx
from app.storage.glossaries import Term, usable

_TBX = (".tbx", ".tbxm", ".xml")


def terms_of(file: Path, source: str, target: str) -> tuple[Term, ...]:
    """The usable terms of a CSV, TSV, text or TBX file. `source` "": not known yet.

    Raises `AppError` when the file cannot be read, has no usable term, or is for other languages.
    """
    if file.suffix.lower() in _TBX:
        if not source:
            raise AppError(
                f"{file.name} may hold many languages.", "Say which one the text is in: --from LANG."
            )
        rows = read_tbx(file, source, target)
    else:
        table = read_terms(file, source, target)
        for wanted, named in ((source, table.source_language), (target, table.target_language)):
            if wanted and named and wanted != named:
                raise AppError(
                    f"The glossary {file.name} is for {language_name(named)}, not for {language_name(wanted)}.",
                    "Leave it out, or choose another one.",
                )
        rows = table.rows
    found = usable(Term(*row) for row in rows)
    if not found.terms:
        raise AppError(
            f"There is no usable term in {file.name}.", "A line needs a term and its translation beside it."
        )
    return found.terms
