"""Decisions and actions in the minutes of a meeting, found by the words that mark them.

Used where no model writes. Words of seven languages; whatever else was said is left to the general choice.
"""

import re

from app.assistants.summarize.events import Point, PointKind
from app.assistants.summarize.material import Material, one_line
from app.documents.sentences import sentences

_ACTION = re.compile(
    r"^\W*(?:action(?: item| point)?s?|to[- ]?do|aufgaben?|maßnahmen?|à faire|acción|acciones|azion[ei]|actiepunt(?:en)?|ação)\b"
    r"|\b(?:will|shall|is to|are to|agreed to|undertook to|offered to|has been asked to|was asked to)\s+(?:\w+ly\s+)?"
    r"(?!be\b|have\b|not\b)[a-z]{3,}"
    r"|\b(?:wird|werden|soll|sollen|übernimmt|kümmert sich)\b.*\b\w+(?:en|eln|ern)\b"
    r"|\b(?:devra|devront|est chargée? de|s’engage à)\b|\b(?:deberá|deberán|se encargará|queda encargad[oa])\b"
    r"|\b(?:dovrà|dovranno|si occuperà)\b|\b(?:zal|zullen|gaat)\b.*\b\w+en\b|\b(?:deverá|ficou de)\b",
    re.IGNORECASE,
)
_DECISION = re.compile(
    r"^\W*(?:decisions?|resolutions?|resolved|beschl(?:uss|üsse)|décisions?|decisi[oó]n(?:es)?|decision[ei]|besluit(?:en)?|decis(?:ão|ões))\b"
    r"|\b(?:agreed|decided|resolved|approved|adopted|carried|rejected|ratified|voted|elected)\b"
    r"|\b(?:beschloss(?:en)?|beschließt|genehmigt(?:e|en)?|abgelehnt|gewählt|einigte[n]? sich)\b"
    r"|\b(?:a|ont|est|sont) (?:décidée?s?|approuvée?s?|adoptée?s?)\b|\b(?:acord(?:ó|aron)|aprob(?:ó|ado|ada)|decidi(?:ó|eron))\b"
    r"|\b(?:deciso|approvat[oa]|deliberato)\b|\b(?:besloten|goedgekeurd)\b|\b(?:decidiu|aprovad[oa]|deliberou)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b[A-ZÄÖÜÉ][\w’'-]+")
_FEWEST_WORDS = 4


def minute_points(material: Material) -> list[Point]:
    """Every sentence that is marked as a decision or an action, in order."""
    points = []
    for passage in material.passages:
        for start, end in sentences(passage.text):
            kind = kind_of(passage.text[start:end])
            if kind != "point":
                source = material.source(passage.number, start, end, 1.0)
                section = material.section_of(passage.number)
                points.append(Point(one_line(source.quote), (source,), section=section, kind=kind))
    return points


def kind_of(sentence: str) -> PointKind:
    """What a sentence of the minutes is."""
    if len(sentence.split()) < _FEWEST_WORDS or sentence.rstrip().endswith("?"):
        return "point"
    if _DECISION.search(sentence):
        return "decision"
    return "action" if _ACTION.search(sentence) and _WHO.search(sentence) else "point"
