"""What was translated before: found again exactly, or as something much like it."""

import re
import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from itertools import pairwise
from typing import Any, Literal

from app.storage.database import Database
from app.storage.fulltext import spaced

MemoryOrigin = Literal["engine", "person", "import"]
_RANKS: dict[MemoryOrigin, int] = {"engine": 0, "import": 1, "person": 2}
"""A translation replaces none of a higher rank."""
# A word in more entries than this tells too little, and reading them all would take longer than it is worth.
_COMMON = 100
# Rarer words are taken until they are in this many entries together: what is read and compared for one text.
_CANDIDATES = 100
_LONGEST_QUERY = 12  # words of a text that are looked up, from all over it
_TAGS_LENGTH = 60  # what the tags of an entry may add to its length: some eight pairs
_NEVER_EXACT = 0.99  # score of the same words with other tags
_PAGE = 1_000  # entries read at a time for an export
# Tags are defined in documents/layout/tags.py, which storage must not import.
_TAG = re.compile(r"</?[gx]\d+>")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Remembered:
    """A translation found. `score`: 1.0 for the very same text, else how alike the texts are without tags (0 to 1)."""

    source: str
    target: str
    origin: MemoryOrigin
    score: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the memory, as exported. `changed` in seconds (Unix)."""

    source_language: str
    target_language: str
    source: str
    target: str
    origin: MemoryOrigin
    changed: float
    engine: str = ""


_COLUMNS = [each.name for each in fields(Entry)]


class TranslationMemory:
    """Reads and writes the translation memory in `user.db`.

    Texts may hold inline tags. Two texts are the same when they are after `normalised`. Languages are compared as they
    are given ("pt" is not "pt-BR"). `engine`: the name of the one that translates now: what others wrote is not found,
    while what the person wrote or imported always is; "": everything is found.
    """

    def __init__(self, database: Database, engine: str = "") -> None:
        self._database = database
        self._engine = engine
        self._common: set[str] = set()  # words known to be in more than _COMMON entries

    def of_engine(self, engine: str) -> "TranslationMemory":
        """The same memory, while this engine translates."""
        return TranslationMemory(self._database, engine)

    def exact(self, text: str, source_language: str, target_language: str) -> Remembered | None:
        rows = self._database.rows(
            """SELECT source, target, origin FROM translation_memory
               WHERE source_language = ?1 AND target_language = ?2 AND source = ?3
               AND (origin != 'engine' OR engine = ?4 OR ?4 = '')""",
            (source_language, target_language, normalised(text), self._engine),
        )
        return _remembered(rows[0], 1.0) if rows else None

    def near(
        self, text: str, source_language: str, target_language: str, least: float = 0.75, count: int = 3
    ) -> list[Remembered]:
        """At most `count` entries whose source is at least `least` like `text`, best first; the very same one included.

        The score is RapidFuzz's ratio: insertions and deletions by character against the length of both texts.
        """
        from rapidfuzz import fuzz, process  # loaded with the first text, not before the window shows

        text = normalised(text)
        query = self._query(text)
        if not query:
            return []
        plain = _plain(text)
        rows = self._candidates(query, source_language, target_language, len(plain), least)
        found = process.extract(
            plain,
            [_plain(row["source"]) for row in rows],
            scorer=fuzz.ratio,
            score_cutoff=least * 100,
            limit=count
            + 1,  # one more: the very same text need not come first among those that differ in tags
        )
        scored = [
            _remembered(rows[place], _score(text, rows[place]["source"], ratio)) for _, ratio, place in found
        ]
        return sorted(scored, key=lambda each: -each.score)[:count]

    def remember(
        self,
        source_language: str,
        target_language: str,
        pairs: Iterable[tuple[str, str]],
        origin: MemoryOrigin,
    ) -> None:
        """Keep `pairs` of source and target, all or none; where the source is known, the new target replaces the old.

        What the person wrote is replaced only by the person, and what was imported never by an engine. A pair with an
        empty text is left out.
        """
        now, engine = time.time(), self._engine if origin == "engine" else ""
        entries = [
            Entry(source_language, target_language, source, target, origin, now, engine)
            for source, target in pairs
        ]
        with self._database.transaction() as db:
            for each in filter(None, map(_normalised, entries)):
                _keep(db, each)

    def take(self, entries: Iterable[Entry]) -> int:
        """Keep `entries` of another memory, all or none; as `remember`, but of two by the person, imported or by an engine
        the newer one stays. Returns how many were not kept, because the memory has another target for their source.
        """
        refused = 0
        now = time.time()  # a clock that is ahead must not make an entry lasting
        whole = [
            replace(each, changed=min(each.changed, now)) for each in filter(None, map(_normalised, entries))
        ]
        with self._database.transaction() as db:
            for each in whole:
                refused += not _keep(db, each, if_newer=True)
        return refused

    def forget(self, text: str, source_language: str = "", target_language: str = "") -> int:
        """Every translation of `text` between these languages ("": any). Returns how many there were."""
        with self._database.transaction() as db:
            gone = db.execute(
                """DELETE FROM translation_memory WHERE source = ?1 AND (?2 = '' OR source_language = ?2)
                   AND (?3 = '' OR target_language = ?3) RETURNING id""",
                (normalised(text), source_language, target_language),
            ).fetchall()
            db.executemany(
                "DELETE FROM translation_memory_text WHERE rowid = ?", [tuple(row) for row in gone]
            )
        return len(gone)

    def pairs(self, source_language: str = "", target_language: str = "") -> Iterator[Entry]:
        """Every entry of these languages ("": of any), oldest first; read in portions, so the memory may be large."""
        last = 0
        while True:
            rows = self._database.rows(
                """SELECT * FROM translation_memory WHERE id > ?1 AND (?2 = '' OR source_language = ?2)
                   AND (?3 = '' OR target_language = ?3) ORDER BY id LIMIT ?4""",
                (last, source_language, target_language, _PAGE),
            )
            for row in rows:
                yield Entry(**{name: row[name] for name in _COLUMNS})
            if len(rows) < _PAGE:
                return
            last = rows[-1]["id"]

    def count(self) -> int:
        return int(self._database.rows("SELECT count(*) FROM translation_memory")[0][0])

    def _query(self, text: str) -> str:
        """An FTS5 expression for what may be like `text`: any of its rarer words; "" if nothing can be."""
        words = list(dict.fromkeys(_words(text)))
        words = words[:: len(words) // _LONGEST_QUERY + 1]  # from all over the text
        seen = self._seen(words)
        rare = sorted((word for word in words if 0 < seen[word] <= _COMMON), key=lambda word: seen[word])
        taken: list[str] = []
        total = 0
        for word in rare:
            total += seen[word]
            if taken and total > _CANDIDATES:
                break
            taken.append(word)
        if taken:
            return " OR ".join(f'"{word}"' for word in taken)
        common = sorted((word for word in words if seen[word]), key=len, reverse=True)
        # only common words: together they are rare again; the longest tell most
        return " AND ".join(f'"{word}"' for word in common[:4])

    def _seen(self, words: Sequence[str]) -> dict[str, int]:
        """In how many entries each word is; counting ends just beyond `_COMMON`, and common words are not counted twice."""
        counts = {word: _COMMON + 1 for word in words if word in self._common}
        asked = [word for word in words if word not in counts]
        if asked:
            # one statement for all of them: each costs more by itself than the look-up
            one = """(SELECT count(*) FROM
                (SELECT 1 FROM translation_memory_text WHERE translation_memory_text MATCH ? LIMIT ?))"""
            parameters = [each for word in asked for each in (f'"{word}"', _COMMON + 1)]
            row = self._database.rows(f"SELECT {', '.join([one] * len(asked))}", parameters)[0]
            counts.update(zip(asked, row, strict=True))
        self._common.update(word for word in asked if counts[word] > _COMMON)
        return counts

    def _candidates(
        self, query: str, source_language: str, target_language: str, length: int, least: float
    ) -> list[Any]:
        # the ratio is twice what is common against both lengths, so it bounds how long the other text can be
        shortest, longest = length * least / (2 - least), length * (2 - least) / max(least, 0.01)
        # CROSS JOIN keeps SQLite from going through all entries of the languages instead
        return self._database.rows(
            """SELECT m.source, m.target, m.origin
               FROM translation_memory_text t CROSS JOIN translation_memory m ON m.id = t.rowid
               WHERE t.translation_memory_text MATCH ?1 AND m.source_language = ?2 AND m.target_language = ?3
               AND length(m.source) BETWEEN ?4 AND ?5
               AND (m.origin != 'engine' OR m.engine = ?6 OR ?6 = '') LIMIT ?7""",
            (query, source_language, target_language, shortest, longest + _TAGS_LENGTH, self._engine, _CANDIDATES),
        )  # fmt: skip


def normalised(text: str) -> str:
    """As texts are kept and compared: composed (Unicode NFC), without outer blanks, without what SQLite cannot hold."""
    held = text.encode("utf-8", "replace").decode().replace("\0", "")
    return unicodedata.normalize("NFC", held).strip()


def _plain(text: str) -> str:
    return _TAG.sub("", text) if "<" in text else text


def _words(text: str) -> Iterator[str]:
    """The words the index has. Of CJK, which FTS5 does not divide, every two neighbouring characters: single ones are in
    so many texts that they tell nothing.
    """
    for word in _WORD.findall(_plain(text).lower()):
        parts = spaced(word).split()
        yield from map("".join, pairwise(parts)) if len(parts) > 1 else parts


def _remembered(row: sqlite3.Row, score: float) -> Remembered:
    return Remembered(row["source"], row["target"], row["origin"], score)


def _score(text: str, source: str, ratio: float) -> float:
    return 1.0 if source == text else min(ratio / 100, _NEVER_EXACT)


def _normalised(entry: Entry) -> Entry | None:
    """As it is kept; None when one of its texts is empty."""
    source, target = normalised(entry.source), normalised(entry.target)
    return replace(entry, source=source, target=target) if source and target else None


def _keep(db: sqlite3.Connection, entry: Entry, *, if_newer: bool = False) -> bool:
    """False when another target stays. `if_newer`: an entry of the same origin replaces none that is as new."""
    added = db.execute(
        """INSERT INTO translation_memory (source_language, target_language, source, target, origin, changed, engine)
           VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
        astuple(entry),
    )
    if added.rowcount:
        db.execute(
            "INSERT INTO translation_memory_text (rowid, source) VALUES (?, ?)",
            (added.lastrowid, " ".join(_words(entry.source))),
        )
        return True
    same = (entry.source_language, entry.target_language, entry.source)
    id, target, origin, changed = db.execute(
        """SELECT id, target, origin, changed FROM translation_memory
           WHERE source_language = ? AND target_language = ? AND source = ?""",
        same,
    ).fetchone()
    first, second = _RANKS[entry.origin], _RANKS[origin]
    if first < second or (first == second and if_newer and entry.changed <= changed):
        return bool(target == entry.target)
    db.execute(
        "UPDATE translation_memory SET target = ?, origin = ?, changed = ?, engine = ? WHERE id = ?",
        (entry.target, entry.origin, entry.changed, entry.engine, id),
    )
    return True
