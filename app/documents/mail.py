"""E-mail messages and mailboxes: who wrote to whom about what, the body, and the names of attachments."""

import email
import email.policy
import heapq
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime
from operator import attrgetter
from typing import IO

from app.documents.building import Part, Piece, text_pieces
from app.documents.decoding import decode
from app.documents.html_text import html_pieces

_SHOWN = ("Subject", "From", "To", "Cc", "Date")
_MAX_PARTS = 1_000
_LONGEST_HEADERS = 512 * 1024  # bytes; beyond this they are an attack, and parsing them is slow
_MAX_NESTING = 50
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"^(subject|date|message-id):([^\n]*\n(?:[ \t][^\n]*\n)*)", re.IGNORECASE | re.MULTILINE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WINDOW = 4 * 1024 * 1024  # bytes of a mailbox looked at together
_LONGEST_FROM_LINE = 1_000
_FROM_LINE = re.compile(rb"\nFrom \S+(?: [^\n]*\d{4}[^\n]*)?\r?(?=\n)")


def message_pieces(data: bytes) -> tuple[str, list[Piece]]:
    """(subject, pieces) of one message in the form it travels."""
    message = email.message_from_bytes(_bounded(data), policy=email.policy.default)
    headers = [f"{name}: {value}" for name in _SHOWN if (value := _header(message, name))]
    pieces = [Piece("text", "\n".join(headers))] if headers else []
    pieces += _body(message)
    names = [name for part in _parts(message) if (name := _attachment_name(part))]
    if names:
        pieces.append(Piece("text", "Attachments: " + ", ".join(names)))
    return _header(message, "Subject"), pieces


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """A message of a mailbox: its bytes `start` to `end`, and what its headers say. `sent_ns` since 1970, 0 if unknown.

    `number` is its Message-ID, b"" if it has none, and `title` its subject as it travels.
    """

    start: int
    end: int
    sent_ns: int
    number: bytes
    title: bytes

    @property
    def subject(self) -> str:
        message = email.message_from_bytes(b"Subject:" + self.title, policy=email.policy.default)
        return _header(message, "Subject")


def mailbox_parts(data: bytes) -> list[Part]:
    """One part for each message of a Unix mailbox, named by its subject."""
    parts: list[Part] = []
    for number, (start, end) in enumerate(_messages(io.BytesIO(data)), 1):
        subject, pieces = message_pieces(data[start:end])
        parts.append(Part(number, subject, pieces))
    return parts


def newest_messages(file: IO[bytes], most: int) -> tuple[list[MailboxMessage], int]:
    """The newest messages of a Unix mailbox, at most `most`, in the mailbox's order; and how many it holds."""
    found = list(_messages(file))
    looked_at = (_looked_at(file, start, end) for start, end in found)
    newest = heapq.nlargest(most, looked_at, key=attrgetter("sent_ns", "start"))
    return sorted(newest, key=attrgetter("start")), len(found)


def _looked_at(file: IO[bytes], start: int, end: int) -> MailboxMessage:
    file.seek(max(start, end - 4))
    tail = file.read(end - file.tell())
    end -= len(tail) - len(tail.rstrip(b"\r\n"))  # the blank line between messages belongs to none
    file.seek(start)
    head = file.read(min(end - start, _LONGEST_HEADERS))
    blank = _BLANK_LINE.search(head)
    fields = {name.lower(): value for name, value in _FIELD.findall(head[: blank.end()] if blank else head)}
    sent = " ".join(fields.get(b"date", b"").decode("latin-1").split())
    number = fields.get(b"message-id", b"").strip()
    return MailboxMessage(start, end, _sent_ns(sent), number, fields.get(b"subject", b""))


def _messages(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Where each message begins and ends."""
    start: int | None = None
    for end, following in _from_lines(file):
        if start is not None:
            yield start, end
        start = following
    if start is not None:
        yield start, file.seek(0, io.SEEK_END)


def _from_lines(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Where each line that announces a message begins, and the line after it.

    The file is looked at in windows, since a mailbox can be larger than the memory.
    """
    at, window = -1, b"\n"  # as if a line ended before the file
    while True:
        piece = file.read(_WINDOW)
        window += piece
        settled = max(len(window) - _LONGEST_FROM_LINE, 0) if piece else len(window)
        for found in _FROM_LINE.finditer(window):
            if found.start() >= settled:
                break  # perhaps cut off; the next window begins with it
            yield at + found.start() + 1, at + found.end() + 1
        if not piece:
            return
        at, window = at + settled, window[settled:]


def _sent_ns(date: str) -> int:
    try:
        sent = parsedate_to_datetime(date)
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0
    sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    return max(0, int((sent - _EPOCH).total_seconds())) * 10**9


def _bounded(data: bytes) -> bytes:
    """Monster headers cut, so that what remains is parsed in reasonable time."""
    headers, blank, body = data.partition(b"\n\n")
    if len(headers) <= _LONGEST_HEADERS:
        return data
    return headers[:_LONGEST_HEADERS].rpartition(b"\n")[0] + blank + body


def _header(message: Message, name: str) -> str:
    """The decoded header on one line; "" where it is missing or beyond the parser."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except Exception:  # the parser of the standard library fails in many ways on broken headers
        raw = dict(message.raw_items()).get(name, "") if isinstance(message, EmailMessage) else ""
        return " ".join(str(raw).split())


def _parts(message: Message) -> Iterator[Message]:
    """The message and what is inside it, depth first, bounded."""
    waiting = [(message, 0)]
    for _ in range(_MAX_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        yield part
        inside = part.get_payload()
        if isinstance(inside, list) and depth < _MAX_NESTING:
            waiting.extend((each, depth + 1) for each in reversed(inside) if isinstance(each, Message))


def _body(message: Message) -> list[Piece]:
    """The plain text where there is one, else the HTML of each part that is no attachment."""
    plain: list[Piece] = []
    rich: list[Piece] = []
    for part in _parts(message):
        if _attachment_name(part):
            continue
        if part.get_content_type() == "text/plain":
            plain += text_pieces(_text(part))
        elif part.get_content_type() == "text/html":
            rich += html_pieces(_text(part))[1]
    return plain if any(piece.text.strip() for piece in plain) else rich


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(part.get_content_charset("") or "utf-8")
    except (LookupError, ValueError):
        text = decode(data) or ""
    return text


def _attachment_name(part: Message) -> str:
    try:
        name = part.get_filename("")
        if not name and part.get_content_disposition() == "attachment":
            name = part.get_content_type()
    except Exception:  # as in _header
        name = "unnamed"
    return " ".join(str(name or "").split())
