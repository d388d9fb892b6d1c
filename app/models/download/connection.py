"""HTTP to a hub, on httpcore2: the only module that opens connections. Imported by its callers when they need it.

httpcore2 and not httpx2, which is built on it: only here can a wait be interrupted by Stop.
"""

import contextlib
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass  # noqa: TID251 - the system's proxies

import httpcore2

from app.base.errors import AppError
from app.base.jobs import CancelToken
from app.models.download.failures import ConnectionLost

_POLL_S = 0.1
_READ_BYTES = 1 << 18
_CONNECT_S = (2.0, 4.0, 8.0)  # tried one after the other, so that Stop is seen in between
_HANDSHAKE_S = 10.0
_MAX_REDIRECTS = 8
_REDIRECTS = (301, 302, 303, 307, 308)
_LOOPBACK = ("127.", "localhost", "::1")
_HEADERS = {"User-Agent": "alcove", "Accept": "*/*", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; header names are in lower case.

    `hub`: headers of the last answer from the endpoint itself, which may have been a redirect to a storage server.
    `pieces` brings the body in pieces as they arrive and raises `ConnectionLost` or `Cancelled`.
    """

    status: int
    headers: Mapping[str, str]
    hub: Mapping[str, str]
    elsewhere: bool
    pieces: Iterator[bytes]


def keep_encrypted(target: str, url: str) -> None:
    """Raises `AppError` when a redirect of `url` to `target` would leave the encryption."""
    if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
        raise AppError(f"{_host(url)} sends the download over an open line.", "Use another mirror.")


class Connection:
    """Requests to one endpoint. Every wait ends at once when `cancel` is set.

    `token` is sent to the endpoint only, never to where it redirects. `stall_s`: a silence this long is a
    lost connection. `check_redirect(target, url)` raises for a redirect of `url` that is not to be followed. Proxies
    are those of the system, except for addresses on this machine.
    """

    def __init__(
        self,
        endpoint: str,
        cancel: CancelToken,
        *,
        token: str | None = None,
        stall_s: float = 30.0,
        check_redirect: Callable[[str, str], None] = keep_encrypted,
    ) -> None:
        self._origin = _origin(endpoint)
        self._token = token
        self._check_redirect = check_redirect
        self._timeouts = {"connect": _HANDSHAKE_S, "read": stall_s, "write": stall_s, "pool": stall_s}
        self._backend = _Backend(cancel)
        self._pools: dict[str | None, httpcore2.ConnectionPool] = {}

    @contextlib.contextmanager
    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, *, stay: bool = False
    ) -> Iterator[Answer]:
        """Ask and follow redirects; with `stay` a redirect to another host is the answer.

        Raises `ConnectionLost`, `Cancelled`, or `AppError` for an address that cannot or must not be used.
        """
        hub: Mapping[str, str] = {}
        for _ in range(_MAX_REDIRECTS):
            with self._one(method, url, headers or {}) as response:
                found = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in response.headers
                }
                elsewhere = _origin(url) != self._origin
                hub = hub if elsewhere else found
                target = _led_to(url, found["location"]) if _redirects(response.status, found) else None
                if target is None or (stay and _origin(target) != self._origin):
                    pieces = _pieces(response, found, url, self._timeouts["read"])
                    yield Answer(response.status, found, hub, elsewhere, pieces)
                    return
            self._check_redirect(target, url)
            url = target
        raise ConnectionLost(f"{_host(url)} redirects in circles")

    @contextlib.contextmanager
    def _one(self, method: str, url: str, headers: Mapping[str, str]) -> Iterator[httpcore2.Response]:
        sent = _HEADERS | dict(headers)
        if self._token and _origin(url) == self._origin:
            sent["Authorization"] = f"Bearer {self._token}"
        asked = [(name.encode(), value.encode()) for name, value in sent.items()]
        with contextlib.ExitStack() as stack:
            with _translated(url):
                pool = self._pool(_proxy_for(url))
                stream = pool.stream(method, url, headers=asked, extensions={"timeout": self._timeouts})
                response = stack.enter_context(stream)
            yield response

    def _pool(self, proxy: str | None) -> httpcore2.ConnectionPool:
        if proxy not in self._pools:
            self._pools[proxy] = httpcore2.ConnectionPool(
                network_backend=self._backend, proxy=None if proxy is None else _proxy(proxy)
            )
        return self._pools[proxy]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Backend(httpcore2.NetworkBackend):
    """Connects as httpcore2 does, but looks at the cancel token while it waits."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        for seconds in _CONNECT_S:
            self._cancel.raise_if_cancelled()
            with contextlib.suppress(httpcore2.ConnectTimeout):
                stream = self._plain.connect_tcp(host, port, seconds, local_address, socket_options)
                return _Stream(stream, self._cancel)
        raise httpcore2.ConnectTimeout(f"no answer from {host}")


class _Stream(httpcore2.NetworkStream):
    def __init__(self, plain: httpcore2.NetworkStream, cancel: CancelToken) -> None:
        self._plain = plain
        self._cancel = cancel

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        waited_from = time.monotonic()
        while True:
            self._cancel.raise_if_cancelled()
            try:
                return self._plain.read(max_bytes, _POLL_S if timeout is None else min(_POLL_S, timeout))
            except httpcore2.ReadTimeout:
                if timeout is not None and time.monotonic() - waited_from >= timeout:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, timeout)

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Stream(self._plain.start_tls(ssl_context, server_hostname, timeout), self._cancel)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


@contextlib.contextmanager
def _translated(url: str) -> Iterator[None]:
    """httpcore2's failures as `ConnectionLost`, or `AppError` where trying again cannot help."""
    try:
        yield
    except (httpcore2.UnsupportedProtocol, UnicodeError) as error:  # the latter: a name that no host can have
        raise AppError(
            f"{url} is no web address.", "Check the address of the mirror in the settings."
        ) from error
    except httpcore2.TimeoutException as error:
        raise ConnectionLost(f"{_host(url)} stopped answering") from error
    except httpcore2.ConnectError as error:
        reason = error.args[0] if error.args else None  # the pool raises it again without its cause
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise AppError(
                f"{_host(url)} could not prove who it is ({reason.verify_message}).",
                "Check this computer's clock, and whether you must log in to this network first.",
            ) from error
        raise ConnectionLost(f"{_host(url)} cannot be reached") from error
    except (httpcore2.NetworkError, httpcore2.ProtocolError) as error:
        raise ConnectionLost(f"the connection to {_host(url)} broke off") from error
    except httpcore2.ProxyError as error:
        raise ConnectionLost(f"the proxy refused the connection ({error})") from error


def _pieces(
    response: httpcore2.Response, headers: Mapping[str, str], url: str, stall_s: float
) -> Iterator[bytes]:
    """The body. Where its length is known, only what came along with the headers is taken from httpcore2, whose parser takes
    most of the time of a fast download; the rest is read from the stream below, which is not used again after that.
    """
    with _translated(url):
        body = iter(response.iter_stream())
        if "transfer-encoding" in headers or not headers.get("content-length", "").isdecimal():
            yield from body
            return
        left, stream = int(headers["content-length"]), response.extensions["network_stream"]
        piece = next(body, b"")
        while piece:
            yield piece
            left -= len(piece)
            piece = stream.read(min(_READ_BYTES, left), stall_s) if left else b""
    if left:
        raise ConnectionLost(f"the connection to {_host(url)} broke off")


def _redirects(status: int, headers: Mapping[str, str]) -> bool:
    return status in _REDIRECTS and "location" in headers


def _led_to(url: str, location: str) -> str:
    """Where a redirect of `url` leads. Raises `AppError` when that is no address."""
    try:
        target = urljoin(url, location)
        usable = target.isascii() and _origin(target)[1] != ""
    except ValueError:
        usable = False
    if not usable:
        raise AppError(
            f"{_host(url)} leads to something that is no web address.",
            "Try again later, or in another network.",
        )
    return target


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _proxy_for(url: str) -> str | None:
    """The system's proxy for `url`: environment, registry or network settings."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host.startswith(_LOOPBACK) or proxy_bypass(host):
        return None
    found = getproxies()
    proxy = found.get(parts.scheme) or found.get("all")
    return None if not proxy else proxy if "://" in proxy else f"http://{proxy}"


def _proxy(address: str) -> httpcore2.Proxy:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https"):
        raise AppError(
            f"Proxies of the kind {parts.scheme} cannot be used.", "Set an HTTP proxy in the system."
        )
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    auth = (parts.username, parts.password or "") if parts.username else None
    return httpcore2.Proxy(plain, auth=auth)
