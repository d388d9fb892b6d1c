"""Which models fit this machine, and which one to take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.hardware.fit import GIB, MIB, USUAL_CONTEXT, Fit, Memory, Speed, fit
from app.models.catalog import Catalog, CatalogModel, Tier
from app.models.catalog_refresh import FileList, last_known, suggested
from app.models.sizes import expected_bytes, shape_of_model

if TYPE_CHECKING:  # psutil is not needed for arithmetic
    from app.hardware.probe import Machine

_BEST_FIRST: tuple[Tier, ...] = ("best", "balanced", "fast", "starter")
# While a machine is not measured: what slow laptops read. It only keeps models out that would hardly be usable.
_ASSUMED = Speed({"": 10e9}, 0.0)
_COMFORTABLE = 5.0  # tokens per second: about as fast as people read aloud
WORDS_PER_TOKEN = 0.75  # of English text, with the vocabularies of today's models


@dataclass(frozen=True, slots=True)
class Candidate:
    """A catalogue model on this machine. `bytes`, `fit` None: not known, for lack of facts."""

    model: CatalogModel
    quantisation: str
    bytes: int | None
    fit: Fit | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`why_not_bigger`: a sentence, empty when there is nothing bigger."""

    best: Candidate
    runner_up: Candidate | None
    why_not_bigger: str


def judge(
    model: CatalogModel,
    machine: "Machine",
    speed: Speed | None,
    files: FileList | None = None,
    quantisation: str | None = None,
    context: int = USUAL_CONTEXT,
) -> Candidate:
    """How the model would run here, by what the catalogue and (if it was fetched) its list of files say.

    `context`: tokens wanted.
    """
    wanted = (quantisation,) if quantisation else model.quantisations
    choice = None if files is None else suggested(files, wanted)
    named = choice.quantisation if choice else wanted[0] if wanted else ""
    size = choice.bytes if choice else expected_bytes(model, named)
    shape = shape_of_model(model, named, size)
    found = None if shape is None else fit(machine, shape, context=context, speed=speed)
    return Candidate(model, named, size, found)


def recommend(
    catalog: Catalog, machine: "Machine", speed: Speed | None, files: Mapping[str, FileList] | None = None
) -> Recommendation | None:
    """The best of the catalogue's tiers that fits and is quick enough; None when not even the starter fits.

    `files`: by model id, where known.
    """
    ranked = [
        (
            judge(model, machine, speed, listed),
            _objection(judge(model, machine, speed or _ASSUMED, listed), "" if speed else "probably "),
        )
        for tier in _BEST_FIRST
        for model in sorted(catalog.tier(tier), key=lambda each: -each.parameters)
        for listed in [(files or {}).get(model.id)]
    ]
    good = [candidate for candidate, objection in ranked if not objection]
    if not good:
        return None
    best = good[0]
    bigger = [each for each in ranked if each[1] and each[0].model.parameters > best.model.parameters]
    why_not = ""
    if bigger:
        next_up, objection = min(bigger, key=lambda each: each[0].model.parameters)
        why_not = f"{next_up.model.name} {objection}."
    return Recommendation(best, good[1] if len(good) > 1 else None, why_not)


def known_lists(catalog: Catalog, folder: Path) -> dict[str, FileList]:
    """The lists of files that were once fetched into `folder`, by model id, as `recommend` takes them."""
    return {
        model.id: listed
        for model in catalog.models
        if model.gguf_repository and (listed := last_known(model.gguf_repository, folder)) is not None
    }


def _objection(candidate: Candidate, likely: str = "") -> str:
    """Why not to take it, as the end of a sentence; "" when there is nothing against it.

    `likely`: a word put in where the speed was not measured.
    """
    found = candidate.fit
    if found is None:
        return "is not known well enough"
    if found.verdict != "fits":
        return f"needs {in_gb(found.memory.total)}, more than this machine can spare now"
    if (
        found.tokens_per_s is not None
        and found.tokens_per_s < _COMFORTABLE
        and candidate.model.tier != "starter"
    ):
        return f"would {likely}write only about {words_per_second(found.tokens_per_s)} words a second here"
    return ""


def explain(found: Fit) -> str:
    """One sentence about memory and speed."""
    context = found.plan.context_length
    length = f"{context // 1024}k" if context >= 1024 else str(context)
    where = " on the graphics card" if found.plan.gpu_layers else ""
    needs = f"{in_gb(found.memory.total)} of your {in_gb(found.free)} free{where} at {length} context"
    if found.verdict == "too big":
        return f"Too big: needs {needs}."
    speed = (
        "" if found.tokens_per_s is None else f"; about {words_per_second(found.tokens_per_s)} words a second"
    )
    tight = "Tight: n" if found.verdict == "tight" else "N"
    return f"{tight}eeds {needs}{speed}."


def words_per_second(tokens_per_s: float | None) -> str:
    """ "11", or "0.8" below 2."""
    words = (tokens_per_s or 0) * WORDS_PER_TOKEN
    return f"{words:.0f}" if words >= 2 else f"{words:.1f}"


def in_gb(count: int) -> str:
    """ "3.1 GB", "180 MB"; binary, as the systems' own memory displays."""
    return f"{count / GIB:.1f} GB" if count >= GIB else f"{max(1, round(count / MIB))} MB"


def parts(memory: Memory) -> Sequence[tuple[str, int]]:
    """The parts of the memory by name, as they are listed and drawn."""
    return (
        ("weights", memory.weights),
        ("context", memory.kv),
        ("computing", memory.compute),
        ("other", memory.overhead),
    )
