"""Summaries in words for people: places, coverage, who wrote them, and how far the work is."""

import re
import unicodedata

from PySide6.QtCore import QCoreApplication, QLocale

from app.assistants.events import Indexing, Source
from app.assistants.summarize.events import Coverage, Style, Summary, SummaryProgress, Way
from app.assistants.summarize.wording import read_of
from app.documents.document import Place
from app.gui.text_format import file_name, place_name, time_left

_LONGEST_MARK = 28
_LONGEST_TIP = 320
_JOINTS = re.compile(r"[_.\-](?=\S)")


def styles() -> tuple[tuple[Style, str, str], ...]:
    """(style, its name, what it gives)."""
    return (
        ("bullets", _tr("Key points"), _tr("The most important points as a list.")),
        ("brief", _tr("Brief"), _tr("A few sentences as one paragraph.")),
        ("sections", _tr("By section"), _tr("The main points of each section of the document.")),
        ("minutes", _tr("Minutes"), _tr("What was decided and what is to be done, apart from the rest.")),
        ("plain", _tr("Plain language"), _tr("Key points in short sentences and everyday words.")),
    )


def ways() -> tuple[tuple[Way, str, str], ...]:
    """(way, its name, what it means)."""
    return (
        ("auto", _tr("Automatic"), _tr("A model writes if yours is large enough for it; otherwise the document’s own"
             " sentences are chosen. The summary says which.")),
        ("model", _tr("The model"), _tr("The model puts it in its own words. Each sentence is checked against the"
             " pages it comes from; what the document does not say is left out.")),
        ("extractive", _tr("Own sentences"), _tr("The most telling sentences of the document, word for word: nothing"
             " can be made up, and it takes seconds.")),
    )  # fmt: skip


def unfollowed(style: Style, language: str, instruction: str) -> str:
    """What the document's own sentences cannot give of what is asked for; "" when nothing."""
    left = []
    if style == "plain":
        left.append(_tr("plainer words"))
    if language:
        left.append(_tr("another language"))
    if instruction:
        left.append(_tr("your instruction"))
    if not left:
        return ""
    return _tr("They stay as they are, so this will not follow: {wishes}.").format(wishes=", ".join(left))


def title_of(summary: Summary) -> str:
    return summary.title or _tr("Pasted text")


def breakable(name: str) -> str:
    """A long file name that can go on in a second line."""
    return _JOINTS.sub("\\g<0>\u200b", name)


def made_of(summary: Summary) -> str:
    """ "lease.pdf · Read 14 of 14 pages with text · Chosen from the document's own sentences"."""
    name = file_name(summary.file)
    facts = [breakable(name)] if name and name != summary.title else []
    facts.append(read(summary.coverage))
    if summary.extractive:
        facts.append(_tr("Chosen from the document’s own sentences"))
    else:
        facts.append(_tr("Written by {model}").format(model=summary.model))
    if summary.state == "stopped":
        facts.append(_tr("Stopped before the end"))
    return " · ".join(facts)


def read(coverage: Coverage) -> str:
    """ "Read 214 of 214 pages with text", as the exports count it."""
    counted = read_of(coverage)
    if counted is None:
        return _tr("Read all of it")
    unit, done, total = counted
    several = {
        "page": _tr("Read {n} of {total} pages with text"),
        "slide": _tr("Read {n} of {total} slides with text"),
        "sheet": _tr("Read {n} of {total} sheets"),
        "chapter": _tr("Read {n} of {total} chapters"),
        "section": _tr("Read {n} of {total} sections"),
        "passage": _tr("Read {n} of {total} passages"),
    }
    locale = QLocale()
    return several[unit].format(n=locale.toString(done), total=locale.toString(total))


def heading_of(title: str) -> str:
    """Headings that Alcove gives itself in the window's language; those of the document as they are."""
    own = {"Decisions": _tr("Decisions"), "Actions": _tr("Actions"), "Also discussed": _tr("Also discussed")}
    return own.get(title, title)


def mark_of(place: Place) -> str:
    """ "p. 12", or the name of a chapter or sheet; "quote" where a document has no places."""
    if place.kind == "page":
        return _tr("p. {n}").format(n=place.number)
    return shortened(place_name(place)) or _tr("quote")


def shortened(name: str) -> str:
    """As long as a mark may be."""
    return name if len(name) <= _LONGEST_MARK else name[: _LONGEST_MARK - 1].rstrip() + "…"


def tip_of(source: Source) -> str:
    """The quote, for a hint at its mark."""
    quote = " ".join(source.quote.split())
    if len(quote) > _LONGEST_TIP:
        quote = quote[:_LONGEST_TIP].rsplit(" ", 1)[0] + "…"
    place = place_name(source.place)
    return f"{place}\n“{quote}”" if place else f"“{quote}”"


def reading(event: Indexing) -> tuple[str, float | None, str]:
    """(what is done, fraction, facts) while documents are being read."""
    now = event.progress
    if now.stage == "waiting":
        return _tr("Waiting while an answer is written…"), None, ""
    if now.stage == "listing" or not now.total:
        return _tr("Looking for changed documents…"), None, ""
    left = "" if now.seconds_left is None else time_left(now.seconds_left)
    said = _tr("Reading {n} of {total} documents…").format(n=min(now.done + 1, now.total), total=now.total)
    return said, now.done / now.total, left


def facts_of(event: SummaryProgress) -> str:
    """ "3 of 12 steps · 20 s left"."""
    facts = [_tr("{n} of {total} steps").format(n=event.done, total=event.calls)] if event.calls else []
    if event.seconds_left is not None and event.done < event.calls:
        facts.append(time_left(event.seconds_left))
    return " · ".join(facts)


def is_right_to_left(text: str) -> bool:
    """By its first letter that has a direction."""
    directions = (unicodedata.bidirectional(each) for each in text)
    return next((each != "L" for each in directions if each in ("L", "R", "AL")), False)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Summary", text)
