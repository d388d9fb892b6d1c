import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.building import Piece, place_text
from app.documents.chunking import Chunk, chunk
from app.documents.document import Document, Place


def tokens(text: str) -> int:
    return len(re.findall(r"\w{1,6}|[^\w\s]", text))


def count(texts: Sequence[str]) -> list[int]:
    return [tokens(text) for text in texts]


def document(*places: list[Piece], label: str = "") -> Document:
    built = tuple(place_text(Place("page", number, label), each) for number, each in enumerate(places, 1))
    return Document("text/plain", "", built)


def texts(source: Document, chunks: list[Chunk]) -> list[str]:
    return [source.places[each.place].text[each.start : each.end] for each in chunks]


def heading(text: str, level: int = 1) -> Piece:
    return Piece("heading", text, level)


_WORDS = "The tenant pays the rent on the first day of each month"
_PARAGRAPH = " ".join(f"{_WORDS} in year {number}." for number in range(12))


def test_a_short_place_is_one_passage() -> None:
    source = document([heading("Rent"), Piece("text", "Due monthly.")])
    assert chunk(source, count, 100) == [Chunk(0, 6, 18, "Rent")]


def test_passages_stay_in_their_place() -> None:
    source = document([Piece("text", "One.")], [Piece("text", "Two.")])
    assert [each.place for each in chunk(source, count, 100)] == [0, 1]


def test_the_heading_path_stands_above_each_passage() -> None:
    source = document(
        [
            heading("Lease"),
            heading("Duties", 2),
            Piece("text", _PARAGRAPH),
            heading("End", 2),
            Piece("text", _PARAGRAPH),
        ]
    )
    chunks = chunk(source, count, 60)
    assert {each.heading for each in chunks} == {"Lease › Duties", "Lease › End"}
    assert not any("Duties" in text or "End" in text for text in texts(source, chunks))


def test_the_place_label_opens_the_path_once() -> None:
    assert chunk(document([Piece("text", "1.")], label="Sheet1"), count, 50)[0].heading == "Sheet1"
    both = document([heading("Sheet1"), Piece("text", "1.")], label="Sheet1")
    assert chunk(both, count, 50)[0].heading == "Sheet1"


def test_long_paragraphs_end_with_a_sentence() -> None:
    source = document([Piece("text", _PARAGRAPH)])
    found = texts(source, chunk(source, count, 60))
    assert len(found) > 2
    assert all(text.endswith(".") for text in found)


def test_a_paragraph_that_fits_is_not_cut_when_the_passage_is_half_full() -> None:
    first, second = " ".join([_WORDS + "."] * 3), " ".join(["Another " + _WORDS + "."] * 3)
    source = document([Piece("text", first), Piece("text", second)])
    limit = tokens(first) + tokens(second) // 2
    assert texts(source, chunk(source, count, limit)) == [first, second]


def test_monster_sentences_are_cut_between_words() -> None:
    source = document([Piece("text", "word " * 500)])
    found = texts(source, chunk(source, count, 20))
    assert all(set(text.split()) == {"word"} for text in found)
    assert sum(len(text.split()) for text in found) == 500


def test_tables_are_cut_between_rows_and_repeat_their_header() -> None:
    rows = "\n".join(["Name | Town", *(f"Person{n} | Town{n}" for n in range(40))])
    source = document([Piece("table", rows)])
    chunks = chunk(source, count, 40)
    assert len(chunks) > 2
    assert [each.heading for each in chunks] == ["", *["Name | Town"] * (len(chunks) - 1)]
    assert "\n".join(texts(source, chunks)) == rows


def test_rows_that_name_their_cells_need_no_header() -> None:
    rows = "\n".join(f"Name: Person{n}; Town: Town{n}" for n in range(40))
    chunks = chunk(document([Piece("table", rows)]), count, 40)
    assert {each.heading for each in chunks} == {""}


def test_crumbs_join_their_neighbours_with_the_headings_between() -> None:
    source = document([heading("A", 2), Piece("text", "Small."), heading("B", 2), Piece("text", "Tiny.")])
    chunks = chunk(source, count, 60)
    assert texts(source, chunks) == ["A\n\nSmall.\n\nB\n\nTiny."]
    assert chunks[0].heading == ""


def test_a_heading_with_nothing_under_it_is_found_too() -> None:
    source = document([heading("Only a title")])
    assert texts(source, chunk(source, count, 50)) == ["Only a title"]


def test_a_long_heading_leaves_room_for_the_text() -> None:
    source = document([heading("very " * 100 + "long"), Piece("text", _PARAGRAPH)])
    chunks = chunk(source, count, 60)
    assert all(each.heading == "" for each in chunks)


def test_counting_is_not_repeated_over_growing_texts() -> None:
    counted = 0

    def counting(texts: Sequence[str]) -> list[int]:
        nonlocal counted
        counted += sum(map(len, texts))
        return count(texts)

    source = document([Piece("text", _PARAGRAPH)] * 50)
    chunk(source, counting, 400)
    assert counted < 4 * len(source.places[0].text)


def test_many_letters_without_a_blank() -> None:
    source = document([Piece("text", "漢" * 300_000)])
    began = time.monotonic()
    chunks = chunk(source, lambda texts: [len(text) for text in texts], 200)
    assert time.monotonic() - began < 20
    assert sum(each.end - each.start for each in chunks) == 300_000


def test_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="max_tokens"):
        chunk(document(), count, 2)


_PIECES = st.lists(
    st.builds(
        Piece,
        st.sampled_from(["heading", "text", "text", "table", "code"]),
        st.text(st.sampled_from("ab. \nÉ。,|:1"), max_size=120),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(st.lists(_PIECES, max_size=3), st.integers(8, 40))
def test_every_character_is_in_one_fitting_passage(places: list[list[Piece]], limit: int) -> None:
    source = document(*places)
    chunks = chunk(source, count, limit)
    before = (0, 0)
    for each in chunks:
        assert before <= (each.place, each.start) and each.start < each.end
        before = (each.place, each.end)
        text = source.places[each.place].text[each.start : each.end]
        assert text == text.strip()
        assert tokens(each.heading) + tokens(text) <= limit
    for index, place in enumerate(source.places):
        covered = {at for each in chunks if each.place == index for at in range(each.start, each.end)}
        above = " ".join(each.heading for each in chunks if each.place == index)
        headings = [place.text[each.start : each.end] for each in place.blocks if each.kind == "heading"]
        crowded = (
            sum(tokens(each) + 1 for each in headings) + 1 > limit // 3
        )  # then outer headings are left out
        for block in place.blocks:
            inside = place.text[block.start : block.end]
            if block.kind == "heading":
                assert crowded or set(range(block.start, block.end)) <= covered or inside in above
            else:
                missing = {
                    at for at in range(block.start, block.end) if not place.text[at].isspace()
                } - covered
                assert not missing
