"""Whether an answer says what the documents say, sentence by sentence; what a model may not write is taken out first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.assistants.events import Claim, Lead, Quote
from app.retrieval.citations import Asked, Support, is_said, resolve
from app.retrieval.verification.answer_text import cleaned
from app.retrieval.verification.commands import without_commands
from app.retrieval.verification.quotable import Evidence

_YES_OR_NO = re.compile(r"\W*(?:yes|no|ja|nein|oui|non|sí|sì|não|sim|nee)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verified:
    """The text as it may be shown, and each of its sentences with its quotes; "Yes." and "No." alone say nothing that could
    be compared and are no claims.
    """

    text: str
    claims: tuple[Claim, ...]

    @property
    def unsupported(self) -> tuple[str, ...]:
        return tuple(self.text[each.start : each.end] for each in self.claims if not each.supported)


@dataclass(frozen=True, slots=True)
class Verifier:
    """`evidence`: all that the answer may rest on. `lead`: the exact answer, if one was found."""

    question: str
    evidence: Sequence[Evidence]
    lead: Lead | None = None

    def verify(self, words: str) -> Verified:
        """`words`: as the model wrote them."""
        documents = "\n".join(f"{each.about}\n{without_commands(each.text)}" for each in self.evidence)
        text = cleaned(words, documents)
        return Verified(text, self.claims(text))

    def claims(self, text: str) -> tuple[Claim, ...]:
        """`text`: as `verify` returned it."""
        lead = self.lead
        asked = Asked(self.question)
        if lead is not None:
            asked = Asked(self.question, lead.text, lead.source, lead.start, lead.end)
        supports = resolve(text, self.evidence, asked)
        told = [
            each for each in supports if each.quotes or not _YES_OR_NO.fullmatch(text[each.start : each.end])
        ]
        return tuple(map(_claim, told))

    def says_lead(self, text: str) -> bool:
        """Whether `text` repeats the exact answer word for word."""
        return self.lead is not None and is_said(self.lead.text, text)


def lead_alone(lead: Lead) -> Verified:
    """The exact answer as the whole answer: it is its own quote."""
    quote = Quote(lead.source, lead.start, lead.end)
    return Verified(lead.text, (Claim(0, len(lead.text), (lead.source,), supported=True, quotes=(quote,)),))


def _claim(support: Support) -> Claim:
    quotes = tuple(Quote(number, span.start, span.end) for number, span in support.quotes)
    return Claim(
        support.start, support.end, tuple(dict.fromkeys(each.source for each in quotes)), bool(quotes), quotes,
        support.missing,
    )  # fmt: skip
