"""Asking an engine once for a segment, and what to make of answers that are damaged."""

import re
from dataclasses import dataclass, replace

from app.assistants.translate import masking
from app.assistants.translate.checks import SERIOUS, listed, losses
from app.assistants.translate.engines import Request, Translator
from app.assistants.translate.events import Finding
from app.assistants.translate.formatting import has_broken, repaired, tidied
from app.assistants.translate.placing import place
from app.assistants.translate.replies import bare
from app.base.jobs import CancelToken
from app.documents.language import has_letters
from app.documents.layout.tags import plain, same_tags, tags_of

_WEIGHT = {
    "empty": 50,
    "repetition": 40,
    "placeholders": 20,
    "numbers": 10,
    "language": 8,
    "untranslated": 8,
    "tags": 4,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """`target` with its values and tags, however they came through."""

    target: str
    findings: tuple[Finding, ...] = ()


def ask(translator: Translator, request: Request, cancel: CancelToken) -> Attempt:
    """One answer. `request.text` and the pairs before are in clear; what the engine sees is made here."""
    if translator.keeps_tags:
        masked = masking.mask(request.text)
        reply = translator.translate(replace(request, text=masked.text), cancel)
        return Attempt(masking.unmask(tidied(bare(reply, masked.text)), masked.values))
    said = plain(request.text)
    if request.complaint:  # the same question would bring the same answer
        text, pieced = _in_pieces(translator, request, cancel)
        return Attempt(text, pieced)
    answer = _plain_answer(translator, request, said, cancel)
    if not tags_of(request.text):
        return Attempt(answer)
    placed = place(request.text, answer, lambda piece: _plain_answer(translator, request, piece, cancel))
    guess = Finding("tags", "The place of a footnote, picture or line break is a guess.")
    return Attempt(placed.text, (guess,) if placed.guessed else ())


def worse(one: Attempt, other: Attempt, source: str) -> bool:
    """Whether `one` has lost more than `other`."""
    return _badness(one, source) > _badness(other, source)


def kept_source(source: str, attempt: Attempt) -> tuple[Finding, ...] | None:
    """Why the source has to stand for its translation, or None: nothing of the source may be lost without a trace."""
    kinds = {each.kind for each in attempt.findings}
    if "empty" in kinds:
        return (Finding("empty", "The model gave no translation, so the source text was kept."),)
    if "repetition" in kinds:
        why = "The model repeated itself without end, so the source text was kept."
        return (Finding("repetition", why),)
    lost = losses(source, attempt.target).lost
    if lost:
        return (
            Finding("kept", f"The source text was kept, because its translation had lost {listed(lost)}."),
        )
    return None


def settled(source: str, attempt: Attempt) -> Attempt:
    """The attempt with only such formatting as can be trusted; the same one where all can."""
    target = attempt.target
    if same_tags(source, target) and not has_broken(target, source):
        return attempt
    mended = repaired(source, target)
    losing = (
        "Some formatting was lost; look where it belongs."
        if mended.lost
        else "A tag was put right; look at the formatting."
    )
    return Attempt(mended.text, (Finding("tags", losing),))


def _badness(attempt: Attempt, source: str) -> int:
    kinds = [each.kind for each in attempt.findings if each.kind in SERIOUS]
    return sum(_WEIGHT.get(each, 2) for each in kinds) + 20 * len(losses(source, attempt.target).lost)


def _plain_answer(translator: Translator, request: Request, text: str, cancel: CancelToken) -> str:
    return translator.translate(replace(request, text=text), cancel).strip()


def _in_pieces(
    translator: Translator, request: Request, cancel: CancelToken
) -> tuple[str, tuple[Finding, ...]]:
    """What stands between the values, translated piece by piece, so that they cannot get lost."""
    said = plain(request.text)
    numbers = (each.span() for each in re.finditer(r"\d+(?:[.,]\d+)*", said))
    spans = sorted({*((each.start, each.end) for each in masking.values(said)), *numbers})
    done, end = "", 0
    for start, stop in [*spans, (len(said), len(said))]:
        if start < end:
            continue
        piece = said[end:start]
        if has_letters(piece):
            left = piece[: len(piece) - len(piece.lstrip())]
            right = piece[len(piece.rstrip()) :]
            done += left + _plain_answer(translator, request, piece.strip(), cancel) + right
        else:
            done += piece
        done += said[start:stop]
        end = stop
    return done, (
        Finding("placeholders", "The sentence was translated in pieces to keep its numbers and names."),
    )
