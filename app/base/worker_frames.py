"""What runs over the pipe between the front and a worker.

A frame is four bytes of length (big endian), then `kind`, a line feed, the request's number, a line feed
and the message as JSON.
"""

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the worker: stop this request."""


@dataclass(frozen=True, slots=True)
class Done:
    """From the worker: this request is answered in full."""


@dataclass(frozen=True, slots=True)
class Failed:
    """From the worker: this request ended with an error (`kind`: app, cancelled or bug)."""

    kind: str
    what: str = ""
    remedy: str = ""


class Codec:
    """Turns the dataclasses of one protocol into frames and back."""

    def __init__(self, *types: type) -> None:
        self._types = {each.__name__: each for each in (*types, Cancel, Done, Failed)}
        self._adapters: dict[str, TypeAdapter[Any]] = {}

    def frame(self, number: int, message: object) -> bytes:
        """Raises `ValueError` for a message that JSON cannot hold (text with lone surrogates)."""
        kind = type(message).__name__
        body = self._adapter(kind).dump_json(message)
        payload = b"%s\n%d\n%s" % (kind.encode(), number, body)
        return _LENGTH.pack(len(payload)) + payload

    def read(self, stream: BinaryIO) -> tuple[int, Any] | None:
        """The next request number and message; None at the end of the stream."""
        head = stream.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack(head)
        payload = stream.read(length)
        if len(payload) < length:
            return None
        kind, number, body = payload.split(b"\n", 2)
        return int(number), self._adapter(kind.decode()).validate_json(body)

    def _adapter(self, kind: str) -> "TypeAdapter[Any]":
        """Made when first needed: building them all would delay the window."""
        adapter = self._adapters.get(kind)
        if adapter is None:
            from pydantic import TypeAdapter  # itself a fifth of the time until the window shows

            adapter = self._adapters[kind] = TypeAdapter(self._types[kind])
        return adapter
