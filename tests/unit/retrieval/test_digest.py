"""Digests of indexed files and pasted texts, by the real retrieval worker."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.retrieval.client import Library
from app.retrieval.protocol import Digested
from app.storage.passages import IndexReader
from tests.fixtures.homes import prepared
from tests.unit.documents.conftest import write_pdf

REPORT = """# Harbour report

## Summary

This report describes how the harbour moved from diesel cranes to electric ones within three years. The electric
cranes lowered the yearly fuel bill of the harbour by four million euros. The port authority paid for two thirds of the
change, and the shipping companies paid for the rest over a period of ten years.

## Cranes

The old diesel cranes needed an overhaul every eighteen months, and spare parts had become hard to find. Each electric
crane draws its power from a cable along the quay, which the port authority laid in the first year. However, it was
late. The crane drivers were trained on a simulator for six weeks before the first electric crane arrived.

| Crane | Delivered | Price |
|---|---|---|
| North quay | 2021 | 4,100,000 |
| South quay | 2022 | 4,350,000 |

## Noise

Residents near the north quay had complained about noise at night for more than twenty years. Measurements after the
change show that the quay is eleven decibels quieter at night than it was with the diesel cranes. The town council has
therefore allowed ships to be loaded until midnight, which the residents accepted after two public meetings.

## References

[1] Smith, A. B. and Miller, C. (2019). Electric cranes in small harbours. Port Review, pp. 12-19.
"""
CHINESE = "港口在三年内用电动起重机取代了柴油起重机。电动起重机每年为港口节省四百万欧元的燃料费用。居民多年来一直抱怨夜间的噪音。现在码头的夜间噪音降低了十一分贝。"
ARABIC = "استبدل الميناء الرافعات التي تعمل بالديزل برافعات كهربائية خلال ثلاث سنوات. خفضت الرافعات الكهربائية فاتورة الوقود السنوية للميناء بأربعة ملايين يورو. اشتكى السكان من الضوضاء ليلا لسنوات عديدة."


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return prepared(tmp_path_factory.mktemp("digest"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("documents") / "report.md"
    file.write_text(REPORT, encoding="utf-8")
    (file.parent / "blank.txt").write_text("  \n", encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def library(paths: DataPaths, report: Path) -> Iterator[Library]:
    """Starting a worker loads torch, which takes seconds: all tests share one."""
    library = Library(paths)
    list(library.refresh([str(report.parent)], CancelToken()))
    yield library
    library.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> None:
    """The shared worker's reader thread outlives one test on purpose."""


def chosen(digested: Digested) -> list[str]:
    texts = {each.number: each.text for each in digested.passages}
    return [texts[each.passage][each.start : each.end] for each in digested.extracts]


def test_the_sentences_of_a_file_are_its_own_words_in_order(library, report, paths):
    digested = library.digest(CancelToken(), file=str(report), sentences=4)
    assert len(digested.extracts) == 4
    assert list(digested.extracts) == sorted(digested.extracts, key=lambda each: (each.passage, each.start))
    assert all(0 <= each.score <= 1 for each in digested.extracts)
    assert [each.number for each in digested.passages] == list(range(1, len(digested.passages) + 1))
    assert digested.title == "Harbour report"
    reader = IndexReader(paths.index_db)
    places = {place.number: place.text for place in reader.text_of(str(report))}
    reader.close()
    for each in digested.passages:
        assert places[each.place.number][each.start : each.end] == each.text
    for sentence in chosen(digested):
        assert sentence[0].isupper() and sentence[-1] == "."


def test_headings_tables_references_and_leaning_sentences_are_left_out(library, report):
    every = "\n".join(chosen(library.digest(CancelToken(), file=str(report), sentences=6)))
    assert "This report describes" in every
    for unfit in ("North quay", "Smith", "However", "# "):
        assert unfit not in every


def test_each_section_has_its_say(library, report):
    digested = library.digest(CancelToken(), file=str(report), per_section=1)
    sections = {each.number: each.section for each in digested.passages}
    found = [sections[each.passage] for each in digested.extracts]
    assert found == list(dict.fromkeys(found))
    assert {"Summary", "Cranes"} <= set(found)
    assert any("noise" in sentence or "quieter" in sentence for sentence in chosen(digested))


def test_a_file_whose_vectors_are_missing_is_digested_the_same(library, report, paths):
    before = library.digest(CancelToken(), file=str(report), sentences=3)
    database = sqlite3.connect(paths.index_db)
    rows = database.execute("SELECT passage_id, vector FROM vectors").fetchall()
    database.execute("DELETE FROM vectors")
    database.commit()
    try:
        assert chosen(library.digest(CancelToken(), file=str(report), sentences=3)) == chosen(before)
    finally:
        database.executemany("INSERT INTO vectors VALUES (?, ?)", rows)
        database.commit()
        database.close()


def test_files_without_text_say_why(library, report):
    with pytest.raises(AppError, match="not in the library"):
        library.digest(CancelToken(), file=str(report.parent / "other.pdf"))
    with pytest.raises(AppError, match="holds no text"):
        library.digest(CancelToken(), file=str(report.parent / "blank.txt"))
    with pytest.raises(AppError, match="no text to summarise"):
        library.digest(CancelToken(), text=" \n\n ")


def test_pages_without_text_are_not_counted_but_told(library, tmp_path):
    said = ["The harbour bought three electric cranes.", "The town council has allowed it."]
    pages = [said if page in (1, 7) else [] for page in range(1, 13)]
    file = write_pdf(tmp_path / "scan.pdf", pages)
    list(library.refresh([str(file)], CancelToken()))
    digested = library.digest(CancelToken(), file=str(file))
    assert (digested.places, digested.unit) == (2, "page")
    assert "Only 2 of 12 pages hold text" in digested.reason


@pytest.mark.parametrize("text", [CHINESE, ARABIC])
def test_texts_in_other_scripts(library, text):
    assert len(chosen(library.digest(CancelToken(), text=text, sentences=2))) == 2


def test_a_short_text_is_given_whole_and_a_repeat_is_not(library):
    text = "The bridge closes on Monday for repairs to its deck. Buses will use the tunnel until Friday."
    assert " ".join(chosen(library.digest(CancelToken(), text=text, sentences=5))) == text
    again = "The bridge closes on Monday for repairs to its deck.\n\n" * 3 + text
    two = chosen(library.digest(CancelToken(), text=again, sentences=2))
    assert two[0] != two[1]


def test_a_text_that_is_all_table_still_yields_lines(library):
    rows = "\n".join(f"Item {number}\t{number * 12}\tpieces" for number in range(40))
    assert chosen(library.digest(CancelToken(), text=rows, sentences=3))


def test_texts_are_compared_with_their_own_candidates(library):
    first, second = library.compare(
        ["The cat sleeps.", "Rents rise."], [["A kitten is asleep.", "Steel prices fell."], []], CancelToken()
    )
    assert first[0] > 0.5 > first[1]
    assert second == ()


def test_a_stop_ends_a_digest(library):
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        library.digest(cancel, text=REPORT)
