"""The texts of PowerPoint presentations, and the presentations again with other texts."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from app.documents.layout.drawing import drawing_units, paragraph_units, paragraphs
from app.documents.layout.packages import Format, Package, Unit, child, local
from app.documents.layout.properties import alternative_texts, document_title
from app.documents.layout.segment import SegmentKind
from app.documents.layout.tags import plain

_MAIN = tuple(
    f"{each}.main+xml"
    for each in (
        "presentation",
        "slideshow",
        "template",
        "presentation.macroEnabled",
        "slideshow.macroEnabled",
        "template.macroEnabled",
    )
)
_TITLES = ("title", "ctrTitle")
_GROWTH, _LEAST_GROWTH = 1.3, 20  # times the length of the source, and characters beyond it


def _units(package: Package) -> Iterator[Unit]:
    seen: set[str] = set()
    for number, slide in enumerate(_slides(package), 1):
        place = f"slide {number}"
        yield from _shapes(package, slide, place, seen)
        drawn = [
            name
            for ending in ("/chart", "/diagramData", "/diagramDrawing")
            for _, _, name in package.related(slide, ending)
        ]
        yield from drawing_units(package, [name for name in drawn if _first_time(name, seen)], place)
        for _, _, notes in package.related(slide, "/notesSlide"):
            yield from _shapes(package, notes, f"{place}, notes", seen, "note")
    for slide in _slides(package):
        for _, _, layout in package.related(slide, "/slideLayout"):
            yield from _background(package, layout, seen)
            for _, _, master in package.related(layout, "/slideMaster"):
                yield from _background(package, master, seen)
    yield from document_title(package)


def _first_time(name: str, seen: set[str]) -> bool:
    if name in seen:
        return False
    seen.add(name)
    return True


def _slides(package: Package) -> list[str]:
    """Names of the slides' parts in the order in which they are shown."""
    found: list[str] = []
    for part in package.parts(*_MAIN):
        targets = {identity: name for identity, _, name in package.related(part, "/slide")}
        root = package.root(part)
        shown = child(root, "sldIdLst") if root is not None else None
        for entry in shown if shown is not None else ():
            ids = [value for key, value in entry.items() if str(key).endswith("}id")]
            found += [targets[each] for each in ids if each in targets]
    return found


def _shapes(
    package: Package, part: str, place: str, seen: set[str], kind: SegmentKind = "text"
) -> Iterator[Unit]:
    root = package.root(part) if _first_time(part, seen) else None
    if root is None:
        return
    lengths: dict[Element, _Lengths] = {}
    for number, paragraph in paragraphs(root):
        shape = next((each for each in paragraph.iterancestors() if local(each) == "sp"), None)
        named_kind: SegmentKind = "heading" if kind == "text" and _placeholder(shape) in _TITLES else kind
        for unit in paragraph_units(package, part, [(number, paragraph)], named_kind, place):
            if shape is not None and kind == "text" and _is_fixed(shape):
                box = lengths.setdefault(shape, _Lengths(package, place))
                unit = box.watch(unit)
            yield unit
    yield from alternative_texts(part, root, place)


def _background(package: Package, part: str, seen: set[str]) -> Iterator[Unit]:
    """Texts of a layout or master that show on slides: all but those of its placeholders."""
    root = package.root(part) if _first_time(part, seen) else None
    if root is None:
        return
    for number, paragraph in paragraphs(root):
        shape = next((each for each in paragraph.iterancestors() if local(each) == "sp"), None)
        if shape is not None and _placeholder(shape) is None:
            yield from paragraph_units(package, part, [(number, paragraph)], "text", "background")


def _placeholder(shape: Element | None) -> str | None:
    """The kind of placeholder a shape is, None when it is none."""
    found = next((each for each in shape.iter() if local(each) == "ph"), None) if shape is not None else None
    return None if found is None else found.get("type", "obj")


def _is_fixed(shape: Element) -> bool:
    """Whether the box keeps its size and its text too, so that longer text runs over."""
    text = child(shape, "txBody")
    body = child(text, "bodyPr") if text is not None else None
    names = {local(each) for each in body} if body is not None else set()
    if names & {"normAutofit", "spAutoFit"}:
        return False
    return "noAutofit" in names or _placeholder(shape) is None  # placeholders inherit theirs, mostly to fit


@dataclass(slots=True)
class _Lengths:
    """Characters in one box before and after; says when there are many more."""

    package: Package
    place: str
    before: int = 0
    after: int = 0
    told: bool = field(default=False)

    def watch(self, unit: Unit) -> Unit:
        """The unit, its text counted when it is put."""
        source = len(plain(unit.segment.text))
        self.before += source
        self.after += source

        def put(text: str) -> None:
            unit.put(text)
            self.after += len(plain(text)) - source
            self._tell()

        return Unit(unit.segment, unit.part, put)

    def _tell(self) -> None:
        long = self.after > self.before * _GROWTH and self.after >= self.before + _LEAST_GROWTH
        if long and not self.told:
            self.told = True
            place = self.place[:1].upper() + self.place[1:]
            self.package.remarks.append(
                f"{place}: a text has become much longer; look whether it still fits its box."
            )


def _language(package: Package) -> str:
    """That of the first run which names one."""
    for slide in _slides(package):
        root = package.root(slide)
        for each in root.iter() if root is not None else ():
            if local(each) == "rPr" and each.get("lang"):
                return str(each.get("lang"))
    return ""


FORMAT = Format(_units, _language)
read, write = FORMAT.read, FORMAT.write
