"""Answers as HTML: safe, cited, honest."""

import pytest

from app.assistants.events import Claim
from app.documents.document import Place
from app.gui.text_format import file_name, mark_of, may_open, place_name, time_left, to_html
from app.gui.theme import DARK, LIGHT


def html(text, claims=(), numbers=(1, 2), colours=LIGHT):
    return to_html(text, claims, numbers, colours)


def claim(text, part, *sources):
    start = text.index(part)
    return Claim(start, start + len(part), sources, bool(sources))


def test_raw_html_is_shown_not_used():
    made = html("<script>alert(1)</script> <img src='http://x/y.png'> <b>x</b>")
    assert "<script" not in made and "<img" not in made and "<b>" not in made
    assert "&lt;script&gt;" in made


def test_images_are_named_and_never_loaded():
    made = html("![a cat](http://example.org/cat.png)")
    assert "<img" not in made and "example.org" not in made
    assert "[a cat]" in made


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "smb://x/y"]
)
def test_only_web_and_mail_links_may_be_opened(target):
    assert not may_open(target)
    assert may_open("https://example.org/x") and may_open("mailto:a@b.c") and may_open("http://x")


def test_citation_marks_become_links_when_there_is_such_a_source():
    made = html("So it is [1]. And so [1, 2]. But not [7].")
    assert made.count('href="cite:1"') == 2
    assert made.count('href="cite:2"') == 1
    assert "cite:7" not in made and "[7]" in made


def test_a_supported_claim_gets_its_mark_when_the_model_wrote_none():
    text = "Two months. Keys by noon [2]."
    made = html(text, [claim(text, "Two months.", 1), claim(text, "Keys by noon [2].", 2)])
    assert made.count('href="cite:1/0"') == 1  # written by us, so it knows its sentence
    assert made.count('href="cite:2"') == 1
    assert (
        mark_of("cite:1/0") == (1, 0) and mark_of("cite:2") == (2, -1) and mark_of("unsupported:/3") == (0, 3)
    )


def test_a_citation_line_is_not_taken_for_a_link_definition():
    assert "lease.pdf" in html("[1]: lease.pdf")


def test_unsupported_sentences_are_marked_within_other_formatting():
    text = "Fine. **All of this is wrong.** Fine again."
    made = html(text, [claim(text, "**All of this is wrong.**")])
    assert 'href="unsupported:/0"' in made
    assert "<strong>" in made and "All of this is wrong." in made
    assert "⸨" not in made and "⸩" not in made
    before, after = made.split("All of this is wrong.")
    assert LIGHT.warning in before.rsplit("<strong>", 1)[1]
    assert "Fine again" in after and LIGHT.warning not in after


def test_an_unsupported_list_item_stays_a_list_item():
    text = "- true\n- invented\n"
    made = html(text, [claim(text, "- invented")])
    assert made.count("<li>") == 2
    assert "⸨" not in made


def test_claims_that_do_not_fit_the_text_are_ignored():
    assert "Short" in html("Short", [Claim(0, 400, (), False), Claim(3, 3, (), False)])


def test_brackets_of_our_own_in_the_text_do_no_harm():
    assert "(odd)" in html("⸨odd⸩")


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_code_is_highlighted_without_classes(colours):
    made = html("```python\ndef f(): return '<b>'\n```", colours=colours)
    assert "class=" not in made and "style=" in made
    assert "&lt;b&gt;" in made


def test_unknown_and_unclosed_code_still_shows():
    assert "x &lt; y" in html("```nosuchlanguage\nx < y\n")


def test_tables_lists_and_headings_are_kept():
    made = html("# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n3. three\n4. four")
    assert "<table" in made and "<h1" in made and 'start="3"' in made


def test_places_files_and_times_in_words(qapp):
    assert place_name(Place("page", 3)) == "Page 3"
    assert place_name(Place("sheet", 1, "Costs")) == "Costs"
    assert place_name(Place("sheet", 2)) == "Sheet 2"
    assert place_name(Place("document", 1)) == ""
    assert file_name("C:\\Users\\a\\b.pdf") == file_name("/home/a/b.pdf") == "b.pdf"
    assert (time_left(20.2), time_left(200), time_left(8000)) == ("20 s left", "3 min left", "2 h left")


def test_a_long_hostile_answer_is_formatted_quickly():
    import time

    started = time.monotonic()
    html("*" * 5000 + "[" * 5000 + "`" * 5000 + "_a" * 5000)
    assert time.monotonic() - started < 3
