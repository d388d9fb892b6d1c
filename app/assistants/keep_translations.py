"""Use cases: take translations and terms out of other programs' files, and give the memory to other programs."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from app.base.errors import AppError
from app.base.files import replacing, write_error
from app.base.jobs import CancelToken
from app.base.languages import find_language
from app.documents.exchange.opening import TermRow, opened
from app.documents.exchange.tables import read_terms
from app.documents.exchange.tbx import read_tbx
from app.documents.exchange.tmx import Pair, is_tmx, read_tmx, write_tmx
from app.storage.glossaries import LONGEST_TERM, Glossaries, Glossary, Term, Usable, usable
from app.storage.translation_memory import Entry, MemoryOrigin, TranslationMemory

# Each portion is one write to the disk (some 20 ms); 1,000 are read in about 0.1 s, so Stop is obeyed at once.
_PORTION = 1_000
_BOM_AND_SPACE = b"\xef\xbb\xbf\xff\xfe \t\r\n"


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """How far an import is: bytes read of all, and translations kept so far."""

    done: int
    total: int
    kept: int


@dataclass(frozen=True, slots=True)
class MemoryImported:
    """`read` translations were kept, `new` of which the memory did not have. `other`: units without these languages;
    `outdone`: not kept, because the memory has another translation that is newer or the person's own.
    """

    read: int
    new: int
    empty: int
    other: int
    outdone: int = 0

    @property
    def sentence(self) -> str:
        known = self.read - self.new
        text = f"{_counted(self.read, 'translation')} imported"
        text += f", {known:,} of them known before." if known else "."
        counts = [
            (self.empty, "empty"),
            (self.other, "in other languages"),
            (self.outdone, "to keep what is newer or your own"),
        ]
        skipped = _listed(counts)
        return f"{text} Skipped: {skipped}." if skipped else text


@dataclass(frozen=True, slots=True)
class MemoryExported:
    """The file holds `count` translations."""

    file: Path
    count: int


@dataclass(frozen=True, slots=True)
class GlossaryImported:
    """`usable`: what was kept of the file's terms, and how many were skipped why."""

    glossary: Glossary
    usable: Usable

    @property
    def sentence(self) -> str:
        kept, glossary = self.usable, self.glossary
        counts = [
            (kept.empty, "empty"),
            (kept.duplicate, "duplicate"),
            (kept.contradicting, "contradicting"),
            (kept.too_long, f"too long (over {LONGEST_TERM} characters)"),
        ]
        text = f"“{glossary.name}” has {_counted(glossary.terms, 'term')}."
        skipped = _listed(counts)
        if not skipped:
            return text
        only_one = sum(count for count, _ in counts) == 1
        return f"{text} {skipped} {'term was' if only_one else 'terms were'} skipped."


def import_memory(
    file: Path,
    memory: TranslationMemory,
    cancel: CancelToken,
    source_language: str = "",
    target_language: str = "",
) -> Iterator[ImportProgress | MemoryImported]:
    """Take the translations of a TMX file into the memory; languages "" take those the file has.

    What the person wrote is replaced only by what a person wrote later, in a file of Alcove's own. Portions are kept as they are read: after Stop or a damaged place what
    came before is there. Raises `AppError` for a file that cannot be read, and `Cancelled`.
    """
    before = memory.count()
    read = empty = other = outdone = 0
    with opened(file) as stream:
        total = os.fstat(stream.fileno()).st_size
        try:
            for portion in _portions(read_tmx(stream, file.name, source_language, target_language)):
                cancel.raise_if_cancelled()
                pairs = [pair for pair in portion if pair is not None]
                whole = [pair for pair in pairs if pair.source.strip() and pair.target.strip()]
                refused = memory.take(map(_entry, whole))
                read += len(whole) - refused
                outdone += refused
                empty += len(pairs) - len(whole)
                other += len(portion) - len(pairs)
                yield ImportProgress(stream.tell(), total, read)
        except AppError as error:
            if not read:
                raise
            raise AppError(
                f"{error.what} What came before is kept ({_counted(read, 'translation')}).", error.remedy
            ) from error
    if not (read or outdone):
        raise AppError(
            f"{file.name} has no translations{' in these languages' if other else ''}.",
            "Choose another file.",
        )
    yield MemoryImported(read, memory.count() - before, empty, other, outdone)


def export_memory(
    file: Path,
    memory: TranslationMemory,
    cancel: CancelToken,
    source_language: str = "",
    target_language: str = "",
) -> MemoryExported:
    """Write the memory (languages "": all of it) as TMX, to a file whose name ends so; an older one is replaced.

    Raises `AppError` when the file cannot be written, is there and no TMX, or there is nothing to write, and `Cancelled`;
    what was there then stays.
    """

    def pairs() -> Iterator[Pair]:
        for entry in memory.pairs(source_language, target_language):
            cancel.raise_if_cancelled()
            languages = entry.source_language, entry.target_language
            yield Pair(
                *languages, entry.source, entry.target, entry.origin, entry.changed, entry.engine
            )  # fmt: skip

    _check_export(file)
    if next(memory.pairs(source_language, target_language), None) is None:
        which = " for these languages" if source_language or target_language else ""
        raise AppError(
            f"The translation memory holds nothing{which} yet.",
            "Translate something first, or import a memory.",
        )
    with replacing(file) as stream:
        count = write_tmx(stream, pairs())
    return MemoryExported(file, count)


def import_glossary(
    file: Path,
    name: str,
    source_language: str,
    target_language: str,
    glossaries: Glossaries,
    collection: str = "",
) -> GlossaryImported:
    """Make a glossary of a CSV, TSV, text or TBX file; `name` "" takes the file's.

    The languages may be "" where the first row of a table names them. Raises `AppError` for a file that cannot be
    read or has no usable term, for an unknown language or the same twice, and for a name that is taken.
    """
    wanted = [find_language(each).code if each else "" for each in (source_language, target_language)]
    rows, source, target = _terms_of(file, *wanted)
    found = [find_language(each).code for each in (source, target)]
    if found[0] == found[1]:
        raise AppError("Both languages of the glossary are the same.", "Choose two different languages.")
    kept = usable(Term(*row) for row in rows)
    glossary = glossaries.add(name.strip() or file.stem, found[0], found[1], kept.terms, collection)
    return GlossaryImported(glossary, kept)


def _terms_of(file: Path, source_language: str, target_language: str) -> tuple[list[TermRow], str, str]:
    if not _is_xml(file):
        table = read_terms(file, source_language, target_language)
        return table.rows, source_language or table.source_language, target_language or table.target_language
    if not (source_language and target_language):
        raise AppError(
            f"{file.name} may hold many languages.",
            "Choose the language of the terms and of their translations.",
        )
    return read_tbx(file, source_language, target_language), source_language, target_language


def _is_xml(file: Path) -> bool:
    """By its first character, in any Unicode encoding: names of such files vary (tbx, tbxm, xml)."""
    with opened(file) as stream:
        return stream.read(64).lstrip(_BOM_AND_SPACE + b"\0").startswith(b"<")


def _entry(pair: Pair) -> Entry:
    """In a file of Alcove's own the origin and the time are kept; of others only Alcove's clock is known to be right."""
    for origin in get_args(MemoryOrigin):
        if pair.origin == origin:
            return Entry(*pair[:4], origin, pair.changed, pair.engine)
    return Entry(*pair[:4], "import", time.time())


def _check_export(file: Path) -> None:
    if file.suffix.lower() != ".tmx":
        raise AppError(f"“{file.name}” does not end in .tmx.", "Give the file a name that does.")
    try:
        foreign = file.exists() and file.stat().st_size > 0 and not is_tmx(file)
    except OSError as error:
        raise write_error(file, error) from error
    if foreign:
        raise AppError(
            f"“{file.name}” is there already, and is no translation memory.", "Give the file another name."
        )


def _portions(pairs: Iterable[Pair | None]) -> Iterator[list[Pair | None]]:
    """Lists of `_PORTION`. A damaged place ends them; what was read of the last list comes first."""
    portion: list[Pair | None] = []
    try:
        for pair in pairs:
            portion.append(pair)
            if len(portion) == _PORTION:
                yield portion
                portion = []
    except AppError:
        if portion:
            yield portion
        raise
    if portion:
        yield portion


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _listed(counts: Iterable[tuple[int, str]]) -> str:
    """“3 empty, 2 duplicate and 1 contradicting”, without what is 0."""
    parts = [f"{count:,} {what}" for count, what in counts if count]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
