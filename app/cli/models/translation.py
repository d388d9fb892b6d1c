"""`alcove models translation`: the small models that translate, one for a pair of languages."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from app.assistants.fetch_translation_models import (
    REPOSITORY,
    FetchTranslationEvent,
    Installing,
    TranslationReady,
    fetch_translation_model,
    offered_models,
)
from app.backend import Backend
from app.base.errors import AppError
from app.base.languages import find_language, language_name
from app.base.paths import person_path
from app.cli.models.token import HubAddress
from app.cli.options import AsJson
from app.cli.session import Session, Step, print_json
from app.engine.choose import hub_endpoint, models_folder
from app.engine.small_translation.client import SmallTranslation
from app.engine.small_translation.models import SmallModel, SmallModels
from app.engine.small_translation.recognising import pair_of
from app.models.disk import in_words
from app.models.download.transfer import DownloadProgress, DownloadRestarted, DownloadWaiting

_MIB = 1 << 20

program = typer.Typer(rich_markup_mode=None)

Repository = Annotated[
    str, typer.Option("--repository", metavar="OWNER/NAME", help="Where at the hub the models are.")
]


@program.callback(invoke_without_command=True)
def show_commands(context: typer.Context) -> None:
    """Without a command: what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@program.command("list")
def list_command(
    context: typer.Context,
    available: Annotated[
        bool, typer.Option("--available", help="Ask the hub, too, which ones there are to download.")
    ] = False,
    repository: Repository = REPOSITORY,
    endpoint: HubAddress = None,
    as_json: AsJson = False,
) -> None:
    """List the small translation models that are installed."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        installed = _models(backend).installed()
        where = endpoint or hub_endpoint(backend.settings.current)
        offered = offered_models(repository, endpoint=where, cancel=token) if available else ()
    if as_json:
        shown = [{"pair": each.pair, "bytes": each.bytes, "folder": str(each.folder)} for each in installed]
        others = [{"pair": each.pair, "bytes": each.bytes} for each in offered]
        print_json({"installed": shown, **({"available": others} if available else {})})
        return
    for model in installed:
        sys.stdout.write(f"installed  {_line(model.pair, model.bytes)}\n")
    for offer in offered:
        if offer.pair not in {each.pair for each in installed}:
            sys.stdout.write(f"           {_line(offer.pair, offer.bytes)}\n")
    if not installed and not offered:
        sys.stdout.write(
            "No small translation model is installed. See what there is with “--available”, "
            "and get one with “alcove models translation pull de-en”.\n"
        )


@program.command("pull")
def pull_command(
    context: typer.Context,
    pair: Annotated[
        str, typer.Argument(metavar="PAIR", help="From which language into which, for example de-en.")
    ],
    repository: Repository = REPOSITORY,
    endpoint: HubAddress = None,
    as_json: AsJson = False,
) -> None:
    """Download what translates a pair of languages: one model, or two by way of English."""
    languages = pair_of(pair)
    if languages is None:
        raise AppError(
            f"“{pair}” names no pair of languages.", "Write it like de-en: from German to English."
        )
    for code in languages:
        find_language(code)
    session: Session = context.obj
    with session.backend() as (backend, token), _translation(backend) as translation:
        most = backend.settings.current.download_limit
        events = fetch_translation_model(
            *languages,
            models=_models(backend),
            translation=translation,
            endpoint=endpoint or hub_endpoint(backend.settings.current),
            cancel=token,
            repository=repository,
            bytes_per_s=None if not most else int(most * _MIB),
        )
        ready = _show(session, events)
    if as_json:
        print_json(
            {"pair": "-".join(languages), **_json(ready.models), "bytes_received": ready.bytes_received}
        )
        return
    way = " by way of English" if len(ready.models) > 1 else ""
    source, target = map(language_name, languages)
    sys.stdout.write(f"{source} is translated into {target}{way} from now on.\n")


def _show(session: Session, events: Iterator[FetchTranslationEvent]) -> TranslationReady:
    """Progress on stderr."""
    ready: TranslationReady | None = None
    for event in session.with_bar(events, "Asking the hub", _step):
        match event:
            case DownloadWaiting() | DownloadRestarted():
                session.warn(event.reason)
            case TranslationReady():
                ready = event
    assert ready is not None
    return ready


@program.command("import")
def import_command(
    context: typer.Context,
    folder: Annotated[
        str, typer.Argument(metavar="FOLDER", help="With the files of one model, or of several below it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Install Firefox translation models that lie in a folder; the files there stay as they are."""
    session: Session = context.obj
    with (
        session.backend() as (backend, token),
        _translation(backend) as translation,
        session.console.status("Copying and trying out"),
    ):
        added = _models(backend).import_folder(person_path(folder), translation, token)
    if as_json:
        print_json(_json(added))
        return
    for model in added:
        sys.stdout.write(f"{_line(model.pair, model.bytes)} was installed.\n")


@program.command("remove")
def remove_command(
    context: typer.Context,
    pair: Annotated[str, typer.Argument(metavar="PAIR", help="For example de-en.")],
    as_json: AsJson = False,
) -> None:
    """Delete a small translation model."""
    session: Session = context.obj
    with session.backend() as (backend, _):
        removed = _models(backend).remove(pair)
    if as_json:
        print_json({"pair": removed.pair, "freed": removed.bytes})
    else:
        sys.stdout.write(f"{removed.pair} was deleted. {in_words(removed.bytes)} are free again.\n")


def _models(backend: Backend) -> SmallModels:
    return SmallModels(models_folder(backend.settings.current, backend.paths))


@contextmanager
def _translation(backend: Backend) -> Iterator[SmallTranslation]:
    translation = SmallTranslation(backend.paths)
    try:
        yield translation
    finally:
        translation.close()


def _line(pair: str, size: int) -> str:
    source, target = map(language_name, pair_of(pair) or (pair, ""))
    return f"{pair}  {source} into {target} ({in_words(size)})"


def _json(models: tuple[SmallModel, ...]) -> dict[str, object]:
    return {
        "models": [{"pair": each.pair, "bytes": each.bytes, "folder": str(each.folder)} for each in models]
    }


def _step(event: FetchTranslationEvent) -> Step | None:
    if isinstance(event, DownloadProgress):
        return Step("Checking" if event.checking else "Downloading", event.bytes_done, event.bytes_total)
    return Step(f"Trying whether {event.pair} works", 0, 0) if isinstance(event, Installing) else None
