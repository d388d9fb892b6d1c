"""The stretches of a passage that may be quoted for a sentence of an answer."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from app.documents.sentences import sentences
from app.retrieval.protocol import Span
from app.retrieval.verification.commands import is_command
from app.retrieval.verification.facts import Fact, facts_of
from app.storage.fulltext import telling_words

_HEADING = 80  # characters
_LEANS = re.compile(
    r"(?:[\w’'-]+[\s,]+){0,3}(?:it|its|he|she|his|her|they|their|them|this|these|those|that|such|there|both|which|who|then|also|es|er"
    r"|sie|ihr\w*|sein\w*|dies\w*|diese\w*|dabei|dazu|davon|il|elle|ils|elles|son|sa|leur|ce|cette|ces|su|sus|este|esta|ella)\b",
    re.IGNORECASE,
)
"""The beginning of a sentence that speaks of the one before."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage that an answer may rest on: `number` of its source, offset of `text` in the text of its place.

    `about`: its headings and the title of its file; names in them count as said in the passage.
    """

    number: int
    text: str
    start: int = 0
    about: str = ""


@dataclass(frozen=True)
class Window:
    """One sentence of a passage, or two in a row. `span`: in the text of the place."""

    number: int
    span: Span
    text: str
    about: str

    @cached_property
    def facts(self) -> list[Fact]:
        return facts_of(self.text)

    @cached_property
    def words(self) -> dict[str, set[str]]:
        """The telling words by their first three letters."""
        found: dict[str, set[str]] = {}
        for word in telling_words(self.text):
            found.setdefault(word[:3], set()).add(word)
        return found


def windows_of(passage: Evidence) -> Iterator[Window]:
    """Each sentence of the passage, and each with the one after it; not those that speak to the model."""
    spans = [
        (start, end) for start, end in sentences(passage.text) if not is_command(passage.text[start:end])
    ]
    pairs = [
        (start, end)
        for (start, middle), (second, end) in pairwise(spans)
        if _goes_on(passage.text[start:middle], passage.text[second:end])
    ]
    for start, end in [*spans, *pairs]:
        span = Span(passage.start + start, passage.start + end)
        yield Window(passage.number, span, passage.text[start:end], passage.about)


def _goes_on(one: str, other: str) -> bool:
    """Whether the second sentence speaks of the first: "It covers…", or what stands below a heading.

    Any two neighbours would say together what neither says ("Ann earns 100. Bob earns 200.").
    """
    heading = len(one) <= _HEADING and (one[-1] == ":" or not re.search(r"[.!?;|:=]", one))
    return heading or _LEANS.match(other) is not None
