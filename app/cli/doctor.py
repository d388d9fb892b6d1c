"""`alcove doctor`: is everything in order?"""

import shutil
import sys
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from filelock import FileLock, Timeout
from rich.markup import escape

from app.backend import Backend
from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.paths import DataPaths
from app.cli.options import AsJson
from app.cli.session import Session, Step, index_step, plain, print_json
from app.engine.choose import model_to_use, models_folder
from app.engine.protocol import Loaded, ModelSpec
from app.models.installed import installed_models, starter_embedder
from app.models.tuned import Tunings
from app.models.verifying import drop_damaged_copy
from app.retrieval.protocol import CheckResult, IndexFinished
from app.storage.database import (
    Damaged,
    check_integrity,
    newest_backup,
    open_database,
    open_read_only,
    set_aside,
)
from app.storage.migrations import INDEX, USER

EXIT_FOUND = 1
_INDEX_CHECKS = 5


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
            found = _checks(backend, token, repair)
            shown = session.with_bar(found, "Checking", lambda each: each if isinstance(each, Step) else None)
            checks += [each for each in shown if isinstance(each, CheckResult)]
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


def _checks(backend: Backend, token: CancelToken, repair: bool) -> Iterator[CheckResult | Step]:
    """Every check, whatever the ones before it found."""
    aside = _set_index_aside(backend.paths) if repair else None
    if isinstance(aside, CheckResult):
        yield aside
    else:
        if aside is not None:
            yield from _read_again(backend, token, aside)
        yield from _check_index(backend, token, repair=repair)
        if repair and aside is None:
            yield from _read_again(backend, token, aside)
    try:
        yield CheckResult("embedding model", ok=True, detail=str(starter_embedder()))
    except AppError as error:
        yield CheckResult("embedding model", ok=False, detail=str(error))
    folder = models_folder(backend.settings.current, backend.paths)
    for model in installed_models(folder):
        yield Step(f"Loading {escape(model.file.name)}", 0, 0)
        yield from _load(backend, token, str(model.file))


def _check_index(backend: Backend, token: CancelToken, *, repair: bool) -> Iterator[CheckResult | Step]:
    yield Step("Checking the document index", 0, 0)
    done = 0
    try:
        for check in backend.library.check(token, repair=repair):
            done += 1
            yield check
            yield Step("Checking the document index", done, _INDEX_CHECKS)
    except AppError as error:
        yield CheckResult("document index" if done else "index database", ok=False, detail=str(error))


def _set_index_aside(paths: DataPaths) -> Path | CheckResult | None:
    """Where the index is kept now if SQLite cannot use it; None if it can, or if the file is of a newer Alcove.

    A `CheckResult` says why nothing was done: it may be damaged, but another Alcove is working with it.
    """
    try:
        with FileLock(paths.index_lock, timeout=0):
            return set_aside(paths.index_db) if _is_damaged(paths.index_db) else None
    except (Timeout, OSError):
        detail = "Another Alcove is updating it, or nothing can be written there. Nothing was repaired."
        return CheckResult("index database", ok=False, detail=detail)


def _is_damaged(path: Path) -> bool:
    try:
        database = open_read_only(path)
        if database is None:
            return False
        with closing(database):
            newer = database.rows("PRAGMA user_version")[0][0] > len(INDEX)
            return not newer and check_integrity(database) != "ok"
    except Damaged:
        return True
    except AppError:
        return False


def _read_again(backend: Backend, token: CancelToken, aside: Path | None) -> Iterator[CheckResult | Step]:
    """The index holds nothing that is not in the person's files: what was damaged is read from them anew."""
    finished: IndexFinished | None = None
    try:
        folders = backend.collections.folders()
        for event in backend.library.refresh(folders, token) if folders else ():
            if isinstance(event, IndexFinished):
                finished = event
            elif (step := index_step(event)) is not None:
                yield step
    except AppError as error:
        yield CheckResult("documents", ok=False, detail=str(error))
        return
    detail = f"{finished.indexed} read again, {finished.unchanged} unchanged" if finished else "none"
    if aside is not None:
        detail = f"rebuilt from your documents ({detail}); the damaged index is kept as {aside.name}"
    yield CheckResult("documents", ok=True, detail=detail)


def _load(backend: Backend, token: CancelToken, file: str) -> Iterator[CheckResult | Step]:
    """A model that loads is a model that works; only the header is no proof."""
    copy = ""
    try:
        spec = model_to_use(backend.settings.current, backend.paths, file)
        try:
            # what is tuned is tried as it is: without it, the model would be loaded instead
            tried = replace(spec, original="", smaller=()) if spec.original else spec
            loaded = _loaded(backend, token, tried)
            copy = " (its copy tuned for this computer)" if spec.original else ""
        except AppError as error:
            if not spec.original:
                raise
            damaged = yield from _drop_damaged_copy(backend, token, Path(spec.original))
            copy = f"; its copy tuned for this computer did not{', and was deleted' if damaged else f' ({error.what})'}"
            loaded = _loaded(backend, token, replace(spec, file=spec.original, original=""))
    except AppError as error:
        yield CheckResult(f"model {file}", ok=False, detail=str(error))
        return
    yield CheckResult(f"model {loaded.name}", ok=True, detail=f"loads in {loaded.seconds:.1f} s{copy}")


def _drop_damaged_copy(backend: Backend, token: CancelToken, original: Path) -> Generator[Step, None, bool]:
    """It may be sound and have failed for another reason, such as want of memory."""
    tunings = Tunings(models_folder(backend.settings.current, backend.paths))
    checking = drop_damaged_copy(original, tunings, token)
    while True:
        try:
            now = next(checking)
        except StopIteration as end:
            return bool(end.value)
        yield Step(f"Checking {escape(now.name)}", now.done, now.total)


def _loaded(backend: Backend, token: CancelToken, spec: ModelSpec) -> Loaded:
    return [event for event in backend.engine.load(spec, token) if isinstance(event, Loaded)][-1]
