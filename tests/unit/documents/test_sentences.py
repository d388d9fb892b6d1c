import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith paid 3.5 million. He left.", ["Dr. Smith paid 3.5 million.", "He left."]),
        ("See Fig. 3 and No. 7. The answer is no. We left.", ["See Fig. 3 and No. 7.", "The answer is no.", "We left."]),
        ("J. S. Bach wrote it. It is long.", ["J. S. Bach wrote it.", "It is long."]),
        ("That is e.g. this. Yes.", ["That is e.g. this.", "Yes."]),
        ("Das ist z.B. so. Ja.", ["Das ist z.B. so.", "Ja."]),
        ("He said “stop.” Then he left.", ["He said “stop.”", "Then he left."]),
        ("Wait... what? No.", ["Wait... what?", "No."]),
        ("今日は晴れ。明日は雨！「はい。」次。", ["今日は晴れ。", "明日は雨！", "「はい。」", "次。"]),
        ("यह पहला है। यह दूसरा है।", ["यह पहला है।", "यह दूसरा है।"]),
        ("A title\nA line\n\nA paragraph", ["A title", "A line", "A paragraph"]),
        ("It ended in 2024. Then came 2025.", ["It ended in 2024.", "Then came 2025."]),
        ("2024. A good year.", ["2024.", "A good year."]),
        ("3. Payment is due.", ["3. Payment is due."]),
        ("Visit example.com now. Bye.", ["Visit example.com now.", "Bye."]),
        ("", []),
        (" \n ", []),
    ],
)  # fmt: skip
def test_cuts(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@given(st.text(st.sampled_from("aB1. !?\n。।\"'’ éDr"), max_size=80))
def test_spans_cover_all_but_blanks_in_order(text: str) -> None:
    end_before = 0
    for start, end in sentences(text):
        assert end_before <= start < end
        assert not text[end_before:start].strip()
        assert text[start:end] == text[start:end].strip()
        end_before = end
    assert not text[end_before:].strip()
