"""Opening a database: check it, back it up, bring it to the newest schema.

Every connection is WAL with foreign keys on. `Database` shares one connection among threads; a
transaction holds its lock, so statements of two threads never mix. In a folder that cannot be written, what is there
can still be read.
"""

import contextlib
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from app.base.errors import AppError
from app.storage.migrations import Migration

_BUSY_TIMEOUT_S = 10.0
# Grows only as needed; with SQLite's own 2 MiB each search over a large index reads the same pages again.
_CACHE_KIB = 32 * 1024
_KEPT_BACKUPS = 5
_BACKUP_EVERY_S = 86_400


class Damaged(AppError):
    """SQLite cannot make sense of the file."""


class Database:
    """An open database file. `read_only`: it lies where nothing can be written, so that every transaction is refused."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        path: Path,
        *,
        read_only: bool = False,
        writer: "Database | None" = None,
    ) -> None:
        """`writer`: whose connection the transactions go through, if not this one."""
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._writer = writer
        self._lock = threading.RLock()

    def for_reading(self) -> "Database":
        """The same database with a second connection for `rows`, which then wait for no transaction."""
        if self.read_only:
            return self
        try:
            connection = _connect_read_only(self.path)
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        connection.execute(f"PRAGMA cache_size={-_CACHE_KIB}")
        return Database(connection, self.path, writer=self)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing. Raises `AppError` when the disk is full or the file cannot be used."""
        if self._writer is not None:
            with self._writer.transaction() as db:
                yield db
            return
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException as error:
                with contextlib.suppress(sqlite3.Error):
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise explain(error, self.path) from error
                raise

    def rows(self, query: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of a query. Raises `AppError` as `transaction` does."""
        with self._lock:
            try:
                return self._connection.execute(query, parameters).fetchall()
            except sqlite3.Error as error:
                raise explain(error, self.path) from error

    def close(self) -> None:
        with self._lock:
            self._connection.close()


def open_database(
    path: Path, migrations: Sequence[Migration], *, durable: bool, backups: Path | None = None
) -> Database:
    """Open for writing, creating or migrating as needed; for reading where nothing can be written.

    `durable`: every commit survives a power cut (for data that cannot be rebuilt). `backups`: folder for
    the copies taken before a migration and once a day. Raises `AppError` for a damaged file and for one written by a newer
    Alcove, which is left untouched.
    """
    if not _may_write(path):
        return _open_as_it_is(path, migrations)
    try:
        connection = _connect(path, durable)
        try:
            _migrate(connection, path, migrations, backups)
        except BaseException:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return Database(connection, path)


def open_read_only(path: Path) -> Database | None:
    """Open for reading beside the writing process; None when there is no database yet, or an unfinished one."""
    if not path.is_file():
        return None
    try:
        connection = _connect_read_only(path)
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            connection.close()
            return None
    except sqlite3.Error as error:
        raise explain(error, path) from error
    return Database(connection, path, read_only=True)


def check_integrity(database: Database) -> str:
    """ "ok", or what SQLite's own check found."""
    found = [row[0] for row in database.rows("PRAGMA integrity_check(5)")]
    return "; ".join(found)


def explain(error: sqlite3.Error, path: Path) -> AppError:
    """The sentence a person can use for an error of SQLite."""
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith("SQLITE_FULL"):
        return AppError(
            "The disk is full.", "Free some space and try again; everything saved so far is kept."
        )
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return Damaged(
            f"The database {path} is damaged.", "Run “alcove doctor --repair”; nothing is deleted."
        )
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return AppError(f"Another program is using {path.name}.", "Close the other Alcove and try again.")
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_IOERR")):
        return AppError(
            f"The database {path} cannot be written.",
            "Check the permissions of the folder and the free space, or choose another with --home.",
        )
    raise error


def _connect(path: Path, durable: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    # WAL with NORMAL survives a killed process but may lose the last commits in a power cut
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA cache_size={-_CACHE_KIB}")
    return connection


def _connect_read_only(path: Path) -> sqlite3.Connection:
    # without its side files SQLite opens a database only where it may make them, or where nobody can change it
    alone = not path.with_name(path.name + "-wal").exists()
    options = "?mode=ro&immutable=1" if alone and _nobody_writes(path) else "?mode=ro"
    connection = sqlite3.connect(
        path.resolve().as_uri() + options,
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        check_same_thread=False,
        isolation_level=None,
    )
    connection.row_factory = sqlite3.Row
    return connection


def _may_write(path: Path) -> bool:
    """False only for a database that is there, in a read-only file system or without the permission."""
    if sys.platform == "win32" or not path.is_file():
        return True  # what does not work is told when it is tried
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def _nobody_writes(path: Path) -> bool:
    """Whether not even another user may: it lies in a read-only file system, or is one's own and protected."""
    if _may_write(path):
        return False
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY) or path.stat().st_uid == os.geteuid()


def _open_as_it_is(path: Path, migrations: Sequence[Migration]) -> Database:
    try:
        connection = _connect_read_only(path)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        raise explain(error, path) from error
    if version == len(migrations):
        return Database(connection, path, read_only=True)
    connection.close()
    if version > len(migrations):
        raise _from_newer(path)
    raise AppError(
        f"{path.name} is from an older version of Alcove, and its folder cannot be written.",
        "Give yourself permission to write there, or choose another data folder with --home.",
    )


def _from_newer(path: Path) -> AppError:
    return AppError(
        f"{path.name} was written by a newer version of Alcove.",
        "Install the newest version, or start with another data folder (--home). The file was not touched.",
    )


def _migrate(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration], backups: Path | None
) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(migrations):
        raise _from_newer(path)
    if version > 0 and backups is not None and (version < len(migrations) or _backup_due(path, backups)):
        _back_up(connection, path, backups)
    for number, migration in enumerate(migrations[version:], start=version + 1):
        _step(connection, migration, number)


def newest_backup(path: Path, backups: Path) -> Path | None:
    """The latest copy of a database, if there is one."""
    return max(backups.glob(f"{path.stem}-*.db"), default=None)


def set_aside(path: Path) -> Path:
    """Move a damaged database out of the way, its side files with it; nothing is deleted. Returns the new path."""
    target = path.with_name(f"{path.stem}-damaged-{time.strftime('%Y%m%d-%H%M%S')}.db")
    for ending in ("", "-wal", "-shm"):
        file = path.with_name(path.name + ending)
        if file.exists():
            file.replace(target.with_name(target.name + ending))
    return target


def _backup_due(path: Path, backups: Path) -> bool:
    newest = newest_backup(path, backups)
    return newest is None or time.time() - newest.stat().st_mtime > _BACKUP_EVERY_S


def _step(
    connection: sqlite3.Connection, migration: Callable[[sqlite3.Connection], None], number: int
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # another process may have migrated while this one waited for the lock
        if connection.execute("PRAGMA user_version").fetchone()[0] < number:
            migration(connection)
            connection.execute(f"PRAGMA user_version={number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, path: Path, backups: Path) -> None:
    backups.mkdir(parents=True, exist_ok=True)
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        return  # a damaged copy must not push a good one out
    target = backups / f"{path.stem}-{time.strftime('%Y%m%d-%H%M%S')}.db"
    with contextlib.closing(sqlite3.connect(target)) as copy:
        connection.backup(copy)
    for old in sorted(backups.glob(f"{path.stem}-*.db"))[:-_KEPT_BACKUPS]:
        old.unlink()
