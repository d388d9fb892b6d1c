"""Paragraphs of Word documents (`w:p`) as items, and written again. Works for both kinds of Office Open XML."""

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from app.documents.layout.items import Group, Item, Mark, Style, Text, Thing
from app.documents.layout.packages import attribute, child, key_of, local, named

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FORGOTTEN = frozenset({"lang", "rsidR", "rsidRPr", "rsidDel"})  # no difference between runs that anyone sees
_SHOWS_ON_BLANKS = frozenset(
    "u strike dstrike highlight shd bdr effect em rPrChange ins del position sz szCs".split()
)
_MARKS = frozenset(
    "bookmarkStart bookmarkEnd commentRangeStart commentRangeEnd permStart permEnd moveFromRangeStart"
    " moveFromRangeEnd moveToRangeStart moveToRangeEnd customXmlInsRangeStart customXmlInsRangeEnd"
    " customXmlDelRangeStart customXmlDelRangeEnd customXmlMoveFromRangeStart customXmlMoveFromRangeEnd"
    " customXmlMoveToRangeStart customXmlMoveToRangeEnd del moveFrom".split()
)
_GROUPS = frozenset("hyperlink ins moveTo smartTag customXml dir bdo".split())
_FIXED_CONTROLS = frozenset(
    "dataBinding dropDownList comboBox date checkbox docPartList docPartObj picture".split()
)
_PROPERTIES = frozenset("smartTagPr customXmlPr".split())
_DROPPED = frozenset("proofErr lastRenderedPageBreak".split())
_CHARACTERS = {"noBreakHyphen": "\u2011", "softHyphen": "\u00ad"}
_ELEMENTS = {text: name for name, text in _CHARACTERS.items()}
# what follows in the schema's order
_AFTER_LANG = frozenset("eastAsianLayout specVanish oMath rPrChange".split())
_AFTER_RTL = _AFTER_LANG | {"cs", "em", "lang"}
_AFTER_BIDI = frozenset(
    "adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection"
    " textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange".split()
)
_EAST_ASIAN = ("zh", "ja", "ko")


@dataclass(frozen=True, slots=True)
class _Link:
    """A HYPERLINK field: the runs before its visible text, and after."""

    before: list[Element]
    after: list[Element]


@dataclass(frozen=True, slots=True)
class Writing:
    """How to mark what is written: `language` "" leaves the marks of the source."""

    language: str = ""
    right_to_left: bool = False


class Fields:
    """Follows complex fields from paragraph to paragraph of one story."""

    def __init__(self) -> None:
        self.depth = 0

    def pass_over(self, paragraph: Element) -> None:
        self.depth = max(0, self.depth + sum(_field_steps(run) for run in _own_runs(paragraph)))


def _own_runs(paragraph: Element) -> Iterable[Element]:
    """Runs of the paragraph itself, not of text boxes in it."""
    waiting = list(reversed(paragraph))
    while waiting:
        element = waiting.pop()
        if local(element) == "r":
            yield element
        elif local(element) != "p":
            waiting.extend(reversed(element))


def _field_steps(run: Element) -> int:
    steps = {"begin": 1, "end": -1}
    return sum(steps.get(attribute(each, "fldCharType"), 0) for each in run if local(each) == "fldChar")


def items_of(paragraph: Element) -> list[Item]:
    """The paragraph's content without its properties."""
    return _items(each for each in paragraph if local(each) != "pPr")


def _items(elements: Iterable[Element]) -> list[Item]:
    items: list[Item] = []
    waiting = list(reversed(list(elements)))
    while waiting:
        element = waiting.pop()
        name = local(element)
        if name == "r" and _field_steps(element) > 0:
            items.append(_field(element, waiting))
        elif name == "r":
            items += _run_items(element)
        elif name in _MARKS:
            items.append(Mark(element, ends=name.endswith("End")))
        elif name in _GROUPS or _is_open_control(element):
            children = _items(each for each in _inside(element) if local(each) not in _PROPERTIES)
            items.append(Group(element, children))
        elif name not in _DROPPED:
            items.append(Thing([element]))
    return items


def _inside(element: Element) -> Element:
    content = child(element, "sdtContent")
    return element if content is None else content


def _is_open_control(element: Element) -> bool:
    if local(element) != "sdt" or child(element, "sdtContent") is None:
        return False
    properties = child(element, "sdtPr")
    return properties is None or not any(local(each) in _FIXED_CONTROLS for each in properties)


def _field(first: Element, waiting: list[Element]) -> Item:
    """The whole field as a thing, or, for a link, as a group; takes its elements from `waiting`."""
    taken = [first]
    depth = _field_steps(first)
    while depth > 0 and waiting:
        element = waiting.pop()
        taken.append(element)
        depth += sum(map(_field_steps, _own_runs_of(element)))
    link = _link(taken) if depth == 0 else None
    if link is None:
        return Thing(taken)
    return Group(link, _items(taken[len(link.before) : len(taken) - len(link.after)]))


def _own_runs_of(element: Element) -> Iterable[Element]:
    return [element] if local(element) == "r" else _own_runs(element)


def _link(field: list[Element]) -> _Link | None:
    """Set when the field is a plain link whose marks stand in runs of their own."""
    marks = {}
    for index, run in enumerate(field):
        for each in run:
            if local(each) == "fldChar":
                kind = attribute(each, "fldCharType")
                if kind in marks or any(local(other) not in ("fldChar", "rPr") for other in run):
                    return None
                marks[kind] = index
    code = "".join(each.text or "" for run in field for each in run if local(each) == "instrText")
    if set(marks) != {"begin", "separate", "end"} or not code.strip().upper().startswith("HYPERLINK"):
        return None
    return _Link(field[: marks["separate"] + 1], field[marks["end"] :])


def _run_items(run: Element) -> list[Item]:
    properties = child(run, "rPr")
    style = _style(properties)
    content = [each for each in run if local(each) not in ("rPr", *_DROPPED)]
    if any(local(each) == "commentReference" for each in content):
        return [Mark(run, ends=True)]
    if properties is not None and _is_on(child(properties, "vanish")):
        return [Thing([run])]  # hidden text stays what it is
    items: list[Item] = []
    for each in content:
        name = local(each)
        if name == "t":
            items.append(Text(each.text or "", style))
        elif name in _CHARACTERS:
            items.append(Text(_CHARACTERS[name], style))
        else:
            items.append(Thing([each], style))
    return items


def _is_on(switch: Element | None) -> bool:
    return switch is not None and attribute(switch, "val") not in ("0", "false", "off")


def _style(properties: Element | None) -> Style:
    if properties is None:
        return Style()
    names = {local(each) for each in properties}
    key = sorted(map(repr, key_of(properties, _FORGOTTEN)[2]))  # type: ignore[call-overload]
    return Style(tuple(key), properties, bool(names & _SHOWS_ON_BLANKS))


def put(paragraph: Element, items: Sequence[Item], writing: Writing) -> None:
    """Make `items` the paragraph's content; its properties stay."""
    properties = child(paragraph, "pPr")
    written = _Writer(paragraph, writing).elements(items)
    for each in list(paragraph):
        if each is not properties:
            paragraph.remove(each)
    paragraph.extend(written)
    if writing.language:
        _set_direction(paragraph, properties, writing)


def _set_direction(paragraph: Element, properties: Element | None, writing: Writing) -> None:
    if properties is not None:
        _remove(properties, "bidi")
    if writing.right_to_left:
        if properties is None:
            properties = SubElement(paragraph, named(paragraph, "pPr"))
            paragraph.insert(0, properties)
        _insert(properties, "bidi", _AFTER_BIDI)


def _remove(properties: Element, name: str) -> None:
    found = child(properties, name)
    if found is not None:
        properties.remove(found)


def _insert(properties: Element, name: str, before: frozenset[str]) -> Element:
    """A new property at its place in the schema's order."""
    new = SubElement(properties, named(properties, name))
    following = next((each for each in properties if local(each) in before and each is not new), None)
    if following is not None:
        following.addprevious(new)
    return new


class _Writer:
    """Makes elements of items. Elements of the source are moved, never copied, so what is inside them stays whole."""

    def __init__(self, like: Element, writing: Writing) -> None:
        self._like = like
        self._writing = writing

    def elements(self, items: Sequence[Item]) -> list[Element]:
        made: list[Element] = []
        for item in items:
            if isinstance(item, Text):
                made.append(self._text(item))
            elif isinstance(item, Group):
                made += self._group(item)
            elif isinstance(item, Mark):
                made.append(item.content)
            elif item.style is None:
                made += item.content
            else:
                run = self._run(item.style)
                run.extend(item.content)
                made.append(run)
        for each in made:
            each.tail = None
        return made

    def _group(self, group: Group) -> list[Element]:
        inner = self.elements(group.children)
        if isinstance(group.content, _Link):
            return [*group.content.before, *inner, *group.content.after]
        inside = _inside(group.content)
        for each in list(inside):
            if local(each) not in _PROPERTIES:
                inside.remove(each)
        inside.extend(inner)
        return [group.content]

    def _run(self, style: Style) -> Element:
        run: Element = self._like.makeelement(named(self._like, "r"))
        if style.model is not None:
            run.append(copy.deepcopy(style.model))
        return run

    def _text(self, item: Text) -> Element:
        run = self._run(item.style)
        if self._writing.language:
            self._mark_language(run)
        rest = ""
        for character in item.text:
            if character not in _ELEMENTS:
                rest += character
                continue
            _add_text(run, rest)
            SubElement(run, named(run, _ELEMENTS[character]))
            rest = ""
        _add_text(run, rest)
        return run

    def _mark_language(self, run: Element) -> None:
        properties = child(run, "rPr")
        if properties is None:
            properties = SubElement(run, named(run, "rPr"))
        _remove(properties, "lang")
        _remove(properties, "rtl")
        if self._writing.right_to_left:
            _insert(properties, "rtl", _AFTER_RTL)
        east_asian = self._writing.language.startswith(_EAST_ASIAN)
        kind = "bidi" if self._writing.right_to_left else "eastAsia" if east_asian else "val"
        lang = _insert(properties, "lang", _AFTER_LANG)
        lang.set(named(lang, kind), self._writing.language)


def _add_text(run: Element, text: str) -> None:
    if text:
        element = SubElement(run, named(run, "t"))
        element.text = text
        if text != text.strip() or "  " in text:
            element.set(_SPACE, "preserve")
