from pathlib import Path

import pytest

from app.base.errors import AppError
from app.storage.collections import Collection, Collections
from app.storage.conversations import Conversations
from app.storage.fulltext import any_word, spaced
from app.storage.passages import within


def test_folders_are_added_once_and_found_by_any_case(database):
    collections = Collections(database)
    collections.add("Work", [Path("/a"), Path("/b")])
    collections.add("work", [Path("/a")])
    assert collections.get("WORK").folders == ("/a", "/b")
    assert collections.folders() == ("/a", "/b")


def test_any_script_has_cases(database):
    collections = Collections(database)
    collections.add("Über", [Path("/a")])
    collections.add("über", [Path("/b")])
    assert collections.all() == [Collection("Über", ("/a", "/b"))]
    collections.add("Home", [])
    with pytest.raises(AppError, match="already"):
        collections.rename("Home", "ÜBER")
    collections.rename("über", "ÜBER")
    assert [each.name for each in collections.all()] == ["ÜBER", "Home"]


def test_a_folder_is_kept_by_its_one_path(database, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    collections = Collections(database)
    collections.add("Work", [Path("../docs"), tmp_path / "docs", tmp_path / "here" / ".." / "docs"])
    assert collections.folders() == (str(tmp_path / "docs"),)
    with pytest.raises(AppError):
        collections.add("New", [Path("caf\udce9")])
    assert collections.get("New") is None


def test_renaming_keeps_conversations_on_their_collection(database):
    collections, conversations = Collections(database), Conversations(database)
    collections.add("Work", [Path("/a")])
    collections.add("Home", [])
    talk = conversations.start(scope="Work")
    with pytest.raises(AppError, match="already"):
        collections.rename("Work", "home")
    collections.rename("Work", "Office")
    assert conversations.get(talk.id).scope == "Office"


def test_removing(database):
    collections = Collections(database)
    collections.add("Work", [Path("/a"), Path("/b")])
    collections.remove_folder("Work", "/a")
    assert collections.get("Work").folders == ("/b",)
    collections.remove("Work")
    assert collections.all() == []


def test_a_collection_needs_a_name(database):
    collections = Collections(database)
    with pytest.raises(AppError, match="name"):
        collections.add("  ", [])
    collections.add("Work", [])
    with pytest.raises(AppError, match="name"):
        collections.rename("Work", " ")
    assert collections.get("Work") is not None


def test_below_a_folder_means_below_it(database):
    paths = ["/a", "/a/x.txt", "/a/b/y.txt", "/ab/z.txt", "/A/q.txt", "/a%/r.txt"]
    with database.transaction() as db:
        db.execute("CREATE TABLE t (path TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [(each,) for each in paths])
    where, parameters = within("path", ["/a", "/a%/"])
    rows = database.rows(f"SELECT path FROM t WHERE {where}", parameters)
    assert [row[0] for row in rows] == ["/a", "/a/x.txt", "/a/b/y.txt", "/a%/r.txt"]


@pytest.mark.parametrize("folder", ["D:\\", "D:\\docs", "D:\\docs\\", "/", "/a\\"])
def test_below_a_drive_and_other_roots(database, folder):
    separator = "\\" if "/" not in folder else "/"
    inside = folder.rstrip(separator) + separator + "x.txt"
    others = ["D:/x.txt", "E:\\x.txt", "D:\\docsx\\x.txt", "/ab/x.txt", "C:\\docs\\x.txt"]
    with database.transaction() as db:
        db.execute("CREATE TABLE t (path TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [(each,) for each in [inside, *others]])
    where, parameters = within("path", [folder])
    found = {row[0] for row in database.rows(f"SELECT path FROM t WHERE {where}", parameters)}
    assert found == {
        each for each in [inside, *others] if each.startswith(folder.rstrip(separator) + separator)
    }


def test_what_is_in_an_archive_lies_below_it_on_windows_too(database):
    paths = ["C:\\a.zip", "C:\\a.zip/in/x.txt", "C:\\a.zipx", "C:\\a.zip.txt"]
    with database.transaction() as db:
        db.execute("CREATE TABLE t (path TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [(each,) for each in paths])
    where, parameters = within("path", ["C:\\a.zip"])
    rows = database.rows(f"SELECT path FROM t WHERE {where}", parameters)
    assert [row[0] for row in rows] == paths[:2]


def test_any_number_of_folders_can_be_asked_for(database):
    with database.transaction() as db:
        db.execute("CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT UNIQUE)")
        db.executemany("INSERT INTO files (path) VALUES (?)", [(f"/a/{n}/x.txt",) for n in range(3000)])
    where, parameters = within("path", [f"/a/{n}" for n in range(0, 3000, 2)])
    assert database.rows(f"SELECT count(*) FROM files WHERE {where}", parameters)[0][0] == 1500


def test_each_cjk_character_can_be_found(database):
    with database.transaction() as db:
        db.execute("CREATE VIRTUAL TABLE f USING fts5(text)")
        db.execute("INSERT INTO f VALUES (?)", (spaced("保証期間は三十か月です。Warranty"),))
    for query in ("保証", "期", "三十か月", "warranty"):
        assert database.rows("SELECT count(*) FROM f WHERE f MATCH ?", (any_word(query),))[0][0] == 1
    assert database.rows("SELECT count(*) FROM f WHERE f MATCH ?", (any_word("証保"),))[0][0] == 0


def test_queries_are_never_syntax(database):
    assert any_word('a "b" OR (c* NEAR d) -e: "') == '"b" OR "c" OR "near" OR "d" OR "e"'
    assert any_word("the of") == '"the" OR "of"'
    assert any_word("?!") == ""
