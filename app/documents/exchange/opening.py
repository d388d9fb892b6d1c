"""Opening a file of terms or translations: what every format shares."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from app.base.errors import AppError
from app.base.languages import language

if TYPE_CHECKING:
    from lxml.etree import _Element

XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


class TermRow(NamedTuple):
    """One term as a file has it; an empty text where the file has none."""

    source: str
    target: str
    locked: bool = False
    note: str = ""


@contextmanager
def opened(path: Path, most_bytes: int | None = None) -> Iterator[BinaryIO]:
    """The file, open for reading. Raises `AppError` when it cannot be read, is empty or larger than `most_bytes`."""
    try:
        size = path.stat().st_size
        if most_bytes is not None and size > most_bytes:
            raise AppError(
                f"{path.name} is too large ({size >> 20} MiB, at most {most_bytes >> 20} MiB).",
                "Divide it into several files.",
            )
        if size == 0:
            raise AppError(f"{path.name} is empty.", "Choose another file.")
        with path.open("rb") as stream:
            yield stream
    except FileNotFoundError as error:
        raise AppError(f"{path.name} is not there.", "Check the name, or choose another file.") from error
    except OSError as error:
        raise AppError(
            f"{path.name} could not be read ({error.strerror or error}).", "Check the file's permissions."
        ) from error


def elements(
    stream: BinaryIO, name: str, tags: Iterable[str], roots: Iterable[str], format: str
) -> Iterator["_Element"]:
    """The elements called one of `tags`, whatever their namespace, one after another; each is forgotten after its turn.

    Entities are not expanded, and nothing the file refers to is fetched. Raises `AppError` for what is no XML, breaks
    off, or has another root than `roots`; `name` and `format` are for that sentence.
    """
    from lxml import etree  # loaded with the first file, not before the window shows

    other = AppError(f"{name} is not a {format} file.", f"Choose a file that was exported as {format}.")
    begun = False
    try:
        events = etree.iterparse(
            stream,
            events=("start", "end"),
            tag=[f"{{*}}{tag}" for tag in (*tags, *roots)],
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
        )
        for event, element in events:
            kind = etree.QName(element).localname
            if event == "start":
                begun = begun or kind in roots
            elif kind in tags and begun:
                yield element
                element.clear(keep_tail=False)
                while (earlier := element.getprevious()) is not None:
                    earlier.getparent().remove(earlier)
    except etree.XMLSyntaxError as error:
        if not begun:
            raise other from error
        raise AppError(
            f"{name} is damaged at line {error.lineno}.", "Export it again in the program it came from."
        ) from error
    if not begun:
        raise other


def local_name(element: "_Element") -> str:
    """The tag without its namespace; "" for a comment or an entity."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


@lru_cache(maxsize=256)  # it is asked for every text of a file, and a file has few languages
def code_of(given: str) -> str:
    """A language code as Alcove has it: "de-AT" is "de", "zh-TW" is "zh-Hant"; an unknown one without its region."""
    found = language(given)
    return found.code if found is not None else given.strip().lower().replace("_", "-").partition("-")[0]
