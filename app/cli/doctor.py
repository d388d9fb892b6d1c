"""`alcove doctor`: is everything in order?"""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.cli.ask import AsJson
from app.cli.session import Session, plain, print_json
from app.engine.choose import model_to_use, models_folder
from app.engine.protocol import Loaded
from app.models.installed import installed_models, starter_embedder
from app.retrieval.protocol import CheckResult
from app.storage.database import check_integrity

EXIT_FOUND = 1


def doctor_command(
    context: typer.Context,
    repair: Annotated[bool, typer.Option(help="Mend what can be rebuilt; never deletes your data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check databases, document index and models."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        checks = list(_checks(backend, token, repair))
    if as_json:
        print_json({"checks": plain(checks)})
    else:
        for check in checks:
            sys.stdout.write(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.detail}\n")
    if not all(check.ok for check in checks):
        raise typer.Exit(EXIT_FOUND)


def _checks(backend: Backend, token: CancelToken, repair: bool) -> Iterator[CheckResult]:
    """Every check, whatever the ones before it found."""
    damage = check_integrity(backend.user_db)
    yield CheckResult("conversations", damage == "ok", "sound" if damage == "ok" else damage)
    try:
        yield from backend.library.check(token, repair=repair)
    except AppError as error:
        yield CheckResult("document index", ok=False, detail=str(error))
    try:
        yield CheckResult("embedding model", ok=True, detail=str(starter_embedder().name))
    except AppError as error:
        yield CheckResult("embedding model", ok=False, detail=str(error))
    folder = models_folder(backend.settings.current, backend.paths)
    for model in installed_models(folder):
        yield _load(backend, token, str(model.file))


def _load(backend: Backend, token: CancelToken, file: str) -> CheckResult:
    """A model that loads is a model that works; only the header is no proof."""
    try:
        spec = model_to_use(backend.settings.current, backend.paths, file)
        loaded = [event for event in backend.engine.load(spec, token) if isinstance(event, Loaded)][-1]
    except AppError as error:
        return CheckResult(f"model {file}", ok=False, detail=str(error))
    return CheckResult(f"model {loaded.name}", ok=True, detail=f"loads in {loaded.seconds:.1f} s")
