"""`alcove models search`: repositories of a hub that the catalogue does not know. What is searched for is sent there."""

import sys
from typing import Annotated

import typer

from app.cli.models.token import HubAddress
from app.cli.options import AsJson
from app.cli.session import Session, plain, print_json
from app.engine.choose import hub_endpoint
from app.models.hub_search import HubRepository, host_of, search_hub


def search_command(
    context: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT...", help="Words of the repository's name.")],
    endpoint: HubAddress = None,
    limit: Annotated[int, typer.Option(min=1, max=100, metavar="N", help="At most so many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Search the hub for repositories with GGUF files; only these words are sent there, no access token."""
    session: Session = context.obj
    with session.backend() as (backend, token):
        where = endpoint or hub_endpoint(backend.settings.current)
        with session.console.status(f"Searching {host_of(where)}"):
            found = search_hub(" ".join(text), endpoint=where, cancel=token, limit=limit)
    if as_json:
        print_json({"endpoint": where, "repositories": plain(found)})
        return
    width = max((len(each.repository) for each in found), default=0)
    for each in found:
        sys.stdout.write(f"{each.repository:{width}}  {_about(each)}\n")
    if not found:
        sys.stdout.write(f"{host_of(where)} has no GGUF repository with these words in its name.\n")


def _about(found: HubRepository) -> str:
    facts = [f"{found.downloads:,} downloads a month", found.licence or "licence not told"]
    if found.updated is not None:
        facts.append(f"updated {found.updated:%Y-%m-%d}")
    if found.gated:
        facts.append("needs an account")
    return ", ".join(facts)
