"""A paragraph of an office file as formatted runs, its text with tags, and the runs again for another text.

Each format turns a paragraph into items and items into elements; all that concerns tags stands here:
equal neighbours are merged, the most common formatting is plain text, other runs and links become `<gN>`, what is
no text becomes `<xN>`, and what stands at either end of the paragraph needs no tag.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.documents.layout.items import Group, Item, Style, Text, plain_text
from app.documents.layout.marks import place, take
from app.documents.layout.tags import closing, opening, pieces, plain, single

_TAG = re.compile(r"(</?g\d+>|<x\d+>)")
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML


@dataclass(frozen=True, slots=True, eq=False)
class _Single:
    """Neighbouring items that travel as one `<xN>`."""

    items: list[Item]


_Node = Text | Group | _Single
_Numbered = dict[int, tuple[_Node, tuple[int, ...]]]  # and the groups around it


@dataclass(frozen=True, slots=True, eq=False)
class _Shell:
    """What stays around the part with tags; `group` surrounds the next shell, or the text itself."""

    before: list[Item]
    after: list[Item]
    group: Group | None = None


class Paragraph:
    """`text` is the paragraph with tags, without the blanks and things at its ends."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._all, self._marks = take(items)
        nodes = _nodes(self._all)
        self._shells: list[_Shell] = []
        while True:
            before, nodes, after = _trimmed(nodes)
            alone = nodes[0] if len(nodes) == 1 and isinstance(nodes[0], Group) else None
            self._shells.append(_Shell(before, after, alone))
            if alone is None:
                break
            nodes = _nodes(alone.children)
        self._numbered: _Numbered = {}
        self._styles = {0: _common_style(nodes)}  # of the plain text in each group; 0: outside of all
        self.text = "".join(self._tagged(nodes, ()))

    @property
    def letters(self) -> bool:
        """Whether there is anything to translate."""
        return any(map(str.isalpha, plain(self.text)))

    def _tagged(self, nodes: Sequence[_Node], around: tuple[int, ...]) -> Iterator[str]:
        for node in nodes:
            if isinstance(node, Text) and node.style == self._styles[around[-1] if around else 0]:
                yield node.text
                continue
            number = len(self._numbered) + 1
            self._numbered[number] = node, around
            if isinstance(node, _Single):
                yield single(number)
            elif isinstance(node, Text):
                yield opening(number) + node.text + closing(number)
            else:
                inner = _nodes(node.children)
                self._styles[number] = _common_style(inner)
                yield opening(number)
                yield from self._tagged(inner, (*around, number))
                yield closing(number)

    def items(self, text: str) -> list[Item]:
        """The runs for `text`. Tags that it lacks or that make no sense cost formatting, never content: things
        without a tag go to the end."""
        building = _Building(self._numbered, self._styles)
        for piece in pieces(_UNWRITABLE.sub("", text)):
            if isinstance(piece, str):
                building.add_text(piece)
            elif piece.kind == "close":
                building.close(piece.number)
            else:
                building.open(piece.number)
        content = building.finished()
        for shell in reversed(self._shells):
            if shell.group is not None:
                content = [Group(shell.group.content, content)]
            content = [*shell.before, *content, *shell.after]
        return place(content, self._marks, self._all)


class _Building:
    """Puts items where the tags of a text say."""

    def __init__(self, numbered: _Numbered, styles: dict[int, Style]) -> None:
        self._numbered = numbered
        self._styles = styles
        self._items: list[Item] = []
        self._open: list[tuple[int, Style, list[Item]]] = [(0, styles[0], self._items)]
        self._used: set[int] = set()
        self._groups: set[Group] = set()

    def add_text(self, text: str) -> None:
        _, style, items = self._open[-1]
        items.append(Text(text, style))

    def open(self, number: int) -> None:
        """Begin `<gN>` or put `<xN>`; unknown, repeated and wrongly nested ones are passed over."""
        node, around = self._numbered.get(number, (None, ()))
        items = self._open[-1][2]
        if isinstance(node, Text):
            self._open.append((number, node.style, items))
        elif node is None or number in self._used:
            return
        elif isinstance(node, _Single):
            self._used.add(number)
            items.extend(node.items)
        elif all(each in around for each, _, _ in self._open[1:] if self._is_group(each)):
            self._used.add(number)
            group = Group(node.content, [])
            self._groups.add(group)
            items.append(group)
            self._open.append((number, self._styles[number], group.children))

    def _is_group(self, number: int) -> bool:
        return isinstance(self._numbered[number][0], Group)

    def close(self, number: int) -> None:
        if any(each == number for each, _, _ in self._open[1:]):
            while self._open.pop()[0] != number:
                pass

    def finished(self) -> list[Item]:
        for number, (node, _) in self._numbered.items():
            if isinstance(node, _Single) and number not in self._used:
                self._items.extend(node.items)
        return self._without_empty(self._items)

    def _without_empty(self, items: list[Item]) -> list[Item]:
        kept: list[Item] = []
        for item in items:
            if isinstance(item, Group) and item in self._groups:
                children = self._without_empty(item.children)
                if children:
                    kept.append(Group(item.content, children))
            else:
                kept.append(item)
        return kept


def _nodes(items: Sequence[Item]) -> list[_Node]:
    """Texts of one style merged, texts like tags and groups without letters among the things."""
    nodes: list[_Node] = []
    for item in _merged(items):
        if isinstance(item, Group) and any(map(str.isalpha, plain_text(item.children))):
            nodes.append(item)
        elif isinstance(item, Text):
            for text in filter(None, _TAG.split(item.text)):
                part = Text(text, item.style)
                if _TAG.fullmatch(text):
                    _add_single(nodes, part)
                else:
                    nodes.append(part)
        else:
            _add_single(nodes, item)
    return nodes


def _add_single(nodes: list[_Node], item: Item) -> None:
    last = nodes[-1] if nodes else None
    if isinstance(last, _Single):
        last.items.append(item)
    else:
        nodes.append(_Single([item]))


def _merged(items: Sequence[Item]) -> list[Item]:
    """Neighbouring texts of equal style as one; a blank on which style does not show takes its neighbour's."""
    written = [item for item in items if not isinstance(item, Text) or item.text]
    return _joined(_joined(written, lambda one, other: one.style == other.style), _alike)


def _joined(items: Sequence[Item], alike: Callable[[Text, Text], bool]) -> list[Item]:
    joined: list[Item] = []
    for item in items:
        last = joined[-1] if joined else None
        if isinstance(item, Text) and isinstance(last, Text) and alike(last, item):
            style = item.style if last.text.isspace() else last.style
            joined[-1] = Text(last.text + item.text, style)
        else:
            joined.append(item)
    return joined


def _alike(one: Text, other: Text) -> bool:
    return one.style == other.style or _takes_any(one, other.style) or _takes_any(other, one.style)


def _takes_any(text: Text, style: Style) -> bool:
    return text.text.isspace() and not text.style.blank_shows and not style.blank_shows


def _trimmed(nodes: list[_Node]) -> tuple[list[Item], list[_Node], list[Item]]:
    """What stands before the text proper, that, and what stands after. Without any text, all of it comes before."""
    middle = list(nodes)
    before = _taken_off(middle, first=True)
    after = _taken_off(middle, first=False)
    return before, middle, after


def _taken_off(nodes: list[_Node], *, first: bool) -> list[Item]:
    taken: list[Item] = []
    while nodes:
        node = nodes.pop(0 if first else -1)
        if isinstance(node, Group):
            nodes.insert(0 if first else len(nodes), node)
            break
        if isinstance(node, _Single):
            taken = taken + node.items if first else node.items + taken
            continue
        kept = node.text.lstrip() if first else node.text.rstrip()
        blank = node.text[: len(node.text) - len(kept)] if first else node.text[len(kept) :]
        if blank:
            edge = Text(blank, node.style)
            taken = [*taken, edge] if first else [edge, *taken]
        if kept:
            nodes.insert(0 if first else len(nodes), Text(kept, node.style))
            break
    return taken


def _common_style(nodes: Sequence[_Node]) -> Style:
    counts: Counter[Style] = Counter()
    for node in nodes:
        if isinstance(node, Text):
            counts[node.style] += len(node.text)
    if counts:
        return counts.most_common(1)[0][0]
    inner = [_common_style(_nodes(node.children)) for node in nodes if isinstance(node, Group)]
    return inner[0] if inner else Style()
