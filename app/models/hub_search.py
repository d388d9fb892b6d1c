"""Searching a hub for repositories of GGUF files: what is searched for is sent there, and only when asked for.

Not through the hub library: its search has no time-out, repeats itself for half a minute where there is no
network, and cannot be stopped.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.base.web_address import is_web_address
from app.models.download.address import HUB, is_repository
from app.models.download.failures import ConnectionLost

_TIMEOUT_S = 15.0
_MOST_BYTES = 8 << 20  # of an answer; 100 repositories with long lists of tags take a tenth
_ASKED_FOR = ("downloads", "gated", "lastModified", "likes", "tags")
_LICENCE = "license:"
_OTHER_PAGES = ("collections", "datasets", "docs", "papers", "spaces")  # at the hub: not of models
_SHORT = "hf.co"  # leads to the hub itself


@dataclass(frozen=True, slots=True)
class HubRepository:
    """One found repository. `downloads`: in the last 30 days; `licence`: the hub's word for it, "" when it names none.

    `gated`: only for accounts that accepted its licence. `updated`: with time zone, None when the hub does not say.
    """

    repository: str
    downloads: int
    likes: int
    licence: str
    gated: bool
    updated: datetime | None


def search_hub(
    text: str, *, endpoint: str, cancel: CancelToken, limit: int = 30, timeout_s: float = _TIMEOUT_S
) -> tuple[HubRepository, ...]:
    """At most `limit` repositories with GGUF files whose name has the words of `text`, the most downloaded first.

    No token is sent: what somebody looks for is not tied to an account. Raises `Cancelled` at once when stopped, and
    `AppError`: nothing to search for, no address, offline, busy, no hub.
    """
    words = " ".join(text.split())
    if not words:
        raise AppError("There is nothing to search for.", "Type a word of the model's name.")
    if not is_web_address(endpoint):
        raise AppError(f"“{endpoint}” is no web address.", "Check the address of the mirror in the settings.")
    asked = [("search", words), ("filter", "gguf"), ("sort", "downloads"), ("limit", str(limit))]
    asked += [("expand", each) for each in _ASKED_FOR]
    url = f"{endpoint.rstrip('/')}/api/models?{urlencode(asked)}"
    host = host_of(endpoint)
    try:
        found = json.loads(_answer(url, endpoint, cancel, timeout_s))
    except ConnectionLost as error:
        raise AppError(
            f"Searching failed: {error}.", "Check the connection to the Internet and try again."
        ) from error
    except ValueError as error:
        raise _no_hub(host) from error
    if not isinstance(found, list):
        raise _no_hub(host)
    repositories = (_repository(each) for each in found)
    return tuple(each for each in repositories if each is not None)[:limit]


def repository_in(text: str, endpoint: str = HUB) -> str | None:
    """The repository that `text` names: “owner/name”, or the address of its page at `endpoint` or at the hub itself."""
    text = text.strip()
    if is_repository(text):
        return text
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or host not in (host_of(endpoint), host_of(HUB), _SHORT):
        return None
    above = urlsplit(endpoint).path.rstrip("/") if host == host_of(endpoint) else ""
    steps = parts.path.removeprefix(f"{above}/").split("/")
    named = "/".join(steps[:2])
    return named if is_repository(named) and steps[0] not in _OTHER_PAGES else None


def host_of(endpoint: str) -> str:
    """The host that is asked, as people know it."""
    return urlsplit(endpoint).hostname or endpoint


def _answer(url: str, endpoint: str, cancel: CancelToken, timeout_s: float) -> bytes:
    """The body. Raises `ConnectionLost`, `Cancelled` and `AppError`."""
    from app.models.download.connection import Connection

    body = bytearray()
    with (
        Connection(endpoint, cancel, stall_s=timeout_s) as connection,
        connection.request("GET", url, {"Accept": "application/json"}) as answer,
    ):
        if answer.status != 200:
            raise _refusal(host_of(endpoint), answer.status)
        for piece in answer.pieces:
            body += piece
            if len(body) > _MOST_BYTES:
                raise _no_hub(host_of(endpoint))
    return bytes(body)


def _refusal(host: str, status: int) -> Exception:
    if status in (429, 503):
        return AppError(f"{host} is busy.", "Try again in some minutes.")
    if status == 408 or status >= 500:
        return ConnectionLost(f"{host} has a problem of its own (status {status})")
    if status in (401, 403):
        return AppError(
            f"{host} cannot be searched without an account.", "Enter the repository itself, as owner/name."
        )
    if status == 404:
        return _no_hub(host)
    return AppError(f"{host} refused the search (status {status}).", "Search for something else.")


def _no_hub(host: str) -> AppError:
    return AppError(
        f"{host} did not answer as a hub does.",
        "You may have to log in to this network first; check also the address of the mirror.",
    )


def _repository(found: Any) -> HubRepository | None:
    """None for what is no repository that could be asked for; the answer comes from a stranger."""
    if not isinstance(found, Mapping) or not is_repository(str(found.get("id"))):
        return None
    tags = found.get("tags")
    licences = [str(tag) for tag in tags if str(tag).startswith(_LICENCE)] if isinstance(tags, list) else []
    return HubRepository(
        repository=str(found["id"]),
        downloads=_count(found.get("downloads")),
        likes=_count(found.get("likes")),
        licence=_plain(licences[0].removeprefix(_LICENCE)) if licences else "",
        gated=bool(found.get("gated")),
        updated=_moment(found.get("lastModified")),
    )


def _count(value: Any) -> int:
    return value if type(value) is int and value > 0 else 0


def _plain(licence: str) -> str:
    return licence if re.fullmatch(r"[\w.+-]{1,40}", licence) else ""


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
