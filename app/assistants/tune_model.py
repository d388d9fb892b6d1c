"""Use case: find the type of weights that this processor computes fastest for a model, and keep a copy in it.

The original always stays. A copy is kept only where it is clearly faster and foresees a text as well.
"""

import math
import secrets
import statistics
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, cast

from app.base.errors import AppError
from app.base.files import write_error
from app.base.jobs import CancelToken
from app.base.paths import DataPaths, resource
from app.engine.measuring_protocol import Judged
from app.engine.quantising import Quantiser
from app.engine.trial import Trial
from app.hardware.fit import Plan, estimate
from app.hardware.measured import Pace
from app.hardware.processor import processor_key
from app.models.copying import FileProgress, hash_files
from app.models.disk import check_room, in_words
from app.models.gguf import GgufFacts, read_facts
from app.models.installed import InstalledModel, installed_models
from app.models.sizes import bits_per_weight
from app.models.tuned import Figures, Tuning, Tunings, engine_version

KINDS = ("Q8_0", "Q4_0")
"""What is tried, the most faithful first: llama.cpp has fast kernels for both on every processor, and writes them in
seconds (others take minutes)."""
LEAST_GAIN = 1.15
"""How often as fast a copy must be to be worth its room on the disk."""
MOST_LOSS = 1.005
"""How much higher its perplexity may be."""
ROUNDS = 3
_MOST_GROWTH = 2.0  # a copy that takes more memory than this many originals is not tried
_LOST = 4  # a copy whose loss is so many times the most after a few stretches is not judged to the end
_FEW = 3
_CONTEXT = 1024  # tokens; as models are measured here
# Perplexities of models that everybody has, by the digest of the file, as `benchmarks/tuning.py` found them: nobody
# has to wait for what is the same everywhere.
_KNOWN = {
    # SmolLM2-135M-Instruct.Q4_1.gguf, the starter
    "b179c9523d0e6a0f": {"": 33.196, "Q8_0": 33.222, "Q4_0": 38.556},
}


@dataclass(frozen=True, slots=True)
class TuneStep:
    """`kind`: of the copy that is written, measured or judged. `fraction` from 0 to 1, of this step."""

    stage: Literal["writing", "measuring", "judging", "keeping"]
    kind: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A copy beside the original. `perplexity` None: it is not faster, so it was not judged; inf: clearly worse. `rounds`: how
    often either was measured.
    """

    kind: str
    bytes: int
    original: Pace
    pace: Pace
    original_perplexity: float = math.nan
    perplexity: float | None = None
    rounds: int = ROUNDS

    @property
    def gain(self) -> float:
        """How often as fast an answer over documents is."""
        return self.original.answer_s / self.pace.answer_s

    @property
    def fast(self) -> bool:
        return self.gain >= LEAST_GAIN

    @property
    def faithful(self) -> bool:
        return self.perplexity is not None and self.perplexity <= self.original_perplexity * MOST_LOSS

    @property
    def figures(self) -> Figures:
        assert self.perplexity is not None
        return Figures(
            self.pace.prompt_tokens_per_s / self.original.prompt_tokens_per_s,
            self.pace.generate_tokens_per_s / self.original.generate_tokens_per_s,
            self.perplexity,
            self.original_perplexity,
            self.rounds,
        )


@dataclass(frozen=True, slots=True)
class Tuned:
    """The end. `tuning.kind` "": nothing is both faster and as good, and no copy is kept. `left_out`: types that were not tried
    for want of memory; where that leaves no copy, nothing is remembered.
    """

    model: InstalledModel
    tuning: Tuning
    left_out: tuple[str, ...] = ()


TuneEvent = FileProgress | TuneStep | Candidate | Tuned


def tune_model(
    model: InstalledModel,
    *,
    paths: DataPaths,
    folder: Path,
    cancel: CancelToken,
    rounds: int = ROUNDS,
) -> Iterator[TuneEvent]:
    """Try the types, and keep the best copy below `folder`, the models folder; ends with `Tuned`.

    `rounds`: how often original and copy are measured by turns. Raises `AppError` and `Cancelled`; what was kept of this
    model before stays then, and nothing new is left.
    """
    facts = read_facts(model.file)
    possible = kinds_for(facts)
    kinds = _that_fit(facts, possible)
    tunings = Tunings(folder)
    check_room(tunings.folder, max((_expected(facts, kind) for kind in kinds), default=0) * 2)
    with tunings.alone(model.file):
        tunings.sweep(each.file for each in (*installed_models(folder), model))
        (sha256,) = yield from hash_files([model.file], cancel)
        asides = {kind: tunings.folder / f"{kind}.{secrets.token_hex(4)}.part" for kind in kinds}
        try:
            with closing(_Bench(model.file, _KNOWN.get(sha256[:16], {}), paths, cancel, rounds)) as bench:
                found = yield from _tried(bench, asides)
            chosen = best(found)
            tuning = yield from _tuning(model.file, sha256, chosen, asides, cancel)
            cancel.raise_if_cancelled()
            if chosen is not None or kinds == possible:
                tunings.put(model.file, tuning, asides[chosen.kind] if chosen is not None else None)
        except OSError as error:
            raise write_error(tunings.folder, error) from error
        finally:
            for aside in asides.values():
                aside.unlink(missing_ok=True)
    yield Tuned(model, tuning, tuple(kind for kind in possible if kind not in kinds))


def kinds_for(facts: GgufFacts) -> tuple[str, ...]:
    """The types to try for such a model. Raises `AppError` for one that writes nothing."""
    if not facts.can_write:
        raise AppError(
            f"“{facts.name}” only turns text into numbers for searching; there is nothing to tune for answers.",
            "Choose a chat model.",
        )
    return tuple(
        kind
        for kind in KINDS
        if kind != facts.quantisation and _expected(facts, kind) <= _MOST_GROWTH * facts.file_bytes
    )


def _that_fit(facts: GgufFacts, kinds: Sequence[str]) -> tuple[str, ...]:
    """Those whose copy fits into free memory, beside what answers now. Raises `AppError` where the model itself does not."""
    from app.hardware.probe import probe

    free = probe().ram.available
    plan = Plan(_CONTEXT, "f16", 0)
    needed = estimate(facts.shape, plan).total
    if needed > free:
        raise AppError(
            f"There is not enough free memory to tune “{facts.name}”: it takes {in_words(needed)}, and {in_words(free)} are "
            "free.",
            "Close other programs, then try again.",
        )
    shapes = {kind: replace(facts.shape, weight_bytes=_expected(facts, kind)) for kind in kinds}
    return tuple(kind for kind, shape in shapes.items() if estimate(shape, plan).total <= free)


def best(found: Sequence[Candidate]) -> Candidate | None:
    """The fastest of those that are clearly faster than the original and foresee as well; None: keep the original."""
    good = [each for each in found if each.fast and each.faithful]
    return max(good, key=lambda each: each.gain, default=None)


def _tried(bench: "_Bench", asides: dict[str, Path]) -> Generator[TuneEvent, None, list[Candidate]]:
    found: list[Candidate] = []
    for kind, aside in asides.items():
        if bench.known_worse(kind):
            continue
        candidate = yield from bench.try_out(kind, aside)
        yield candidate
        found.append(candidate)
        if best(found) is not candidate:
            aside.unlink()
    return found


class _Bench:
    """One original, and the processes in which its copies are made and compared with it."""

    def __init__(
        self, original: Path, known: dict[str, float], paths: DataPaths, cancel: CancelToken, rounds: int
    ) -> None:
        self._original, self._known, self._cancel, self._rounds = original, known, cancel, rounds
        self._quantiser, self._trial = Quantiser(paths), Trial(paths)
        self._surprises: list[float] = []  # of the original, a stretch of the text each

    def known_worse(self, kind: str) -> bool:
        known = self._known
        return kind in known and known[kind] > known[""] * MOST_LOSS

    def try_out(self, kind: str, aside: Path) -> Generator[TuneStep, None, Candidate]:
        """Write the copy, measure it by turns with the original, and judge it where it is fast."""
        expected = _expected(read_facts(self._original), kind)
        yield TuneStep("writing", kind, 0.0)
        for written in self._quantiser.write(self._original, aside, kind, self._cancel, requantise=True):
            yield TuneStep("writing", kind, min(1.0, written / expected))
        paces: dict[Path, list[Pace]] = {self._original: [], aside: []}
        for number in range(self._rounds):
            for turn, (file, taken) in enumerate(paces.items()):
                taken.append((yield from self._paced(kind, file, 2 * number + turn)))
        size, rounds = aside.stat().st_size, self._rounds
        candidate = Candidate(
            kind, size, _median(paces[self._original]), _median(paces[aside]), rounds=rounds
        )
        if not candidate.fast:
            return candidate
        perplexities = yield from self._judged(kind, aside)
        return Candidate(kind, size, candidate.original, candidate.pace, *perplexities, rounds)

    def _paced(self, kind: str, file: Path, before: int) -> Generator[TuneStep, None, Pace]:
        """`before`: measurements made by now."""
        total = 2 * self._rounds
        yield TuneStep("measuring", kind, before / total)
        measuring = self._trial.pace(file, self._cancel)
        while True:
            try:
                done = next(measuring)
            except StopIteration as end:
                return cast(Pace, end.value)
            yield TuneStep("measuring", kind, (before + done) / total)

    def close(self) -> None:
        self._quantiser.close()
        self._trial.close()

    def _judged(self, kind: str, aside: Path) -> Generator[TuneStep, None, tuple[float, float]]:
        """Perplexity of the original and of the copy."""
        if kind in self._known:
            return self._known[""], self._known[kind]
        text = resource("tuning_text.txt").read_text(encoding="utf-8")
        parts = 1 if self._surprises else 2
        step = partial(_judging, kind, parts=parts)
        if not self._surprises:
            for reply in self._trial.judge(self._original, text, self._cancel):
                self._surprises.append(reply.surprise)
                yield step(reply, part=0)
        before = math.exp(statistics.fmean(self._surprises))
        surprises: list[float] = []
        with closing(self._trial.judge(aside, text, self._cancel)) as replies:
            for reply in replies:
                surprises.append(reply.surprise)
                yield step(reply, part=parts - 1)
                lost = statistics.fmean(surprises) - statistics.fmean(self._surprises[: len(surprises)])
                if len(surprises) >= _FEW and lost > _LOST * math.log(MOST_LOSS):
                    return before, math.inf
        return before, math.exp(statistics.fmean(surprises))


def _judging(kind: str, reply: Judged, *, part: int, parts: int) -> TuneStep:
    return TuneStep("judging", kind, (part + reply.done / reply.total) / parts)


def _median(paces: Sequence[Pace]) -> Pace:
    return Pace(
        statistics.median(each.prompt_tokens_per_s for each in paces),
        statistics.median(each.generate_tokens_per_s for each in paces),
    )


def _expected(facts: GgufFacts, kind: str) -> int:
    """Bytes of the copy, roughly."""
    return int(facts.parameters * (bits_per_weight(kind) or 16.0) / 8)


def _tuning(
    original: Path, sha256: str, chosen: Candidate | None, asides: dict[str, Path], cancel: CancelToken
) -> Generator[TuneStep, None, Tuning]:
    """The record. Raises `AppError` when the copy cannot be read again, and `Cancelled`."""
    here = Tuning(str(original), sha256, processor_key(), engine_version())
    if chosen is None:
        return here
    hashing = hash_files([asides[chosen.kind]], cancel)
    while True:
        try:
            now = next(hashing)
        except StopIteration as end:
            (copy_sha256,) = end.value
            break
        yield TuneStep("keeping", chosen.kind, now.done / max(1, now.total))
    return replace(
        here, kind=chosen.kind, bytes=chosen.bytes, figures=chosen.figures, copy_sha256=copy_sha256
    )
