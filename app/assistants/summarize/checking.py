"""Whether the document says what a point says.

Two things are asked of the words a point rests on: every number, date, name and quotation of the point stands in
them, and their meaning is near. A point that its own passages do not support may still be supported by another
passage that the model was shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.assistants.events import Source
from app.assistants.summarize.events import Point
from app.assistants.summarize.material import Material, windows
from app.assistants.summarize.points import Draft
from app.base.jobs import CancelToken
from app.retrieval.citations import facts_missing
from app.retrieval.client import Library

# Cosine of a point with the sentence (or two) it rests on. Measured with all-MiniLM-L6-v2 by `benchmarks summaries`
# on reference summaries of SciTLDR against the best window of their own abstract and of another one.
NEAR_ENOUGH = 0.5
_SOURCES = 3
_NEARLY_AS_GOOD = 0.12


@dataclass(frozen=True)
class _Window:
    passage: int
    start: int
    end: int


def check(
    drafts: Sequence[Draft],
    shown: Sequence[int],
    material: Material,
    library: Library,
    cancel: CancelToken,
    *,
    translated: bool,
) -> list[Point]:
    """Each draft as a point with its sources, best first; `supported` says whether they support it.

    `shown`: numbers of the passages the model was shown. `translated`: the points are in another language than the
    document, so names may be spelled otherwise and likeness of meaning (an English embedder) tells nothing; then
    numbers alone are compared, and the model's own numbers of passages are trusted if it gave any.
    """
    if not drafts:
        return []
    candidates = [_windows(material, number) for number in shown]
    flat = [window for each in candidates for window in each]
    texts = [material.passage(each.passage).text[each.start : each.end] for each in flat]
    cosines = library.compare([draft.text for draft in drafts], [texts] * len(drafts), cancel)
    return [
        _checked(draft, material, list(zip(own, flat, strict=True)), translated=translated)
        for draft, own in zip(drafts, cosines, strict=True)
    ]


def _checked(
    draft: Draft, material: Material, scored: list[tuple[float, _Window]], *, translated: bool
) -> Point:
    best: dict[int, tuple[float, _Window]] = {}
    for score, window in scored:
        if window.passage not in best or score > best[window.passage][0]:
            best[window.passage] = (score, window)
    cited = _ranked(best[number] for number in draft.passages if number in best)
    for chosen in (cited, _ranked(best.values())):
        if chosen and _supports(draft.text, chosen, material, translated=translated):
            return _point(draft, chosen, material, supported=True)
    return _point(draft, cited or _ranked(best.values()), material, supported=False)


def _supports(
    text: str, chosen: list[tuple[float, _Window]], material: Material, *, translated: bool
) -> bool:
    evidence = "\n".join(
        f"{passage.heading}\n{passage.text}"
        for passage in (material.passage(window.passage) for _, window in chosen)
    )
    if facts_missing(text, evidence, names=not translated):
        return False
    return translated or chosen[0][0] >= NEAR_ENOUGH


def _ranked(found: Iterable[tuple[float, _Window]]) -> list[tuple[float, _Window]]:
    """The nearest, and at most two others that are nearly as near."""
    ranked = sorted(found, key=lambda each: (-each[0], each[1].passage))
    return [each for each in ranked[:_SOURCES] if each[0] >= ranked[0][0] - _NEARLY_AS_GOOD]


def _point(
    draft: Draft, chosen: list[tuple[float, _Window]], material: Material, *, supported: bool
) -> Point:
    sources: tuple[Source, ...] = tuple(
        material.source(window.passage, window.start, window.end, score) for score, window in chosen
    )
    section = material.section_of(sources[0].number) if sources else ""
    return Point(draft.text, sources, supported, section, draft.kind)


def _windows(material: Material, number: int) -> list[_Window]:
    return [_Window(number, start, end) for start, end in windows(material.passage(number).text)]
