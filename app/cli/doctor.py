"""`alcove doctor`: is everything in order?"""

import shutil
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.cli.ask import AsJson
from app.cli.session import Session, plain, print_json
from app.engine.choose import model_to_use, models_folder
from app.engine.protocol import Loaded
from app.models.installed import installed_models, starter_embedder
from app.retrieval.protocol import CheckResult
from app.storage.database import check_integrity, newest_backup, open_database, set_aside
from app.storage.migrations import USER

EXIT_FOUND = 1


def doctor_command(
    context: typer.Context,
    repair: Annotated[bool, typer.Option(help="Mend what can be rebuilt; never deletes your data.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check databases, document index and models."""
    session: Session = context.obj
    checks = [_check_conversations(session.paths, repair=repair)]
    if checks[0].ok:
        with session.backend() as (backend, token):
            checks += _checks(backend, token, repair)
    if as_json:
        print_json({"checks": plain(checks)})
    else:
        for check in checks:
            sys.stdout.write(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.detail}\n")
    if not all(check.ok for check in checks):
        raise typer.Exit(EXIT_FOUND)


def _check_conversations(paths: DataPaths, *, repair: bool) -> CheckResult:
    """A damaged file is moved aside, and the newest copy takes its place; a newer schema is never touched."""
    paths.prepare()
    damage = _damage_of(paths)
    if damage is None:
        return CheckResult("conversations", ok=True, detail="sound")
    if not repair or "newer version" in damage:
        return CheckResult("conversations", ok=False, detail=damage)
    aside = set_aside(paths.user_db)
    backup = newest_backup(paths.user_db, paths.backups)
    if backup is not None:
        shutil.copy(backup, paths.user_db)
    left = _damage_of(paths)
    came_back = (
        f"the copy {backup.name} was put in its place"
        if backup
        else "there was no copy, so a new one was begun"
    )
    return CheckResult(
        "conversations", left is None, f"the damaged file is kept as {aside.name}; {came_back}"
    )


def _damage_of(paths: DataPaths) -> str | None:
    try:
        database = open_database(paths.user_db, USER, durable=True)
    except AppError as error:
        return str(error)
    try:
        found = check_integrity(database)
    except AppError as error:
        found = str(error)
    finally:
        database.close()
    return None if found == "ok" else found


def _checks(backend: Backend, token: CancelToken, repair: bool) -> Iterator[CheckResult]:
    """Every check, whatever the ones before it found."""
    yield from _check_index(backend, token, repair)
    try:
        yield CheckResult("embedding model", ok=True, detail=str(starter_embedder()))
    except AppError as error:
        yield CheckResult("embedding model", ok=False, detail=str(error))
    folder = models_folder(backend.settings.current, backend.paths)
    for model in installed_models(folder):
        yield _load(backend, token, str(model.file))


def _check_index(backend: Backend, token: CancelToken, repair: bool) -> list[CheckResult]:
    """The index holds nothing that is not in the person's files, so a damaged one is made anew."""
    checks = _index_checks(backend, token, repair)
    if repair and not checks[0].ok:
        backend.library.close()
        aside = set_aside(backend.paths.index_db)
        folders = backend.collections.folders()
        if folders:
            for _ in backend.library.refresh(folders, token):
                pass
        detail = f"rebuilt from your documents; the damaged file is kept as {aside.name}"
        checks = [
            CheckResult("index database", ok=True, detail=detail),
            *_index_checks(backend, token, repair)[1:],
        ]
    return checks


def _index_checks(backend: Backend, token: CancelToken, repair: bool) -> list[CheckResult]:
    try:
        return list(backend.library.check(token, repair=repair))
    except AppError as error:
        return [CheckResult("index database", ok=False, detail=str(error))]


def _load(backend: Backend, token: CancelToken, file: str) -> CheckResult:
    """A model that loads is a model that works; only the header is no proof."""
    try:
        spec = model_to_use(backend.settings.current, backend.paths, file)
        loaded = [event for event in backend.engine.load(spec, token) if isinstance(event, Loaded)][-1]
    except AppError as error:
        return CheckResult(f"model {file}", ok=False, detail=str(error))
    return CheckResult(f"model {loaded.name}", ok=True, detail=f"loads in {loaded.seconds:.1f} s")
