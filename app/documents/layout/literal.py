"""Text without any markup of its own as a segment's text, and back."""

import re
from dataclasses import dataclass

from app.documents.layout.stretches import MASKED, repaired
from app.documents.layout.tags import Tag, single


@dataclass(frozen=True, slots=True)
class Literal:
    """`shown` is what the translator gets: what looks like a tag is hidden in a real one, white space around left out."""

    before: str
    shown: str
    after: str
    hidden: tuple[str, ...]

    def restored(self, target: str) -> str:
        """The plain text for a target of `shown`."""
        parts = (
            self.hidden[each.number - 1] if isinstance(each, Tag) else each
            for each in repaired(self.shown, target)
        )
        return f"{self.before}{''.join(parts)}{self.after}"


def literal(text: str) -> Literal:
    inner = text.strip()
    at = text.find(inner)
    hidden: list[str] = []

    def hide(found: re.Match[str]) -> str:
        hidden.append(found[0])
        return single(len(hidden))

    shown = MASKED.sub(hide, inner)
    return Literal(text[:at], shown, text[at + len(inner) :], tuple(hidden))
