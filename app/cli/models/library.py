"""`alcove models import|discover|verify|remove|export-kit|import-kit`: models that are on a disk already."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.markup import escape

from app.assistants.keep_kits import folder_models, install_kit
from app.assistants.keep_models import Added, add_model, remove_model
from app.backend import Backend, open_kits
from app.base.errors import AppError, Cancelled
from app.base.jobs import CancelToken
from app.base.paths import person_path
from app.cli.options import AsJson
from app.cli.session import Session, Step, plain, print_json
from app.engine.choose import models_folder
from app.engine.protocol import LoadProgress
from app.models.catalog import Catalog, load_catalog
from app.models.copying import FileProgress
from app.models.discover import Discovered, discover
from app.models.disk import in_words
from app.models.importing import Imported, import_model
from app.models.installed import PLACE, InstalledModel, find_model, installed_models, missing_models
from app.models.kit import KitModel, export_kit
from app.models.kit_folders import FolderModel, export_folders
from app.models.licences import licence_of
from app.models.naming import stem_of
from app.models.places import places_here
from app.models.records import Records
from app.models.verifying import Verdict, Verified, verify

EXIT_FOUND = 1
_STAGES = {"checking": "Checking", "copying": "Copying"}
_MARKS: Mapping[Verdict, str] = {"ok": "ok  ", "wrong": "BAD ", "unknown": "new "}

Result = TypeVar("Result")
Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Names of models, or their files.")]
Kit = Annotated[str, typer.Argument(metavar="FOLDER", help="The folder of the kit, such as one on a stick.")]


def import_command(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A GGUF file; of several, the first.")],
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Use it where it lies instead of copying it.")
    ] = False,
    name: Annotated[str, typer.Option(help="What to call it; else it goes by its file name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add a GGUF file to the library and try whether it loads."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        events = import_model(
            person_path(file),
            _records(backend),
            copy=not in_place,
            cancel=token,
            name=stem_of(name.strip()) or None,
        )
        added = _add(session, _records(backend), token, events)
    if as_json:
        print_json(_added_json(added))
    else:
        sys.stdout.write(f"{_said(added)}\n")
    if added.problem:
        raise typer.Exit(EXIT_FOUND)


def discover_command(
    context: typer.Context,
    use: Annotated[
        list[str] | None,
        typer.Option(
            metavar="APP|NAME", help="Use models where they lie: an app's, or one; can be repeated."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find the models that other apps keep on this machine; nothing of theirs is ever changed."""
    session: Session = context.obj
    used: list[Added] = []
    with session.backend() as (backend, token):
        with session.console.status("Looking for models of other apps"):
            found = list(discover(places_here(), token))
        for each in _chosen(found, use or ()):
            events = import_model(
                each.file,
                _records(backend),
                copy=False,
                cancel=token,
                name=each.name,
                source=f"{PLACE}{each.app}",
                sha256=each.sha256,
            )
            used.append(_add(session, _records(backend), token, events))
            if not as_json:
                sys.stdout.write(f"{_said(used[-1])}\n")
    if as_json:
        models = [{**plain(each), "file": str(each.file)} for each in found]
        for model in models:
            del model["sha256"]
        print_json({"models": models, "used": [_added_json(each) for each in used]})
    elif not use:
        _print_found(found)
    if any(each.problem for each in used):
        raise typer.Exit(EXIT_FOUND)


def verify_command(
    context: typer.Context,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Models to check; without any, all of them.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check that the bytes of models are still what they were."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        records = _records(backend)
        models = named_models(ids, records.folder) if ids else _all_models(records.folder)
        line = None if as_json else (lambda each: f"{_MARKS[each.verdict]} {each.model.name}: {each.detail}")
        verdicts: list[Verified] = _follow(session, verify(models, records, token), line)
    if as_json:
        shown = [
            {"name": each.model.name, "verdict": each.verdict, "detail": each.detail} for each in verdicts
        ]
        print_json({"models": shown})
    elif not verdicts:
        sys.stdout.write("There is no model to check.\n")
    if any(each.verdict == "wrong" for each in verdicts):
        raise typer.Exit(EXIT_FOUND)


def remove_command(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The name of a model, or its file.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a model of Alcove's own, or stop using another app's; the app's file stays."""
    session: Session = context.obj
    with session.backend() as (backend, _):
        records = _records(backend)
        (model,) = named_models([id], records.folder)
        if not yes:
            _confirm(session, model)
        removed = remove_model(model, records, backend.settings)
    if as_json:
        print_json(plain(removed))
    else:
        freed = f" {in_words(removed.freed)} are free again." if removed.freed else ""
        sys.stdout.write(f"{removed.detail}{freed}\n")


def export_kit_command(
    context: typer.Context,
    folder: Kit,
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...", help="Names of models, their files, or pairs of languages such as de-en."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Put models with their checksums into a folder, for a machine without a network.

    Search models, rerankers, readers and small translation models can come along.
    """
    session: Session = context.obj
    line = None if as_json else _kit_line
    with session.backend() as (backend, token):
        records = _records(backend)
        catalog = load_catalog()
        others, names = _folders_named(ids, records.folder, catalog)
        models = named_models(names, records.folder)
        licences = {model.name: licence_of(model, catalog) for model in models}
        target = person_path(folder)
        exported = _follow(session, export_kit(models, target, records, token, licences=licences), line)
        exported += _follow(session, export_folders(others, target, token), line)
    if as_json:
        print_json({"models": plain(exported)})
    else:
        sys.stdout.write(f"The kit is in {target}. On the other machine: alcove models import-kit FOLDER\n")


def import_kit_command(context: typer.Context, folder: Kit, as_json: AsJson = False) -> None:
    """Install the models of a kit and try whether they load."""
    session: Session = context.obj
    line = None if as_json else _kit_line
    with session.backend() as (backend, token):
        events = install_kit(person_path(folder), open_kits(backend, session.sizing), token)
        models: list[KitModel] = _follow(session, events, line)
    if as_json:
        print_json({"models": plain(models)})
    elif not models:
        sys.stdout.write("The kit is empty.\n")
    if any(each.outcome in ("damaged", "unusable") for each in models):
        raise typer.Exit(EXIT_FOUND)


def _folders_named(ids: Sequence[str], folder: Path, catalog: Catalog) -> tuple[list[FolderModel], list[str]]:
    """The installed models that are folders and go by one of these names, and the names that are left."""
    gguf = {each.name.casefold() for each in _all_models(folder)}
    there = {each.name.casefold(): each for each in folder_models(folder, catalog)}
    chosen = {name: there[name] for each in ids if (name := each.casefold()) in there and name not in gguf}
    return list(chosen.values()), [each for each in ids if each.casefold() not in chosen]


def _records(backend: Backend) -> Records:
    return Records(models_folder(backend.settings.current, backend.paths))


def _follow(
    session: Session,
    events: Iterable[FileProgress | LoadProgress | Result],
    line: Callable[[Result], str] | None,
) -> list[Result]:
    """The results behind a progress bar; each is printed with `line` as soon as it is known."""
    results: list[Result] = []
    for event in session.with_bar(events, "Looking at the files", _file_step):
        if not isinstance(event, FileProgress | LoadProgress):
            results.append(event)
            if line is not None:
                sys.stdout.write(f"{line(event)}\n")
                sys.stdout.flush()
    return results


def _file_step(event: object) -> Step | None:
    if isinstance(event, FileProgress):
        return Step(f"{_STAGES[event.stage]} {escape(event.name)}", event.done, event.total)
    if isinstance(event, LoadProgress):
        return Step("Testing whether it loads", event.fraction, 1)
    return None


def _add(
    session: Session, records: Records, token: CancelToken, events: Iterable[FileProgress | Imported]
) -> Added:
    """Import and test."""
    found: list[Added] = _follow(session, add_model(events, records, session.sizing, token), None)
    return found[0]


def _said(added: Added) -> str:
    return f"{added.imported.detail} {added.problem}".rstrip()


def _added_json(added: Added) -> dict[str, Any]:
    found = added.imported
    model = {"name": found.name, "file": str(found.file), "bytes": found.bytes}
    return {"model": model, "outcome": found.outcome, "detail": _said(added), "loads": not added.problem}


def _kit_line(model: KitModel) -> str:
    mark = "BAD " if model.outcome in ("damaged", "unusable") else "ok  "
    return f"{mark} {in_words(model.bytes):>9}  {model.detail}"


def _chosen(found: Sequence[Discovered], wanted: Sequence[str]) -> list[Discovered]:
    """The usable models of the apps and names in `wanted`. Raises `AppError` where one of them has none."""
    chosen: list[Discovered] = []
    for name in wanted:
        meant = [each for each in found if name.casefold() in (each.app.casefold(), each.name.casefold())]
        usable = [each for each in meant if each.usable]
        if not usable:
            what = (
                meant[0].reason if meant else f"No other app here has a model “{name}”, nor is one called so."
            )
            raise AppError(what, "See “alcove models discover” for what there is.")
        chosen += [each for each in usable if each not in chosen]
    return chosen


def _print_found(found: Sequence[Discovered]) -> None:
    write = sys.stdout.write
    if not found:
        write("No other app that Alcove knows keeps models on this machine.\n")
    for each in found:
        size = f", {in_words(each.bytes)}" if each.bytes else ""
        write(f"{each.app}: {each.name or each.file}{size}\n")
        write(f"    {each.file}\n" if each.usable else f"    cannot be used: {each.reason}\n")
    if any(each.usable for each in found):
        write("\nTo use one where it lies: alcove models discover --use NAME\n")


def _all_models(folder: Path) -> list[InstalledModel]:
    """Those that cannot be found now too: they are still in the library."""
    return [*installed_models(folder), *missing_models(folder)]


def named_models(names: Sequence[str], folder: Path) -> list[InstalledModel]:
    """The models of the library with these names or files, each once. Raises `AppError` for any other."""
    models = _all_models(folder)
    return list(dict.fromkeys(_one(name, models, folder) for name in names))


def _one(name: str, models: Sequence[InstalledModel], folder: Path) -> InstalledModel:
    wanted = name.casefold().removesuffix(".gguf")
    same = [each for each in models if each.name.casefold() == wanted]
    if len(same) == 1:
        return same[0]
    if same:
        files = ", ".join(str(each.file) for each in same)
        raise AppError(f"There are {len(same)} models called “{name}”.", f"Name the file instead: {files}.")
    file = find_model(name, folder, None)
    for each in models:
        if each.file.exists() and each.file.samefile(file):
            return each
    raise AppError(
        f"{file} does not belong to Alcove's library.", "Add it first with “alcove models import”."
    )


def _confirm(session: Session, model: InstalledModel) -> None:
    """Raises `Cancelled` unless the person agrees, and `AppError` where nobody can be asked."""
    if not sys.stdin or not sys.stdin.isatty():
        raise AppError(
            f"Nobody can be asked whether “{model.name}” may be removed.", "Add --yes to remove it."
        )
    what = f"Delete “{model.name}” ({in_words(model.bytes)})" if model.owned else f"Stop using “{model.name}”"
    answer = session.prompt(f"{what}? [y/N] ")
    if answer is None or answer.strip().casefold() not in ("y", "yes"):
        raise Cancelled
