import sqlite3
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.storage.translation_memory import Entry, TranslationMemory, normalised


@pytest.fixture
def memory(database):
    return TranslationMemory(database)


def test_exact_whatever_the_outer_blanks_and_the_composition_of_letters(memory):
    memory.remember("de", "en", [(" Cafe\u0301 <g1>offen</g1>\n", "Café <g1>open</g1> ")], "engine")
    found = memory.exact("Café <g1>offen</g1>", "de", "en")
    assert (found.source, found.target, found.origin, found.score) == (
        "Café <g1>offen</g1>",
        "Café <g1>open</g1>",
        "engine",
        1.0,
    )
    assert memory.exact("Café offen", "de", "en") is None
    assert memory.exact("Café <g1>offen</g1>", "de", "fr") is None


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("engine", "engine", "second"),
        ("engine", "import", "second"),
        ("engine", "person", "second"),
        ("import", "engine", "first"),
        ("import", "import", "second"),
        ("import", "person", "second"),
        ("person", "engine", "first"),
        ("person", "import", "first"),
        ("person", "person", "second"),
    ],
)
def test_whose_translation_is_kept(memory, first, second, kept):
    memory.remember("en", "de", [("Open", "first")], first)
    memory.remember("en", "de", [("Open", "second")], second)
    found = memory.exact("Open", "en", "de")
    assert (found.target, found.origin) == (kept, first if kept == "first" else second)
    assert memory.count() == 1


def test_what_another_engine_wrote_is_not_found(memory):
    """Else a better model would hand out what a worse one made before."""
    first, second = memory.of_engine("Starter"), memory.of_engine("Better")
    first.remember("en", "de", [("Open the door", "engine"), ("Close the door", "engine")], "engine")
    memory.remember("en", "de", [("Close the door", "person")], "person")
    assert first.exact("Open the door", "en", "de").target == "engine"
    assert second.exact("Open the door", "en", "de") is None
    assert second.exact("Close the door", "en", "de").target == "person"
    assert [each.target for each in second.near("Open the door", "en", "de", least=0.5)] == ["person"]
    second.remember("en", "de", [("Open the door", "better")], "engine")
    assert [(each.target, each.engine) for each in memory.pairs()] == [("better", "Better"), ("person", "")]


@pytest.mark.parametrize(
    ("origin", "age_s", "taken"), [("person", -60, True), ("person", 60, False), ("import", -60, False)]
)
def test_another_memory_replaces_only_what_is_older_and_no_better(memory, origin, age_s, taken):
    memory.remember("en", "de", [("Open", "own")], "person")
    entry = Entry("en", "de", "Open", "theirs", origin, time.time() - age_s)
    time.sleep(0.01)
    assert memory.take([entry]) == (0 if taken else 1)
    assert memory.exact("Open", "en", "de").target == ("theirs" if taken else "own")
    memory.remember("en", "de", [("Open", "own again")], "person")  # a clock ahead does not make it lasting
    assert memory.exact("Open", "en", "de").target == "own again"


def test_the_nearest_come_first(memory):
    memory.remember(
        "en",
        "de",
        [
            ("The rent is due on the third of the month.", "a"),
            ("The rent is due on the first of the month.", "b"),
            ("The <g1>rent</g1> is due on the first of the month!", "c"),
            ("Nothing of the kind.", "d"),
        ],
        "engine",
    )
    memory.remember("en", "fr", [("The rent is due on the first of the month.", "e")], "engine")
    found = memory.near("The rent is due on the first of the month.", "en", "de")
    assert [each.target for each in found] == ["b", "c", "a"]
    assert found[0].score == 1.0 > found[1].score > found[2].score > 0.75
    assert [
        each.target for each in memory.near("The rent is due on the fifth of the month", "en", "de", count=1)
    ]
    assert memory.near("Something else entirely.", "en", "de") == []
    assert memory.near("…", "en", "de") == []


def test_other_tags_are_near_not_exact(memory):
    memory.remember("en", "de", [("<g1>Click</g1> here", "a"), ("Click here", "b")], "engine")
    best, other = memory.near("Click here", "en", "de")
    assert (best.target, best.score, other.target) == ("b", 1.0, "a") and 0.9 < other.score < 1.0


def test_scripts_without_blanks(memory):
    memory.remember("ja", "en", [("電池を交換してください。", "a")], "engine")
    memory.remember("th", "en", [("กรุณาเปลี่ยนแบตเตอรี่ใหม่", "b")], "engine")
    assert [each.target for each in memory.near("電池を充電してください。", "ja", "en", least=0.6)] == ["a"]
    assert [each.target for each in memory.near("กรุณาเปลี่ยนแบตเตอรี่", "th", "en")] == ["b"]


def test_common_words_still_find(memory):
    memory.remember("en", "de", [(f"Press the button {n}", str(n)) for n in range(500)], "engine")
    assert memory.near("Press the button", "en", "de", count=3)
    (best,) = memory.near("Press the button 417", "en", "de", count=1)
    assert best.target == "417" and best.score == 1.0


def test_forgotten_texts_are_not_found_again(memory):
    memory.remember("en", "de", [("Open the door", "a"), ("Open the window", "b")], "person")
    assert memory.forget(" Open the door", "fr") == 0
    assert memory.forget(" Open the door", "en", "de") == 1
    assert memory.exact("Open the door", "en", "de") is None
    assert [each.target for each in memory.near("Open the door", "en", "de", least=0.5)] == ["b"]
    memory.remember("en", "de", [("Open the door", "c")], "engine")
    assert memory.near("Open the door", "en", "de")[0].target == "c"


def test_a_batch_that_fails_leaves_nothing_behind(memory, database, monkeypatch):
    with database.transaction() as db:
        db.execute(
            """CREATE TRIGGER full BEFORE INSERT ON translation_memory WHEN new.source = 'two'
               BEGIN SELECT RAISE(ABORT, 'full'); END"""
        )
    with pytest.raises(sqlite3.IntegrityError):
        memory.remember("en", "de", [("one", "a"), ("two", "b")], "engine")
    assert memory.count() == 0 and memory.near("one", "en", "de", least=0.1) == []
    assert database.rows("SELECT count(*) FROM translation_memory_text")[0][0] == 0


def test_entries_are_read_in_order_by_language(memory):
    memory.remember("en", "de", [(f"text {n}", f"Text {n}") for n in range(2_500)], "import")
    memory.remember("en", "fr", [("text", "texte")], "engine")
    assert [each.source for each in memory.pairs("en", "de")] == [f"text {n}" for n in range(2_500)]
    assert [each.target for each in memory.pairs(target_language="fr")] == ["texte"]
    assert len(list(memory.pairs())) == memory.count() == 2_501


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=8))
def test_whatever_is_remembered_is_found(memory, pairs):
    memory.remember("en", "de", pairs, "person")
    expected = {normalised(a): normalised(b) for a, b in pairs if normalised(a) and normalised(b)}
    for source, target in expected.items():
        assert memory.exact(source, "en", "de").target == target
        near = memory.near(source, "en", "de", count=1)
        assert not near or near[0].score == 1.0  # nothing is found by punctuation alone
        assert near or not any(map(str.isalnum, source))
