"""One segment from source to target: the same steps for documents and for pasted text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.assistants.translate import masking
from app.assistants.translate.attempts import (
    Attempt,
    ask,
    engine_request,
    kept_source,
    losses_of,
    settled,
    worse,
)
from app.assistants.translate.checks import SERIOUS, check, losses
from app.assistants.translate.cutting import parts, words
from app.assistants.translate.engines import FarSighted, Request, Translator, longest_of
from app.assistants.translate.events import Finding, Origin
from app.assistants.translate.terms import Terms
from app.base.jobs import CancelToken
from app.documents.language import ENOUGH, detect, has_letters, written_in
from app.documents.layout.tags import readable
from app.storage.glossaries import Term
from app.storage.translation_memory import Remembered, TranslationMemory

_BEFORE = 3  # pairs shown to the engine
_NEAR = 2  # of them from the memory
_LONGEST_BEFORE = 60  # words of a pair's source; longer ones cost more than they help
_WORDS_TO_JUDGE = 4
_SURE_IS_TARGET = 0.9


@dataclass(frozen=True, slots=True)
class Outcome:
    """The translation of one segment and what is suspicious about it."""

    target: str
    origin: Origin
    findings: tuple[Finding, ...] = ()


class SegmentTranslator:
    """Translates the segments of one text, in order. What repeats is translated once.

    `source`, `target`: codes. Pairs the engine made without a finding are remembered when `remember` is called.
    """

    def __init__(
        self,
        translator: Translator,
        *,
        source: str,
        target: str,
        memory: TranslationMemory | None = None,
        terms: Sequence[Term] = (),
    ) -> None:
        self._translator = translator
        self._source = source
        self._target = target
        self._memory = memory
        self._terms = Terms(terms)
        self._done: dict[str, Outcome] = {}
        self._before: list[tuple[str, str]] = []
        self._learned: list[tuple[str, str]] = []
        self.in_target_already = 0

    def translate(self, text: str, cancel: CancelToken) -> Outcome:
        """Never raises for a bad translation: that is a finding. Raises what the engine raises, and `Cancelled`."""
        core = text.strip()
        if not _to_translate(core):
            return Outcome(text, "copied")
        known = self._done.get(core)
        if known is None:
            cancel.raise_if_cancelled()
            known = self._without_engine(core) or self._by_engine(core, cancel)
            self._done[core] = known
            self._follow(core, known)
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return replace(known, target=before + known.target + after)

    def look_ahead(self, texts: Sequence[str], cancel: CancelToken) -> None:
        """These segments come next."""
        if not isinstance(self._translator, FarSighted) or not self._translator.looks_ahead:
            return
        cores = dict.fromkeys(text.strip() for text in texts if self.needs_engine(text))
        cut = [
            part.strip()
            for core in cores
            if not self._is_target_already(core)
            for part in parts(core, longest_of(self._translator))
        ]
        asked = [engine_request(self._request(part)) for part in cut if _to_translate(part)]
        self._translator.look_ahead(asked, cancel)

    def known(self, text: str, target: str, findings: tuple[Finding, ...]) -> None:
        """A pair translated earlier: context for what follows, and not translated again."""
        outcome = Outcome(target.strip(), "engine", findings)
        self._done.setdefault(text.strip(), outcome)
        self._follow(text.strip(), outcome)

    def remember(self) -> None:
        """Put what was learned since the last time into the memory."""
        learned, self._learned = self._learned, []
        if self._memory is not None and learned:
            self._memory.remember(self._source, self._target, learned, "engine")

    def needs_engine(self, text: str) -> bool:
        """Whether there is something to translate that the memory does not have."""
        core = text.strip()
        if not _to_translate(core) or core in self._done:
            return False
        return self._memory is None or self._memory.exact(core, self._source, self._target) is None

    def _without_engine(self, text: str) -> Outcome | None:
        if self._memory is not None:
            found = self._memory.exact(text, self._source, self._target)
            if found is not None:
                known = self._remembered(text, found)
                if known is not None:
                    return known
        if self._is_target_already(text):
            self.in_target_already += 1
            return Outcome(text, "copied")
        return None

    def _remembered(self, text: str, found: Remembered) -> Outcome | None:
        """What the memory has, unless it is damaged. The person may have left out a value on purpose, while an engine may
        not have been asked for a term.
        """
        present = self._terms.present(readable(text))
        attempt = Attempt(found.target)
        if found.origin == "person":
            attempt = settled(text, attempt)
        attempt = self._judged(text, attempt, present)
        kinds = {each.kind for each in attempt.findings}
        if "empty" in kinds or (
            found.origin != "person"
            and ("tags" in kinds or losses(text, attempt.target, self._source, self._target).lost)
        ):
            return None
        if found.origin == "engine" and "glossary" in kinds:
            return None
        return Outcome(attempt.target, "memory", attempt.findings)

    def _is_target_already(self, text: str) -> bool:
        said = readable(text)
        if len(said.split()) < _WORDS_TO_JUDGE and len(said) < 5 * _WORDS_TO_JUDGE:
            return False
        if not written_in(said, self._target):
            return False
        found = detect(said[:ENOUGH], (self._source, self._target))
        return found is not None and found.code == self._target and found.probability >= _SURE_IS_TARGET

    def _by_engine(self, text: str, cancel: CancelToken) -> Outcome:
        cut = parts(text, longest_of(self._translator))
        if len(cut) == 1:
            return self._part(text, cancel)
        done: list[Outcome] = []
        for each in cut:
            core = each.strip()
            if not _to_translate(core):
                done.append(Outcome(each, "copied"))
                continue
            one = self._part(core, cancel)
            start = len(each) - len(each.lstrip())
            done.append(replace(one, target=each[:start] + one.target + each[len(each.rstrip()) :]))
        findings = tuple(dict.fromkeys(found for each in done for found in each.findings))
        whole = Attempt("".join(each.target for each in done), findings)
        whole = self._judged(text, whole, self._terms.present(readable(text)))
        all_kept = all(each.origin in ("kept", "copied") for each in done)
        return Outcome(whole.target, "kept" if all_kept else "engine", whole.findings)

    def _part(self, text: str, cancel: CancelToken) -> Outcome:
        """Ask, check, ask once more with the complaint named, and settle for the better answer."""
        present = self._terms.present(readable(text))
        request = self._request(text)
        best = self._judged(text, ask(self._translator, request, cancel), present)
        serious = [each for each in best.findings if each.kind in SERIOUS]
        if serious and (self._translator.keeps_tags or losses_of(request, best).lost):
            complaint = " ".join(each.text for each in serious)
            again = ask(self._translator, replace(request, complaint=complaint), cancel)
            again = self._judged(text, again, present)
            best = best if worse(again, best, request) else again
        final = settled(text, best)
        if final is not best:
            final = self._judged(text, final, present)
        for each in (best, final):
            kept = kept_source(request, each)
            if kept is not None:
                return Outcome(text, "kept", kept)
        return Outcome(final.target, "engine", tuple(dict.fromkeys(final.findings)))

    def _request(self, text: str) -> Request:
        present = self._terms.present(readable(text))
        terms = tuple((each.source, each.target) for each in present)
        return Request(text, self._source, self._target, terms, self._context(text))

    def _judged(self, text: str, attempt: Attempt, present: Sequence[Term]) -> Attempt:
        """With what is suspicious besides; of each kind, what is known already says it better."""
        found = check(
            text, attempt.target, source_language=self._source, target_language=self._target, terms=present
        )
        known = {each.kind for each in attempt.findings}
        new = (each for each in found if each.kind not in known)
        return replace(attempt, findings=(*attempt.findings, *new))

    def _context(self, text: str) -> tuple[tuple[str, str], ...]:
        if not self._translator.keeps_tags:
            return ()
        near: list[tuple[str, str]] = []
        if self._memory is not None:
            found = self._memory.near(readable(text), self._source, self._target, count=_NEAR)
            near = [(readable(each.source), readable(each.target)) for each in reversed(found)]
            near = [each for each in near if words(each[0]) <= _LONGEST_BEFORE]
        last = [each for each in self._before if each not in near]
        return tuple([*near, *last[len(near) :]] if len(near) + len(last) > _BEFORE else [*near, *last])

    def _follow(self, text: str, outcome: Outcome) -> None:
        if outcome.findings or outcome.origin == "copied":
            return
        if outcome.origin == "engine":
            self._learned.append((text, outcome.target))
        if words(text) <= _LONGEST_BEFORE:
            self._before = [*self._before, (readable(text), readable(outcome.target))][-_BEFORE:]


def _to_translate(text: str) -> bool:
    """Whether letters are left beside tags and values."""
    said = readable(text)
    end, left = 0, []
    for each in masking.values(said):
        left.append(said[end : each.start])
        end = each.end
    return has_letters("".join([*left, said[end:]]))
