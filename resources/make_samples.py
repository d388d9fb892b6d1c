"""Makes the documents in `samples/` from the texts in `sample_sources/`.

    python resources/make_samples.py

All of them are invented. The same sources always give the same bytes, so run it after each change of a
source and commit both. It needs the packages of the extra "dev".
"""

from collections.abc import Callable
from pathlib import Path

import sample_markup
import sample_office
from sample_source import Source, read_source

_HERE = Path(__file__).resolve().parent
_WRITERS: dict[str, Callable[[Source], bytes]] = {
    ".csv": sample_markup.table_as_csv,
    ".docx": sample_office.word,
    ".eml": sample_markup.mail,
    ".epub": sample_markup.book,
    ".html": sample_markup.html,
    ".json": sample_markup.verbatim,
    ".md": sample_markup.verbatim,
    ".odt": sample_markup.open_document,
    ".pdf": sample_office.pdf,
    ".pptx": sample_office.slides,
    ".rtf": sample_markup.rich_text,
    ".txt": sample_markup.verbatim,
    ".xlsx": sample_office.spreadsheet,
}


def main() -> None:
    """Writes every sample; files of samples that have no source any more are removed."""
    samples = _HERE / "samples"
    samples.mkdir(exist_ok=True)
    sources = [read_source(path) for path in sorted((_HERE / "sample_sources").glob("*.md"))]
    for stale in {path.name for path in samples.iterdir()} - {source.name for source in sources}:
        (samples / stale).unlink()
    for source in sources:
        (samples / source.name).write_bytes(_WRITERS[Path(source.name).suffix](source))


if __name__ == "__main__":
    main()
