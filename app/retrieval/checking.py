"""`alcove doctor` for the document index: what is wrong with it, and mending what can be rebuilt."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from app.retrieval.index_store import IndexStore, generation
from app.retrieval.protocol import CheckResult
from app.retrieval.vector_index import VectorIndex
from app.storage.database import check_integrity

_ORPHANS = (
    ("passages without searchable text", "passages WHERE id NOT IN (SELECT rowid FROM passages_text)"),
    ("searchable text without passages", "passages_text WHERE rowid NOT IN (SELECT id FROM passages)"),
    ("vectors without passages", "vectors WHERE passage_id NOT IN (SELECT id FROM passages)"),
)


def check(
    store: IndexStore, cache: Path, repair: bool, writer: Callable[[], AbstractContextManager[None]]
) -> Iterator[CheckResult]:
    """One result for each thing looked at."""
    damage = check_integrity(store.database)
    yield CheckResult("index database", damage == "ok", "sound" if damage == "ok" else damage)
    found = [(name, _count(store, condition)) for name, condition in _ORPHANS]
    wrong = [f"{count} {name}" for name, count in found if count]
    if wrong and repair:
        with writer():
            _drop_inconsistent(store)
        yield CheckResult("index contents", ok=True, detail="repaired: " + ", ".join(wrong))
    else:
        files = _count(store, "files")
        passages = _count(store, "passages")
        yield CheckResult(
            "index contents", not wrong, ", ".join(wrong) or f"{files} files, {passages} passages"
        )
    waiting = _count(store, "passages WHERE id NOT IN (SELECT passage_id FROM vectors)")
    yield CheckResult(
        "vectors", waiting == 0, f"{waiting} passages wait for the next refresh" if waiting else "complete"
    )
    yield _check_cache(store, cache)


def _check_cache(store: IndexStore, cache: Path) -> CheckResult:
    """A stale or damaged cache is no fault: the next search builds it anew from the database."""
    row = store.database.rows("SELECT length(vector) FROM vectors LIMIT 1")
    if not row:
        return CheckResult("vector cache", ok=True, detail="not needed yet")
    loaded = VectorIndex.load(cache, generation(store.database), row[0][0] // 4)
    detail = "up to date" if loaded is not None else "will be rebuilt with the next search"
    return CheckResult("vector cache", ok=True, detail=detail)


def _drop_inconsistent(store: IndexStore) -> None:
    """Forget the files concerned; the next refresh reads them again."""
    with store.database.transaction() as db:
        db.execute(
            "DELETE FROM files WHERE id IN"
            " (SELECT file_id FROM passages WHERE id NOT IN (SELECT rowid FROM passages_text))"
        )
        db.execute("DELETE FROM passages_text WHERE rowid NOT IN (SELECT id FROM passages)")
        db.execute("DELETE FROM vectors WHERE passage_id NOT IN (SELECT id FROM passages)")


def _count(store: IndexStore, what: str) -> int:
    return int(store.database.rows(f"SELECT count(*) FROM {what}")[0][0])  # noqa: S608 - fixed texts
