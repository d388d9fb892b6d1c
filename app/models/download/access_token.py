"""Access tokens for gated models, kept in the keyring of the system, one for each hub."""

from urllib.parse import urlsplit

from app.base.errors import AppError

_SERVICE = "alcove"


def read_token(endpoint: str) -> str | None:
    """The token for this hub; None when there is none, or no keyring that could hold one.

    Raises `AppError` when the keyring stays locked.
    """
    import keyring.errors

    if not _is_private(endpoint):
        return None
    try:
        return keyring.get_password(_SERVICE, _host(endpoint))
    except keyring.errors.NoKeyringError:
        return None
    except keyring.errors.KeyringError as error:
        raise _locked(error) from error


def write_token(endpoint: str, token: str) -> None:
    """Keep the token for this hub. Raises `AppError` when it is no token, could never be sent there, or there is no
    keyring to keep it in.
    """
    import keyring.errors

    if not _is_private(endpoint):
        raise AppError(
            f"Everybody on the way to {_host(endpoint)} could read a token.",
            "Use an address with https:// there.",
        )
    token = token.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise AppError("That is no access token.", "Copy it again from your account's settings at the hub.")
    try:
        keyring.set_password(_SERVICE, _host(endpoint), token)
    except keyring.errors.NoKeyringError as error:
        raise AppError(
            "This system has no keyring, so the access token cannot be kept safely.",
            "Install one (on Linux GNOME Keyring or KWallet), then enter the token again.",
        ) from error
    except keyring.errors.KeyringError as error:
        raise _locked(error) from error


def delete_token(endpoint: str) -> None:
    """Forget the token for this hub, if there is one. Raises `AppError` when the keyring stays locked."""
    import keyring.errors

    if read_token(endpoint) is None:
        return
    try:
        keyring.delete_password(_SERVICE, _host(endpoint))
    except keyring.errors.KeyringError as error:
        raise _locked(error) from error


def _is_private(endpoint: str) -> bool:
    """A token goes only over an encrypted connection, or stays on this machine."""
    parts = urlsplit(endpoint)
    return parts.scheme == "https" or parts.hostname in ("127.0.0.1", "::1", "localhost")


def _host(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return parts.netloc.rpartition("@")[2].lower() or endpoint


def _locked(error: Exception) -> AppError:
    return AppError(f"The system's keyring could not be opened ({error}).", "Unlock it and try again.")
