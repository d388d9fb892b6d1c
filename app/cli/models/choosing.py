"""`alcove models list`, `recommend` and `fit`: what there is, and what runs here."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from app.assistants.choose_model import Candidate, explain, in_gb, judge, known_lists, parts, recommend
from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import person_path
from app.cli.options import AsJson
from app.cli.session import Session, plain, print_json
from app.engine.choose import models_folder
from app.hardware.fit import USUAL_CONTEXT, Fit
from app.hardware.measured import Truth
from app.hardware.probe import Machine
from app.models.catalog import Catalog, load_catalog
from app.models.catalog_refresh import last_known
from app.models.disk import in_words
from app.models.gguf import read_facts
from app.models.installed import InstalledModel, find_model, installed_models, missing_models
from app.models.tuned import Tuning, Tunings


def list_command(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="[TEXT]", help="Only models this describes.")] = "",
    every: Annotated[
        bool, typer.Option("--all", help="Also models that Alcove cannot run, and why.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the installed models and the catalogue, with what fits this machine."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        folder = models_folder(backend.settings.current, backend.paths)
        installed = [*installed_models(folder), *missing_models(folder)]
        catalog = load_catalog()
        machine = session.sizing.machine(token)
        found = [
            _judged(session, backend, catalog, each.id, machine)
            for each in catalog.search(text, available=not every)
        ]
    tunings = Tunings(folder)
    words = text.casefold().split()
    installed = [each for each in installed if all(word in each.name.casefold() for word in words)]
    if as_json:
        print_json({
            "installed": [_installed_json(each, tunings) for each in installed],
            "models": [candidate_json(each) for each in found],
        })  # fmt: skip
        return
    for each in installed:
        state = each.missing or ("comes with Alcove" if each.starter else str(each.file))
        tuned = _tuning_of(each, tunings)
        state += f" (tuned for this computer as {tuned.kind}, {in_words(tuned.bytes)} more)" if tuned else ""
        sys.stdout.write(f"{'installed':10}  {each.name}  {in_words(each.bytes)}  {state}\n")
    for candidate in found:
        sys.stdout.write(f"{_verdict(candidate):10}  {candidate.model.id}  {_about(candidate)}\n")
    if not installed and not found:
        sys.stdout.write("No model is described by these words.\n")


def recommend_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Name the model to take on this machine, the next best, and why not a bigger one."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        machine = session.sizing.machine(token)
        catalog = load_catalog()
        files = known_lists(catalog, backend.paths.file_lists)
        chosen = recommend(catalog, machine, session.measurements.speed, files)
        measured = session.measurements.speed is not None
    if chosen is None:
        raise AppError(
            "No model fits into the memory that is free now.", "Close other programs and try again."
        )
    if as_json:
        runner_up = None if chosen.runner_up is None else candidate_json(chosen.runner_up)
        print_json({"model": candidate_json(chosen.best), "runner_up": runner_up, "why_not_bigger": chosen.why_not_bigger})  # fmt: skip
        return
    sys.stdout.write(f"{chosen.best.model.name} ({chosen.best.model.id}). {_sentence(chosen.best)}\n")
    if chosen.runner_up is not None:
        sys.stdout.write(f"Next best: {chosen.runner_up.model.name} ({chosen.runner_up.model.id}). {_sentence(chosen.runner_up)}\n")  # fmt: skip
    if chosen.why_not_bigger:
        sys.stdout.write(f"Why not bigger: {chosen.why_not_bigger}\n")
    if not measured:
        session.warn(
            "The speed is a guess until “alcove bench” has measured this machine; the recommendation may then change."
        )


def fit_command(
    context: typer.Context,
    model: Annotated[
        str, typer.Argument(metavar="ID|FILE.gguf", help="Of the catalogue, installed, or a file.")
    ],
    length: Annotated[
        int, typer.Option("--context", min=256, max=1 << 20, help="Tokens it shall look at.")
    ] = USUAL_CONTEXT,
    as_json: AsJson = False,
) -> None:
    """Tell how much memory a model takes here, at which context, and how fast it will be."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        file = _file(backend, model)
        if file is not None:
            fitted = _fitted_file(session, file, length, token)
        else:
            machine = session.sizing.machine(token)
            fitted = _fitted_candidate(_judged(session, backend, load_catalog(), model, machine, length))
    found = fitted.fit
    if as_json:
        seen = None if fitted.truth is None else plain(fitted.truth)
        about = {"id": model, "name": fitted.name, "bytes": fitted.bytes, "exact": found.memory.exact}
        print_json({**about, **fit_json(found), "truth": seen})
        return
    sys.stdout.write(f"{fitted.name}: {explain(found)}\n")
    for label, count in parts(found.memory):
        sys.stdout.write(f"  {label:10}{in_gb(count):>9}\n")
    if found.plan.kv_type != "f16" and found.verdict != "too big":
        sys.stdout.write("  The context is kept at 8 bits a number to save memory.\n")
    looks_at = found.plan.context_length
    trained = bool(fitted.trained) and looks_at >= fitted.trained
    if looks_at < length and not (trained and length == USUAL_CONTEXT):  # nobody asked for the usual one
        why = "it was not trained for more" if trained else "more does not fit"
        sys.stdout.write(f"  It looks at {looks_at} tokens, not {length}: {why}.\n")
    for line in _seen(fitted.truth):
        sys.stdout.write(f"  {line}\n")


@dataclass(frozen=True, slots=True)
class _Fitted:
    """How a model runs here. `trained`: tokens of context; `truth`: what it did, of a file that ran."""

    name: str
    bytes: int
    fit: Fit
    trained: int
    truth: Truth | None = None


def _fitted_file(session: Session, file: Path, length: int, token: CancelToken) -> _Fitted:
    facts, measurements = read_facts(file), session.measurements
    machine = session.sizing.machine(token)
    found = session.sizing.fit(file, facts.shape, machine, token, context=length, speed=measurements.speed)
    return _Fitted(
        file.stem, facts.file_bytes, found, facts.context_length, measurements.truths.get(facts.shape.key)
    )


def _fitted_candidate(candidate: Candidate) -> _Fitted:
    """Raises `AppError` for a model that the catalogue knows too little of."""
    if candidate.fit is None:
        raise AppError(
            f"Not enough is known of {candidate.model.name} to tell.",
            candidate.model.why_not or "Fit its GGUF file once it is here.",
        )
    return _Fitted(candidate.model.name, candidate.bytes or 0, candidate.fit, candidate.model.context or 0)


def _seen(truth: Truth | None) -> Iterator[str]:
    """What the model really did here, beside what was predicted for that."""
    if truth is None:
        return
    if truth.real_bytes:
        took, said = in_gb(truth.real_bytes), in_gb(truth.predicted_bytes)
        yield f"Here it took {took} at {truth.context_length} tokens of context (predicted {said})."
    if truth.answers:
        yield f"Here it wrote {truth.real_speed:.1f} tokens a second (predicted {truth.predicted_speed:.1f})."


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """A catalogue model as the command line's contract has it."""
    model = candidate.model
    known = {"fits": None} if candidate.fit is None else fit_json(candidate.fit)
    return {
        "id": model.id, "name": model.name, "family": model.family, "bytes": candidate.bytes,
        "quantisation": candidate.quantisation, "purposes": list(model.purposes), "tier": model.tier,
        "licence": None if model.licence is None else model.licence.name, "runs": model.runs,
        "why_not": model.why_not, "instead": model.instead, **known,
    }  # fmt: skip


def fit_json(found: Fit) -> dict[str, Any]:
    """A fit as the command line's contract has it."""
    return {
        "fits": found.verdict,
        "memory": {**plain(found.memory), "total": found.memory.total},
        "free": found.free,
        "context_length": found.plan.context_length,
        "kv_type": found.plan.kv_type,
        "gpu_layers": found.plan.gpu_layers,
        "tokens_per_s_estimate": None if found.tokens_per_s is None else round(found.tokens_per_s, 2),
        "sentence": explain(found),
    }


def _judged(
    session: Session,
    backend: Backend,
    catalog: Catalog,
    id: str,
    machine: Machine,
    length: int = USUAL_CONTEXT,
) -> Candidate:
    model = catalog.model(id)
    files = None
    if model.gguf_repository is not None:
        files = last_known(model.gguf_repository, backend.paths.file_lists)
    return judge(model, machine, session.measurements.speed, files, context=length)


def _file(backend: Backend, model: str) -> Path | None:
    """The GGUF file meant, when it is here."""
    if model.casefold().endswith(".gguf") and not person_path(model).is_file():
        raise AppError(f"There is no file {model}.", "Check its name.")
    folder = models_folder(backend.settings.current, backend.paths)
    try:
        return find_model(model, folder, None)
    except AppError:
        return None


def _tuning_of(model: InstalledModel, tunings: Tunings) -> Tuning | None:
    """The copy that is used instead of it; None where there is none."""
    found = None if model.missing else tunings.find(model.file)
    return found if found is not None and found.kind else None


def _installed_json(model: InstalledModel, tunings: Tunings) -> dict[str, Any]:
    return {
        "id": model.name, "name": model.name, "bytes": model.bytes, "file": str(model.file),
        "starter": model.starter, "owned": model.owned, "source": model.source, "missing": model.missing,
        "tuned": plain(_tuning_of(model, tunings)),
    }  # fmt: skip


def _verdict(candidate: Candidate) -> str:
    if not candidate.model.runs:
        return "cannot run"
    return "unknown" if candidate.fit is None else candidate.fit.verdict


def _about(candidate: Candidate) -> str:
    if not candidate.model.runs:
        instead = f" Use {candidate.model.instead}." if candidate.model.instead else ""
        return f"{candidate.model.why_not}{instead}"
    size = "size not known" if candidate.bytes is None else in_words(candidate.bytes)
    tier = f", {candidate.model.tier}" if candidate.model.tier else ""
    return f"{size}{tier}, {', '.join(candidate.model.purposes)}"


def _sentence(candidate: Candidate) -> str:
    return "" if candidate.fit is None else explain(candidate.fit)
