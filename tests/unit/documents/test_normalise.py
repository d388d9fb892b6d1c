import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.normalise import find_quote, normalise

# weighted towards what the rules are about
_TRICKY = st.text(
    st.sampled_from("abcXÉéß7 .,-\n\n\r\t\x00\x02\x0c\xa0\xad\u0301\u0316\u0327\u200b\u200d\u202e\u2010\u2028\ufb01\ufb03"
                    "で漢가\u1100\u1161\u11a8ع\u200cم\ufeff\U000e0041\ud800\u0344\u212b")
    | st.characters(),
    max_size=60,
)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("docu-\nment", "document"),
        ("docu-  \r\n  ment", "document"),
        ("ef\x02fects and co\xadop", "effects and coop"),
        ("auto\x02\nmatic", "automatic"),
        ("Jean-\nPaul", "Jean-Paul"),
        ("2024-\n25", "2024-25"),
        ("e-mail stays", "e-mail stays"),
        ("ﬁne ﬂow eﬃcient", "fine flow efficient"),
        ("one\r\ntwo", "one two"),
        ("one  \t two", "one two"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("one\n \u200b \ntwo", "one\n\ntwo"),
        ("  edge  ", "edge"),
        ("で\nす", "です"),
        ("cafe\u0301", "café"),
        ("a\u200bb\u202ec\U000e0041d\x00e", "abcde"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("pass\u200cword", "password"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_rules(raw: str, clean: str) -> None:
    assert normalise(raw).text == clean


def test_lines_are_kept_where_they_mean_something() -> None:
    raw = "first  line\nsecond-\nthird\n\n\nfourth"
    assert normalise(raw, keep_lines=True).text == "first line\nsecond-\nthird\n\nfourth"


@given(_TRICKY, st.booleans())
def test_offsets_point_into_the_raw_text(raw: str, keep_lines: bool) -> None:
    result = normalise(raw, keep_lines=keep_lines)
    offsets = list(result.offsets)
    assert len(offsets) == len(result.text) + 1
    assert offsets == sorted(offsets)
    assert offsets[-1] == len(raw)
    assert all(0 <= offset < len(raw) for offset in offsets[:-1])


@given(_TRICKY)
def test_characters_come_from_where_the_offsets_say(raw: str) -> None:
    result = normalise(raw)
    for character, offset in zip(result.text, result.offsets, strict=False):
        source = raw[offset]
        if character.isascii() and character.isalnum() and source.isascii():
            assert character == source


@given(_TRICKY)
def test_the_result_is_clean(raw: str) -> None:
    text = normalise(raw).text
    assert text == text.strip(" \n")
    assert "  " not in text and "\n\n\n" not in text and "\n" not in text.replace("\n\n", "")
    assert unicodedata.is_normalized("NFC", text)
    assert not any(unicodedata.category(each) in ("Cc", "Cs") for each in text.replace("\n", ""))
    text.encode()  # no lone surrogates


@pytest.mark.parametrize(
    "raw",
    [
        "e" + "\u0301" * 300_000,
        "\u0301\u0316" * 150_000,
        "\n" * 300_000,
        "-\n" * 150_000,
        "a-" + " " * 300_000,
        ("a-" + " " * 1_000) * 300,
        "\u200b " * 150_000,
        "漢" * 300_000,
    ],
)
def test_hostile_text_takes_no_longer_than_its_length(raw: str) -> None:
    began = time.monotonic()
    normalise(raw)
    assert time.monotonic() - began < 20  # quadratic would take hours; the machine may be busy


def test_marks_that_stay_apart_keep_their_own_offsets() -> None:
    assert list(normalise("q\u0301\u0316r").offsets) == [0, 1, 2, 3, 4]


def test_marks_are_bounded() -> None:
    assert len(normalise("e" + "\u0316" * 1000).text) <= 31


def test_a_quote_is_found_through_line_ends_hyphens_and_ligatures() -> None:
    page = "Intro.\r\nThe ofﬁce manage-\r\nment  pays\x02 4.5 %\r\nof the rent. End."
    found = find_quote(page, "office management pays 4.5 % of the rent.")
    assert found is not None
    assert page[slice(*found)] == "ofﬁce manage-\r\nment  pays\x02 4.5 %\r\nof the rent."


@pytest.mark.parametrize("quote", ["", " \n", "Office Management", "not there"])
def test_a_quote_that_is_not_there_is_not_found(quote: str) -> None:
    assert find_quote("the office management pays", quote) is None


@given(st.text(st.sampled_from("abc é\n-\r\x02ﬁ.\u0301"), min_size=1, max_size=40), st.data())
def test_any_slice_of_the_clean_text_is_found_again(raw: str, data: st.DataObject) -> None:
    text = normalise(raw).text
    start = data.draw(st.integers(0, len(text)))
    quote = text[start : data.draw(st.integers(start, len(text)))]
    found = find_quote(raw, quote)
    letters = [each for each in unicodedata.normalize("NFC", quote) if each not in " \n-"]
    if not letters or unicodedata.combining(quote[0]):
        return
    assert found is not None
    start, end = found
    assert 0 <= start < end <= len(raw)
    clean = normalise(raw[start:end]).text
    assert quote.strip(" \n-").replace("-", "").split() == [] or letters[0] in clean
