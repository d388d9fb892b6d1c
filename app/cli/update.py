"""`alcove update`: whether there is a newer version, and one of its files to a folder. Nothing of it happens unasked.

No database is opened: a newer version may be just what a damaged or newer one needs.
"""

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from app.assistants.check_update import AskingForVersions, NewerVersion, UpdateEvent, UpToDate, check_update
from app.assistants.fetch_update import fetch_update
from app.backend import open_updates
from app.base.errors import AppError
from app.base.paths import person_path
from app.base.settings import SettingsStore
from app.cli.options import AsJson
from app.cli.session import Session, Step, plain, print_json
from app.models.disk import in_words
from app.models.download.transfer import (
    DownloadEvent,
    DownloadFinished,
    DownloadProgress,
    DownloadRestarted,
    DownloadWaiting,
)
from app.updates.manifest import ReleaseFile
from app.updates.next_step import next_step

program = typer.Typer(rich_markup_mode=None)


@program.callback(invoke_without_command=True)
def show_commands(context: typer.Context) -> None:
    """Without a command: what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@program.command("check")
def check_command(context: typer.Context, as_json: AsJson = False) -> None:
    """Ask whether there is a newer version. Nothing is sent but the request, and nothing is downloaded."""
    session: Session = context.obj
    with session.stoppable():
        found = _check(session)
    if as_json:
        print_json(_json(found))
    else:
        sys.stdout.write(_said(found))


@program.command("download")
def download_command(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Where to save it.")],
    edition: Annotated[
        str, typer.Option(metavar="NAME", help="Which one, such as deb or run; else the one you have.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Save the newer version's installer for this computer and check it; it is not started."""
    session: Session = context.obj
    with session.stoppable():
        found = _check(session)
        if isinstance(found, UpToDate):
            raise AppError(f"There is no version newer than {found.version}.", "Nothing was downloaded.")
        wanted = _chosen(found, edition or open_updates(session.paths).copy.edition)
        limit = SettingsStore(session.paths.settings_file).current.download_limit
        target = person_path(folder) / wanted.file
        saved = _follow(session, fetch_update(wanted, target, session.token, mib_per_s=limit))
    if as_json:
        shown = {"file": str(saved.file), "version": found.manifest.version, "bytes": saved.bytes}
        print_json({**shown, "sha256": saved.sha256, "bytes_received": saved.bytes_received})
    else:
        sys.stdout.write(f"Saved and checked: {saved.file}\n{next_step(saved.file)}\n")


def _check(session: Session) -> UpToDate | NewerVersion:
    parts = open_updates(session.paths)
    events = check_update(parts.source, parts.seen, parts.copy, session.token)
    with session.console.status("Asking for the list of versions"):
        return _ending(events)


def _ending(events: Iterable[UpdateEvent]) -> UpToDate | NewerVersion:
    (ending,) = (event for event in events if not isinstance(event, AskingForVersions))
    return ending


def _said(found: UpToDate | NewerVersion) -> str:
    manifest = found.manifest
    if isinstance(found, UpToDate):
        if found.ahead:
            return (
                f"This is Alcove {found.version}; the list of versions, of {manifest.date}, "
                f"names {manifest.version} as the newest.\n"
            )
        return f"Alcove {found.version} is the newest version, by the list of {manifest.date}.\n"
    lines = [f"Alcove {manifest.version} of {manifest.date} is available; this is {found.version}."]
    lines += [f"- {each}" for each in manifest.news]
    lines += ["", manifest.page]
    for each in found.files:
        lines += [f"{each.edition}: {each.file} ({in_words(each.bytes)})", f"    {each.url}"]
        lines += [f"    SHA-256 {each.sha256}"]
    if found.files:
        lines += ["", "To save and check it: alcove update download FOLDER"]
    return "\n".join(lines) + "\n"


def _json(found: UpToDate | NewerVersion) -> dict[str, Any]:
    manifest = found.manifest
    newer = isinstance(found, NewerVersion)
    return {
        "version": found.version, "newest": manifest.version, "newer": newer, "date": manifest.date,
        "published": manifest.published.isoformat(), "news": list(manifest.news), "page": manifest.page,
        "files": plain(found.files) if isinstance(found, NewerVersion) else [],
    }  # fmt: skip


def _chosen(found: NewerVersion, edition: str) -> ReleaseFile:
    """Raises `AppError` when there is none."""
    for each in found.files:
        if each.edition == edition or (not edition and len(found.files) == 1):
            return each
    there = ", ".join(each.edition for each in found.files)
    raise AppError(
        f"Alcove {found.manifest.version} has no such file for this computer.",
        f"Choose with --edition. There are: {there}." if there else f"See {found.manifest.page}",
    )


def _follow(session: Session, events: Iterable[DownloadEvent]) -> DownloadFinished:
    """Progress on stderr."""
    saved: DownloadFinished | None = None
    for event in session.with_bar(events, "Downloading", _step):
        match event:
            case DownloadWaiting() | DownloadRestarted():
                session.warn(event.reason)
            case DownloadFinished():
                saved = event
    assert saved is not None
    return saved


def _step(event: DownloadEvent) -> Step | None:
    if isinstance(event, DownloadProgress):
        return Step("Checking" if event.checking else "Downloading", event.bytes_done, event.bytes_total)
    return None
