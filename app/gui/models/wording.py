"""What the Models page says of a model: its badge, its line of facts, its purposes."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QCoreApplication, QLocale

from app.assistants.choose_model import explain, words_per_second
from app.gui.models.entries import ModelEntry
from app.models.catalog import Purpose
from app.models.disk import in_words
from app.models.tuned import Figures

State = Literal[
    "in use", "missing", "fits", "tight", "too big", "cannot run", "not offered", "not tried", "unknown"
]

BADGE_COLOURS: dict[State, tuple[str, str]] = {
    "in use": ("on_accent", "accent"), "fits": ("accent", "accent_soft"), "tight": ("warning", "warning_soft"),
    "too big": ("danger", "danger_soft"), "missing": ("danger", "danger_soft"), "cannot run": ("muted", "hover"),
    "not offered": ("muted", "hover"), "not tried": ("muted", "hover"), "unknown": ("muted", "hover"),
}  # fmt: skip
"""Names of the theme's colours: text and ground."""

_PLACE = "place:"  # how the source of a model of another app begins


def state_of(entry: ModelEntry) -> State:
    """What matters most of it at the moment."""
    if entry.installed is not None and entry.installed.missing:
        return "missing"
    if entry.in_use:
        return "in use"
    if entry.untried:
        return "not tried"
    if entry.catalog is not None and not entry.catalog.runs:
        return "cannot run"
    if entry.installed is None and entry.catalog is not None and not entry.catalog.available:
        return "not offered"
    return entry.fit.verdict if entry.fit is not None else "unknown"


def badge(entry: ModelEntry) -> str:
    """Its state in a word or two; "" while nothing is known."""
    return {
        "in use": _tr("In use"),
        "missing": _tr("Missing"),
        "fits": _tr("Fits"),
        "tight": _tr("Tight"),
        "too big": _tr("Too big"),
        "cannot run": _tr("Cannot run"),
        "not offered": _tr("No download"),
        "not tried": _tr("Not tried yet"),
        "unknown": "",
    }[state_of(entry)]


def facts_line(entry: ModelEntry) -> str:
    """“1.7 B parameters · Q4_K_M · 1.1 GB · Apache License 2.0”."""
    facts = [_tr("{n} parameters").format(n=parameters(entry))] if entry.parameters else []
    if entry.installed is not None and entry.quantisation:
        facts.append(entry.quantisation)
    if entry.bytes:
        facts.append(in_words(entry.bytes))
    if entry.installed is not None:
        facts.append(source(entry))
    elif entry.catalog is not None and entry.catalog.licence is not None:
        facts.append(entry.catalog.licence.name)
    elif entry.catalog is None and entry.repository:
        facts.append(_tr("by {owner}").format(owner=entry.repository.partition("/")[0]))
    return " · ".join(each for each in facts if each)


def speed(entry: ModelEntry) -> str:
    """ "about 11 words/s"; "" while it is not known."""
    if entry.fit is None or entry.fit.tokens_per_s is None or entry.fit.verdict == "too big":
        return ""
    return _tr("about {n} words/s").format(n=words_per_second(entry.fit.tokens_per_s))


def parameters(entry: ModelEntry) -> str:
    """ "135 M", "1.7 B", "30.5 B (3.3 B at a time)"; parameters are the weights of a model."""
    text = _count(entry.parameters)
    active = entry.catalog.active_parameters if entry.catalog is not None else None
    return _tr("{all} ({some} at a time)").format(all=text, some=_count(active)) if active else text


def gain_in_words(figures: Figures) -> str:
    """ "Reads 2.6 times, writes 1.3 times as fast; answers as well (perplexity 33.22, was 33.20)."."""
    locale = QLocale()
    text = _tr(
        "Reads {reading} times, writes {writing} times as fast; answers as well (perplexity {after}, was {before})."
    )
    once = _tr(
        "Reads {reading} times, writes {writing} times as fast (measured once); answers as well (perplexity {after}, was "
        "{before})."
    )
    return (once if figures.rounds == 1 else text).format(
        reading=locale.toString(figures.reading, "f", 1),
        writing=locale.toString(figures.writing, "f", 1),
        after=locale.toString(figures.perplexity, "f", 2),
        before=locale.toString(figures.original_perplexity, "f", 2),
    )


def source(entry: ModelEntry) -> str:
    """Where an installed model came from; "" for one that simply lies in the folder."""
    model = entry.installed
    if model is None:
        return ""
    if model.starter:
        return _tr("comes with Alcove")
    if model.source.startswith(_PLACE):
        return _tr("used from {app}").format(app=model.source.removeprefix(_PLACE))
    if model.source == "import" and not model.owned:
        return _tr("used where it is")
    return ""


def explanation(entry: ModelEntry) -> str:
    """The sentence behind the badge."""
    state = state_of(entry)
    if state == "missing" and entry.installed is not None:
        return entry.installed.missing
    if state == "cannot run" and entry.catalog is not None:
        return entry.catalog.why_not or ""
    if state == "not offered":
        return _tr("No ready-made file of it is known, so it cannot be downloaded here.")
    needs = explain(entry.fit) if entry.fit is not None else ""
    if state == "not tried":
        return f"{_tr('It has not loaded on this computer yet.')} {needs}".rstrip()
    return needs or _tr("Not enough is known of it to tell what it needs.")


def spoken(entry: ModelEntry) -> str:
    """The whole row, for screen readers."""
    said = (entry.name, facts_line(entry).replace(" · ", ", "), speed(entry), badge(entry))
    return ", ".join(each for each in said if each)


def purposes() -> Sequence[tuple[Purpose, str]]:
    """What models are for, as the person chooses among them."""
    return (
        ("chat", _tr("Chat")), ("code", _tr("Code")), ("translation", _tr("Translation")),
        ("completion", _tr("Continuing a text")), ("embedding", _tr("Search")), ("reranking", _tr("Ranking results")),
        ("extractive-reader", _tr("Finding the passage")),
    )  # fmt: skip


def _count(parameters: int) -> str:
    for size, unit in ((10**9, _tr("B")), (10**6, _tr("M"))):
        if parameters >= size:
            number = parameters / size
            return f"{QLocale().toString(number, 'f', 1 if number < 100 and size == 10**9 else 0)} {unit}"
    return QLocale().toString(parameters)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Models", text)
