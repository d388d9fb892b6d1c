"""Looks at zip containers and XML before anything unpacks or parses them for real."""

import errno
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from app.documents.document import ReadFailure, Verdict
from app.documents.limits import MIB, Limits

_SMALL_MEMBER = 8 * MIB  # below this even an extreme ratio costs nothing
_DEEPEST_XML = 1_000
_ENCRYPTED = 0x1


def open_zip(path: Path, limits: Limits) -> zipfile.ZipFile:
    """The container, once its list of members looks harmless.

    Raises `ReadFailure`: damaged, locked or too-large. The caller closes it.
    """
    container = zip_contents(path)
    try:
        _check(container.infolist(), path.stat().st_size, limits)
    except ReadFailure:
        container.close()
        raise
    return container


def zip_contents(path: Path) -> zipfile.ZipFile:
    """The container, whatever it holds. Raises `ReadFailure` when it is damaged, `OSError`. The caller closes it."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        if is_of_system(error):
            raise
        raise ReadFailure(
            Verdict.damaged, "The file is incomplete or damaged; try to get it again."
        ) from error


def is_of_system(error: Exception) -> bool:
    """Whether the system failed (no file, no permission, no space left), and not what the file holds."""
    return isinstance(error, OSError) and error.errno not in (
        None,
        errno.EINVAL,
    )  # EINVAL: a place before the file


def _check(members: list[zipfile.ZipInfo], size: int, limits: Limits) -> None:
    expanded = sum(member.file_size for member in members)
    suspicious = any(
        member.file_size > _SMALL_MEMBER
        and member.file_size > limits.expansion_ratio * max(member.compress_size, 1)
        for member in members
    )
    overlapping = sum(member.compress_size for member in members) > 2 * size + MIB
    if len(members) > limits.members or expanded > limits.expanded_bytes or suspicious or overlapping:
        raise ReadFailure(
            Verdict.too_large, "Unpacked, this file would be far larger than it looks, so it was not opened."
        )
    if any(member.flag_bits & _ENCRYPTED for member in members):
        raise locked()


def locked() -> ReadFailure:
    """The failure for a file that needs a password."""
    return ReadFailure(
        Verdict.locked, "The file is protected by a password; save a copy without one, which Alcove can read."
    )


def unsupported(what: str) -> ReadFailure:
    """The failure for a recognised kind of file that Alcove does not read."""
    hint = " Unpack it and add what is inside." if what == "an archive" else ""
    return ReadFailure(Verdict.unsupported, f"This is {what}, which Alcove does not read.{hint}")


def read_member(container: zipfile.ZipFile, name: str, limits: Limits) -> bytes:
    """The bytes of one member, b"" when there is none.

    Raises `ReadFailure` when it is damaged or larger than the container claims.
    """
    try:
        with container.open(name) as member:
            data = member.read(limits.expanded_bytes + 1)
    except KeyError:
        return b""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError, NotImplementedError) as error:
        raise _damaged() from error
    except Exception as error:  # zlib.error and its like share no base
        raise _damaged() from error
    if len(data) > limits.expanded_bytes:
        raise ReadFailure(Verdict.too_large, "Unpacked, this file is too large to be read.")
    return data


def _damaged() -> ReadFailure:
    return ReadFailure(Verdict.damaged, "The file is damaged inside; try to get it again.")


def parse_xml(data: bytes) -> Element:
    """The root element; names are "{namespace}local".

    Raises `ReadFailure` for broken XML, for entity declarations and for nesting beyond reason.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    depth = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST_XML:
            raise ReadFailure(Verdict.too_large, "The file is nested too deeply to be read.")
        builder.start(_qualified(name), {_qualified(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_qualified(name))

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(data, True)  # noqa: FBT003
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise _damaged() from error
    return builder.close()


def _qualified(name: str) -> str:
    return "{" + name if "}" in name else name


def _refuse_entity(*_: object) -> None:
    raise entities_refused()


def entities_refused() -> ReadFailure:
    """The failure for a file with XML entity declarations."""
    return ReadFailure(
        Verdict.unsupported,
        "The file defines XML entities, which can be used for attacks, so it was not opened.",
    )
