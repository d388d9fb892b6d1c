"""`alcove models token`: the access token for gated models. It is never printed and never an argument."""

import sys
from getpass import getpass
from typing import Annotated

import typer

from app.base.errors import AppError
from app.base.settings import SettingsStore
from app.base.web_address import is_web_address
from app.cli.options import AsJson
from app.cli.session import Session, print_json
from app.engine.choose import hub_endpoint
from app.models.download.access_token import delete_token, read_token, write_token
from app.models.hub_search import host_of

HubAddress = Annotated[
    str | None,
    typer.Option(
        "--endpoint", metavar="URL", help="A mirror of the hub; else that of the settings, else HF_ENDPOINT."
    ),
]


def token_command(
    context: typer.Context,
    enter: Annotated[
        bool, typer.Option("--set", help="Keep the token that is typed, or read from standard input.")
    ] = False,
    forget: Annotated[bool, typer.Option("--remove", help="Forget the token.")] = False,
    endpoint: HubAddress = None,
    as_json: AsJson = False,
) -> None:
    """Tell whether an access token for gated models is kept in the system's keyring; set or remove it."""
    if enter and forget:
        raise typer.BadParameter("--set and --remove exclude each other.")
    session: Session = context.obj
    where = endpoint or hub_endpoint(SettingsStore(session.paths.settings_file).current)
    if not is_web_address(where):
        raise AppError(f"“{where}” is no web address.", "It reads https://host.")
    host = host_of(where)
    if enter:
        write_token(where, _typed(host))
    elif forget:
        delete_token(where)
    kept = read_token(where) is not None
    if as_json:
        print_json({"host": host, "stored": kept})
    else:
        sys.stdout.write(f"{'An' if kept else 'No'} access token for {host} is kept in the keyring.\n")


def _typed(host: str) -> str:
    """Unseen at a terminal; else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    try:
        return getpass(f"Access token for {host}: ", stream=sys.stderr)
    except EOFError:
        return ""
