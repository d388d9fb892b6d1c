"""HTML and XHTML pages. Everything but the translated texts keeps its bytes."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.base.languages import language as known_language
from app.documents.containers import entities_refused
from app.documents.html_text import declared_charset
from app.documents.layout.encoded import Encoded, decoded
from app.documents.layout.markup import Attribute, Token, tokens, words_of
from app.documents.layout.runs import Markup, stretch_of
from app.documents.layout.segment import Layout, Rebuilt, SegmentKind
from app.documents.layout.stretches import Speller, Stretch, Words, layout_of, rewritten
from app.documents.limits import Limits

_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite data del dfn em font i ins mark nobr q rb rp rt rtc ruby s small span strike"
    " strong sub sup time u var".split()
)
_MASKED = frozenset(
    "audio canvas code iframe kbd math meter noembed noframes object picture progress samp script style svg template"
    " tt video xmp".split()
)
_INLINE_VOID = frozenset("br embed img input wbr".split())
_SKIPPED = frozenset("listing plaintext pre textarea".split())
_TEXT_ATTRIBUTES: dict[str, SegmentKind] = {
    "alt": "alt", "title": "alt", "placeholder": "alt", "aria-label": "alt", "aria-description": "alt",
    "aria-placeholder": "alt", "aria-roledescription": "alt", "aria-valuetext": "alt",
}  # fmt: skip
_META = frozenset(
    "description og:title og:description og:image:alt twitter:title twitter:description dc.title"
    " dc.description".split()
)
_KINDS: dict[str, SegmentKind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    **dict.fromkeys(("td", "th"), "cell"),
    "title": "title",
}
_NEEDS_QUOTES = re.compile(r"""[\s"'=<>`]|^$""")
_REFERENCE = re.compile(r"&(?:#[0-9]+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);?")
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""\s*<\?xml[^>]{0,150}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_XML = re.compile(r"\s*<\?xml\s")


@dataclass(frozen=True, slots=True)
class Page:
    """The stretches of a page, in order of the file, and its <html> tag."""

    source: str
    stretches: tuple[Stretch, ...]
    root: Token | None

    @property
    def language(self) -> str:
        return (self.root.get("lang") or self.root.get("xml:lang") or "") if self.root else ""

    def rewritten(
        self,
        targets: Mapping[str, str],
        language: str,
        *,
        force: bool = False,
        prefix: str = "",
        xml: bool = False,
    ) -> str:
        """The page with the targets in it, and `language` as its own unless that is ""."""
        patches = _language_patches(self.root, language, xml=xml) if self.root and language else []
        return rewritten(self.source, self.stretches, targets, force=force, prefix=prefix, patches=patches)


def read(path: Path, limits: Limits) -> Layout:
    """The texts of the page, of its title, its controls and the names of its pictures. Raises `ReadFailure`."""
    found, _, __ = _page(path, limits)
    return layout_of(found.stretches, found.language)


def write(
    path: Path,
    out: Path,
    targets: Mapping[str, str],
    language: str,
    limits: Limits,
    *,
    force: bool = False,
) -> Rebuilt:
    """The page again; see `formats.FormatModule.write`."""
    found, encoded, xml = _page(path, limits)
    out.write_bytes(encoded.encode(found.rewritten(targets, language, force=force, xml=xml)))
    return Rebuilt()


def _page(path: Path, limits: Limits) -> tuple[Page, Encoded, bool]:
    data = path.read_bytes()
    encoded = decoded(data, limits, declared_charset(data) or xml_charset(data))
    xml = path.suffix.lower() == ".xhtml" or (
        _XML.match(encoded.text) is not None and "http://www.w3.org/1999/xhtml" in encoded.text[:4_000]
    )
    return page(encoded.text, xml=xml, fits=encoded.holds), encoded, xml


def xml_charset(data: bytes) -> str:
    """The encoding that an XML declaration names, "" when none does."""
    found = _XML_CHARSET.match(data[:200])
    return found[1].decode("ascii") if found else ""


def page(source: str, *, xml: bool, fits: Callable[[str], bool]) -> Page:
    """The stretches of a page. `fits`: whether the file's encoding has a character.

    Raises `ReadFailure` for XML that declares entities.
    """
    every = list(tokens(source, xml=xml))
    if xml and any(
        each.kind == "other" and _ENTITY.search(source, each.start, each.end) for each in every[:20]
    ):
        raise entities_refused()
    stretches = _Finder(source, every, xml=xml, fits=fits).stretches()
    root = next((each for each in every if each.kind == "open" and each.name == "html"), None)
    return Page(source, tuple(stretches), root)


class _Finder:
    """Walks the tokens and cuts the text at the tags of blocks."""

    def __init__(
        self, source: str, every: Sequence[Token], *, xml: bool, fits: Callable[[str], bool]
    ) -> None:
        self._source = source
        self._tokens = every
        self._partners = _partners(every)
        self._xml = xml
        self._fits = fits
        self._spell = speller("", xml=xml, fits=fits)
        self._run: list[Markup | Words] = []
        self._kind: SegmentKind = "text"
        self._found: list[Stretch] = []

    def stretches(self) -> list[Stretch]:
        at = 0
        while at < len(self._tokens):
            at = self._take(at)
        self._flush()
        return sorted(self._found, key=lambda each: each.start)

    def _take(self, at: int) -> int:
        """Deal with a token, or with a whole element that is not translated; returns the next one's index."""
        token = self._tokens[at]
        if token.kind == "text":
            self._run += _as_run(words_of(self._source, token.start, token.end))
        elif token.kind == "other":
            self._run.append(Markup("single", token.start, token.end))
        elif token.kind == "close":
            self._close(token)
        elif token.name in _MASKED or token.name in _SKIPPED or _not_translated(token):
            return self._skip(at)
        else:
            self._attributes(token)
            self._open(token)
        return at + 1

    def _open(self, token: Token) -> None:
        if token.name == "br" and self._after_break():
            self._flush()
        if token.name in _INLINE_VOID or (token.kind == "empty" and token.name in _INLINE):
            self._run.append(Markup("single", token.start, token.end, token.name))
        elif token.name in _INLINE:
            self._run.append(Markup("open", token.start, token.end, token.name))
        else:
            self._flush()
            self._kind = _KINDS.get(token.name, "text")

    def _close(self, token: Token) -> None:
        if token.name in _INLINE or token.name in _MASKED:
            self._run.append(Markup("close", token.start, token.end, token.name))
        else:
            self._flush()
            self._kind = "text"

    def _after_break(self) -> bool:
        """Whether a line break and nothing else stands at the end of the run: two make a paragraph."""
        for each in reversed(self._run):
            if isinstance(each, Markup):
                return each.name == "br"
            if each.text.strip(" "):
                return False
        return False

    def _skip(self, at: int) -> int:
        token = self._tokens[at]
        last = self._partners.get(at, at)
        if token.name in _MASKED or token.name in _INLINE or token.name in _INLINE_VOID:
            self._run.append(Markup("single", token.start, self._tokens[last].end))
            return last + 1
        self._flush()
        if token.kind == "open" and last == at:  # never closed: it goes on to the end
            return len(self._tokens)
        return last + 1

    def _flush(self) -> None:
        stretch = stretch_of(self._run, self._spell, self._kind)
        if stretch:
            self._found.append(stretch)
        self._run = []

    def _attributes(self, token: Token) -> None:
        for each in token.attributes:
            kind = _attribute_kind(token, each)
            if kind is None or not each.value:
                continue
            quote = self._source[each.start] if self._source[each.start] in "\"'" else ""
            start, end = each.start + len(quote), each.end - len(quote)
            stretch = stretch_of(
                _as_run(words_of(self._source, start, end)),
                speller(quote or '"', xml=self._xml, fits=self._fits),
                kind,
                finish=str if quote else _quoted,
            )
            if stretch:
                self._found.append(stretch)


def _as_run(parts: object) -> list[Markup | Words]:
    return [
        each if isinstance(each, Words) else Markup("single", each.start, each.end)
        for each in parts  # type: ignore[attr-defined]
    ]


def _partners(every: Sequence[Token]) -> dict[int, int]:
    """Index of an opening tag -> index of the closing tag of the same name."""
    opened: dict[str, list[int]] = {}
    found: dict[int, int] = {}
    for at, token in enumerate(every):
        if token.kind == "open":
            opened.setdefault(token.name, []).append(at)
        elif token.kind == "close" and opened.get(token.name):
            found[opened[token.name].pop()] = at
    return found


def _not_translated(token: Token) -> bool:
    if not token.attributes:
        return False
    return token.get("translate") == "no" or "notranslate" in (token.get("class") or "").split()


def _attribute_kind(token: Token, attribute: Attribute) -> SegmentKind | None:
    """What a person reads of an attribute, None if nobody does."""
    name = attribute.name
    if name in _TEXT_ATTRIBUTES:
        return _TEXT_ATTRIBUTES[name]
    if name == "label" and token.name in ("option", "optgroup", "track"):
        return "alt"
    if name == "value" and token.name == "input":
        return "alt" if (token.get("type") or "").lower() in ("submit", "button", "reset") else None
    if name == "content" and token.name == "meta":
        named = (token.get("name") or token.get("property") or "").lower()
        return ("title" if named.endswith("title") else "text") if named in _META else None
    return None


def speller(quote: str, *, xml: bool, fits: Callable[[str], bool]) -> Speller:
    """Escapes what must be: in text, or in an attribute within `quote`."""
    quoted = {'"': "&quot;", "'": "&#39;"}.get(quote, "")

    def spell(character: str, following: str, bare: bool) -> str:
        if character == "&":
            return "&" if bare and not xml and not _reads_as_reference("&" + following) else "&amp;"
        if character == "<":
            sign = bool(quote) or not (following[:1].isalpha() or following[:1] in ("/", "!", "?"))
            return "<" if bare and not xml and sign else "&lt;"
        if character == ">":
            return ">" if bare else "&gt;"
        if character == quote:
            return quoted
        if character < " " and character not in "\t\n\r":
            return ""
        return character if character < "\x80" or fits(character) else f"&#{ord(character)};"

    return spell


def _reads_as_reference(text: str) -> bool:
    found = _REFERENCE.match(text)
    return found is not None and html.unescape(found[0]) != found[0]


def _quoted(value: str) -> str:
    return f'"{value}"' if _NEEDS_QUOTES.search(value) else value


def _language_patches(root: Token, language: str, *, xml: bool) -> list[tuple[int, int, str]]:
    known = known_language(language)
    wanted = {"lang": language}
    if xml or root.get("xml:lang") is not None:
        wanted["xml:lang"] = language
    rtl = known is not None and known.rtl
    if rtl or (root.get("dir") or "").lower() == "rtl":
        wanted["dir"] = "rtl" if rtl else "ltr"
    after_name = root.start + len("<html")
    patches: list[tuple[int, int, str]] = []
    new = ""
    for name, value in wanted.items():
        there = next((each for each in root.attributes if each.name == name), None)
        if there is None:
            new += f' {name}="{value}"'
        else:
            sign = "" if there.end > there.start else "="
            patches.append((there.start, there.end, f'{sign}"{value}"'))
    if new:
        patches.append((after_name, after_name, new))
    return sorted(patches)
