"""The segments of a file and what became of them so far."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from app.assistants.translate.checks import check
from app.assistants.translate.engines import Translator
from app.assistants.translate.events import Finding, SegmentDone, TranslatedSegment
from app.assistants.translate.patience import Patience
from app.assistants.translate.segments import Outcome, SegmentTranslator
from app.assistants.translate.stored import from_stored, to_stored
from app.assistants.translate.terms import Terms
from app.assistants.translate.writing import targets_of
from app.base.jobs import CancelToken
from app.base.languages import language_name
from app.documents.layout.segment import Layout, Segment
from app.documents.layout.tags import readable
from app.storage.glossaries import Term
from app.storage.translation_jobs import Job, StoredSegment, TranslationJobs
from app.storage.translation_memory import TranslationMemory

_SAVE_EVERY = 8  # segments; a crash loses at most so many
_SAVE_EVERY_S = 5.0
_FORESEEN = 32  # segments told to the engine before they are asked for


@dataclass(slots=True)
class Progress:
    """The work on one job. Make it with `take_up`."""

    content: Layout
    job: Job
    jobs: TranslationJobs
    engine: str
    translator: SegmentTranslator
    done: dict[str, TranslatedSegment] = field(default_factory=dict)
    unsaved: list[TranslatedSegment] = field(default_factory=list)
    saved_at: float = field(default_factory=time.monotonic)

    def to_do(self) -> int:
        """Segments that are left to the engine."""
        return sum(self.translator.needs_engine(each.text) for each in self._waiting())

    def translate(self, cancel: CancelToken) -> Iterator[SegmentDone]:
        """What is left. Raises as `Patience.translate`, and the refusal when nothing at all could be translated."""
        total = len(self.content.segments)
        waiting = self._waiting()
        pace = _Pace([len(each.text) for each in waiting])
        patience = Patience(self.translator)
        try:
            for number, each in enumerate(waiting):
                cancel.raise_if_cancelled()
                if number % _FORESEEN == 0:
                    coming = waiting[number : number + _FORESEEN]
                    self.translator.look_ahead([each.text for each in coming], cancel)
                segment = _segment(each, patience.translate(each.text, cancel))
                self.done[each.key] = segment
                self.unsaved.append(segment)
                if len(self.unsaved) >= _SAVE_EVERY or time.monotonic() - self.saved_at > _SAVE_EVERY_S:
                    self.save()
                yield SegmentDone(segment, len(self.done), total, pace.after(len(each.text)))
        finally:
            self.translator.look_ahead([], cancel)
        if not self.targets():
            patience.raise_refusal()

    def save(self) -> None:
        unsaved, self.unsaved = self.unsaved, []
        if unsaved:
            self.jobs.save(self.job.id, [to_stored(each, self.engine) for each in unsaved])
            self.translator.remember()
        self.saved_at = time.monotonic()

    def targets(self) -> dict[str, str]:
        return targets_of(self.done.values())

    def all_done(self) -> tuple[TranslatedSegment, ...]:
        return tuple(self.done[each.key] for each in self.content.segments if each.key in self.done)

    def remark(self) -> str:
        count, name = self.translator.in_target_already, language_name(self.job.target_language)
        if not count:
            return ""
        if count == 1:
            return f"1 part was in {name} already and left as it is."
        return f"{count} parts were in {name} already and left as they are."

    def _waiting(self) -> list[Segment]:
        return [each for each in self.content.segments if each.key not in self.done]


def take_up(
    content: Layout,
    job: Job,
    *,
    jobs: TranslationJobs,
    engine: Translator,
    memory: TranslationMemory | None,
    terms: Sequence[Term],
) -> Progress:
    """What the job holds already and may stay, and what the file brings along."""
    translator = SegmentTranslator(
        engine, source=job.source_language, target=job.target_language, terms=terms,
        memory=None if memory is None else memory.of_engine(engine.name),
    )  # fmt: skip
    progress = Progress(content, job, jobs, engine.name, translator)
    stored, known_terms = jobs.segments(job.id), Terms(terms)
    for each in content.segments:
        before = stored.get(each.key)
        segment = None if before is None else _kept(before, each, job, known_terms, engine.name)
        if segment is not None:
            progress.done[each.key] = segment
            if segment.origin in ("engine", "person"):
                translator.known(segment.source, segment.target, segment.findings)
        elif each.target:
            progress.done[each.key] = _segment(each, Outcome(each.target, "copied"), origin="file")
    return progress


class _Pace:
    """How long the rest takes, from the characters done so far."""

    def __init__(self, lengths: Sequence[int]) -> None:
        self._total = max(1, sum(lengths))
        self._done = 0
        self._started = time.monotonic()

    def after(self, length: int) -> float | None:
        """Seconds left; None while too little is done to tell."""
        self._done += length
        spent = time.monotonic() - self._started
        if spent < 2.0 and self._done * 20 < self._total:
            return None
        return spent / max(1, self._done) * (self._total - self._done)


def _kept(
    stored: StoredSegment, segment: Segment, job: Job, terms: Terms, engine: str
) -> TranslatedSegment | None:
    """The stored translation with its terms checked anew; None when it has to be made again.

    That is what another engine wrote, what misses a term that was not asked for before, what could not be translated,
    and what the memory gave, which may know better now. The person's stays in any case.
    """
    if stored.source != segment.text or stored.origin in ("kept", "memory"):
        return None
    if stored.origin == "engine" and stored.engine != engine:
        return None
    before = from_stored(stored, segment)
    if stored.origin not in ("engine", "person"):
        return before
    missed = _missed_terms(before, job, terms)
    known = {each for each in before.findings if each.kind == "glossary"}
    if stored.origin == "engine" and not known.issuperset(missed):
        return None
    others = [each for each in before.findings if each.kind != "glossary"]
    return replace(before, findings=(*others, *missed))


def _missed_terms(segment: TranslatedSegment, job: Job, terms: Terms) -> list[Finding]:
    present = terms.present(readable(segment.source))
    if not present:
        return []
    found = check(
        segment.source, segment.target,
        source_language=job.source_language, target_language=job.target_language, terms=present,
    )  # fmt: skip
    return [each for each in found if each.kind == "glossary"]


def _segment(segment: Segment, outcome: Outcome, origin: Literal["file"] | None = None) -> TranslatedSegment:
    return TranslatedSegment(
        segment.key, segment.place, segment.kind, segment.text,
        outcome.target, origin or outcome.origin, outcome.findings,
    )  # fmt: skip
