import pytest

from app.assistants.keep_translations import (
    ImportProgress,
    MemoryImported,
    export_memory,
    import_glossary,
    import_memory,
)
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.storage.database import open_database
from app.storage.glossaries import Glossaries, Term
from app.storage.migrations import USER
from app.storage.translation_memory import TranslationMemory

UNIT = '<tu><tuv xml:lang="en"><seg>%s</seg></tuv><tuv xml:lang="de"><seg>%s</seg></tuv></tu>'
TMX = '<tmx version="1.4"><header srclang="en"/><body>%s</body></tmx>'


@pytest.fixture
def memory(database):
    return TranslationMemory(database)


def test_a_memory_exported_and_imported_again_is_the_same(memory, paths, tmp_path):
    starter = memory.of_engine("Starter")
    starter.remember("en", "de", [("<g1>Open</g1>", "<g1>Öffnen</g1>"), ("a\nb & c", "x")], "engine")
    memory.remember("en", "fr", [("Open", "Ouvrir")], "person")
    memory.remember("de", "en", [("Tür", "door")], "import")
    file = tmp_path / "memory.tmx"
    assert export_memory(file, memory, CancelToken()).count == 4
    other_file = paths.data / "other.db"
    other_database = open_database(other_file, USER, durable=True)
    other = TranslationMemory(other_database)
    *progress, report = import_memory(file, other, CancelToken())
    assert report == MemoryImported(read=4, new=4, empty=0, other=0)
    assert progress == [ImportProgress(file.stat().st_size, file.stat().st_size, 4)]

    def known(memory):
        return {
            (each.source_language, each.target_language, each.source, each.target, each.origin)
            for each in memory.pairs()
        }

    assert known(other) == known(memory)
    assert [each.engine for each in other.pairs()] == ["Starter", "Starter", "", ""]
    *_, again = import_memory(file, other, CancelToken())
    assert again.new == 0 and again.sentence == "4 translations imported, 4 of them known before."
    other_database.close()


def test_what_is_skipped_is_told_and_the_person_keeps_theirs(memory, tmp_path):
    memory.remember("en", "de", [("Open", "Aufmachen")], "person")
    file = tmp_path / "a.tmx"
    file.write_text(TMX % (UNIT % ("Open", "Öffnen") + UNIT % ("Close", "Zu") + UNIT % ("x", " ") + "<tu/>"))
    *_, report = import_memory(file, memory, CancelToken(), "en", "de")
    assert (
        report.sentence
        == "1 translation imported. Skipped: 1 empty, 1 in other languages and 1 to keep what is newer or your own."
    )
    assert (report.read, report.new, report.outdone) == (1, 1, 1)
    assert memory.exact("Open", "en", "de").target == "Aufmachen"
    assert memory.exact("Close", "en", "de").origin == "import"
    with pytest.raises(AppError, match="no translations in these languages"):
        list(import_memory(file, memory, CancelToken(), "fr", "de"))


def test_what_comes_before_a_damaged_place_or_stop_is_kept(memory, tmp_path):
    file = tmp_path / "a.tmx"
    file.write_text(TMX.partition("%s")[0] + UNIT % ("Open", "Öffnen") + "<tu><tuv")
    with pytest.raises(AppError, match=r"damaged at line 1\. What came before is kept \(1 translation\)"):
        list(import_memory(file, memory, CancelToken()))
    assert memory.count() == 1
    file.write_text(TMX % "".join(UNIT % (f"Text {n}", "x") for n in range(3_000)))
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        for _ in import_memory(file, memory, cancel):
            cancel.cancel()
    assert memory.count() == 1_001


def test_an_export_that_fails_leaves_the_old_file(memory, tmp_path):
    file = tmp_path / "memory.tmx"
    file.write_text("<tmx>old")
    with pytest.raises(AppError, match="holds nothing"):
        export_memory(file, memory, CancelToken())
    memory.remember("en", "de", [("Open", "Öffnen")], "engine")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        export_memory(file, memory, cancel)
    assert file.read_text() == "<tmx>old" and list(tmp_path.glob(".memory*")) == []
    own = tmp_path / "thesis.tmx"
    own.write_text("Not a memory.")
    for target, message in ((own, "is no translation memory"), (tmp_path / "thesis.docx", "does not end in")):
        with pytest.raises(AppError, match=message):
            export_memory(target, memory, CancelToken())
    assert own.read_text() == "Not a memory." and not (tmp_path / "thesis.docx").exists()
    assert export_memory(file, memory, CancelToken()).count == 1


def test_an_older_export_does_not_undo_the_persons_edits(memory, paths, tmp_path):
    file = tmp_path / "old.tmx"
    memory.remember("en", "de", [("Hello there", "Hallo"), ("Goodbye", "Tschüs")], "person")
    export_memory(file, memory, CancelToken())
    memory.remember("en", "de", [("Hello there", "Hallo, von mir")], "person")
    *_, report = import_memory(file, memory, CancelToken())
    assert memory.exact("Hello there", "en", "de").target == "Hallo, von mir"
    assert (report.read, report.new, report.outdone) == (1, 0, 1)


def test_a_glossary_of_a_table_says_what_was_skipped(database, tmp_path):
    glossaries = Glossaries(database)
    file = tmp_path / "Law.csv"
    file.write_text(
        "source,target,locked,note\nrent,Miete,yes,law\nrent,Miete,,\nrent,Zins,,\nlease,Pacht,,\n,x,,\ny,,,\nz\n"
    )
    made = import_glossary(file, "", "English", "de-DE", glossaries, "Home")
    assert made.sentence == "“Law” has 2 terms. 3 empty, 1 duplicate and 1 contradicting terms were skipped."
    assert glossaries.terms(made.glossary.id) == [Term("rent", "Miete", True, "law"), Term("lease", "Pacht")]
    assert glossaries.all() == [made.glossary]
    assert (made.glossary.source_language, made.glossary.target_language, made.glossary.collection) == (
        "en",
        "de",
        "Home",
    )


def test_a_glossary_of_a_table_that_names_its_languages(database, tmp_path):
    file = tmp_path / "a.tsv"
    file.write_text("en\tde\nrent\tMiete\n")
    made = import_glossary(file, "Law", "", "", Glossaries(database))
    assert (made.glossary.source_language, made.glossary.target_language) == ("en", "de")
    assert made.sentence == "“Law” has 1 term."


@pytest.mark.parametrize(
    ("text", "languages", "message"),
    [
        ("rent,Miete", ("", "de"), "No language was named"),
        ("rent,Miete", ("en", "xx-unknown"), "knows no language"),
        ("rent,Miete", ("en", "English"), "are the same"),
        ("rent,\n,Miete", ("en", "de"), "no usable term"),
        ("<martif></martif>", ("en", ""), "many languages"),
        ("\ufeff <tmx></tmx>", ("en", "de"), "not a TBX file"),
    ],
)
def test_a_glossary_that_cannot_be_made(database, tmp_path, text, languages, message):
    file = tmp_path / "a.csv"
    file.write_text(text)
    with pytest.raises(AppError, match=message):
        import_glossary(file, "Law", *languages, Glossaries(database))
    assert Glossaries(database).all() == []
