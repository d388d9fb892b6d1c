"""What a hub's refusals mean, as sentences, and the two failures after which trying again helps."""

import time
from collections.abc import Mapping

from app.base.errors import AppError
from app.models.download.address import FileAddress

_LONGEST_WAIT_S = 600.0


class ConnectionLost(Exception):
    """The connection broke, stalled or brought nonsense. The text is the reason, as the end of a sentence."""


class ServerBusy(Exception):
    """429 or 503. `seconds`: how long the server wants to be left alone, None when it does not say."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def refusal(address: FileAddress, status: int, headers: Mapping[str, str], *, token: bool) -> Exception:
    """What to raise for an answer other than 200, 206 and 416. `token`: one was sent along.

    The hub's own reasons are in X-Error-Code.
    """
    code = headers.get("x-error-code", "")
    if status in (429, 503):
        return _busy(address, headers)
    if status == 408 or status >= 500:
        return ConnectionLost(f"{address.host} has a problem of its own (status {status})")
    if code == "EntryNotFound":
        return AppError(
            f"There is no file {address.file} in {address.repo}.", "Look at the list of its files."
        )
    if code == "RevisionNotFound":
        return AppError(f"{address.repo} has no version “{address.revision}”.", "Choose another version.")
    if code == "RepoNotFound":
        return AppError(
            f"There is no repository {address.repo} at {address.host}, or it is private.",
            "Check the name; a private one needs an access token.",
        )
    if status in (401, 403):
        return _closed(address, token=token)
    if status == 404:
        return AppError(
            f"{address.file} of {address.repo} was not found at {address.host}.", "Check the name."
        )
    return AppError(f"{address.host} refused {address.file} (status {status}).", "Try again later.")


def _closed(address: FileAddress, *, token: bool) -> AppError:
    remedy = f"Accept its licence on {address.page}"
    if token:
        remedy += "; if you did, enter a new access token."
    else:
        remedy += ", then enter an access token of your account."
    return AppError(f"{address.repo} is only given to those who accepted its licence.", remedy)


def _busy(address: FileAddress, headers: Mapping[str, str]) -> Exception:
    seconds = _seconds(headers.get("retry-after", ""))
    if seconds is not None and seconds > _LONGEST_WAIT_S:
        return AppError(
            f"{address.host} asks to wait {seconds / 60:.0f} minutes before more is downloaded.",
            "What has arrived is kept; try again then.",
        )
    return ServerBusy(seconds)


def _seconds(retry_after: str) -> float | None:
    """Of a Retry-After header: a number of seconds, or a date (RFC 9110, 10.2.3)."""
    from email.utils import parsedate_to_datetime  # loads more than a window needs to start

    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
