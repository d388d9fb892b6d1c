"""A database of every released schema still opens with everything in it (see tests/fixtures/databases)."""

import shutil
from pathlib import Path

from app.storage.collections import Collections
from app.storage.conversations import Conversations
from app.storage.database import check_integrity, open_database
from app.storage.drafts import Drafts
from app.storage.feedback import Feedback
from app.storage.glossaries import Glossaries, Term
from app.storage.migrations import INDEX, USER
from app.storage.passages import IndexReader
from app.storage.summary_parts import SummaryParts
from app.storage.translation_jobs import StoredSegment, TranslationJobs
from app.storage.translation_memory import TranslationMemory

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "databases"


def test_there_is_one_for_each_schema():
    for name, migrations in (("user", USER), ("index", INDEX)):
        found = {path.name for path in FIXTURES.glob(f"{name}-*.db")}
        assert found == {f"{name}-{version}.db" for version in range(1, len(migrations) + 1)}


def test_conversations_of_every_schema(paths):
    for old in FIXTURES.glob("user-*.db"):
        shutil.copy(old, paths.user_db)
        database = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
        conversations = Conversations(database)
        (found,) = conversations.search("rent due")
        assert found.conversation.title == "When is the rent due?" and found.conversation.scope == "Home"
        texts = [
            (each.text, each.state, dict(each.details))
            for each in conversations.messages(found.conversation.id)
        ]
        assert texts[1] == ("On the third of the month.", "complete", {"model": "starter"})
        assert Collections(database).get("Home").folders == ("/documents/home",)
        assert check_integrity(database) == "ok"
        database.close()


def test_translations_of_every_schema(paths):
    for old in sorted(FIXTURES.glob("user-*.db"))[1:]:  # the first schema had none
        shutil.copy(old, paths.user_db)
        database = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
        assert SummaryParts(database).get("a1b2") == "The rent is due on the third."
        (near,) = TranslationMemory(database).near("The rent is due!", "en", "de")
        assert (near.target, near.origin) == ("Die <g1>Miete</g1> ist fällig.", "person")
        (glossary,) = Glossaries(database).all()
        assert (glossary.name, glossary.collection) == ("Rental law", "Home")
        assert Glossaries(database).terms(glossary.id) == [Term("rent", "Miete", True, "law")]
        jobs = TranslationJobs(database)
        (job,) = jobs.all()
        assert (job.file, job.state, job.done) == ("/documents/home/lease.docx", "writing", 1)
        assert jobs.segments(job.id) == {"p1": StoredSegment("p1", "Rent", "Miete", "memory")}
        database.close()


def test_ratings_of_every_schema(paths):
    for old in sorted(FIXTURES.glob("user-*.db")):
        shutil.copy(old, paths.user_db)
        database = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
        feedback, conversations = Feedback(database), Conversations(database)
        (found,) = conversations.search("rent due")
        answer = conversations.messages(found.conversation.id)[1]
        if old.name not in ("user-1.db", "user-2.db"):  # the first schemas had none
            rating = feedback.of_conversation(found.conversation.id)[answer.id]
            assert (rating.verdict, rating.correction) == ("bad", "On the third of each month.")
            assert (rating.question, rating.answer, rating.remark) == (
                "When is the rent due?", answer.text, "It is due every month.",
            )  # fmt: skip
        assert feedback.rate(answer.id, "good").details == {"model": "starter"}
        assert feedback.count() == (1, 1)
        database.close()


def test_drafts_of_every_schema(paths):
    for old in sorted(FIXTURES.glob("user-*.db")):
        shutil.copy(old, paths.user_db)
        database = open_database(paths.user_db, USER, durable=True, backups=paths.backups)
        drafts = Drafts(database)
        (found,) = Conversations(database).all()
        had_none = old.name in ("user-1.db", "user-2.db", "user-3.db")
        assert drafts.get(found.id) == ("" if had_none else "And when is it late?")
        assert drafts.get(None) == ("" if had_none else "Who pays for the van?")
        drafts.keep(found.id, "Since when?")
        assert drafts.get(found.id) == "Since when?"
        database.close()


def test_passages_of_every_schema(paths):
    for old in FIXTURES.glob("index-*.db"):
        shutil.copy(old, paths.index_db)
        database = open_database(paths.index_db, INDEX, durable=False)
        found = database.rows("SELECT rowid FROM passages_text WHERE passages_text MATCH 'rent'")
        assert len(found) == 1 and check_integrity(database) == "ok"
        database.close()
        reader = IndexReader(paths.index_db)
        (file,) = reader.files(["/documents"])
        assert (file.path, file.passages, file.waiting) == ("/documents/home/lease.txt", 1, 0)
        assert reader.text_of(file.path)[0].text == "The rent is due on the third of the month."
        reader.close()
