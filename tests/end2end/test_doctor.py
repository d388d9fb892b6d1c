"""`alcove doctor --repair` on damaged data: mended from what there is, nothing deleted."""

from tests.end2end.conftest import Alcove


def test_a_damaged_index_is_rebuilt_from_the_documents(alcove: Alcove, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "a.txt").write_text("The ferry leaves at noon from the old pier.")
    assert alcove("index", str(folder)).code == 0
    index = alcove.home / "index.db"
    for side in alcove.home.glob("index.db-*"):
        side.unlink()
    index.write_bytes(b"no database any more" * 500)
    found = alcove("doctor", "--json")
    assert found.code == 1 and "damaged" in found.out
    assert index.read_bytes().startswith(b"no database")
    mended = alcove("doctor", "--repair", "--json")
    assert mended.code == 0, mended.out
    assert "rebuilt from your documents" in mended.out
    assert len(list(alcove.home.glob("index-damaged-*.db"))) == 1
    assert alcove("search", "ferry", "--json").json["hits"][0]["text"].startswith("The ferry")


def test_damaged_conversations_come_back_from_the_newest_copy(alcove: Alcove, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    assert alcove("index", str(folder), "--collection", "Kept").code == 0
    alcove("index", str(folder))  # the second opening takes the daily copy
    (alcove.home / "user.db").write_bytes(b"ruined" * 2000)
    for side in alcove.home.glob("user.db-*"):
        side.unlink()
    assert alcove("search", "x").code == 1
    mended = alcove("doctor", "--repair", "--json")
    assert mended.code == 0, mended.out
    assert len(list(alcove.home.glob("user-damaged-*.db"))) == 1
    assert "Kept" in _names(alcove)


def _names(alcove: Alcove) -> list[str]:
    import sqlite3

    db = sqlite3.connect(alcove.home / "user.db")
    try:
        return [row[0] for row in db.execute("SELECT name FROM collections")]
    finally:
        db.close()
