"""`alcove models embedding`, `alcove models reranker` and `alcove models reader`: what finds answers in the library."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from app.assistants.add_encoder import (
    PURPOSES,
    AddEvent,
    EncoderReady,
    TryingOut,
    fetch_encoder,
    import_encoder,
    installed_as,
    offered_encoders,
    remove_encoder,
)
from app.backend import Backend
from app.base.edition import need_other_models
from app.base.errors import AppError
from app.base.paths import person_path
from app.cli.models.token import HubAddress
from app.cli.options import AsJson
from app.cli.session import Session, Step, plain, print_json, reembed_step
from app.engine.choose import hub_endpoint, models_folder
from app.models.catalog import CatalogModel, load_catalog
from app.models.disk import in_words
from app.models.download.address import is_repository
from app.models.download.transfer import DownloadProgress, DownloadRestarted, DownloadWaiting
from app.models.encoder_files import KINDS, SETTINGS, Kind
from app.models.encoders import EncoderModel, Encoders
from app.retrieval.protocol import Reembedded

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class _Group:
    """One of the three commands. `default`: the word for what is used without a choice; `made_by`: whose folders it takes.

    `now` and `now_default`: what is said after a choice.
    """

    kind: Kind
    command: str
    default: str
    made_by: str
    now: str
    now_default: str

    @property
    def what(self) -> str:
        return KINDS[self.kind]

    @property
    def setting(self) -> str:
        return SETTINGS[self.kind]


_EMBEDDING = _Group(
    "embedding",
    "embedding",
    "starter",
    "sentence-transformers",
    "The library is searched with {name} from now on.",
    "The library is searched with the starter from now on.",
)
_RERANKER = _Group(
    "reranking",
    "reranker",
    "none",
    "sentence-transformers",
    "What is found is put in order by {name}.",
    "No reranker is used.",
)
_READER = _Group(
    "reading",
    "reader",
    "starter",
    "transformers",
    "Answers in passages are marked by {name}.",
    "Answers in passages are marked by the reader that comes with Alcove.",
)


def _program(group: _Group) -> typer.Typer:
    """The same commands for each kind."""
    program = typer.Typer(rich_markup_mode=None)
    named = Annotated[str, typer.Argument(metavar="ID", help="As “list” shows it.")]

    @program.callback(invoke_without_command=True)
    def show_commands(context: typer.Context) -> None:
        """Without a command: what there is."""
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    @program.command("list", help=f"List the installed {group.what}s, and those that can be downloaded.")
    def list_command(context: typer.Context, as_json: AsJson = False) -> None:
        _list(context.obj, group, as_json)

    @program.command("pull", help=f"Download a {group.what} of the catalogue, or any repository of its kind.")
    def pull_command(
        context: typer.Context,
        model: Annotated[
            str, typer.Argument(metavar="ID", help="Of the catalogue, or OWNER/NAME at the hub.")
        ],
        endpoint: HubAddress = None,
        as_json: AsJson = False,
    ) -> None:
        _pull(context.obj, group, model, endpoint, as_json)

    @program.command("import", help=f"Copy a model from a folder as {group.made_by} writes it.")
    def import_command(
        context: typer.Context,
        folder: Annotated[str, typer.Argument(metavar="FOLDER", help="With the files of the model.")],
        as_json: AsJson = False,
    ) -> None:
        _import(context.obj, group, folder, as_json)

    @program.command("use", help=f"Use this {group.what} from now on; “{group.default}” for as it came.")
    def use_command(context: typer.Context, name: named, as_json: AsJson = False) -> None:
        _use(context.obj, group, name, as_json)

    @program.command("remove", help=f"Delete a {group.what}.")
    def remove_command(context: typer.Context, name: named, as_json: AsJson = False) -> None:
        _remove(context.obj, group, name, as_json)

    return program


def _list(session: Session, group: _Group, as_json: bool) -> None:
    with session.backend() as (backend, _):
        encoders = _encoders(backend)
        installed = encoders.installed(group.kind)
        chosen = getattr(backend.settings.current, group.setting)
        offered = [
            each
            for each in offered_encoders(load_catalog(), group.kind)
            if installed_as(each, encoders) is None
        ]
    if as_json:
        print_json({
            "used": chosen or group.default,
            "installed": [_json(each) for each in installed],
            "available": [
                {"id": each.id, "name": each.name, "parameters": each.parameters, "languages": each.languages,
                 "licence": each.licence.id if each.licence else None, "repository": each.repository}
                for each in offered
            ],
        })  # fmt: skip
        return
    for name, size in [
        (group.default, ""),
        *((each.name, f"  ({in_words(each.bytes)})") for each in installed),
    ]:
        sys.stdout.write(f"{'used' if name == (chosen or group.default) else 'installed':<9}  {name}{size}\n")
    for each in offered:
        languages = "many languages" if "mul" in each.languages else ", ".join(each.languages)
        sys.stdout.write(f"{'':<9}  {each.id}  ({each.parameters / 1e6:.0f}M parameters, {languages})\n")


def _pull(session: Session, group: _Group, model: str, endpoint: str | None, as_json: bool) -> None:
    with session.backend() as (backend, token):
        settings = backend.settings.current
        limit = settings.download_limit
        events = fetch_encoder(
            _wanted(model, group),
            group.kind,
            encoders=_encoders(backend),
            library=backend.library,
            endpoint=endpoint or hub_endpoint(settings),
            cancel=token,
            bytes_per_s=None if not limit else int(limit * _MIB),
        )
        ready = _show(session, events)
    _tell_ready(ready, group, as_json)


def _import(session: Session, group: _Group, folder: str, as_json: bool) -> None:
    with session.backend() as (backend, token):
        events = import_encoder(
            person_path(folder),
            group.kind,
            encoders=_encoders(backend),
            library=backend.library,
            cancel=token,
            known=offered_encoders(load_catalog(), group.kind),
        )
        ready = _show(session, events)
    _tell_ready(ready, group, as_json)


def _use(session: Session, group: _Group, name: str, as_json: bool) -> None:
    with session.backend() as (backend, token):
        default = name.casefold() == group.default
        chosen = "" if default else _encoders(backend).find(name, group.kind).name
        if not default:
            need_other_models()
        backend.settings.change(**{group.setting: chosen})
        serves = True
        if group.kind == "embedding":
            events = backend.library.reembed(token)
            for event in session.with_bar(events, "Loading the model", reembed_step):
                serves = isinstance(event, Reembedded) and event.serves
    if as_json:
        print_json({"used": chosen or group.default, "serves": serves})
    else:
        now = group.now.format(name=chosen) if chosen else group.now_default
        sys.stdout.write(f"{now if serves else 'Another search model was chosen meanwhile.'}\n")


def _remove(session: Session, group: _Group, name: str, as_json: bool) -> None:
    with session.backend() as (backend, _):
        index = backend.paths.index_db
        removed = remove_encoder(name, group.kind, _encoders(backend), backend.settings.current, index)
    if as_json:
        print_json({"id": removed.name, "freed": removed.bytes})
    else:
        sys.stdout.write(f"{removed.name} was deleted. {in_words(removed.bytes)} are free again.\n")


def _wanted(text: str, group: _Group) -> CatalogModel | str:
    if is_repository(text):
        return text
    model = load_catalog().model(text)
    if PURPOSES[group.kind] not in model.purposes:
        raise AppError(
            f"{model.name} is no {group.what}.",
            f"See “alcove models {group.command} list” for those there are.",
        )
    return model


def _show(session: Session, events: Iterator[AddEvent]) -> EncoderReady:
    """Progress on stderr."""
    ready: EncoderReady | None = None
    for event in session.with_bar(events, "Looking at the files", _add_step):
        match event:
            case DownloadWaiting() | DownloadRestarted():
                session.warn(event.reason)
            case EncoderReady():
                ready = event
    assert ready is not None
    return ready


def _tell_ready(ready: EncoderReady, group: _Group, as_json: bool) -> None:
    if as_json:
        print_json(
            _json(ready.model) | {"max_tokens": ready.max_tokens, "bytes_received": ready.bytes_received}
        )
        return
    name = ready.model.name
    sys.stdout.write(f"{name} is installed. Use it with “alcove models {group.command} use {name}”.\n")


def _encoders(backend: Backend) -> Encoders:
    return Encoders(models_folder(backend.settings.current, backend.paths))


def _json(model: EncoderModel) -> dict[str, object]:
    return {
        "id": model.name, "bytes": model.bytes, "folder": str(model.folder), "source": model.card.source,
        "prefixes": plain(model.card.prefixes),
    }  # fmt: skip


def _add_step(event: AddEvent) -> Step | None:
    if isinstance(event, DownloadProgress):
        return Step("Checking" if event.checking else "Downloading", event.bytes_done, event.bytes_total)
    return Step(f"Trying whether {event.title} works", 0, 0) if isinstance(event, TryingOut) else None


embedding = _program(_EMBEDDING)
reranker = _program(_RERANKER)
reader = _program(_READER)
