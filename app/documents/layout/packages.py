"""Office and OpenDocument files as zip packages of XML parts: parsed when needed, written only when changed."""

import posixpath
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element

from app.base.languages import language as known_language
from app.documents.containers import entities_refused, open_zip, read_member
from app.documents.document import ReadFailure, Verdict
from app.documents.layout.segment import Layout, Rebuilt, Segment
from app.documents.layout.zip_rewriting import rewritten
from app.documents.limits import Limits

_TAGS = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}  # how office programs name them
_TOO_DEEP = "The file is nested too deeply to be read."


@dataclass(frozen=True, slots=True)
class Unit:
    """A segment and how to put another text in its place. `put` may raise nothing; units of one key get one text."""

    segment: Segment
    part: str
    put: Callable[[str], None]


class Package:
    """The parts of an open container. `language`: code of the translation, "" when there is none."""

    def __init__(self, container: zipfile.ZipFile, limits: Limits, language: str = "") -> None:
        self._container = container
        self._limits = limits
        self._roots: dict[str, Element | None] = {}
        self._changed: set[str] = set()
        self.names = container.namelist()
        self.language = _TAGS.get(language, language)
        self.remarks: list[str] = []
        self.afterwards: list[Callable[[], None]] = []  # called once the first text was put

    @property
    def right_to_left(self) -> bool:
        """Whether the translation is written that way."""
        known = known_language(self.language)
        return known is not None and known.rtl

    def root(self, name: str) -> Element | None:
        """The root element of a part, None when there is no such part. Raises `ReadFailure` when it is broken."""
        if name not in self._roots:
            data = read_member(self._container, name, self._limits)
            self._roots[name] = parsed(data) if data else None
        return self._roots[name]

    def change(self, name: str) -> None:
        """The part `name` has to be written anew."""
        self._changed.add(name)

    def changes(self) -> dict[str, bytes]:
        """The bytes of all parts that changed, after what `afterwards` changes in turn."""
        for follow in self.afterwards if self._changed else ():
            follow()
        found = ((name, self._roots.get(name)) for name in sorted(self._changed))
        return {name: serialised(root) for name, root in found if root is not None}

    def related(self, name: str, ending: str = "") -> list[tuple[str, str, str]]:
        """(id, type, member name) of the parts that `name` refers to, of types that end in `ending`."""
        folder, base = posixpath.split(name)
        root = self.root(posixpath.join(folder, "_rels", base + ".rels"))
        relations = root if root is not None else ()
        return [
            (each.get("Id", ""), each.get("Type", ""), _member(folder, each.get("Target", "")))
            for each in relations
            if each.get("TargetMode") != "External" and each.get("Type", "").endswith(ending)
        ]

    def parts(self, *endings: str) -> list[str]:
        """Names of the parts whose content type ends in one of `endings`, in the order of the endings."""
        root = self.root("[Content_Types].xml")
        types = [
            (each.get("PartName", "").lstrip("/"), each.get("ContentType", ""))
            for each in (root if root is not None else ())
            if each.get("PartName")
        ]
        known = set(self.names)
        return [name for ending in endings for name, kind in types if kind.endswith(ending) and name in known]


def _member(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")


def parsed(data: bytes) -> Element:
    """The root element; comments, CDATA and instructions stay. Raises `ReadFailure`: damaged, too-large, unsupported.

    Without `huge_tree`, libxml2 stops at 256 levels and at texts of 10 MB.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, strip_cdata=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error).lower() or "huge" in str(error).lower():
            raise ReadFailure(Verdict.too_large, _TOO_DEEP) from error
        if "entity" in str(error).lower():
            raise entities_refused() from error
        raise ReadFailure(
            Verdict.damaged, "The file is damaged inside; try to get it again or to save it anew."
        ) from error
    dtd: Any = root.getroottree().docinfo.internalDTD
    if dtd is not None and next(iter(dtd.iterentities()), None) is not None:
        raise entities_refused()
    return root


def serialised(root: Element) -> bytes:
    """The bytes of a part, declared as it was."""
    tree = root.getroottree()
    options: dict[str, Any] = {"standalone": tree.docinfo.standalone or None}
    return bytes(etree.tostring(tree, xml_declaration=True, encoding="UTF-8", **options))


@dataclass(frozen=True, slots=True)
class Format:
    """What a kind of package adds: where its texts are and in which language."""

    units: Callable[[Package], Iterator[Unit]]
    language: Callable[[Package], str]

    def read(self, path: Path, limits: Limits) -> Layout:
        """The segments of the file at `path`. Raises `ReadFailure`."""
        with open_zip(path, limits) as container:
            package = Package(container, limits)
            segments: dict[str, Segment] = {}
            for unit in self.units(package):
                segments.setdefault(unit.segment.key, unit.segment)
            return Layout(tuple(segments.values()), self.language(package), " ".join(package.remarks))

    def write(
        self,
        path: Path,
        out: Path,
        targets: Mapping[str, str],
        language: str,
        limits: Limits,
        *,
        force: bool = False,
    ) -> Rebuilt:
        """Write the file at `path` again at `out` with `targets` in it; parts without a change are copied.

        `force` writes every segment anew, also where its text stays the same. Raises `ReadFailure`, and `OSError`.
        """
        with open_zip(path, limits) as container:
            package = Package(container, limits, language)
            units = list(self.units(package))
            package.remarks.clear()  # those are about reading
            for unit in units:
                text = targets.get(unit.segment.key, unit.segment.text)
                if force or text != unit.segment.text:
                    unit.put(text)
                    package.change(unit.part)
            changed = package.changes()
        rewritten(path, out, changed, limits)
        return Rebuilt(tuple(dict.fromkeys(package.remarks)))


def local(element: Element) -> str:
    """The element's name without its namespace; "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def named(element: Element, name: str) -> str:
    """`name` in the namespace of `element`."""
    return f"{{{etree.QName(element).namespace or ''}}}{name}"


def child(element: Element, name: str) -> Element | None:
    """The first child with that local name."""
    return next((each for each in element if local(each) == name), None)


def attribute(element: Element, name: str) -> str:
    """The attribute with that local name, "" when it has none."""
    value = element.get(name)
    if value is not None:
        return value
    return next((str(value) for key, value in element.items() if str(key).rpartition("}")[2] == name), "")


def key_of(element: Element, ignored: frozenset[str] = frozenset()) -> tuple[object, ...]:
    """The element as something to compare: names, attributes, children, without those named in `ignored`."""
    return (
        element.tag,
        tuple(sorted((k, v) for k, v in element.items() if str(k).rpartition("}")[2] not in ignored)),
        tuple(key_of(each, ignored) for each in element if local(each) not in ignored),
        (element.text or "").strip(),
    )
