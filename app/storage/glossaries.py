"""Glossaries: lists of terms whose translation is given."""

import itertools
import re
import sqlite3
import time
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.base.errors import AppError
from app.storage.database import Database

# Terms are words and short phrases; what is longer is a sentence, and belongs into the translation memory.
LONGEST_TERM = 200
_LONGEST_NOTE = 1_000
_LONGEST_NAME = 100
# The largest public term collections for one subject have some 10,000 terms.
MOST_TERMS = 50_000
_GLOSSARIES = """SELECT g.id, g.name, g.source_language, g.target_language, g.collection,
                 (SELECT count(*) FROM glossary_terms t WHERE t.glossary_id = g.id) AS terms FROM glossaries g"""
# Scripts that write words without blanks or join particles to them: Thai to Myanmar and Khmer, CJK, Hangul.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f]"
)
# Letters with the vowel signs of Indic, Hebrew and Arabic writing, which `\w` leaves out, and without full stops (danda).
_WORD = re.compile("(?:\\w|[\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u0dff\u200c\u200d])+")
_SIGNS = re.compile(
    r"[^\w\s'’.,()\u2010-\u2015-]"
)  # with one of these a term is more than its words: "C++", "R&D"
_STEM = 5  # letters two forms of a word must share at least
_ACRONYM = 5  # letters; "IT" is not "it", while a whole heading in capitals is no acronym


@dataclass(frozen=True, slots=True)
class Term:
    """`locked`: no other translation of it is accepted."""

    source: str
    target: str
    locked: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """`collection`: it is used for documents of that collection only; "" for all. `terms`: how many it has."""

    id: int
    name: str
    source_language: str
    target_language: str
    collection: str
    terms: int


@dataclass(frozen=True, slots=True)
class Usable:
    """The terms of a list that can be kept, in order, and how many could not."""

    terms: tuple[Term, ...]
    empty: int = 0
    duplicate: int = 0
    contradicting: int = 0
    too_long: int = 0


class Glossaries:
    """Reads and writes glossaries in `user.db`. Names are unique whatever their case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Glossary]:
        """By name."""
        found = [Glossary(**dict(row)) for row in self._database.rows(_GLOSSARIES)]
        return sorted(found, key=lambda each: each.name.casefold())

    def get(self, id: int) -> Glossary:
        """Raises `AppError` when it was removed."""
        rows = self._database.rows(f"{_GLOSSARIES} WHERE g.id = ?", (id,))
        if not rows:
            raise AppError("This glossary was removed.", "Import it again.")
        return Glossary(**dict(rows[0]))

    def add(
        self,
        name: str,
        source_language: str,
        target_language: str,
        terms: Sequence[Term],
        collection: str = "",
    ) -> Glossary:
        """Keep the usable ones of `terms` (see `usable`).

        Raises `AppError` for a name that is empty, too long or taken, and when there is no usable term or too many.
        """
        kept = _checked(terms)
        with self._database.transaction() as db:
            name = _free_name(db, name)
            number = db.execute(
                """INSERT INTO glossaries (name, source_language, target_language, collection, created)
                   VALUES (?, ?, ?, ?, ?)""",
                (name, source_language, target_language, collection, time.time()),
            ).lastrowid
            _insert(db, number, kept)
        return Glossary(number or 0, name, source_language, target_language, collection, len(kept))

    def terms(self, id: int) -> list[Term]:
        """In the order of the glossary."""
        rows = self._database.rows(
            "SELECT source, target, locked, note FROM glossary_terms WHERE glossary_id = ? ORDER BY id", (id,)
        )
        return [Term(row["source"], row["target"], bool(row["locked"]), row["note"]) for row in rows]

    def replace_terms(self, id: int, terms: Sequence[Term]) -> None:
        """Raises `AppError` when there is no usable term or too many, and when the glossary was removed."""
        kept = _checked(terms)
        self.get(id)
        with self._database.transaction() as db:
            db.execute("DELETE FROM glossary_terms WHERE glossary_id = ?", (id,))
            _insert(db, id, kept)

    def rename(self, id: int, name: str) -> None:
        """Raises `AppError` as `add` does for the name."""
        with self._database.transaction() as db:
            db.execute("UPDATE glossaries SET name = ? WHERE id = ?", (_free_name(db, name, but=id), id))

    def set_collection(self, id: int, collection: str) -> None:
        """`collection` "": for all documents."""
        with self._database.transaction() as db:
            db.execute("UPDATE glossaries SET collection = ? WHERE id = ?", (collection, id))

    def remove(self, id: int) -> None:
        with self._database.transaction() as db:
            db.execute("DELETE FROM glossaries WHERE id = ?", (id,))


def usable(terms: Iterable[Term]) -> Usable:
    """`terms` tidied: blanks made single, those without a source or a target, or longer than `LONGEST_TERM`, left out.

    The same source with the same target is kept once. Of different targets for one source the last is kept, as the
    later line of a list corrects the earlier, but a locked one gives way only to a locked one. The place in the order
    is that of the first. Sources that differ in case are different terms ("Polish", "polish").
    """
    kept: dict[str, Term] = {}
    empty = duplicate = contradicting = too_long = 0
    for given in terms:
        term = Term(_tidy(given.source), _tidy(given.target), given.locked, _tidy(given.note)[:_LONGEST_NOTE])
        known = kept.get(term.source)
        if not term.source or not term.target:
            empty += 1
        elif max(len(term.source), len(term.target)) > LONGEST_TERM:
            too_long += 1
        elif known is None:
            kept[term.source] = term
        elif known.target == term.target:
            duplicate += 1
            locked, note = known.locked or term.locked, known.note or term.note
            kept[term.source] = replace(known, locked=locked, note=note)
        else:
            contradicting += 1
            if term.locked or not known.locked:
                kept[term.source] = term
    return Usable(tuple(kept.values()), empty, duplicate, contradicting, too_long)


def _checked(terms: Sequence[Term]) -> tuple[Term, ...]:
    kept = usable(terms).terms
    if not kept:
        raise AppError(
            "There is no usable term.", "A glossary needs at least one term with its translation beside it."
        )
    if len(kept) > MOST_TERMS:
        raise AppError(
            f"A glossary holds at most {MOST_TERMS:,} terms, these are {len(kept):,}.",
            "Divide them into several glossaries.",
        )
    return kept


def _tidy(text: str) -> str:
    held = text.encode("utf-8", "replace").decode().replace("\0", "")
    return " ".join(unicodedata.normalize("NFC", held).split())


def _free_name(db: sqlite3.Connection, name: str, but: int = 0) -> str:
    """The name tidied. SQLite's own comparison knows only ASCII, so names are compared here."""
    name = _tidy(name)
    if not name:
        raise AppError("A glossary needs a name.", "Type a name and try again.")
    if len(name) > _LONGEST_NAME:
        raise AppError("The name of the glossary is too long.", f"Use at most {_LONGEST_NAME} characters.")
    for row in db.execute("SELECT id, name FROM glossaries"):
        if row["id"] != but and row["name"].casefold() == name.casefold():
            raise AppError(f"There is a glossary “{row['name']}” already.", "Choose another name.")
    return name


def _insert(db: sqlite3.Connection, glossary: int | None, terms: Iterable[Term]) -> None:
    db.executemany(
        "INSERT INTO glossary_terms (glossary_id, source, target, locked, note) VALUES (?, ?, ?, ?, ?)",
        [(glossary, each.source, each.target, each.locked, each.note) for each in terms],
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """A term as words: `folded` for comparing, `shown` as it is written."""

    term: Term
    folded: tuple[str, ...]
    shown: tuple[str, ...]
    acronym: bool

    def fits(self, folded: tuple[str, ...], shown: tuple[str, ...]) -> bool:
        if folded != self.folded and not (
            len(folded) == len(self.folded) and all(map(_same_word, self.folded, folded))
        ):
            return False
        return not self.acronym or shown[0].startswith(self.shown[0])


class TermFinder:
    """Finds which of some terms occur in a text; build it once for a document.

    Words are compared without regard to case and accents, and with endings (see `_same_word`). A term in capitals of up
    to five letters is an acronym and must stand so. Of terms that overlap the longest is taken. Terms in scripts without
    blanks are found anywhere.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        # by how the first two words begin, and by the first two characters: few terms are left to compare
        self._by_words: dict[tuple[str, ...], list[_Form]] = defaultdict(list)
        self._by_characters: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        self._characters: set[str] = set()  # that a literal term begins with
        for term in terms:
            shown = tuple(_WORD.findall(term.source))
            words = tuple(map(_folded, shown))
            literal = _literal(term.source)
            if words and not (_UNSPACED.search(literal) or _SIGNS.search(literal)):
                form = _Form(term, words, shown, term.source.isupper() and len(term.source) <= _ACRONYM)
                for key in itertools.product(*map(_keys, words[:2])):
                    self._by_words[key].append(form)
            elif literal:
                self._by_characters[literal[:2]].append((literal, term))
                self._characters.add(literal[0])
        for literals in self._by_characters.values():
            literals.sort(key=lambda each: -len(each[0]))

    def present(self, text: str) -> list[Term]:
        """The terms in `text` (without tags), each once, in the order of the text."""
        text = unicodedata.normalize("NFC", text)
        found = sorted([*self._words(text), *self._literals(text)], key=lambda each: each[0])
        return list(dict.fromkeys(term for _, term in found))

    def _words(self, text: str) -> Iterator[tuple[int, Term]]:
        places = list(_WORD.finditer(text))
        shown = tuple(place[0] for place in places)
        words = tuple(map(_folded, shown))
        begins = tuple(word[:_STEM] for word in words)
        at = 0
        while at < len(words):
            fitting: list[tuple[tuple[int, bool, bool], _Form]] = []
            for key in (begins[at : at + 1], begins[at : at + 2]):
                for form in self._by_words.get(key, ()):
                    here = slice(at, at + len(form.folded))
                    if form.fits(words[here], shown[here]):
                        # more words first, then the words themselves before their forms, then the same case
                        rank = (-len(form.folded), form.folded != words[here], form.shown != shown[here])
                        fitting.append((rank, form))
            if not fitting:
                at += 1
                continue
            _, form = min(fitting, key=lambda each: each[0])
            yield places[at].start(), form.term
            at += len(form.folded)

    def _literals(self, text: str) -> Iterator[tuple[int, Term]]:
        folded = _literal(text)
        if self._characters.isdisjoint(folded):
            return
        at = 0
        while at < len(folded):
            if folded[at] not in self._characters:
                at += 1
                continue
            for literal, term in itertools.chain.from_iterable(
                self._by_characters.get(key, ()) for key in (folded[at : at + 2], folded[at])
            ):
                if folded.startswith(literal, at) and _bounded(folded, at, at + len(literal)):
                    yield at, term
                    at += len(literal) - 1
                    break
            at += 1


def terms_in(text: str, terms: Iterable[Term]) -> list[Term]:
    """`TermFinder` for a single text."""
    return TermFinder(terms).present(text)


def _folded(word: str) -> str:
    """Without case and accents of Latin, Greek and Cyrillic letters."""
    if word.isascii():
        return word.lower()
    return re.sub("[\u0300-\u036f]", "", unicodedata.normalize("NFD", word.casefold()))


def _literal(text: str) -> str:
    """Without case, character by character, so that places stay the same."""
    if len(lower := text.lower()) == len(text):
        return lower
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _keys(word: str) -> set[str]:
    """What the forms of a term's word begin with: under each of them the term is looked for."""
    forms = {word}
    if word.isalpha() and 3 <= len(word) < _STEM:
        forms |= {word + "s", word + "es"}
    if word.isalpha() and len(word) <= _STEM + 1:
        forms |= {word[: -len(ending)] for ending in ("s", "es") if word.endswith(ending)}
    return {form[:_STEM] for form in forms if form}


def _same_word(term: str, word: str) -> bool:
    """Whether `word` is `term` or a form of it: "engine", "engines"; "battery", "batteries"; "contracts", "contract".

    At least five letters are shared; the term loses at most one, and the word has at most three others, or the word is
    the term less an ending of two. Shorter words, three letters at least, may only add "s" or "es".
    """
    if term == word:
        return True
    if not (term.isalpha() and word.isalpha()):
        return False
    short, long = sorted((term, word), key=len)
    if 3 <= len(short) < _STEM:
        return long in (short + "s", short + "es")
    shared = next(
        (at for at, pair in enumerate(zip(term, word, strict=False)) if pair[0] != pair[1]), len(short)
    )
    left, added = len(term) - shared, len(word) - shared
    return shared >= _STEM and ((left <= 1 and added <= 3) or (added == 0 and left <= 2))


def _bounded(text: str, start: int, end: int) -> bool:
    """Whether what starts or ends with a letter of a script with blanks is not the middle of a word."""

    def inside(one: str, other: str) -> bool:
        return one.isalnum() and other.isalnum() and not (_UNSPACED.match(one) or _UNSPACED.match(other))

    return not (start > 0 and inside(text[start - 1], text[start])) and not (
        end < len(text) and inside(text[end - 1], text[end])
    )
