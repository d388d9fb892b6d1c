import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.text_stream import TextStream

CHARACTERS = "aé漢🙂 👩‍👩‍👧\n"


def run(chunks, stops=()):
    stream = TextStream(stops)
    shown = []
    for chunk in chunks:
        shown.append(stream.feed(chunk))
        if stream.stopped:
            return shown, stream
    return [*shown, stream.rest()], stream


def test_characters_cut_over_tokens_appear_whole():
    data = CHARACTERS.encode()
    shown, _ = run([data[at : at + 1] for at in range(len(data))])
    assert "".join(shown) == CHARACTERS
    assert all("�" not in each for each in shown)


def test_an_unfinished_character_at_the_end_is_dropped():
    shown, _ = run([b"ok", "🙂".encode()[:2]])
    assert "".join(shown) == "ok"


def test_bytes_that_are_no_utf8_become_a_mark():
    assert "".join(run([b"a\xff", b"b"])[0]) == "a�b"


def test_a_stop_string_over_several_tokens_is_never_shown():
    shown, stream = run([b"Hello", b" <", b"en", b"d> more"], stops=["<end>"])
    assert "".join(shown) == "Hello "
    assert stream.stopped


def test_what_only_began_like_a_stop_string_is_shown_later():
    shown, stream = run([b"a <", b"en", b"ough"], stops=["<end>"])
    assert shown == ["a ", "", "<enough", ""]
    assert not stream.stopped


def test_the_first_of_several_stop_strings_counts():
    shown, _ = run([b"one two three"], stops=["three", "two"])
    assert "".join(shown) == "one "


def test_held_text_is_shown_when_the_answer_ends():
    assert "".join(run([b"a <e"], stops=["<end>"])[0]) == "a <e"


@given(
    st.text(alphabet="ab<", max_size=30),
    st.lists(st.text(alphabet="ab<", min_size=1, max_size=4), max_size=3),
    st.data(),
)
def test_however_it_is_cut_the_text_up_to_the_first_stop_is_shown(text, stops, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[a:b].encode() for a, b in itertools.pairwise([0, *cuts, len(text)])]
    shown, stream = run(chunks, stops)
    ends = [text.index(stop) for stop in stops if stop in text]
    if not ends:
        assert "".join(shown) == text
    else:
        assert stream.stopped
        assert not any(stop in "".join(shown) for stop in stops)
        assert text.startswith("".join(shown))


@pytest.mark.parametrize("stops", [(), ("",)])
def test_without_stop_strings_nothing_is_held(stops):
    assert run([b"a", b"b"], stops)[0] == ["a", "b", ""]
