import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.base.errors import AppError
from app.storage.database import check_integrity, open_database, open_read_only
from app.storage.migrations import INDEX, USER


def test_a_new_database_runs_every_migration(paths):
    for path, migrations in ((paths.user_db, USER), (paths.index_db, INDEX)):
        database = open_database(path, migrations, durable=True)
        assert database.rows("PRAGMA user_version")[0][0] == len(migrations)
        assert check_integrity(database) == "ok"
        database.close()


def test_a_newer_schema_is_refused_and_left_untouched(paths):
    open_database(paths.user_db, USER, durable=True).close()
    with sqlite3.connect(paths.user_db) as db:
        db.execute(f"PRAGMA user_version={len(USER) + 1}")
    db.close()
    before = paths.user_db.read_bytes()
    with pytest.raises(AppError, match="newer version"):
        open_database(paths.user_db, USER, durable=True)
    assert paths.user_db.read_bytes() == before


def test_the_data_is_backed_up_before_a_migration(paths):
    database = open_database(paths.user_db, USER, durable=True)
    with database.transaction() as db:
        db.execute("INSERT INTO collections (name, created) VALUES ('kept', 0)")
    database.close()

    def breaking(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM collections")
        raise RuntimeError("half way")

    with pytest.raises(RuntimeError):
        open_database(paths.user_db, (*USER, breaking), durable=True, backups=paths.backups)
    (backup,) = paths.backups.glob("user-*.db")
    for each in (backup, paths.user_db):
        with sqlite3.connect(each) as db:
            assert db.execute("SELECT name FROM collections").fetchall() == [("kept",)]
        db.close()


def test_a_failed_transaction_changes_nothing(paths):
    database = open_database(paths.user_db, USER, durable=True)
    with pytest.raises(ValueError, match="stop"), database.transaction() as db:
        db.execute("INSERT INTO collections (name, created) VALUES ('x', 0)")
        raise ValueError("stop")
    assert database.rows("SELECT * FROM collections") == []
    database.close()


@pytest.mark.parametrize("damage", [b"this is no database, it is a shopping list" * 50, b""])
def test_a_damaged_file_is_named_and_kept(paths, damage):
    paths.user_db.write_bytes(damage or b"\0" * 8192)
    with pytest.raises(AppError, match="damaged"):
        open_database(paths.user_db, USER, durable=True)
    assert paths.user_db.stat().st_size > 0


def test_reading_beside_the_writer(paths):
    assert open_read_only(paths.index_db) is None
    writer = open_database(paths.index_db, INDEX, durable=False)
    reader = open_read_only(paths.index_db)
    assert reader is not None
    with writer.transaction() as db:
        db.execute("INSERT INTO facts VALUES ('a', 'b')")
        assert reader.rows("SELECT * FROM facts") == []
    assert reader.rows("SELECT value FROM facts")[0][0] == "b"
    with pytest.raises(AppError, match="cannot be written"), reader.transaction() as db:
        db.execute("DELETE FROM facts")
    reader.close()
    writer.close()


def test_a_second_connection_reads_while_the_first_one_writes(paths):
    database = open_database(paths.index_db, INDEX, durable=False)
    reading = database.for_reading()
    with database.transaction() as db, ThreadPoolExecutor() as threads:
        db.execute("INSERT INTO facts VALUES ('a', 'b')")
        assert threads.submit(reading.rows, "SELECT * FROM facts").result(timeout=5) == []
    with reading.transaction() as db:
        db.execute("INSERT INTO facts VALUES ('c', 'd')")
    assert [row["name"] for row in reading.rows("SELECT name FROM facts")] == ["a", "c"]
    reading.close()
    database.close()
