"""Markdown: blocks, inline marks, and what must not turn into markup."""

from pathlib import Path

import pytest

from tests.unit.documents.layout.text_files import changed, is_reproduced, texts

_TEXT = """---
title: A page
---
# Head *ing* #

Some **bold** `code <x1>` [a link](http://x.y/(z) "t") ![alt](p.png) and
5*3 snake_case **over
lines**.  \nAfter [^1], \\*escaped\\* $x_1$ &amp; <b>html</b>.

> Quote one
> quote [two][r]

- item
  continued
- [ ] task

| A | B \\| c |
|---|---|
| one | two |

```
code
```

$$
x
$$

[r]: http://x
[^1]: A note here.
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.md"
    path.write_bytes(_TEXT.replace("\n", "\r\n").encode())
    return path


def test_texts_and_tags(page: Path) -> None:
    assert texts(page) == [
        "A page",
        "Head <g1>ing</g1>",
        "Some <g1>bold</g1> <x2> <g3>a link</g3> <g4>alt</g4> and 5<x5>3 snake_case <g6>over lines</g6>.<x7>After <x8>,"
        " *escaped* <x9> & <g10>html</g10>.",
        "Quote one quote <g1>two</g1>",
        "item continued",
        "task",
        "A",
        "B | c",
        "one",
        "two",
        "A note here.",
    ]


def test_the_same_targets_give_the_same_bytes(page: Path) -> None:
    assert is_reproduced(page)


def test_only_the_texts_change(page: Path) -> None:
    out = changed(page, lambda text: text.replace("quote", "words").replace("task", "a * b | c"))
    expected = (
        _TEXT.replace("> quote", "> words").replace("[ ] task", "[ ] a \\* b | c").replace("\n", "\r\n")
    )
    assert out == expected.encode()


@pytest.mark.parametrize("target", ["1986. A year", "# no heading", "- no list", "> no quotation", "--- x"])
def test_a_paragraph_stays_a_paragraph(tmp_path: Path, target: str) -> None:
    from markdown_it import MarkdownIt

    path = tmp_path / "one.md"
    path.write_text("Two\nlines here.\n")
    html = MarkdownIt().render(changed(path, lambda _: target).decode())
    assert html.startswith("<p>") and target.split()[-1] in html
