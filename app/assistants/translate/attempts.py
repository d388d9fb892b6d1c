"""Asking an engine once for a segment, and what to make of answers that are damaged."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app.assistants.translate import masking
from app.assistants.translate.checks import SERIOUS, Losses, listed, losses
from app.assistants.translate.cutting import at_breaks
from app.assistants.translate.engines import CutShort, Request, Translator
from app.assistants.translate.events import Finding
from app.assistants.translate.formatting import has_broken, repaired, tidied
from app.assistants.translate.numbers import numbers
from app.assistants.translate.placing import place
from app.assistants.translate.replies import bare, cleaned
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
    "length": 6,
    "tags": 4,
}
_CUT_SHORT = Finding("length", "The model's answer was cut short: its end may be missing.")
_EMPTY = Finding("empty", "There is no translation.")
Answer = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """`target` with its values and tags, however they came through."""

    target: str
    findings: tuple[Finding, ...] = ()


def engine_request(request: Request) -> Request:
    """What an engine that keeps tags sees of `request`, in which the text is in clear."""
    return replace(request, text=masking.mask(request.text).text)


def ask(translator: Translator, request: Request, cancel: CancelToken) -> Attempt:
    """One answer. `request.text` and the pairs before are in clear; what the engine sees is made here."""
    findings: list[Finding] = []

    def answer(text: str) -> str:
        try:
            return cleaned(translator.translate(replace(request, text=text), cancel))
        except CutShort as cut:
            findings.append(_CUT_SHORT)
            return cleaned(cut.text)

    if translator.keeps_tags:
        masked = masking.mask(request.text)
        target = masking.unmask(tidied(bare(answer(masked.text), masked.text)), masked.values)
    else:  # the same question would bring the same answer, so the second time it is another one
        side = _in_pieces if request.complaint else _placed
        done = [side(each, answer) for each in at_breaks(request.text)]
        target = "".join(each.target for each in done)
        findings += (found for each in done for found in each.findings)
    return Attempt(target, tuple(dict.fromkeys(findings)))


def worse(one: Attempt, other: Attempt, request: Request) -> bool:
    """Whether `one` has lost more than `other`."""
    return _badness(one, request) > _badness(other, request)


def kept_source(request: Request, attempt: Attempt) -> tuple[Finding, ...] | None:
    """Why the source has to stand for its translation, or None: nothing of the source may be lost without a trace."""
    kinds = {each.kind for each in attempt.findings}
    if "empty" in kinds:
        return (Finding("empty", "The model gave no translation, so the source text was kept."),)
    if "repetition" in kinds:
        why = "The model repeated itself without end, so the source text was kept."
        return (Finding("repetition", why),)
    lost = losses_of(request, attempt).lost
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
    cut_short = (each for each in attempt.findings if each == _CUT_SHORT)
    return Attempt(mended.text, (*cut_short, Finding("tags", losing)))


def losses_of(request: Request, attempt: Attempt) -> Losses:
    """What of the text of `request` the attempt has lost."""
    return losses(request.text, attempt.target, request.source, request.target)


def _badness(attempt: Attempt, request: Request) -> int:
    kinds = [each.kind for each in attempt.findings if each.kind in SERIOUS]
    return sum(_WEIGHT.get(each, 2) for each in kinds) + 20 * len(losses_of(request, attempt).lost)


def _placed(text: str, answer: Answer) -> Attempt:
    """The translation of the plain text, with the tags of `text` where they seem to belong."""
    if not has_letters(plain(text)):
        return Attempt(text)
    before, after = _blanks(text)
    text = text.strip()
    said = answer(plain(text)).strip()
    if not said:
        return Attempt("", (_EMPTY,))
    if not tags_of(text):
        return Attempt(before + said + after)
    placed = place(text, said, lambda piece: answer(piece).strip())
    guess = Finding("tags", "The place of a footnote, picture or line break is a guess.")
    return Attempt(before + placed.text + after, (guess,) if placed.guessed else ())


def _in_pieces(text: str, answer: Answer) -> Attempt:
    """What stands between the values, translated piece by piece, so that they cannot get lost."""
    said = plain(text)
    if not has_letters(said):
        return Attempt(text)
    spans = sorted(
        {
            *((each.start, each.end) for each in masking.values(said)),
            *((each.start, each.end) for each in numbers(said)),
        }
    )
    done, end = "", 0
    for start, stop in [*spans, (len(said), len(said))]:
        if start < end:
            continue
        piece = said[end:start]
        if has_letters(piece):
            before, after = _blanks(piece)
            target = answer(piece.strip()).strip()
            if not target:
                return Attempt("", (_EMPTY,))
            done += before + target + after
        else:
            done += piece
        done += said[start:stop]
        end = stop
    return Attempt(
        done,
        (Finding("placeholders", "The sentence was translated in pieces to keep its numbers and names."),),
    )


def _blanks(text: str) -> tuple[str, str]:
    """Those before and after what is said."""
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
