import pytest

from app.base.errors import AppError
from app.storage.glossaries import Glossaries, Term, usable


@pytest.fixture
def glossaries(database):
    return Glossaries(database)


def test_a_glossary_round_trips_in_order(glossaries):
    terms = [Term("rent", "Miete", True, "law"), Term("lease", "Mietvertrag"), Term("deposit", "Kaution")]
    made = glossaries.add(" Rental  law ", "en", "de", terms, "Home")
    assert (made.name, made.collection, made.terms) == ("Rental law", "Home", 3)
    assert glossaries.all() == [made] == [glossaries.get(made.id)]
    assert glossaries.terms(made.id) == terms
    glossaries.replace_terms(made.id, terms[:1])
    glossaries.set_collection(made.id, "")
    assert glossaries.terms(made.id) == terms[:1]
    assert (glossaries.get(made.id).terms, glossaries.get(made.id).collection) == (1, "")
    glossaries.remove(made.id)
    assert glossaries.all() == [] and glossaries.terms(made.id) == []


def test_names_are_unique_in_any_script_and_case(glossaries):
    first = glossaries.add("Über", "en", "de", [Term("a", "b")])
    second = glossaries.add("Other", "en", "de", [Term("a", "b")])
    for wrong in (
        lambda: glossaries.add("ÜBER", "en", "de", [Term("a", "b")]),
        lambda: glossaries.rename(second.id, "über"),
        lambda: glossaries.rename(second.id, " "),
        lambda: glossaries.add("x" * 101, "en", "de", [Term("a", "b")]),
    ):
        with pytest.raises(AppError):
            wrong()
    glossaries.rename(first.id, "ÜBER")
    assert [each.name for each in glossaries.all()] == ["Other", "ÜBER"]


def test_terms_that_cannot_be_kept(glossaries):
    with pytest.raises(AppError, match="no usable term"):
        glossaries.add("Empty", "en", "de", [Term("a", " "), Term("", "b")])
    with pytest.raises(AppError, match="at most"):
        glossaries.add("Huge", "en", "de", [Term(f"a{n}", "b") for n in range(50_001)])
    made = glossaries.add("Kept", "en", "de", [Term("a", "b")])
    with pytest.raises(AppError):
        glossaries.replace_terms(made.id, [])
    assert glossaries.terms(made.id) == [Term("a", "b")]
    with pytest.raises(AppError, match="removed"):
        glossaries.replace_terms(made.id + 1, [Term("a", "b")])


def test_what_is_skipped_is_counted():
    found = usable(
        [
            Term("rent", "Miete"),
            Term("  rent ", "Miete", locked=True),
            Term("rent", "Mietzins"),
            Term("lease", "Pacht"),
            Term("lease", "Mietvertrag"),
            Term("", "x"),
            Term("x", "\t"),
            Term("y" * 201, "z"),
            Term("Rent", "Miete"),
        ]
    )
    assert found.terms == (Term("rent", "Miete", True), Term("lease", "Mietvertrag"), Term("Rent", "Miete"))
    assert (found.empty, found.duplicate, found.contradicting, found.too_long) == (2, 1, 2, 1)
