import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.layout.items import Group, Item, Mark, Style, Text, Thing, plain_text
from app.documents.layout.paragraph import Paragraph
from app.documents.layout.tags import plain, same_tags, tags_of

PLAIN, BOLD, UNDERLINED = Style(), Style("bold"), Style("underlined", blank_shows=True)
NOTE = Thing("note")


def _shape(items: list[Item]) -> list[object]:
    """Items as comparable values, neighbouring texts joined."""
    shape: list[object] = []
    for item in items:
        if isinstance(item, Text):
            if shape and isinstance(shape[-1], tuple) and shape[-1][1] == item.style.key:
                shape[-1] = shape[-1][0] + item.text, item.style.key
            else:
                shape.append((item.text, item.style.key))
        else:
            shape.append([item.content, _shape(item.children)] if isinstance(item, Group) else item.content)
    return shape


def _things(items: list[Item]) -> list[object]:
    found: list[object] = []
    for item in items:
        if isinstance(item, Group):
            found += _things(item.children)
        elif isinstance(item, Thing | Mark):
            found.append(item.content)
    return found


def test_split_runs_are_one_text_and_the_usual_formatting_is_plain() -> None:
    items = [Text("Take ", PLAIN), Text("t", BOLD), Text("wo", BOLD), Text(" spoons", PLAIN), Text(" ", BOLD)]
    assert Paragraph(items).text == "Take <g1>two</g1> spoons"


def test_what_stands_at_the_ends_needs_no_tag() -> None:
    paragraph = Paragraph([Thing("tab"), Text(" One", BOLD), NOTE, Text("two ", BOLD), Thing("break")])
    assert paragraph.text == "One<x1>two"
    assert _shape(paragraph.items("Zwei<x1>eins")) == [
        "tab", (" Zwei", "bold"), "note", ("eins ", "bold"), "break"
    ]  # fmt: skip


def test_a_link_around_everything_needs_no_tag_and_one_within_does() -> None:
    link = Group("link", [Text("here", UNDERLINED)])
    assert Paragraph([link]).text == "here"
    assert _shape(Paragraph([link]).items("hier")) == [["link", [("hier", "underlined")]]]
    paragraph = Paragraph([Text("Look ", PLAIN), link, Text(" now", PLAIN)])
    assert paragraph.text == "Look <g1>here</g1> now"
    assert _shape(paragraph.items("<g1>Hier</g1> schauen")) == [
        ["link", [("Hier", "underlined")]],
        (" schauen", ()),
    ]


def test_a_text_without_its_tags_keeps_all_that_is_no_text() -> None:
    link = Group("link", [Text("a", BOLD), NOTE, Text("b", PLAIN)])
    paragraph = Paragraph([Text("Some words ", PLAIN), link, Thing("field"), Text(" on", PLAIN)])
    assert _shape(paragraph.items("Worte")) == [("Worte", ()), "note", "field"]


def test_senseless_tags_are_passed_over() -> None:
    paragraph = Paragraph([Text("one ", PLAIN), Text("two", BOLD), NOTE, Text("three four", PLAIN)])
    assert paragraph.text == "one <g1>two</g1><x2>three four"
    items = paragraph.items("</g1>a<x2>b<x2><g7>c</g7><g1>d<x9>\x00")
    assert _shape(items) == [("a", ()), "note", ("bc", ()), ("d", "bold")]


def test_text_that_looks_like_a_tag_stays() -> None:
    paragraph = Paragraph([Text("Write <g1>bold</g1> or <x2> now", PLAIN)])
    assert plain(paragraph.text) == "Write bold or  now"
    assert plain_text(paragraph.items(paragraph.text)) == "Write <g1>bold</g1> or <x2> now"


def test_marks_stay_around_whole_words() -> None:
    start, end = Mark("start"), Mark("end", ends=True)
    paragraph = Paragraph([Text("See ", PLAIN), start, Text("figure one", PLAIN), end, Text(" there", PLAIN)])
    assert paragraph.text == "See figure one there"
    assert _shape(paragraph.items(paragraph.text)) == [
        ("See ", ()), "start", ("figure one", ()), "end", (" there", ())
    ]  # fmt: skip
    assert _shape(paragraph.items("Siehe dort Abbildung eins")) == [
        ("Siehe ", ()), "start", ("dort Abbildung", ()), "end", (" eins", ())
    ]  # fmt: skip


def _items(depth: int = 0) -> st.SearchStrategy[list[Item]]:
    texts = st.builds(Text, st.text("ab <g1>\n", max_size=6), st.sampled_from([PLAIN, BOLD, UNDERLINED]))
    one = st.one_of(
        texts, texts, st.builds(Thing, st.integers()), st.builds(Mark, st.integers(), st.booleans())
    )
    if depth < 2:
        one = one | st.builds(Group, st.integers(), st.deferred(lambda: _items(depth + 1)))
    return st.lists(one, max_size=6)


@settings(max_examples=40, deadline=None)
@given(_items(), st.randoms(use_true_random=False))
def test_nothing_is_lost_whatever_comes_back(items: list[Item], chance: random.Random) -> None:
    paragraph = Paragraph(items)
    assert same_tags(paragraph.text, paragraph.text)
    back = paragraph.items(paragraph.text)
    assert plain_text(back) == plain_text(items)
    assert sorted(_things(back), key=str) == sorted(_things(items), key=str)
    mangled = "".join(chance.sample(paragraph.text, len(paragraph.text)))[: chance.randint(0, 20)]
    for tag in tags_of(paragraph.text):
        if chance.random() < 0.5:
            mangled += f"<{'x' if tag.kind == 'single' else 'g'}{tag.number}>"
    assert sorted(_things(paragraph.items(mangled)), key=str) == sorted(_things(items), key=str)
