from app.storage.database import open_database
from app.storage.migrations import USER
from app.storage.summary_parts import SummaryParts


def test_the_least_recently_used_goes(paths):
    database = open_database(paths.user_db, USER, durable=True)
    parts = SummaryParts(database, most=2)
    parts.put("a", "first")
    parts.put("b", "second")
    assert parts.get("a") == "first"
    parts.put("c", "third")
    assert (parts.get("a"), parts.get("b"), parts.get("c")) == ("first", None, "third")
    parts.put("a", "again")
    assert (parts.get("a"), parts.get("c")) == ("again", "third")
    database.close()
