"""Where a translated file goes."""

from pathlib import Path

from app.base.errors import AppError
from app.documents.layout.formats import output_suffix, output_suffixes

_MOST = 1_000


def free_name(file: Path, target: str) -> Path:
    """“report.de.docx” beside “report.docx”, or “report.de (2).docx” where that is taken. Raises `AppError`."""
    suffix = output_suffix(file) or file.suffix
    for number in range(1, _MOST):
        again = f" ({number})" if number > 1 else ""
        path = file.with_name(f"{file.stem}.{target}{again}{suffix}")
        if not path.exists() and not path.is_symlink():
            return path
    raise AppError(
        f"There are too many translations beside {file.name}.", "Choose another place for the new one."
    )


def check_out(file: Path, out: Path) -> None:
    """Raises `AppError` when `out` is the file to translate, or cannot be a translation of it."""
    try:
        same = out.samefile(file)
    except OSError:
        same = out.absolute() == file.absolute()
    if same:
        raise AppError(
            "The translation would overwrite the file that is translated.", "Choose another name for it."
        )
    endings = output_suffixes(file)
    if endings and out.suffix.lower() not in endings:
        raise AppError(
            f"A translation of {file.name} cannot be written as “{out.suffix}”.",
            f"Let its name end in {' or '.join(endings)}.",
        )
