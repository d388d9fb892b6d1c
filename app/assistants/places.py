"""Where passages stand, in words, and which of them a model reads."""

from collections.abc import Sequence
from pathlib import Path

from app.assistants.events import Source
from app.documents.document import Place
from app.engine.protocol import ModelSpec

# Small models get lost in long prompts, and each passage costs a CPU seconds of reading.
_PASSAGES_READ = 3
# Below this size of the model file (bytes) the model is shown the quotes instead of the passages around them.
_TINY_MODEL = 700_000_000


def label_of(source: Source) -> str:
    """Where a source stands, in words: "lease.pdf, page 3"."""
    return f"{Path(source.file).name}{place_words(source.place, source.cells)}"


def place_words(place: Place, cells: str = "") -> str:
    """ ", page 3", ", sheet “Costs”, A2:F9", or nothing for a document without places."""
    if place.kind in ("page", "slide"):
        return f", {place.kind} {place.number}"
    if place.kind == "sheet" or cells:
        sheet = f", sheet “{place.label}”" if place.label else ""
        return f"{sheet}, {cells}" if cells else sheet
    if place.kind == "document" or not place.label:
        return ""
    return f", {place.label}" if place.kind == "section" else f", {place.kind} {place.label}"


def is_tiny(model: ModelSpec) -> bool:
    """Whether the model is so small that long passages confuse it."""
    try:
        return (
            Path(model.original or model.file).stat().st_size < _TINY_MODEL
        )  # a copy is no better for its size
    except OSError:  # the engine says what is wrong with it
        return False


def passages_to_read(sources: Sequence[Source], *, tiny: bool) -> list[tuple[str, str]]:
    """Label and text of what a model answers from: the quotes for a tiny one, else the passages around them."""
    read = sources[:_PASSAGES_READ]
    # which cells they are tells a model nothing
    return [
        (f"{Path(each.file).name}{place_words(each.place)}", each.quote if tiny else each.passage)
        for each in read
    ]
